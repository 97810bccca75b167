#include "proxy/imap/keywords.h"

#include <algorithm>

#include "mime/ascii.h"
#include "proxy/limits.h"

namespace privet::imap {

bool Keywords::learn(std::span<const std::string_view> flags) {
  bool learnt = false;
  for (const std::string_view flag : flags) {
    if (flag.empty() || flag.front() == '\\') continue;
    const auto is_it = [&](const std::string& known) { return mime::equals_ignoring_case(known, flag); };
    if (std::ranges::any_of(all_, is_it) || flag.size() >= limits::kImapKeywords - octets_) continue;
    octets_ += flag.size() + 1;
    all_.emplace_back(flag);
    learnt = true;
  }
  return learnt;
}

}  // namespace privet::imap
