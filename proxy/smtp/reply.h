// Replies as values (RFC 5321 4.2, RFC 3463): what we answer, and what an upstream answered.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mime/result.h"

namespace privet::smtp {

/// Code, enhanced code ("2.1.5" or empty) and text; several lines are separated by '\n'.
struct Reply {
  int code = 0;
  std::string enhanced;
  std::string text;

  bool positive() const { return code >= 200 && code < 300; }
  bool intermediate() const { return code >= 300 && code < 400; }
  bool transient() const { return code >= 400 && code < 500; }
  bool permanent() const { return code >= 500 && code < 600; }
  bool operator==(const Reply&) const = default;
};

/// Appends the wire form, CRLF included. The enhanced code stands on every line of 2xx, 4xx and 5xx replies.
void append_to(std::string& wire, const Reply& reply);
std::string to_wire(const Reply& reply);

/// Collects an upstream's reply line by line.
/// Lines are cut at limits::kReplyLineKept, controls and 8-bit bytes become '?', the enhanced code is taken
/// off the text when its class fits the code (the first of several counts; others stay text). A 334 is kept
/// whole, a mechanism's client reads it. Errors (the upstream is then to be dropped): no three digits,
/// first digit not 2 to 5, another code in a later line, more lines than limits::kReplyLines.
class ReplyParser {
 public:
  /// `line` without CRLF. The reply when this was its last line.
  Result<std::optional<Reply>> feed(std::string_view line);

 private:
  Reply reply_;
  std::size_t lines_ = 0;
};

/// `reply` with an enhanced code: its own, or the class's general one ("2.0.0").
Reply with_enhanced_code(Reply reply);

}  // namespace privet::smtp
