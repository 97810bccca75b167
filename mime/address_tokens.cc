#include "mime/address_tokens.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "mime/ascii.h"
#include "mime/charset.h"
#include "mime/limits.h"

namespace privet::mime {
namespace {

constexpr std::size_t kNone = std::string_view::npos;
constexpr std::string_view kFullWidthAt = "\xEF\xBC\xA0";
constexpr std::string_view kSmallAt = "\xEF\xB9\xAB";

bool is_control(char c) {
  return (c >= 0 && c < ' ') || c == '\x7F';
}

class Tokenizer {
 public:
  explicit Tokenizer(std::string_view value) : value_(value) {}

  Tokens run() {
    if (!is_utf8(value_)) doubt("8-bit bytes that are not UTF-8");
    while (at_ < value_.size()) next();
    check_controls();
    return std::move(result_);
  }

 private:
  void next() {
    switch (value_[at_]) {
      case ' ':
      case '\t':
      case '\r':
      case '\n':
        return add(TokenKind::Blank, std::min(value_.find_first_not_of(kWhitespace, at_), value_.size()));
      case '@':
        return add(TokenKind::At, at_ + 1);
      case ',':
        return add(TokenKind::Comma, at_ + 1);
      case ';':
        return add(TokenKind::Semicolon, at_ + 1);
      case ':':
        return add(TokenKind::Colon, at_ + 1);
      case '<':
        return add(TokenKind::Open, at_ + 1);
      case '>':
        return add(TokenKind::Close, at_ + 1);
      case '"':
        return add_delimited(TokenKind::Quoted, quotes_closed_ ? quoted_end() : kNone);
      case '(':
        return add_delimited(TokenKind::Comment, comments_closed_ ? comment_end() : kNone);
      case '[':
        return add_delimited(TokenKind::Literal, literal_end());
      default:
        return add(TokenKind::Word, word_end());
    }
  }

  void add(TokenKind kind, std::size_t end) {
    result_.tokens.push_back({kind, {at_, end}});
    at_ = end;
  }

  // An opening character without its end is a word of its own, so that what follows it is still read.
  void add_delimited(TokenKind kind, std::size_t end) {
    if (end != kNone) return add(kind, end);
    doubt("quote, comment or bracket without its end");
    add(TokenKind::Word, at_ + 1);
  }

  // The two searches that may reach the end of the value fail only once, which keeps them linear.
  std::size_t quoted_end() {
    for (std::size_t i = at_ + 1; i < value_.size(); ++i) {
      if (value_[i] == '"') return i + 1;
      if (value_[i] == '\\') ++i;
    }
    quotes_closed_ = false;
    return kNone;
  }

  std::size_t comment_end() {
    std::size_t depth = 0;
    for (std::size_t i = at_; i < value_.size() && depth <= limits::kCommentDepth; ++i) {
      if (value_[i] == '\\') {
        ++i;
      } else if (value_[i] == '(') {
        ++depth;
      } else if (value_[i] == ')' && --depth == 0) {
        return i + 1;
      }
    }
    comments_closed_ = false;
    return kNone;
  }

  std::size_t literal_end() const {
    const std::size_t end = value_.find_first_of("[]<>()\"\\@,;", at_ + 1);
    return end != kNone && value_[end] == ']' ? end + 1 : kNone;
  }

  std::size_t word_end() {
    std::size_t i = at_;
    while (i < value_.size()) {
      const std::optional<std::size_t> encoded_end = encoded_word_end(i);
      if (encoded_end) {
        i = *encoded_end;
        continue;
      }
      if (std::string_view(" \t\r\n@,;:<>\"([").contains(value_[i])) break;
      if (std::string_view(")]\\").contains(value_[i])) doubt("bracket or backslash in an odd place");
      ++i;
    }
    return i;
  }

  // End of the encoded word at `begin`, if there is one without blanks and without the marks of an address.
  std::optional<std::size_t> encoded_word_end(std::size_t begin) {
    constexpr std::string_view kForbidden = " \t\r\n@<>\"";
    if (!value_.substr(begin).starts_with("=?") || begin < no_encoded_word_before_) return std::nullopt;
    const std::size_t charset_end = value_.find_first_of(" \t\r\n@<>\"?", begin + 2);
    const std::string_view head = value_.substr(std::min(charset_end, value_.size()), 3);
    if (head.size() < 3 || head[0] != '?' || head[2] != '?') return std::nullopt;
    if (to_lower(head[1]) != 'q' && to_lower(head[1]) != 'b') return std::nullopt;
    for (std::size_t i = charset_end + 3; i < value_.size() && !kForbidden.contains(value_[i]); ++i) {
      if (value_.substr(i).starts_with("?=")) return i + 2;
      no_encoded_word_before_ = i;
    }
    return std::nullopt;
  }

  // Anywhere, also in quoted strings and comments: controls, and CR or LF that are not folding (RFC
  // 5322 2.2.3).
  void check_controls() {
    for (std::size_t i = 0; i < value_.size(); ++i) {
      if (!is_control(value_[i]) || value_[i] == '\t') continue;
      const std::string_view rest = value_.substr(i);
      if (rest.starts_with("\r\n ") || rest.starts_with("\r\n\t")) {
        i += 2;
      } else {
        return doubt("control character");
      }
    }
  }

  void doubt(std::string_view why) {
    if (result_.why.empty()) result_.why = why;
  }

  const std::string_view value_;
  std::size_t at_ = 0;
  bool quotes_closed_ = true;
  bool comments_closed_ = true;
  std::size_t no_encoded_word_before_ = 0;
  Tokens result_;
};

char32_t code_point(std::string_view character) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
  if (character.size() < 2) return character.empty() ? 0 : byte(0);
  char32_t code = byte(0) & (0xFFU >> (character.size() + 1));
  for (std::size_t i = 1; i < character.size(); ++i) code = code << 6 | (byte(i) & 0x3FU);
  return code;
}

// Characters that are not seen, move their neighbours, or that a reader may take for a blank or an at sign.
bool is_deceptive(char32_t c) {
  constexpr std::pair<char32_t, char32_t> kRanges[] = {
      {0x80, 0xA0},     {0xAD, 0xAD},     {0x34F, 0x34F},   {0x61C, 0x61C},   {0x115F, 0x1160},
      {0x1680, 0x1680}, {0x17B4, 0x17B5}, {0x180B, 0x180F}, {0x2000, 0x200F}, {0x2028, 0x202F},
      {0x205F, 0x206F}, {0x3000, 0x3000}, {0x3164, 0x3164}, {0xFE00, 0xFE0F}, {0xFE6B, 0xFE6B},
      {0xFEFF, 0xFEFF}, {0xFF20, 0xFF20}, {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFFF}, {0xE0000, 0xE0FFF},
  };
  return std::ranges::any_of(kRanges,
                             [c](const auto& range) { return c >= range.first && c <= range.second; });
}

}  // namespace

Tokens tokenize_addresses(std::string_view value) {
  return Tokenizer(value).run();
}

std::string unquote(std::string_view token) {
  std::string text;
  for (std::size_t i = 1; i + 1 < token.size(); ++i) {
    if (token[i] == '\\' && i + 2 < token.size()) ++i;
    if (token[i] == '\r' || token[i] == '\n') continue;
    text += token[i];
  }
  return text;
}

bool is_plain_word(std::string_view word) {
  if (word.contains("=?")) return false;
  while (!word.empty()) {
    const std::size_t length = utf8_length(word);
    if (length == 0 || is_deceptive(code_point(word.substr(0, length)))) return false;
    word.remove_prefix(length);
  }
  return true;
}

bool has_at_sign(std::string_view text) {
  return text.contains('@') || text.contains(kFullWidthAt) || text.contains(kSmallAt);
}

}  // namespace privet::mime
