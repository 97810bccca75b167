#include "mime/encoded_word.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "mime/ascii.h"
#include "mime/charset.h"

namespace privet::mime {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

// RFC 2047 2: what may stand in the name of a charset and, behind "*", of a language (RFC 2231 5).
bool is_token(std::string_view text) {
  constexpr std::string_view kEspecials = "()<>@,;:\"/[]?.=";
  return std::ranges::all_of(text, [&](char c) { return c > ' ' && c < '\x7F' && !kEspecials.contains(c); });
}

std::optional<unsigned> base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  if (c == '/') return 63;
  return std::nullopt;
}

std::string decode_q(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '=' && i + 2 < text.size()) {
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high >= 0 && low >= 0) {
        bytes += static_cast<char>(high * 16 + low);
        i += 2;
        continue;
      }
    }
    bytes += text[i] == '_' ? ' ' : text[i];
  }
  return bytes;
}

// Padding may be missing. Text behind padding is decoded as a new run, as some readers do; others stop there
// or skip it, and so `clean` becomes false, as it does for what is not in the alphabet.
std::string decode_b(std::string_view text, bool& clean) {
  std::string bytes;
  unsigned bits = 0;
  int count = 0;
  bool padded = false;
  for (const char c : text) {
    const std::optional<unsigned> digit = base64_digit(c);
    if (digit) {
      if (padded) clean = false;
      bits = (bits << 6 | *digit) & 0xFFFFFF;
      count += 6;
      if (count >= 8) {
        count -= 8;
        bytes += static_cast<char>(bits >> count & 0xFF);
      }
    } else if (c == '=') {
      padded = true;
      count = 0;
    } else if (!is_blank(c)) {
      clean = false;
    }
  }
  return bytes;
}

// True for text that holds "=?charset?q?...?=". Linear: the second "?" is no further than the next "=?".
bool holds_word(std::string_view text) {
  const std::size_t end = text.rfind("?=");
  for (std::size_t at = text.find("=?"); at < end && end != text.npos; at = text.find("=?", at + 1)) {
    const std::size_t mark = std::min(text.find('?', at + 2), text.size());
    const std::string_view head = text.substr(mark, 3);
    if (head.size() == 3 && head[2] == '?' && std::string_view("qb").contains(to_lower(head[1])) &&
        end >= mark + 3) {
      return true;
    }
  }
  return false;
}

// What raw 8-bit bytes are in that are no UTF-8; every superset of ASCII finds the same words in ASCII.
constexpr std::string_view kRawCharset = "windows-1252";

struct Word {
  std::string_view charset;
  std::string bytes;
};

// Reads the encoded words of one unfolded value from left to right; adjacent ones are held back until their
// run ends.
class Decoder {
 public:
  explicit Decoder(std::string_view value) : value_(value) {}

  DecodedText run() {
    while (at_ < value_.size()) {
      const std::size_t start = std::min(value_.find("=?", at_), value_.size());
      add_raw(value_.substr(at_, start - at_));
      at_ = start;
      if (start < value_.size() && !read_word()) {
        add_raw(value_.substr(start, 1));
        ++at_;
      }
    }
    end_words();
    flush_raw();
    // Some readers decode once more what they have decoded.
    if (holds_word(result_.text)) result_.complete = false;
    return std::move(result_);
  }

 private:
  // True when an encoded word was read at at_.
  bool read_word() {
    const std::size_t charset_end = std::min(value_.find('?', at_ + 2), value_.size());
    const std::string_view head = value_.substr(charset_end, 3);
    if (head.size() < 3 || head[2] != '?') return false;
    const char encoding = to_lower(head[1]);
    const bool known = charset_end > at_ + 2 && (encoding == 'q' || encoding == 'b');
    const std::size_t text_begin = charset_end + 3;
    const std::size_t text_end = known ? find_end(text_begin) : std::string_view::npos;
    if (text_end == std::string_view::npos) {
      result_.complete = false;
      return false;
    }
    const std::string_view charset = value_.substr(at_ + 2, charset_end - at_ - 2);
    const std::string_view text = value_.substr(text_begin, text_end - text_begin);
    // One reader begins a word at the first "=?", another at the last before the "?="; and where the charset
    // is no token, a strict reader shows what a lax one swallows: "=?utf-8*a@x?q?b?=".
    if (text.contains("=?") || !is_token(charset)) result_.complete = false;
    start_word(charset.substr(0, charset.find('*')),  // RFC 2231 5: a language may follow
               encoding == 'q' ? decode_q(text) : decode_b(text, result_.complete));
    at_ = text_end + 2;
    return true;
  }

  // Remembers that there is no further end, so that many openings stay linear.
  std::size_t find_end(std::size_t from) {
    if (ended_) return std::string_view::npos;
    const std::size_t end = value_.find("?=", from);
    ended_ = end == std::string_view::npos;
    return end;
  }

  void start_word(std::string_view charset, std::string bytes) {
    if (words_.empty()) flush_raw();
    raw_.clear();  // RFC 2047 6.2: blanks between adjacent encoded words are not shown
    if (!words_.empty() && !equals_ignoring_case(words_.front().charset, charset)) end_words();
    words_.push_back({charset, std::move(bytes)});
  }

  void add_raw(std::string_view text) {
    if (!words_.empty() && !std::ranges::all_of(text, is_blank)) end_words();
    raw_ += text;
  }

  void flush_raw() {
    const std::string text = *to_utf8(raw_, is_utf8(raw_) ? "utf-8" : kRawCharset);
    if (text.contains(kReplacement) && text != raw_) result_.complete = false;
    result_.text += text;
    raw_.clear();
  }

  // Converts the held words, each alone as most readers do, or joined where a character was split between
  // them.
  void end_words() {
    if (words_.empty()) return;
    std::string joined;
    std::string text;
    for (const Word& word : words_) {
      joined += word.bytes;
      text += convert(word.bytes, word.charset);
    }
    // U+FFFD that was there before, from an older accident, is not an error of ours.
    const auto is_damaged = [&] { return text.contains(kReplacement) && text != joined; };
    if (words_.size() > 1 && is_damaged()) text = convert(joined, words_.front().charset);
    if (is_damaged()) result_.complete = false;
    result_.text += text;
    words_.clear();
  }

  // An unknown charset most likely contains ASCII, so that at least this much can be matched.
  std::string convert(std::string_view bytes, std::string_view charset) {
    std::optional<std::string> text = to_utf8(bytes, charset);
    if (text) return *std::move(text);
    result_.complete = false;
    return *to_utf8(bytes, "utf-8");
  }

  const std::string_view value_;
  std::size_t at_ = 0;
  bool ended_ = false;
  std::string raw_;          // text since the last word
  std::vector<Word> words_;  // the current run, all of one charset
  DecodedText result_;
};

}  // namespace

DecodedText decode_header_text(std::string_view value) {
  std::string unfolded;
  unfolded.reserve(value.size());
  std::ranges::copy_if(value, std::back_inserter(unfolded), [](char c) { return c != '\r' && c != '\n'; });
  return Decoder(unfolded).run();
}

}  // namespace privet::mime
