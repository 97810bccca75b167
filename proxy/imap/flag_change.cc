#include "proxy/imap/flag_change.h"

#include <algorithm>

#include "mime/ascii.h"
#include "proxy/imap/fetch_plan.h"
#include "proxy/limits.h"
#include "proxy/text.h"

namespace privet::imap {
namespace {

constexpr std::string_view kNewKeywords = "\\*";

bool has(const auto& flags, std::string_view wanted) {
  return std::ranges::any_of(flags,
                             [&](std::string_view flag) { return mime::equals_ignoring_case(flag, wanted); });
}

bool is_own(std::string_view flag) {
  return mime::equals_ignoring_case(flag, kPrivateKeyword);
}

/// A client has names for these: the system flags of RFC 3501, and keywords.
bool has_name(std::string_view flag) {
  return !flag.starts_with('\\') || has(kSystemFlags, flag);
}

}  // namespace

std::vector<std::string> settable(std::span<const std::string> flags) {
  std::vector<std::string> kept(flags.begin(), flags.end());
  std::erase_if(kept, is_own);
  return kept;
}

bool are_too_many(std::span<const std::string> flags) {
  std::size_t octets = 0;
  for (const std::string& flag : flags) octets += flag.size() + 1;
  return octets > limits::kImapFlags;
}

FlagChange flag_change(const command::Store& store, std::span<const std::string> present) {
  using Mode = command::Store::Mode;
  std::vector<std::string> wanted = settable(store.flags);
  if (store.mode == Mode::Remove) return {.remove = std::move(wanted)};
  FlagChange change{.add = std::move(wanted)};
  if (store.mode == Mode::Add) return change;
  for (const std::string& flag : present) {
    if (has_name(flag) && !is_own(flag) && !has(change.add, flag) && !has(change.remove, flag))
      change.remove.push_back(flag);
  }
  return change;
}

std::vector<std::string> permanent_flags(std::optional<std::string_view> said,
                                         std::span<const std::string> keywords) {
  std::vector<std::string> all(kSystemFlags.begin(), kSystemFlags.end());
  for (const std::string& keyword : keywords) {
    if (!is_own(keyword)) all.push_back(keyword);
  }
  if (!said) return all;
  std::vector<std::string_view> upstream;
  std::string_view rest = *said;
  if (rest.starts_with('(')) rest.remove_prefix(1);
  if (rest.ends_with(')')) rest.remove_suffix(1);
  while (!rest.empty()) upstream.push_back(take_until(rest, ' '));
  std::erase_if(all, [&](const std::string& flag) { return !has(upstream, flag); });
  if (has(upstream, kNewKeywords)) all.emplace_back(kNewKeywords);
  return all;
}

}  // namespace privet::imap
