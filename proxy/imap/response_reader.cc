#include "proxy/imap/response_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "mime/ascii.h"

namespace privet::imap {
namespace {

constexpr std::uint64_t kLargestLiteral = std::numeric_limits<std::int64_t>::max();

constexpr bool is_control(char c) {
  return (c >= 0 && c < ' ') || c == '\x7f';
}

/// The octets that end something, by octet: all that an upstream says goes through them.
using Ends = std::array<bool, 256>;

constexpr Ends ends_of(std::string_view characters) {
  Ends ends{};
  for (std::size_t c = 0; c < ends.size(); ++c)
    ends[c] = is_control(static_cast<char>(c)) || characters.contains(static_cast<char>(c));
  return ends;
}

constexpr Ends kEndsAtom = ends_of(" ()");  // what else servers put into one is theirs
constexpr Ends kEndsWord = ends_of(" ()[]\"");

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
  std::uint64_t number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [read, error] = std::from_chars(digits.data(), end, number);
  return error == std::errc() && read == end ? std::optional(number) : std::nullopt;
}

std::string_view take_word(std::string_view& text) {
  const auto skip_blanks = [&text] {
    while (text.starts_with(' ')) text.remove_prefix(1);
  };
  skip_blanks();
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  skip_blanks();
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

std::string_view ResponseReader::take_until(const std::array<bool, 256>& ends) {
  const std::size_t begin = at_;
  while (at_ < text_.size() && !ends[static_cast<unsigned char>(text_[at_])]) ++at_;
  return text_.substr(begin, at_ - begin);
}

bool ResponseReader::take(char c) {
  if (peek() != c || at_end()) return false;
  ++at_;
  return true;
}

std::string_view ResponseReader::word() {
  return take_until(kEndsWord);
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
  value.raw = value.bytes = take_until(kEndsAtom);
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
