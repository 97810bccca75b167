#include "mime/rendition.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "mime/ascii.h"

namespace privet::mime {
namespace {

void append_utf8(std::string& text, std::uint32_t c) {
  const auto byte = [&text](std::uint32_t value) { text += static_cast<char>(value); };
  if (c < 0x80) {
    byte(c);
  } else if (c < 0x800) {
    byte(0xc0 | c >> 6), byte(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    byte(0xe0 | c >> 12), byte(0x80 | (c >> 6 & 0x3f)), byte(0x80 | (c & 0x3f));
  } else {
    byte(0xf0 | c >> 18), byte(0x80 | (c >> 12 & 0x3f)), byte(0x80 | (c >> 6 & 0x3f)),
        byte(0x80 | (c & 0x3f));
  }
}

struct Character {
  std::uint32_t value;
  std::size_t length;
};

/// The two- or three-byte character that `text` begins with: all that disguises are made of.
std::optional<Character> short_character(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto continues = [&](std::size_t i) { return i < text.size() && (at(i) & 0xc0) == 0x80; };
  if ((at(0) & 0xe0) == 0xc0 && continues(1)) return Character{(at(0) & 0x1fu) << 6 | (at(1) & 0x3fu), 2};
  if ((at(0) & 0xf0) == 0xe0 && continues(1) && continues(2)) {
    return Character{(at(0) & 0x0fu) << 12 | (at(1) & 0x3fu) << 6 | (at(2) & 0x3fu), 3};
  }
  return std::nullopt;
}

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

template <std::size_t N>
bool is_in(const std::array<Range, N>& ranges, std::uint32_t c) {
  return std::ranges::any_of(ranges, [c](const Range& range) { return c >= range.first && c <= range.last; });
}

constexpr std::array<Range, 10> kInvisible{{{0x00ad, 0x00ad},
                                            {0x034f, 0x034f},
                                            {0x061c, 0x061c},
                                            {0x115f, 0x1160},
                                            {0x180b, 0x180e},
                                            {0x200b, 0x200f},
                                            {0x202a, 0x202e},
                                            {0x2060, 0x206f},
                                            {0xfe00, 0xfe0f},
                                            {0xfeff, 0xfeff}}};
constexpr std::array<Range, 6> kExoticBlanks{{{0x00a0, 0x00a0},
                                              {0x1680, 0x1680},
                                              {0x2000, 0x200a},
                                              {0x202f, 0x202f},
                                              {0x205f, 0x205f},
                                              {0x3000, 0x3000}}};
constexpr std::array<Range, 4> kDots{
    {{0x2024, 0x2024}, {0x3002, 0x3002}, {0xfe52, 0xfe52}, {0xff61, 0xff61}}};
constexpr Range kFullWidth{0xff01, 0xff5e};
constexpr std::uint32_t kFullWidthOffset = 0xfee0;
constexpr std::uint32_t kSmallAt = 0xfe6b;

constexpr std::array<std::pair<std::string_view, std::uint32_t>, 20> kEntities{{
    {"amp", '&'},    {"lt", '<'},      {"gt", '>'},     {"quot", '"'},   {"apos", '\''},
    {"nbsp", ' '},   {"commat", '@'},  {"period", '.'}, {"lowbar", '_'}, {"plus", '+'},
    {"hyphen", '-'}, {"dash", '-'},    {"colon", ':'},  {"semi", ';'},   {"sol", '/'},
    {"shy", 0x00ad}, {"zwnj", 0x200c}, {"zwj", 0x200d}, {"lpar", '('},   {"equals", '='},
}};
constexpr std::size_t kLongestEntity = 12;

/// The reference behind an "&": its character and length without the "&".
std::optional<Character> entity(std::string_view text) {
  std::size_t at = 0;
  if (text.starts_with('#')) {
    const bool hexadecimal = text.size() > 1 && to_lower(text[1]) == 'x';
    const std::size_t digits = hexadecimal ? 2 : 1;
    std::uint32_t value = 0;
    for (at = digits; at < text.size(); ++at) {
      const int digit = hexadecimal || is_digit(text[at]) ? hex_value(text[at]) : -1;
      if (digit < 0) break;
      value = std::min<std::uint32_t>(value * (hexadecimal ? 16 : 10) + static_cast<std::uint32_t>(digit),
                                      0x110000);
    }
    if (at == digits || value == 0 || value >= 0x110000) return std::nullopt;
    return Character{value, at + (at < text.size() && text[at] == ';')};
  }
  while (at < text.size() && at < kLongestEntity && is_alnum(text[at])) ++at;
  const auto known =
      std::ranges::find(kEntities, text.substr(0, at), &std::pair<std::string_view, std::uint32_t>::first);
  if (known == kEntities.end()) return std::nullopt;
  return Character{known->second, at + (at < text.size() && text[at] == ';')};
}

std::string once_without_percent_escapes(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
      result += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else {
      result += text[i];
    }
  }
  return result;
}

/// "\n" of calendars and JSON is a blank, of other escapes the character stays.
std::string without_backslashes(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      result += text[i];
    } else {
      const char c = text[++i];
      result += std::string_view("nNrt").contains(c) ? '\n' : c;
    }
  }
  return result;
}

/// What takes the place of a tag.
std::string_view in_place_of_tag(std::string_view name) {
  constexpr std::array<std::string_view, 22> kLines{
      "br", "p",  "div", "tr", "li", "table", "hr", "blockquote", "pre", "ul",   "ol",
      "dl", "dt", "dd",  "h1", "h2", "h3",    "h4", "h5",         "h6",  "body", "title"};
  const std::string lower = to_lower(name);
  if (std::ranges::count(kLines, lower) > 0) return "\n";
  return lower == "td" || lower == "th" ? " " : "";
}

/// The index behind the tag that begins at `at`; a ">" inside a quoted attribute does not end it.
std::size_t tag_end(std::string_view html, std::size_t at) {
  char quote = 0;
  for (char before = 0; at < html.size(); ++at) {
    const char c = html[at];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '>') {
      return at + 1;
    } else if ((c == '"' || c == '\'') && before == '=') {
      quote = c;
    }
    if (!kWhitespace.contains(c)) before = c;
  }
  return at;
}

}  // namespace

std::string without_tags(std::string_view html) {
  std::string text;
  text.reserve(html.size());
  for (std::size_t at = 0; at < html.size();) {
    const char c = html[at];
    const char next = at + 1 < html.size() ? html[at + 1] : ' ';
    if (c == '<' && html.substr(at).starts_with("<!--")) {
      const std::size_t end = html.find("-->", at + 4);
      at = end == html.npos ? html.size() : end + 3;
    } else if (c == '<' && ((is_alnum(next) && !is_digit(next)) || std::string_view("/!?").contains(next))) {
      const std::size_t name = at + 1 + (next == '/');
      std::size_t name_end = name;
      while (name_end < html.size() && name_end < name + kLongestEntity && is_alnum(html[name_end]))
        ++name_end;
      text += in_place_of_tag(html.substr(name, name_end - name));
      at = tag_end(html, at);
    } else {
      text += c == '\r' || c == '\n' ? ' ' : c;
      ++at;
    }
  }
  return text;
}

std::string without_entities(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t mark = std::min(text.find('&', at), text.size());
    result += text.substr(at, mark - at);
    if (mark == text.size()) break;
    const std::optional<Character> character = entity(text.substr(mark + 1));
    if (character) {
      append_utf8(result, character->value);
    } else {
      result += '&';
    }
    at = mark + 1 + (character ? character->length : 0);
  }
  return result;
}

std::string without_percent_escapes(std::string_view text) {
  return once_without_percent_escapes(once_without_percent_escapes(text));
}

std::string without_disguise(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (!is_8bit(c)) {
      if (c >= ' ' || kWhitespace.contains(c)) result += c;
      ++at;
      continue;
    }
    const std::optional<Character> character = short_character(text.substr(at));
    const std::size_t length = character ? character->length : 1;
    if (!character) {
      result += c;
    } else if (is_in(kExoticBlanks, character->value)) {
      result += ' ';
    } else if (is_in(kDots, character->value)) {
      result += '.';
    } else if (character->value == kSmallAt) {
      result += '@';
    } else if (character->value >= kFullWidth.first && character->value <= kFullWidth.last) {
      result += static_cast<char>(character->value - kFullWidthOffset);
    } else if (!is_in(kInvisible, character->value)) {
      result += text.substr(at, length);
    }
    at += length;
  }
  return result;
}

std::string unfolded(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    if (text[i] == '\n' && i + 1 < text.size() && kBlanks.contains(text[i + 1])) {
      ++i;
      continue;
    }
    result += text[i];
  }
  return result;
}

std::vector<std::string> renditions(std::string_view text) {
  const auto undo = [](std::string_view t) {
    return without_disguise(without_percent_escapes(without_entities(t)));
  };
  std::vector<std::string> result{undo(text)};
  if (text.contains('<')) result.push_back(undo(without_tags(text)));
  if (text.contains('\\')) result.push_back(without_backslashes(result.front()));
  return result;
}

}  // namespace privet::mime
