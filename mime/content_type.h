// Content-Type and Content-Disposition values (RFC 2045 5.1, RFC 2183, RFC 2231).
//
// Promise: what one reader could take differently from another (a parameter twice, a boundary that is escaped
// or continued, a comment, garbage between parameters) is an error, so that the copy is withheld. File names
// that lack their quotes are read where every reader finds the same kind of file.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mime/result.h"

namespace privet::mime {

/// "type/subtype" lower case (or a disposition), parameters by lower-case name, RFC 2231 continuations joined
/// and percent-decoded to UTF-8, quoted strings unquoted, a charset also of single quotes. The type is empty
/// for "; filename=a.pdf".
struct ContentType {
  std::string type = "text/plain";
  std::vector<std::pair<std::string, std::string>> parameters;

  /// Empty when there is none of that (lower-case) name.
  std::string_view parameter(std::string_view name) const;
};

/// Reads a field value, folded or not.
Result<ContentType> parse_content_type(std::string_view value);

}  // namespace privet::mime
