// The words and values that responses are made of (RFC 9051 4, 9), read from left to right. Inner part of
// response_frame.cc, response.cc and fetch_response.cc.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "proxy/imap/response_frame.h"

namespace privet::imap {

struct AnnouncedLiteral {
  std::uint64_t size = 0;
  bool impossible = false;  ///< above 2^63-1, RFC 9051 4.3
};

/// The literal that the end of `line` (without CRLF) announces: {n} or, from servers that forget who they
/// are, {n+}.
std::optional<AnnouncedLiteral> literal_at_end(std::string_view line);

/// A line whose rest is text for people, where "{5}" at the end means nothing: "+", and OK, NO, BAD, PREAUTH,
/// BYE.
bool is_status_line(std::string_view line);

/// Decimal digits alone, up to 2^64-1.
std::optional<std::uint64_t> parse_number(std::string_view digits);

/// Takes off and returns what stands before the next blank; blanks around it are dropped.
std::string_view take_word(std::string_view& text);

struct Value {
  enum class Kind { Nil, Atom, Quoted, Literal, List };

  Kind kind = Kind::Nil;
  std::string_view raw;        ///< as sent, with quotes, braces or parentheses
  std::string_view bytes;      ///< what is within them; of a quoted string with its "\"
  bool escaped = false;        ///< a quoted string with "\" in it
  std::uint64_t streamed = 0;  ///< size of the streamed literal that it is, or of one in it; `bytes` lack it

  bool is_string() const { return kind == Kind::Atom || kind == Kind::Quoted || kind == Kind::Literal; }
  /// The bytes, quoting undone.
  std::string string() const;
};

/// `bytes` of a quoted string without their "\".
std::string unescape(std::string_view bytes);

class ResponseReader {
 public:
  /// Begins at the offset `at` of the text.
  explicit ResponseReader(const Frame& frame, std::size_t at = 0)
      : text_(frame.text), streamed_(frame.streamed), at_(at) {}

  bool at_end() const { return at_ == text_.size(); }
  /// 0 at the end.
  char peek() const { return at_end() ? '\0' : text_[at_]; }
  void skip_blanks() {
    while (peek() == ' ') ++at_;
  }
  /// Whether `c` was next; it is then taken.
  bool take(char c);

  /// Up to a blank, control, bracket, parenthesis or quote; may be empty.
  std::string_view word();
  /// The inside of "[...]", strings in it respected; nothing when a streamed one is missing in it.
  std::optional<std::string_view> bracketed();
  /// The next value. Nothing when there is none, it does not end, or lists are nested above
  /// limits::kImapNesting.
  std::optional<Value> value();

 private:
  std::optional<Value> quoted();
  std::optional<Value> literal();
  std::optional<Value> list();
  std::optional<Value> scalar();
  std::string_view take_until(const std::array<bool, 256>& ends);
  bool begins_literal() const;

  std::string_view text_;
  std::span<const std::size_t> streamed_;
  std::size_t at_;
};

}  // namespace privet::imap
