#include "proxy/imap/command_reader.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "mime/ascii.h"

namespace privet::imap {
namespace {

constexpr std::string_view kNotInAtoms = "(){%*\"\\]";
constexpr std::string_view kNil = "NIL";

}  // namespace

bool is_atom_char(char c) {
  return c > ' ' && c <= '~' && !kNotInAtoms.contains(c);
}

bool is_astring_char(char c) {
  return is_atom_char(c) || c == ']';
}

bool is_list_char(char c) {
  return is_astring_char(c) || c == '%' || c == '*';
}

bool CommandReader::take(char c) {
  if (!rest_.starts_with(c)) return false;
  rest_.remove_prefix(1);
  return true;
}

bool CommandReader::blank() {
  const std::size_t blanks = std::min(rest_.find_first_not_of(' '), rest_.size());
  rest_.remove_prefix(blanks);
  return blanks > 0 && !rest_.empty();
}

std::string_view CommandReader::take_while(bool (*belongs)(char)) {
  const auto end = std::ranges::find_if_not(rest_, belongs);
  const std::string_view taken(rest_.begin(), end);
  rest_.remove_prefix(taken.size());
  return taken;
}

std::optional<std::uint64_t> CommandReader::number(std::uint64_t largest) {
  const std::string_view digits = take_while(mime::is_digit);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || error != std::errc() || value > largest) return std::nullopt;
  return value;
}

std::optional<std::string> CommandReader::quoted() {
  std::string text;
  for (std::size_t at = 1;; ++at) {
    const std::size_t end = rest_.find_first_of("\"\\\r\n", at);
    if (end == std::string_view::npos) return std::nullopt;
    text.append(rest_, at, end - at);
    at = end;
    if (rest_[at] == '"') {
      rest_.remove_prefix(at + 1);
      return text;
    }
    const bool escape = rest_[at] == '\\' && ++at < rest_.size() && (rest_[at] == '"' || rest_[at] == '\\');
    if (!escape) return std::nullopt;
    text += rest_[at];
  }
}

std::optional<std::uint64_t> CommandReader::literal_head() {
  if (!take('{')) return std::nullopt;
  const auto size = number(std::numeric_limits<std::uint64_t>::max());
  take('+');
  return take('}') ? size : std::nullopt;
}

std::optional<std::string> CommandReader::literal() {
  const auto size = literal_head();
  if (!size || !take('\r') || !take('\n') || rest_.size() < *size) return std::nullopt;
  const std::string_view text = rest_.substr(0, *size);
  rest_.remove_prefix(*size);
  if (text.contains('\0')) return std::nullopt;
  return std::string(text);
}

std::optional<std::uint64_t> CommandReader::announced_literal() {
  const auto size = literal_head();
  return rest_.empty() ? size : std::nullopt;
}

std::optional<std::string> CommandReader::string() {
  if (peek() == '"') return quoted();
  return literal();
}

std::optional<std::string> CommandReader::astring() {
  if (const std::string_view word = take_while(is_astring_char); !word.empty()) return std::string(word);
  return string();
}

std::optional<std::string> CommandReader::list_mailbox() {
  if (const std::string_view word = take_while(is_list_char); !word.empty()) return std::string(word);
  return string();
}

std::optional<std::optional<std::string>> CommandReader::nstring() {
  if (mime::equals_ignoring_case(rest_.substr(0, kNil.size()), kNil)) {
    rest_.remove_prefix(kNil.size());
    return std::optional<std::string>();
  }
  auto text = string();
  if (!text) return std::nullopt;
  return std::optional(std::move(text));
}

}  // namespace privet::imap
