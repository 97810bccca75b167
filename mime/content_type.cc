#include "mime/content_type.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>

#include "mime/ascii.h"
#include "mime/charset.h"

namespace privet::mime {
namespace {

/// One parameter as it is spelled; RFC 2231 lets several of them make one value.
struct Spelling {
  std::string value;
  bool percent = false;  // name*=, name*0*=
};

struct Pieces {
  std::optional<Spelling> whole;      // name=
  std::optional<Spelling> extended;   // name*=
  std::map<int, Spelling> continued;  // name*0=, name*1*=
  bool escaped = false;               // a backslash in a quoted string: readers disagree on what remains
};

bool is_token_char(char c) {
  return c > ' ' && c < 0x7f && !std::string_view("()<>@,;:\\\"/[]?=").contains(c);
}

// Mail programs leave out quotes around ":", "=", "/", "@" and 8-bit names; no reader splits a value there.
bool is_bare_value_char(char c) {
  return is_8bit(c) || (c > ' ' && c < 0x7f && !std::string_view("()<>,;\\\"").contains(c));
}

class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  bool at_end() const { return at_ == text_.size(); }
  bool sees(char c) const { return !at_end() && text_[at_] == c; }
  bool accept(char c) {
    if (!sees(c)) return false;
    ++at_;
    return true;
  }

  /// Skips blanks and folding. Comments are refused where they stand: many readers do not know them here.
  void skip_blanks() {
    while (!at_end() && kWhitespace.contains(text_[at_])) ++at_;
  }

  template <class Predicate>
  std::string_view take_while(Predicate accepted) {
    const std::size_t begin = at_;
    while (!at_end() && accepted(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  /// The inside of a quoted string whose opening quote has been read; folding is taken out.
  std::optional<std::string> quoted(bool& escaped) {
    std::string inside;
    for (; !at_end(); ++at_) {
      char c = text_[at_];
      if (c == '"') {
        ++at_;
        return inside;
      }
      if (c == '\r' || c == '\n') continue;
      if (c == '\\') {
        escaped = true;
        if (++at_ == text_.size()) return std::nullopt;
        c = text_[at_];
      }
      inside += c;
    }
    return std::nullopt;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

/// A file name that should have stood in quotes: "Offer 2026.pdf", "R(1).pdf", or nothing at all. nullopt
/// where a reader who stops at the blank or drops the comment would find another kind of file or another
/// parameter.
std::optional<std::string> bare_file_name(std::string_view text) {
  std::string name;
  std::ranges::copy_if(trim(text), std::back_inserter(name), [](char c) { return c != '\r' && c != '\n'; });
  const std::size_t stop = std::min(name.find_first_of(" \t(),<>"), name.size());
  if (!std::ranges::all_of(name.substr(0, stop), is_bare_value_char)) return std::nullopt;
  if (stop == name.size()) return name;
  if (std::string_view(name).substr(0, stop).contains('.')) return std::nullopt;
  std::size_t depth = 0;
  for (const char c : std::string_view(name).substr(stop)) {
    if (std::string_view("=\"\\<>").contains(c)) return std::nullopt;
    if (c == '(') ++depth;
    if (c == ')' && depth-- == 0) return std::nullopt;
  }
  return depth == 0 ? std::optional(name) : std::nullopt;
}

std::optional<std::string> undo_percent(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      bytes += text[i];
      continue;
    }
    if (i + 2 >= text.size() || hex_value(text[i + 1]) < 0 || hex_value(text[i + 2]) < 0) return std::nullopt;
    bytes += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
    i += 2;
  }
  return bytes;
}

/// charset'language'percent-encoded text, of which only the first piece carries the first two (RFC 2231 4.1).
std::optional<std::string> join_extended(const std::map<int, Spelling>& pieces) {
  std::string charset;
  std::string bytes;
  int expected = 0;
  for (const auto& [number, piece] : pieces) {
    if (number != expected++) return std::nullopt;
    std::string_view text = piece.value;
    if (!piece.percent) {
      bytes += text;
      continue;
    }
    if (number == 0) {
      const std::size_t language = text.find('\'');
      const std::size_t begin = language == text.npos ? text.npos : text.find('\'', language + 1);
      if (begin == text.npos) return std::nullopt;
      charset = text.substr(0, language);
      text.remove_prefix(begin + 1);
    }
    const std::optional<std::string> decoded = undo_percent(text);
    if (!decoded) return std::nullopt;
    bytes += *decoded;
  }
  return to_utf8(bytes, charset);
}

std::optional<std::string> value_of(const std::string& name, Pieces& pieces) {
  const bool rfc2231 = pieces.extended || !pieces.continued.empty();
  // Many readers do not know RFC 2231; for these two, both kinds must see the same value.
  if ((name == "boundary" || name == "charset") && (rfc2231 || pieces.escaped)) return std::nullopt;
  if (pieces.extended && !pieces.continued.empty()) return std::nullopt;
  if (pieces.extended) return join_extended({{0, *pieces.extended}});
  if (!pieces.continued.empty()) return join_extended(pieces.continued);
  std::string_view value = pieces.whole->value;
  if (name == "charset" && value.size() > 2 && value.starts_with('\'') && value.ends_with('\'')) {
    value = value.substr(1, value.size() - 2);
  }
  return std::string(value);
}

/// Files `spelling` under its name without the RFC 2231 suffix; false when it is there already or the suffix
/// is no number.
bool file_parameter(std::string name, Spelling spelling, bool escaped,
                    std::map<std::string, Pieces>& parameters) {
  spelling.percent = name.ends_with('*');
  if (spelling.percent) name.pop_back();
  const std::size_t star = name.find('*');
  Pieces& pieces = parameters[name.substr(0, star)];
  pieces.escaped |= escaped;
  if (star == std::string::npos) {
    std::optional<Spelling>& slot = spelling.percent ? pieces.extended : pieces.whole;
    if (slot) return false;
    slot = std::move(spelling);
    return true;
  }
  const std::string_view digits = std::string_view(name).substr(star + 1);
  constexpr std::size_t kMostDigits = 5;  // a field has no room for more pieces
  if (digits.empty() || digits.size() > kMostDigits || (digits.size() > 1 && digits[0] == '0')) return false;
  int number = 0;
  for (const char digit : digits) {
    if (!is_digit(digit)) return false;
    number = number * 10 + (digit - '0');
  }
  return pieces.continued.emplace(number, std::move(spelling)).second;
}

}  // namespace

std::string_view ContentType::parameter(std::string_view name) const {
  for (const auto& [known, value] : parameters) {
    if (known == name) return value;
  }
  return {};
}

Result<ContentType> parse_content_type(std::string_view value) {
  const auto unreadable = failure("Content-Type or Content-Disposition field cannot be read");
  Cursor cursor(value);
  ContentType result;
  cursor.skip_blanks();
  result.type = to_lower(cursor.take_while(is_token_char));
  cursor.skip_blanks();
  if (result.type.empty() && !cursor.sees(';')) return unreadable;
  if (!result.type.empty() && cursor.accept('/')) {
    cursor.skip_blanks();
    const std::string_view subtype = cursor.take_while(is_token_char);
    if (subtype.empty()) return unreadable;
    result.type += '/' + to_lower(subtype);
  }

  std::map<std::string, Pieces> parameters;
  for (;;) {
    cursor.skip_blanks();
    if (cursor.at_end()) break;
    if (!cursor.accept(';')) return unreadable;
    cursor.skip_blanks();
    std::string name = to_lower(cursor.take_while(is_token_char));
    if (name.empty()) continue;  // ";;" and a final ";" are common and harmless
    cursor.skip_blanks();
    if (!cursor.accept('=')) return unreadable;
    cursor.skip_blanks();
    Spelling spelling;
    bool escaped = false;
    if (cursor.accept('"')) {
      std::optional<std::string> inside = cursor.quoted(escaped);
      if (!inside) return unreadable;
      spelling.value = std::move(*inside);
    } else if (name == "name" || name == "filename") {
      std::optional<std::string> bare = bare_file_name(cursor.take_while([](char c) { return c != ';'; }));
      if (!bare) return unreadable;
      spelling.value = std::move(*bare);
    } else {
      spelling.value = cursor.take_while(is_bare_value_char);
      if (spelling.value.empty()) return unreadable;
    }
    if (!file_parameter(std::move(name), std::move(spelling), escaped, parameters)) return unreadable;
  }
  for (auto& [name, pieces] : parameters) {
    std::optional<std::string> joined = value_of(name, pieces);
    if (!joined) return unreadable;
    result.parameters.emplace_back(name, std::move(*joined));
  }
  return result;
}

}  // namespace privet::mime
