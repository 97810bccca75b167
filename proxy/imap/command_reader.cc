#include "proxy/imap/command_reader.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "mime/ascii.h"
#include "proxy/limits.h"

namespace privet::imap {
namespace {

constexpr std::string_view kEndsQuoting("\"\\\r\n\0", 5);
constexpr std::string_view kNil = "NIL";

}  // namespace

bool is_astring_char(char c) {
  return is_atom_char(c) || c == ']';
}

bool is_list_char(char c) {
  return is_astring_char(c) || c == '%' || c == '*';
}

bool is_set_char(char c) {
  return mime::is_digit(c) || c == ':' || c == ',' || c == '*' || c == '$';
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

bool CommandReader::word(std::string_view word) {
  CommandReader ahead = *this;
  if (!mime::equals_ignoring_case(ahead.atom(), word)) return false;
  *this = ahead;
  return true;
}

bool CommandReader::append_quoted(std::string& text) {
  for (std::size_t at = 1;; ++at) {
    const std::size_t end = rest_.find_first_of(kEndsQuoting, at);
    if (end == std::string_view::npos) return false;
    text.append(rest_, at, end - at);
    at = end;
    if (rest_[at] == '"') {
      rest_.remove_prefix(at + 1);
      return true;
    }
    const bool escape = rest_[at] == '\\' && ++at < rest_.size() && (rest_[at] == '"' || rest_[at] == '\\');
    if (!escape) return false;
    text += rest_[at];
  }
}

std::optional<std::uint64_t> CommandReader::literal_head() {
  if (!take('{')) return std::nullopt;
  const auto size = number(std::numeric_limits<std::uint64_t>::max());
  take('+');
  return take('}') ? size : std::nullopt;
}

bool CommandReader::append_literal(std::string& text) {
  const auto size = literal_head();
  if (!size || !take('\r') || !take('\n') || rest_.size() < *size) return false;
  const std::string_view octets = rest_.substr(0, *size);
  rest_.remove_prefix(*size);
  text += octets;
  return !octets.contains('\0');
}

bool CommandReader::append_string(std::string& text) {
  return peek() == '"' ? append_quoted(text) : append_literal(text);
}

bool CommandReader::append_astring(std::string& text, bool (*belongs)(char)) {
  const std::string_view word = take_while(belongs);
  text += word;
  return !word.empty() || append_string(text);
}

std::optional<std::uint64_t> CommandReader::announced_literal() {
  const auto size = literal_head();
  return rest_.empty() ? size : std::nullopt;
}

std::optional<std::string> CommandReader::string() {
  std::string text;
  return append_string(text) ? std::optional(std::move(text)) : std::nullopt;
}

std::optional<std::string> CommandReader::astring() {
  std::string text;
  return append_astring(text, is_astring_char) ? std::optional(std::move(text)) : std::nullopt;
}

std::optional<std::string> CommandReader::list_mailbox() {
  std::string text;
  return append_astring(text, is_list_char) ? std::optional(std::move(text)) : std::nullopt;
}

std::optional<Secret> CommandReader::secret() {
  std::string text;
  text.reserve(std::max(rest_.size(), limits::kSecretRoom));
  std::optional<Secret> secret;
  if (append_astring(text, is_astring_char)) secret.emplace(text);
  wipe(text);
  return secret;
}

std::optional<std::optional<std::string>> CommandReader::nstring() {
  if (word(kNil)) return std::optional<std::string>();
  auto text = string();
  if (!text) return std::nullopt;
  return text;
}

}  // namespace privet::imap
