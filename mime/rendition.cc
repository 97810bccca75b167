#include "mime/rendition.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "mime/address_scan.h"
#include "mime/ascii.h"
#include "mime/html.h"

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

/// The character of more than one byte that `text` begins with.
std::optional<Character> long_character(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t length = (at(0) & 0xe0) == 0xc0   ? 2
                             : (at(0) & 0xf0) == 0xe0 ? 3
                             : (at(0) & 0xf8) == 0xf0 ? 4
                                                      : 0;
  if (length == 0 || text.size() < length) return std::nullopt;
  std::uint32_t value = at(0) & (0x7fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xc0) != 0x80) return std::nullopt;
    value = value << 6 | (at(i) & 0x3fu);
  }
  return Character{value, length};
}

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

template <std::size_t N>
bool is_in(const std::array<Range, N>& ranges, std::uint32_t c) {
  return std::ranges::any_of(ranges, [c](const Range& range) { return c >= range.first && c <= range.last; });
}

constexpr std::array<Range, 15> kInvisible{{{0x0080, 0x009f},
                                            {0x00ad, 0x00ad},
                                            {0x034f, 0x034f},
                                            {0x061c, 0x061c},
                                            {0x115f, 0x1160},
                                            {0x180b, 0x180f},
                                            {0x200b, 0x200f},
                                            {0x202a, 0x202e},
                                            {0x2060, 0x206f},
                                            {0x3164, 0x3164},
                                            {0xfe00, 0xfe0f},
                                            {0xfeff, 0xfeff},
                                            {0xfff9, 0xfffb},
                                            {0xe0000, 0xe007f},
                                            {0xe0100, 0xe01ef}}};
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

using Entity = std::pair<std::string_view, std::uint32_t>;
constexpr auto kEntities = std::to_array<Entity>({
    {"amp", '&'},
    {"AMP", '&'},
    {"lt", '<'},
    {"LT", '<'},
    {"gt", '>'},
    {"GT", '>'},
    {"quot", '"'},
    {"QUOT", '"'},
    {"apos", '\''},
    {"nbsp", ' '},
    {"NonBreakingSpace", ' '},
    {"ensp", ' '},
    {"emsp", ' '},
    {"thinsp", ' '},
    {"ThinSpace", ' '},
    {"hairsp", ' '},
    {"Tab", ' '},
    {"NewLine", '\n'},
    {"commat", '@'},
    {"period", '.'},
    {"lowbar", '_'},
    {"UnderBar", '_'},
    {"plus", '+'},
    {"hyphen", '-'},
    {"dash", '-'},
    {"colon", ':'},
    {"semi", ';'},
    {"comma", ','},
    {"sol", '/'},
    {"percnt", '%'},
    {"lpar", '('},
    {"rpar", ')'},
    {"equals", '='},
    {"shy", 0x00ad},
    {"zwnj", 0x200c},
    {"zwj", 0x200d},
    {"lrm", 0x200e},
    {"rlm", 0x200f},
    {"ZeroWidthSpace", 0x200b},
    {"NoBreak", 0x2060},
    {"af", 0x2061},
    {"ApplyFunction", 0x2061},
    {"it", 0x2062},
    {"InvisibleTimes", 0x2062},
    {"ic", 0x2063},
    {"InvisibleComma", 0x2063},
});
// Browsers read these also where letters follow without a semicolon.
constexpr auto kBareEntities = std::to_array<Entity>(
    {{"shy", 0x00ad}, {"nbsp", ' '}, {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}});
constexpr std::size_t kLongestEntity = 32;  // "CounterClockwiseContourIntegral;"

std::size_t name_length(std::string_view text) {
  const std::string_view start = text.substr(0, kLongestEntity);
  return static_cast<std::size_t>(std::ranges::find_if_not(start, is_alnum) - start.begin());
}

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
  at = name_length(text);
  const std::string_view name = text.substr(0, at);
  if (const auto known = std::ranges::find(kEntities, name, &Entity::first); known != kEntities.end())
    return Character{known->second, at + (at < text.size() && text[at] == ';')};
  const auto is_bare = [name](const Entity& bare) { return name.starts_with(bare.first); };
  if (const auto known = std::ranges::find_if(kBareEntities, is_bare); known != kBareEntities.end())
    return Character{known->second, known->first.size()};
  return std::nullopt;
}

std::string once_without_percent_escapes(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t mark = std::min(text.find('%', at), text.size());
    result += text.substr(at, mark - at);
    if (mark == text.size()) break;
    const bool escaped =
        mark + 2 < text.size() && hex_value(text[mark + 1]) >= 0 && hex_value(text[mark + 2]) >= 0;
    result += escaped ? static_cast<char>(hex_value(text[mark + 1]) * 16 + hex_value(text[mark + 2])) : '%';
    at = mark + (escaped ? 3 : 1);
  }
  return result;
}

/// ASCII that is shown, and line breaks.
bool is_plain(char c) {
  return (c >= ' ' && c != '\x7f') || c == '\n' || c == '\r' || c == '\t';
}

/// "\40 " of CSS, "\u0040" of JSON, "\x40" of scripts, "\'40" of RTF; other backslashes go.
std::string without_hexadecimal_escapes(std::string_view text) {
  constexpr std::size_t kMostDigits = 6;
  std::string result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t mark = std::min(text.find('\\', at), text.size());
    result += text.substr(at, mark - at);
    if (mark == text.size()) break;
    at = mark + 1;
    std::size_t most = kMostDigits;
    if (at < text.size() && std::string_view("ux'").contains(text[at])) most = text[at++] == 'u' ? 4 : 2;
    std::uint32_t value = 0;
    const std::size_t begin = at;
    for (; at < text.size() && at - begin < most && hex_value(text[at]) >= 0; ++at)
      value = value * 16 + static_cast<std::uint32_t>(hex_value(text[at]));
    if (at - begin >= 2) append_utf8(result, value);
    if (at - begin < 2) at = begin;
    if (most == kMostDigits && at > begin && at < text.size() && text[at] == ' ') ++at;
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

}  // namespace

std::string without_entities(std::string_view text, std::optional<std::string_view> unknown) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t mark = std::min(text.find('&', at), text.size());
    result += text.substr(at, mark - at);
    if (mark == text.size()) break;
    const std::string_view rest = text.substr(mark + 1);
    at = mark + 1;
    if (const std::optional<Character> character = entity(rest)) {
      append_utf8(result, character->value);
      at += character->length;
    } else if (const std::size_t name = name_length(rest);
               unknown && name > 0 && name < rest.size() && rest[name] == ';') {
      result += *unknown;
      at += name + 1;
    } else {
      result += '&';
    }
  }
  return result;
}

std::string without_percent_escapes(std::string_view text) {
  if (!text.contains('%')) return std::string(text);
  return once_without_percent_escapes(once_without_percent_escapes(text));
}

std::string without_disguise(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), is_plain);
    const auto plain = static_cast<std::size_t>(end - text.begin());
    result += text.substr(at, plain - at);
    at = plain;
    if (at == text.size()) break;
    const char c = text[at];
    if (!is_8bit(c)) {
      ++at;
      continue;
    }
    const std::optional<Character> character = long_character(text.substr(at));
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

std::string unflowed(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    std::string_view line = text.substr(at, end - at);
    at = end;
    const std::string_view content = line.substr(0, line.find_last_not_of("\r\n") + 1);
    if (!content.ends_with(' ') || content.size() == line.size()) {
      result += line;
      continue;
    }
    result += content.substr(0, content.size() - 1);
    while (at < text.size() && text[at] == '>') ++at;
    if (at < text.size() && text[at] == ' ') ++at;
  }
  return result;
}

namespace {

std::string undo_escapes(std::string_view text, std::optional<std::string_view> unknown = std::nullopt) {
  return without_disguise(without_percent_escapes(without_entities(text, unknown)));
}

}  // namespace

std::vector<std::string> renditions(std::string_view text) {
  std::vector<std::string> result{undo_escapes(text)};
  if (text.contains('<')) result.push_back(undo_escapes(without_tags(text)));
  if (text.contains('\\')) result.push_back(without_backslashes(result.front()));
  return result;
}

bool any_rendition(std::string_view text, const std::function<bool(std::string_view)>& test) {
  const auto test_undone = [&](const std::string& shown,
                               std::optional<std::string_view> unknown = std::nullopt) {
    return may_name_somebody(shown) && test(undo_escapes(shown, unknown));
  };
  const std::string plain = undo_escapes(text);
  if (plain != text && test(plain)) return true;
  if (text.contains('<') && test_undone(without_tags(text))) return true;
  if (text.contains('\\') && (test(without_backslashes(plain)) || test(without_hexadecimal_escapes(plain))))
    return true;
  if (!text.contains('<') && !text.contains('&')) return false;
  return test_undone(without_tags(text, Tags::Nothing), "") ||
         test_undone(without_tags(text, Tags::Blank), " ");
}

}  // namespace privet::mime
