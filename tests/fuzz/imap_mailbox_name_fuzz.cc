// A name has one spelling: what is decoded is encoded as it came, and the other way about. A pattern matches
// what a matcher that tries everything says. The input is a pattern, LF and a name.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "mime/charset.h"
#include "proxy/imap/mailbox_name.h"

namespace {

using namespace privet::imap;

constexpr std::size_t kShort = 10;  // trying everything takes exponential time
constexpr char kDelimiter = '/';

bool matches_simply(std::string_view pattern, std::string_view name) {
  if (pattern.empty()) return name.empty();
  const bool any = pattern.front() == '*';
  if (!any && pattern.front() != '%') {
    return !name.empty() && pattern.front() == name.front() &&
           matches_simply(pattern.substr(1), name.substr(1));
  }
  if (matches_simply(pattern.substr(1), name)) return true;
  return !name.empty() && (any || name.front() != kDelimiter) && matches_simply(pattern, name.substr(1));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (const auto name = decode_mailbox(input)) {
    if (!privet::mime::is_utf8(*name)) __builtin_trap();
    const auto wire = encode_mailbox(*name);
    if (!wire || (*wire != input && !is_inbox(input)) || decode_mailbox(*wire) != name) __builtin_trap();
  }
  if (const auto wire = encode_mailbox(input)) {
    for (const char c : *wire) {
      if (c < ' ' || c > '~') __builtin_trap();
    }
    if (decode_mailbox(*wire) != input && !is_inbox(input)) __builtin_trap();
  }
  const std::size_t end = input.find('\n');
  if (end == std::string_view::npos || end > kShort || size - end - 1 > kShort) return 0;
  const std::string_view pattern = input.substr(0, end);
  const std::string_view name = input.substr(end + 1);
  if (is_inbox(name)) return 0;
  if (matches_pattern(pattern, name, kDelimiter) != matches_simply(pattern, name)) __builtin_trap();
  return 0;
}
