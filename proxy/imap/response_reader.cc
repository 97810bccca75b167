#include "proxy/imap/response_reader.h"

#include <algorithm>
#include <array>
#include <limits>

#include "mime/ascii.h"

namespace privet::imap {
namespace {

constexpr std::uint64_t kLargestLiteral = std::numeric_limits<std::int64_t>::max();

bool is_control(char c) {
  return (c >= 0 && c < ' ') || c == '\x7f';
}

/// Ends an atom; what else servers put into one is theirs.
bool ends_atom(char c) {
  return is_control(c) || c == ' ' || c == '(' || c == ')';
}

bool ends_word(char c) {
  return ends_atom(c) || c == '[' || c == ']' || c == '"';
}

}  // namespace

std::optional<AnnouncedLiteral> literal_at_end(std::string_view line) {
  if (!line.ends_with('}')) return std::nullopt;
  line.remove_suffix(1);
  if (line.ends_with('+')) line.remove_suffix(1);
  const std::size_t brace = line.find_last_not_of("0123456789");
  if (brace == std::string_view::npos || line[brace] != '{' || brace + 1 == line.size()) return std::nullopt;
  const std::optional<std::uint64_t> size = parse_number(line.substr(brace + 1));
  if (!size || *size > kLargestLiteral) return AnnouncedLiteral{.impossible = true};
  return AnnouncedLiteral{.size = *size};
}

bool is_status_line(std::string_view line) {
  constexpr std::array<std::string_view, 5> kConditions{"OK", "NO", "BAD", "PREAUTH", "BYE"};
  if (line.starts_with('+')) return true;
  take_word(line);
  const std::string_view word = take_word(line);
  return std::ranges::any_of(kConditions,
                             [&](std::string_view name) { return mime::equals_ignoring_case(word, name); });
}

std::optional<std::uint64_t> parse_number(std::string_view digits) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  if (digits.empty()) return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : digits) {
    if (!mime::is_digit(c)) return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (number > (kMost - digit) / 10) return std::nullopt;
    number = number * 10 + digit;
  }
  return number;
}

std::string_view take_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return word;
}

std::string unescape(std::string_view bytes) {
  std::string plain;
  plain.reserve(bytes.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '\\' && i + 1 < bytes.size()) ++i;
    plain += bytes[i];
  }
  return plain;
}

std::string Value::string() const {
  return escaped ? unescape(bytes) : std::string(bytes);
}

void ResponseReader::skip_blanks() {
  at_ = std::min(text_.find_first_not_of(' ', at_), text_.size());
}

bool ResponseReader::take(char c) {
  if (peek() != c || at_end()) return false;
  ++at_;
  return true;
}

std::string_view ResponseReader::word() {
  const std::size_t begin = at_;
  while (!at_end() && !ends_word(text_[at_])) ++at_;
  return text_.substr(begin, at_ - begin);
}

bool ResponseReader::begins_literal() const {
  const std::size_t brace = at_ + (peek() == '~' ? 1 : 0);
  return brace < text_.size() && text_[brace] == '{';
}

std::optional<Value> ResponseReader::quoted() {
  Value value{.kind = Value::Kind::Quoted};
  const std::size_t begin = at_++;
  for (; !at_end() && peek() != '\n'; ++at_) {
    if (peek() == '"') {
      value.bytes = text_.substr(begin + 1, at_ - begin - 1);
      value.raw = text_.substr(begin, ++at_ - begin);
      return value;
    }
    if (peek() != '\\') continue;
    value.escaped = true;
    ++at_;
    if (at_end() || peek() == '\n') break;
  }
  return std::nullopt;
}

std::optional<Value> ResponseReader::literal() {
  Value value{.kind = Value::Kind::Literal};
  const std::size_t begin = at_;
  const std::size_t end = text_.find('\n', at_);
  if (end == std::string_view::npos || !text_.substr(0, end).ends_with('\r')) return std::nullopt;
  const std::string_view head = text_.substr(begin, end - 1 - begin);
  const std::optional<AnnouncedLiteral> announced = literal_at_end(head);
  if (!announced || announced->impossible || head.find('{') != head.rfind('{')) return std::nullopt;
  at_ = end + 1;
  if (std::ranges::binary_search(streamed_, at_)) {
    value.streamed = announced->size;
  } else if (announced->size <= text_.size() - at_) {
    value.bytes = text_.substr(at_, announced->size);
    at_ += value.bytes.size();
  } else {
    return std::nullopt;
  }
  value.raw = text_.substr(begin, at_ - begin);
  return value;
}

std::optional<Value> ResponseReader::list() {
  Value value{.kind = Value::Kind::List};
  const std::size_t begin = at_;
  std::size_t depth = 0;
  do {
    skip_blanks();
    if (take('(')) {
      if (++depth > limits::kImapNesting) return std::nullopt;
    } else if (take(')')) {
      --depth;
    } else {
      const std::optional<Value> item = scalar();
      if (!item) return std::nullopt;
      value.streamed = std::max(value.streamed, item->streamed);
    }
  } while (depth > 0);
  value.raw = text_.substr(begin, at_ - begin);
  value.bytes = value.raw.substr(1, value.raw.size() - 2);
  return value;
}

std::optional<Value> ResponseReader::scalar() {
  if (peek() == '"') return quoted();
  if (begins_literal()) return literal();
  Value value{.kind = Value::Kind::Atom};
  const std::size_t begin = at_;
  while (!at_end() && !ends_atom(text_[at_])) ++at_;
  value.raw = value.bytes = text_.substr(begin, at_ - begin);
  if (value.raw.empty()) return std::nullopt;
  if (mime::equals_ignoring_case(value.raw, "NIL")) value.kind = Value::Kind::Nil;
  return value;
}

std::optional<Value> ResponseReader::value() {
  skip_blanks();
  return peek() == '(' ? list() : scalar();
}

std::optional<std::string_view> ResponseReader::bracketed() {
  if (!take('[')) return std::nullopt;
  const std::size_t begin = at_;
  while (!at_end() && !is_control(peek())) {
    if (peek() == '"' || begins_literal()) {
      const std::optional<Value> string = scalar();
      if (!string || string->streamed > 0) return std::nullopt;
    } else if (text_[at_++] == ']') {
      return text_.substr(begin, at_ - 1 - begin);
    }
  }
  return std::nullopt;
}

}  // namespace privet::imap
