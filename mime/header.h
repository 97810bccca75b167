// The header section over raw bytes (RFC 5322 2.2): order, folding, case and 8-bit bytes are kept.
//
// Promise: the fields' `raw` bytes, concatenated in order, are exactly the header section. Values are views
// into the content that was parsed and live no longer than it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "mime/result.h"

namespace privet::mime {

/// One field. `raw` is the whole field with folding and final CRLF.
struct Field {
  std::string_view raw;
  std::string_view name;   ///< as written, without blanks before the colon
  std::string_view value;  ///< everything between the colon and the final CRLF, folding kept

  /// Case-insensitive comparison of the name.
  bool is(std::string_view other) const;
};

/// `raw` of a field, written so that no reader takes a line of it for the end of the header: no blanks before
/// the colon, no line of blanks only. Unfolds to the same text, but for blanks at its end.
std::string tidied(std::string_view raw);

class Header {
 public:
  /// Reads the header section of `content`, up to and including the empty line. Content without an empty line
  /// is all header; content that begins with one, or is empty, has no fields. Errors, with the line: a line
  /// that is no field (also "From " and a leading blank), a name that is not printable ASCII, a last line
  /// without CRLF, bare CR, bare LF or NUL, more than limits.h allows.
  static Result<Header> parse(std::string_view content);

  const std::vector<Field>& fields() const { return fields_; }
  /// First field of that name, or nullptr.
  const Field* find(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  /// The bytes after the empty line.
  std::string_view body() const { return body_; }

 private:
  std::vector<Field> fields_;
  std::string_view body_;
};

}  // namespace privet::mime
