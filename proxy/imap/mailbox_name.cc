#include "proxy/imap/mailbox_name.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "mime/ascii.h"
#include "mime/charset.h"
#include "proxy/base64.h"
#include "proxy/limits.h"

namespace privet::imap {
namespace {

constexpr char kShift = '&';
constexpr char kUnshift = '-';
constexpr char32_t kHighSurrogate = 0xd800;
constexpr char32_t kLowSurrogate = 0xdc00;
constexpr char32_t kBehindSurrogates = 0xe000;
constexpr char32_t kBeyondUnit = 0x10000;

bool is_printable(char32_t c) {
  return c >= ' ' && c <= '~';
}

bool is_control(char32_t c) {
  return c < ' ' || (c > '~' && c < 0xa0);
}

void append_utf8(std::string& text, char32_t c) {
  const auto byte = [&text](char32_t value) { text += static_cast<char>(value); };
  if (c < 0x80) {
    byte(c);
    return;
  }
  if (c < 0x800) {
    byte(0xc0 | c >> 6);
  } else {
    if (c < kBeyondUnit) {
      byte(0xe0 | c >> 12);
    } else {
      byte(0xf0 | c >> 18);
      byte(0x80 | (c >> 12 & 0x3f));
    }
    byte(0x80 | (c >> 6 & 0x3f));
  }
  byte(0x80 | (c & 0x3f));
}

/// The character that `length` bytes of well-formed UTF-8 are.
char32_t character(std::string_view text, std::size_t length) {
  const auto lead = static_cast<std::uint8_t>(text[0]);
  char32_t c = length == 1 ? lead : lead & (0x7fu >> length);
  for (std::size_t i = 1; i < length; ++i) c = c << 6 | (static_cast<std::uint8_t>(text[i]) & 0x3fu);
  return c;
}

void append_unit(std::string& units, char32_t unit) {
  units += static_cast<char>(unit >> 8);
  units += static_cast<char>(unit & 0xff);
}

/// Modified base64: "," in the place of "/", no padding.
std::optional<std::string> decode_base64(std::string_view text) {
  if (text.find_first_of("/=") != std::string_view::npos) return std::nullopt;
  std::string standard(text);
  std::ranges::replace(standard, ',', '/');
  standard.append((4 - standard.size() % 4) % 4, '=');
  return base64_decode(standard);
}

std::string encode_base64(std::string_view bytes) {
  std::string text = base64_encode(bytes);
  text.erase(std::min(text.find('='), text.size()));
  std::ranges::replace(text, '/', ',');
  return text;
}

/// UTF-16 in network order, of characters that have to be encoded; false for any other.
bool append_units(std::string& name, std::string_view units) {
  if (units.empty() || units.size() % 2 != 0) return false;
  char32_t high = 0;
  for (; !units.empty(); units.remove_prefix(2)) {
    const char32_t unit =
        static_cast<char32_t>(static_cast<std::uint8_t>(units[0])) << 8 | static_cast<std::uint8_t>(units[1]);
    const bool low = unit >= kLowSurrogate && unit < kBehindSurrogates;
    if (low != (high != 0)) return false;
    if (low) {
      append_utf8(name, kBeyondUnit + ((high - kHighSurrogate) << 10) + (unit - kLowSurrogate));
      high = 0;
    } else if (unit >= kHighSurrogate && unit < kLowSurrogate) {
      high = unit;
    } else {
      if (is_printable(unit) || is_control(unit)) return false;
      append_utf8(name, unit);
    }
  }
  return high == 0;
}

char to_upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

}  // namespace

bool is_inbox(std::string_view name) {
  return mime::equals_ignoring_case(name, kInbox);
}

std::optional<std::string> decode_mailbox(std::string_view wire) {
  if (is_inbox(wire)) return std::string(kInbox);
  std::string name;
  bool unshifted = false;
  while (!wire.empty()) {
    if (wire.front() != kShift) {
      if (!is_printable(static_cast<std::uint8_t>(wire.front()))) return std::nullopt;
      name += wire.front();
      wire.remove_prefix(1);
      unshifted = false;
      continue;
    }
    const std::size_t end = wire.find(kUnshift);
    if (end == std::string_view::npos) return std::nullopt;
    if (end == 1) {
      name += kShift;
    } else {
      const auto units = decode_base64(wire.substr(1, end - 1));
      if (unshifted || !units || !append_units(name, *units)) return std::nullopt;
    }
    unshifted = end != 1;
    wire.remove_prefix(end + 1);
  }
  if (name.size() > limits::kImapMailboxName) return std::nullopt;
  return name;
}

std::optional<std::string> encode_mailbox(std::string_view name) {
  if (name.size() > limits::kImapMailboxName) return std::nullopt;
  std::string wire;
  std::string units;
  const auto unshift = [&] {
    if (units.empty()) return;
    wire.append(1, kShift).append(encode_base64(units)).append(1, kUnshift);
    units.clear();
  };
  while (!name.empty()) {
    const std::size_t length = mime::utf8_length(name);
    if (length == 0) return std::nullopt;
    const char32_t c = character(name, length);
    name.remove_prefix(length);
    if (is_printable(c)) {
      unshift();
      wire += static_cast<char>(c);
      if (c == kShift) wire += kUnshift;
    } else if (is_control(c)) {
      return std::nullopt;
    } else if (c < kBeyondUnit) {
      append_unit(units, c);
    } else {
      append_unit(units, kHighSurrogate + ((c - kBeyondUnit) >> 10));
      append_unit(units, kLowSurrogate + ((c - kBeyondUnit) & 0x3ff));
    }
  }
  unshift();
  return wire;
}

bool matches_pattern(std::string_view pattern, std::string_view name, char delimiter) {
  const bool any_case = is_inbox(name);
  const auto same = [any_case](char a, char b) { return any_case ? to_upper(a) == to_upper(b) : a == b; };
  const std::size_t plain = std::min({pattern.find_first_of("*%"), pattern.size(), name.size()});
  if (!std::ranges::equal(pattern.substr(0, plain), name.substr(0, plain), same)) return false;
  pattern.remove_prefix(plain);
  name.remove_prefix(plain);

  // reached[j]: the first j characters of the pattern mean what of the name was read so far.
  std::vector<char> reached(pattern.size() + 1, 0);
  reached[0] = 1;
  for (std::size_t j = 0; j < pattern.size() && (pattern[j] == '*' || pattern[j] == '%'); ++j)
    reached[j + 1] = 1;
  for (const char c : name) {
    char before = reached[0];  // of the row above, to the left
    reached[0] = 0;
    for (std::size_t j = 0; j < pattern.size(); ++j) {
      const char above = reached[j + 1];
      const char p = pattern[j];
      if (p == '*' || (p == '%' && c != delimiter)) {
        reached[j + 1] = static_cast<char>(above | reached[j]);
      } else if (p == '%') {
        reached[j + 1] = reached[j];
      } else {
        reached[j + 1] = static_cast<char>(before & static_cast<char>(same(p, c)));
      }
      before = above;
    }
  }
  return reached.back() != 0;
}

std::string join_reference(std::string_view reference, std::string_view pattern) {
  return std::string(reference).append(pattern);
}

}  // namespace privet::imap
