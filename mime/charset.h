// Character sets to UTF-8 through iconv.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace privet::mime {

/// What takes the place of bytes that are wrong in their charset: U+FFFD.
inline constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// Length in bytes of the well-formed UTF-8 character (RFC 3629) that `text` begins with, 0 when there is
/// none.
std::size_t utf8_length(std::string_view text);

/// True when all of `text` is well-formed UTF-8.
bool is_utf8(std::string_view text);

/// `bytes` in `charset` as UTF-8; bytes that are wrong in that charset become U+FFFD. nullopt for an unknown
/// charset. Empty, "us-ascii" and "utf-8" are read as UTF-8. For UTF-16 and the like without a byte order
/// mark, where readers disagree, both readings with a line break between them.
std::optional<std::string> to_utf8(std::string_view bytes, std::string_view charset);

}  // namespace privet::mime
