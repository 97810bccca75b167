#include "mime/transfer_encoding.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <optional>

#include "mime/ascii.h"

namespace privet::mime {
namespace {

constexpr std::int8_t kForeign = -1;
constexpr std::int8_t kSkipped = -2;
constexpr std::int8_t kPadding = -3;

constexpr std::array<std::int8_t, 256> make_base64_values() {
  std::array<std::int8_t, 256> values{};
  values.fill(kForeign);
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
  }
  for (const char c : kWhitespace) values[static_cast<unsigned char>(c)] = kSkipped;
  values['='] = kPadding;
  return values;
}

constexpr std::array<std::int8_t, 256> kBase64Values = make_base64_values();

}  // namespace

Result<std::string> decode_base64(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  std::uint32_t bits = 0;
  unsigned count = 0;  // characters in the unfinished group of four
  unsigned padding = 0;
  for (const char c : text) {
    const std::int8_t value = kBase64Values[static_cast<unsigned char>(c)];
    if (value == kSkipped) continue;
    if (value == kPadding) {
      ++padding;
      continue;
    }
    if (value == kForeign) return failure("base64 text contains a character outside its alphabet");
    if (padding > 0) return failure("base64 text goes on behind its padding");
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    if (++count < 4) continue;
    bytes += static_cast<char>(bits >> 16);
    bytes += static_cast<char>(bits >> 8);
    bytes += static_cast<char>(bits);
    bits = 0;
    count = 0;
  }
  if (count == 1) return failure("base64 text ends inside a byte");
  if (count == 2) bytes += static_cast<char>(bits >> 4);
  if (count == 3) {
    bytes += static_cast<char>(bits >> 10);
    bytes += static_cast<char>(bits >> 2);
  }
  return bytes;
}

Result<std::string> read_base64(std::string_view text) {
  const std::size_t padding = std::min(text.find('='), text.size());
  const std::size_t end = std::min(text.find_first_not_of("=", padding), text.size());
  if (trim(text.substr(end)).empty()) return decode_base64(text);
  Result<std::string> bytes = decode_base64(text.substr(0, end));
  if (!bytes) return bytes;
  const std::string_view rest = text.substr(end);
  bytes->append("\r\n").append(rest);
  // A reader that goes on and skips what is no base64 joins groups of four in one of four ways.
  std::string digits;
  const auto is_digit = [](char c) { return kBase64Values[static_cast<unsigned char>(c)] >= 0; };
  std::ranges::copy_if(rest, std::back_inserter(digits), is_digit);
  for (std::size_t shift = 0; shift < 4; ++shift) {
    const std::size_t whole = (digits.size() - std::min(shift, digits.size())) / 4 * 4;
    if (whole > 0) bytes->append("\r\n").append(*decode_base64(digits.substr(shift, whole)));
  }
  return bytes;
}

namespace {

/// `stray` stands for a "=" that escapes nothing; without one that is an error.
Result<std::string> undo_quoted_printable(std::string_view text, std::optional<std::string_view> stray) {
  std::string bytes;
  bytes.reserve(text.size());
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t escape = std::min(text.find('=', at), text.size());
    bytes += text.substr(at, escape - at);
    if (escape == text.size()) break;
    const std::size_t next = escape + 1;
    if (next + 1 < text.size() && hex_value(text[next]) >= 0 && hex_value(text[next + 1]) >= 0) {
      bytes += static_cast<char>(hex_value(text[next]) * 16 + hex_value(text[next + 1]));
      at = next + 2;
      continue;
    }
    const std::size_t end = std::min(text.find_first_not_of(kBlanks, next), text.size());
    if (end < text.size() && !text.substr(end).starts_with("\r\n")) {
      if (!stray) return failure("quoted-printable text contains an unfinished escape");
      bytes += *stray;
      at = next;
      continue;
    }
    at = std::min(end + 2, text.size());
  }
  return bytes;
}

}  // namespace

Result<std::string> decode_quoted_printable(std::string_view text) {
  return undo_quoted_printable(text, std::nullopt);
}

bool is_plain_quoted_printable(std::string_view text) {
  return undo_quoted_printable(text, "=") == text;
}

std::string read_quoted_printable(std::string_view text) {
  Result<std::string> bytes = undo_quoted_printable(text, std::nullopt);
  if (bytes) return *std::move(bytes);
  return *undo_quoted_printable(text, "=") + "\r\n" + *undo_quoted_printable(text, "");
}

}  // namespace privet::mime
