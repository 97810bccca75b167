#include "proxy/imap/casemap.h"

#include <unicase.h>
#include <uninorm.h>

#include <array>

#include "mime/ascii.h"
#include "mime/charset.h"

namespace privet::imap {
namespace {

constexpr char32_t kOneByte = 0x80;
constexpr char32_t kTwoBytes = 0x800;
constexpr char32_t kThreeBytes = 0x10000;

char32_t decode(std::string_view character) {
  constexpr std::array<unsigned, 5> kFirst{0, 0x7F, 0x1F, 0x0F, 0x07};
  char32_t c = static_cast<unsigned char>(character.front()) & kFirst[character.size()];
  for (const char next : character.substr(1)) c = c << 6 | (static_cast<unsigned char>(next) & 0x3F);
  return c;
}

void append(std::string& text, char32_t c) {
  const auto put = [&](char32_t byte) { text += static_cast<char>(byte); };
  if (c < kOneByte) {
    put(c);
    return;
  }
  if (c < kTwoBytes) {
    put(0xC0 | c >> 6);
  } else if (c < kThreeBytes) {
    put(0xE0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3F));
  } else {
    put(0xF0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3F));
    put(0x80 | (c >> 6 & 0x3F));
  }
  put(0x80 | (c & 0x3F));
}

void append_mapped(std::string& text, char32_t c) {
  const ucs4_t title = uc_totitle(c);
  std::array<ucs4_t, UC_DECOMPOSITION_MAX_LENGTH> parts{};
  int tag = 0;
  const int count = uc_decomposition(title, &tag, parts.data());
  if (count <= 0) append(text, title);
  for (int i = 0; i < count; ++i) append(text, parts[i]);
}

}  // namespace

std::string casemap(std::string_view utf8) {
  std::string mapped;
  mapped.reserve(utf8.size());
  while (!utf8.empty()) {
    const char first = utf8.front();
    const std::size_t length = mime::utf8_length(utf8);
    if (length == 0) {
      if (!mapped.ends_with(mime::kReplacement)) mapped += mime::kReplacement;
    } else if (length > 1) {
      append_mapped(mapped, decode(utf8.substr(0, length)));
    } else {
      mapped += first >= 'a' && first <= 'z' ? static_cast<char>(first - 'a' + 'A') : first;
    }
    utf8.remove_prefix(length == 0 ? 1 : length);
  }
  return mapped;
}

}  // namespace privet::imap
