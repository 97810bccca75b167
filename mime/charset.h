// Character sets to UTF-8 through iconv.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace privet::mime {

/// `bytes` in `charset` as UTF-8; bytes that are wrong in that charset become U+FFFD. nullopt for an unknown charset.
/// Empty, "us-ascii" and "utf-8" are read as UTF-8.
std::optional<std::string> to_utf8(std::string_view bytes, std::string_view charset);

}  // namespace privet::mime
