#include "proxy/text.h"

#include <algorithm>
#include <cstdint>

namespace privet {
namespace {

bool is_unsafe(char32_t c) {
  if (c < 0x20 || (c >= 0x7f && c < 0xa0)) return true;
  if (c == 0x061c || c == 0x200e || c == 0x200f) return true;  // marks of direction
  return (c >= 0x2028 && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x2069);  // separators, embeddings, overrides, isolates
}

}  // namespace

bool is_clean_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<std::uint8_t>(text[at++]);
    const int more = lead < 0x80   ? 0
                     : lead < 0xc2 ? -1
                     : lead < 0xe0 ? 1
                     : lead < 0xf0 ? 2
                     : lead < 0xf5 ? 3
                                   : -1;
    if (more < 0 || text.size() - at < static_cast<std::size_t>(more)) return false;
    char32_t point = more == 0 ? lead : lead & (0x3fu >> more);
    for (int i = 0; i < more; ++i) {
      const auto next = static_cast<std::uint8_t>(text[at++]);
      if ((next & 0xc0) != 0x80) return false;
      point = point << 6 | (next & 0x3fu);
    }
    const bool overlong = (more == 2 && point < 0x800) || (more == 3 && point < 0x10000);
    if (overlong || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff) || is_unsafe(point))
      return false;
  }
  return true;
}

std::string to_upper(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return result;
}

std::string_view take_until(std::string_view& rest, char separator) {
  const std::size_t end = rest.find(separator);
  const std::string_view taken = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return taken;
}

std::string_view trim_blanks(std::string_view text) {
  return mime::trim(text, mime::kBlanks);
}

}  // namespace privet
