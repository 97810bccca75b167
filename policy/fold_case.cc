#include "policy/fold_case.h"

#include "mime/ascii.h"

namespace privet::policy {
namespace {

/// Lower case of one code point; in Unicode's Latin blocks most capitals stand before their small letter.
char32_t lower(char32_t c) {
  const bool even = c % 2 == 0;
  if (c >= 0xC0 && c <= 0xDE && c != 0xD7) return c + 0x20;
  if (c == 0x178) return 0xFF;   // Ÿ
  if (c == 0x130) return 'i';    // İ
  if (c == 0x17F) return 's';    // ſ
  if (c == 0x1E9E) return 0xDF;  // ẞ
  const bool capital_is_odd =
      (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E) || (c >= 0x1CD && c <= 0x1DC);
  if (capital_is_odd) return even ? c : c + 1;
  const bool capital_is_even = (c >= 0x100 && c <= 0x137 && c != 0x131) || (c >= 0x14A && c <= 0x177) ||
                               (c >= 0x1DE && c <= 0x1EF) || (c >= 0x1F8 && c <= 0x21F) ||
                               (c >= 0x222 && c <= 0x233) || (c >= 0x1E00 && c <= 0x1E95) ||
                               (c >= 0x1EA0 && c <= 0x1EFF);
  return capital_is_even && even ? c + 1 : c;
}

void append(std::string& text, char32_t c) {
  if (c < 0x80) {
    text += static_cast<char>(c);
  } else if (c < 0x800) {
    text += static_cast<char>(0xC0 | (c >> 6));
    text += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    text += static_cast<char>(0xE0 | (c >> 12));
    text += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    text += static_cast<char>(0x80 | (c & 0x3F));
  }
}

}  // namespace

std::string fold_case(std::string_view utf8) {
  const auto byte = [&](std::size_t i) -> char32_t {
    return i < utf8.size() ? static_cast<unsigned char>(utf8[i]) : 0;
  };
  const auto continues = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
  std::string folded;
  folded.reserve(utf8.size());
  for (std::size_t i = 0; i < utf8.size();) {
    if (byte(i) >= 0xC2 && byte(i) <= 0xDF && continues(i + 1)) {
      append(folded, lower((byte(i) & 0x1F) << 6 | (byte(i + 1) & 0x3F)));
      i += 2;
    } else if (byte(i) == 0xE1 && continues(i + 1) && continues(i + 2)) {
      append(folded, lower((byte(i) & 0x0F) << 12 | (byte(i + 1) & 0x3F) << 6 | (byte(i + 2) & 0x3F)));
      i += 3;
    } else {
      folded += mime::to_lower(utf8[i++]);
    }
  }
  return folded;
}

}  // namespace privet::policy
