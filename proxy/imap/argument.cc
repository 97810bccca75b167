#include "proxy/imap/argument.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "mime/ascii.h"
#include "proxy/imap/mailbox_name.h"
#include "proxy/text.h"

namespace privet::imap {
namespace {

using command::StatusItem;

constexpr std::array<std::string_view, 5> kSystemFlags{"\\Answered", "\\Deleted", "\\Draft", "\\Flagged",
                                                       "\\Seen"};
constexpr std::array<std::pair<std::string_view, StatusItem>, 7> kStatusItems{
    {{"MESSAGES", StatusItem::Messages},
     {"RECENT", StatusItem::Recent},
     {"UIDNEXT", StatusItem::UidNext},
     {"UIDVALIDITY", StatusItem::UidValidity},
     {"UNSEEN", StatusItem::Unseen},
     {"HIGHESTMODSEQ", StatusItem::HighestModSeq},
     {"SIZE", StatusItem::Size}}};
constexpr std::uint64_t kLargestModSeq = std::numeric_limits<std::int64_t>::max();  // RFC 7162 7

bool read_flag(CommandReader& reader, std::vector<std::string>& flags) {
  if (!reader.take('\\')) {
    flags.emplace_back(reader.atom());
    return !flags.back().empty();
  }
  const std::string_view name = reader.atom();
  const auto* const found = std::ranges::find_if(
      kSystemFlags, [&](std::string_view flag) { return equals_ignoring_case(name, flag.substr(1)); });
  if (found == kSystemFlags.end()) return false;
  flags.emplace_back(*found);
  return true;
}

}  // namespace

std::optional<std::string> read_mailbox(CommandReader& reader) {
  if (!reader.blank()) return std::nullopt;
  const auto wire = reader.astring();
  if (!wire) return std::nullopt;
  return decode_mailbox(*wire).value_or("");
}

std::optional<SequenceSet> read_set(CommandReader& reader) {
  if (!reader.blank()) return std::nullopt;
  return SequenceSet::parse(reader.take_while(is_set_char));
}

std::optional<std::vector<std::string>> read_flags(CommandReader& reader, bool bare) {
  if (!reader.blank()) return std::nullopt;
  std::vector<std::string> flags;
  if (reader.peek() == '(') {
    const bool read = reader.list(0, [&] { return read_flag(reader, flags); });
    return read ? std::optional(std::move(flags)) : std::nullopt;
  }
  if (!bare) return std::nullopt;
  do {
    if (!read_flag(reader, flags)) return std::nullopt;
  } while (reader.blank());
  return flags;
}

std::optional<std::vector<StatusItem>> read_status_items(CommandReader& reader) {
  std::vector<StatusItem> items;
  const auto item = [&] {
    const std::string_view name = reader.atom();
    const auto* const found = std::ranges::find_if(
        kStatusItems, [&](const auto& known) { return equals_ignoring_case(name, known.first); });
    if (found == kStatusItems.end()) return false;
    if (std::ranges::find(items, found->second) == items.end()) items.push_back(found->second);
    return true;
  };
  if (!reader.blank() || !reader.list(1, item)) return std::nullopt;
  return items;
}

std::optional<std::uint64_t> read_modifier(CommandReader& reader, std::string_view name,
                                           std::uint64_t least) {
  std::optional<std::uint64_t> value;
  const auto modifier = [&] {
    if (value || !reader.word(name) || !reader.blank()) return false;
    value = reader.number(kLargestModSeq);
    return value && *value >= least;
  };
  if (!reader.list(1, modifier)) return std::nullopt;
  return value;
}

}  // namespace privet::imap
