#include "proxy/imap/selection.h"

#include <algorithm>

namespace privet::imap {
namespace {

Selection resolve_uids(const View& view, const SequenceSet& set) {
  const std::uint32_t star = view.uid(view.exists()).value_or(view.uid_next());
  Selection selection;
  for (const Range& uids : set.resolve(star)) {
    const Range numbers{view.count_to(uids.first - 1) + 1, view.count_to(uids.last)};
    if (numbers.first > numbers.last) continue;
    if (!selection.empty() && selection.back().last + 1 == numbers.first) {
      selection.back().last = numbers.last;
    } else {
      selection.push_back(numbers);
    }
  }
  return selection;
}

Bitmap without_leaving(const View& view, Bitmap bits) {
  if (view.expunges_due()) bits -= view.leaving();
  return bits;
}

}  // namespace

std::optional<Selection> resolve(const View& view, const SequenceSet& set, Numbering numbering) {
  if (numbering == Numbering::Uid) return resolve_uids(view, set);
  if (set.largest() > view.exists() || view.exists() == 0) return std::nullopt;
  return set.resolve(view.exists());
}

Selection clip(const View& view, const SequenceSet& set, Numbering numbering) {
  if (numbering == Numbering::Uid) return resolve_uids(view, set);
  Selection selection;
  for (const Range& numbers : set.resolve(view.exists())) {
    if (numbers.first > view.exists()) break;
    selection.push_back({numbers.first, std::min(numbers.last, view.exists())});
  }
  return selection;
}

std::size_t count(const Selection& selection) {
  std::size_t found = 0;
  for (const Range& numbers : selection) found += std::size_t{numbers.last} - numbers.first + 1;
  return found;
}

std::vector<Message> messages(const View& view, const Selection& selection) {
  std::vector<Message> found;
  found.reserve(count(selection));
  for (const Range& numbers : selection) {
    const std::vector<Message> more = view.messages(numbers);
    found.insert(found.end(), more.begin(), more.end());
  }
  return found;
}

SequenceSet upstream_set(const View& view, const Selection& selection) {
  SequenceSet set;
  for (const Range& numbers : selection) {
    const std::vector<Range> more = view.upstream_ranges(numbers);
    set.ranges.insert(set.ranges.end(), more.begin(), more.end());
  }
  return set;
}

std::vector<std::uint32_t> uids_of(std::span<const Message> messages) {
  std::vector<std::uint32_t> uids;
  uids.reserve(messages.size());
  for (const Message& message : messages) uids.push_back(message.uid);
  return uids;
}

Bitmap bits(const View& view, const Selection& selection) {
  Bitmap bits(view.exists());
  for (const Range& numbers : selection) bits.set(std::size_t{numbers.first} - 1, numbers.last);
  return bits;
}

Bitmap bits_of_uids(const View& view, std::span<const std::uint32_t> uids) {
  Bitmap bits(view.exists());
  for (const std::uint32_t uid : uids) {
    if (const auto number = view.number(uid)) bits.set(*number - 1);
  }
  return without_leaving(view, std::move(bits));
}

Bitmap bits_of_uids(const View& view, std::span<const Range> uids) {
  Bitmap bits(view.exists());
  for (const Range& range : uids) {
    if (range.first > 0) bits.set(view.count_to(range.first - 1), view.count_to(range.last));
  }
  return without_leaving(view, std::move(bits));
}

}  // namespace privet::imap
