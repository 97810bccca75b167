#include "mime/charset.h"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <utility>

#include "mime/ascii.h"

namespace privet::mime {
namespace {

constexpr std::size_t kCharsetNameBytes = 40;  // RFC 2978 2.3
constexpr std::size_t kOpenConverters = 64;    // per thread; more charsets than one mail can honestly hold

bool is_name_character(char c) {
  return is_alnum(c) || std::string_view("-_.:+()").contains(c);
}

// Names that mail uses for a wider charset than the name says, or that iconv does not know.
constexpr std::pair<std::string_view, std::string_view> kAliases[] = {
    {"gb2312", "gb18030"},          {"gbk", "gb18030"},  {"ks_c_5601-1987", "cp949"}, {"euc-kr", "cp949"},
    {"iso-8859-8-i", "iso-8859-8"}, {"x-sjis", "cp932"}, {"shift_jis", "cp932"},      {"big5", "big5-hkscs"},
    {"x-mac-roman", "macintosh"},   {"cp-850", "cp850"}, {"win-1251", "cp1251"},
};

// Charsets whose byte order only a mark tells, and what iconv calls them with the order.
constexpr std::pair<std::string_view, std::string_view> kUnordered[] = {
    {"utf-16", "utf-16"},
    {"utf16", "utf-16"},
    {"ucs-2", "utf-16"},
    {"ucs2", "utf-16"},
    {"iso-10646-ucs-2", "utf-16"},
    {"csunicode", "utf-16"},
    {"unicode", "utf-16"},
    {"utf-32", "utf-32"},
    {"utf32", "utf-32"},
    {"ucs-4", "utf-32"},
    {"ucs4", "utf-32"},
    {"iso-10646-ucs-4", "utf-32"},
};

/// The byte order that a mark of "utf-16" or "utf-32" (`base`) tells, as in iconv's names, and the mark's
/// length; empty without a mark.
std::pair<std::string_view, std::size_t> marked_order(std::string_view bytes, std::string_view base) {
  const bool wide = base == "utf-32";
  const std::string_view big = wide ? std::string_view("\0\0\xfe\xff", 4) : "\xfe\xff";
  const std::string_view little = wide ? std::string_view("\xff\xfe\0\0", 4) : "\xff\xfe";
  if (bytes.starts_with(big)) return {"be", big.size()};
  if (bytes.starts_with(little)) return {"le", little.size()};
  return {};
}

std::string read_as_utf8(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const std::size_t length = utf8_length(bytes);
    text += length > 0 ? bytes.substr(0, length) : kReplacement;
    bytes.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return text;
}

class Converter {
 public:
  explicit Converter(const std::string& charset) : handle_(iconv_open("UTF-8", charset.c_str())) {}
  ~Converter() {
    if (is_open()) iconv_close(handle_);
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;

  bool is_open() const { return handle_ != reinterpret_cast<iconv_t>(-1); }

  std::string convert(std::string_view bytes) const {
    std::string text;
    std::array<char, 4096> buffer;
    iconv(handle_, nullptr, nullptr, nullptr, nullptr);  // forgets the shift state of the last text
    char* in = const_cast<char*>(bytes.data());          // iconv's signature; it does not write there
    std::size_t left = bytes.size();
    for (bool flushing = false;;) {
      char* out = buffer.data();
      std::size_t room = buffer.size();
      const std::size_t status = iconv(handle_, flushing ? nullptr : &in, &left, &out, &room);
      const int error = status == static_cast<std::size_t>(-1) ? errno : 0;
      text.append(buffer.data(), buffer.size() - room);
      if (error == E2BIG) continue;
      if (error == 0 && flushing) return text;
      if (error == 0) {
        flushing = true;
        continue;
      }
      text += kReplacement;
      if (flushing || left == 0) return text;
      if (error == EINVAL) left = 1;  // a character cut off by the end
      ++in;
      --left;
    }
  }

 private:
  iconv_t handle_;
};

// Opening one loads a module, up to 0.2 ms; a list of a thousand names in two charsets must not do so for
// each. nullptr for an unknown charset.
const Converter* converter_for(const std::string& charset) {
  thread_local std::map<std::string, Converter> open;
  auto found = open.find(charset);
  if (found == open.end()) {
    if (open.size() == kOpenConverters) open.clear();
    found = open.try_emplace(charset, charset).first;
  }
  if (found->second.is_open()) return &found->second;
  open.erase(found);
  return nullptr;
}

}  // namespace

std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto is_tail = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
  if (text.empty()) return 0;
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return text.size() >= 2 && is_tail(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if (text.size() < 3 || !is_tail(1) || !is_tail(2)) return 0;
    const bool overlong = lead == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = lead == 0xED && byte(1) >= 0xA0;
    return overlong || surrogate ? 0 : 3;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if (text.size() < 4 || !is_tail(1) || !is_tail(2) || !is_tail(3)) return 0;
    const bool overlong = lead == 0xF0 && byte(1) < 0x90;
    const bool too_high = lead == 0xF4 && byte(1) >= 0x90;
    return overlong || too_high ? 0 : 4;
  }
  return 0;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::optional<std::string> to_utf8(std::string_view bytes, std::string_view charset) {
  std::string name = to_lower(charset);
  if (name.empty() || name == "us-ascii" || name == "ascii" || name == "utf-8" || name == "utf8") {
    return read_as_utf8(bytes);
  }
  // Slashes and commas would be options and paths to iconv.
  if (name.size() > kCharsetNameBytes || !std::ranges::all_of(name, is_name_character)) return std::nullopt;
  const auto* alias =
      std::ranges::find(kAliases, name, &std::pair<std::string_view, std::string_view>::first);
  if (alias != std::end(kAliases)) name = alias->second;
  const auto* unordered =
      std::ranges::find(kUnordered, name, &std::pair<std::string_view, std::string_view>::first);
  if (unordered != std::end(kUnordered)) {
    const std::string base(unordered->second);
    const auto [order, mark] = marked_order(bytes, base);
    if (!order.empty()) return to_utf8(bytes.substr(mark), base + std::string(order));
    const auto big = to_utf8(bytes, base + "be");
    const auto little = to_utf8(bytes, base + "le");
    return big && little ? std::optional(*big + "\n" + *little) : std::nullopt;
  }
  const Converter* const converter = converter_for(name);
  if (converter == nullptr) return std::nullopt;
  std::string text = converter->convert(bytes);
  // glibc's own UTF-8, reached by odd spellings such as "utf(8", lets five-byte characters pass.
  return is_utf8(text) ? std::move(text) : read_as_utf8(text);
}

}  // namespace privet::mime
