#include "proxy/imap/view.h"

#include <algorithm>
#include <functional>

namespace privet::imap {
namespace {

constexpr std::uint32_t kHighest = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t kFewTombstones = 64;  // not worth a copy of the rest

std::uint32_t after(std::uint32_t uid) {
  return uid == kHighest ? kHighest : uid + 1;
}

// A note is packed as the mark, and the change of size above it, counted from the least that fits.
constexpr std::uint16_t kMark = 1;
constexpr std::int32_t kLeastChange = -(1 << 14);
constexpr std::uint16_t kChanges = (1 << 15) - 1;  // that fit; this one says that it stands elsewhere

/// More room by an eighth only: doubling would break the promise of 8 bytes a message.
template <class Number>
void reserve(std::vector<Number>& numbers, std::size_t size) {
  if (size > numbers.capacity()) numbers.reserve(std::max(size, numbers.size() + numbers.size() / 8));
}

}  // namespace

std::size_t View::index_of(std::uint32_t uid) const {
  return static_cast<std::size_t>(std::ranges::lower_bound(uids_, uid) - uids_.begin());
}

bool View::append(std::span<const std::uint32_t> uids) {
  if (uids.empty()) return true;
  const std::uint32_t last = uids_.empty() ? 0 : uids_.back();
  if (uids.front() <= last || std::ranges::adjacent_find(uids, std::greater_equal{}) != uids.end())
    return false;
  reserve(uids_, uids_.size() + uids.size());
  uids_.insert(uids_.end(), uids.begin(), uids.end());
  alive_.append(uids.size(), true);
  return true;
}

std::optional<std::uint32_t> View::upstream_uid(std::uint32_t upstream_number) const {
  if (upstream_number == 0 || upstream_number > alive_.count()) return std::nullopt;
  return uids_[alive_.select(upstream_number - 1)];
}

std::optional<std::uint32_t> View::expunge(std::uint32_t upstream_number) {
  const auto uid = upstream_uid(upstream_number);
  if (uid) vanish(*uid, *uid);
  return uid;
}

void View::vanish(std::uint32_t first, std::uint32_t last) {
  for (std::size_t i = alive_.next(index_of(first)); i < uids_.size() && uids_[i] <= last;
       i = alive_.next(i + 1)) {
    remove(i);
  }
  drop_tombstones();
}

View::Difference View::resynchronise(std::vector<std::uint32_t> uids) {
  std::ranges::sort(uids);
  uids.erase(uids.begin(), std::ranges::upper_bound(uids, 0u));
  const auto repeated = std::ranges::unique(uids);
  uids.erase(repeated.begin(), repeated.end());

  Difference difference;
  std::size_t next = 0;
  for (std::size_t i = 0; i < uids_.size(); ++i) {
    for (; next < uids.size() && uids[next] < uids_[i]; ++next) difference.arrived.push_back(uids[next]);
    if (next < uids.size() && uids[next] == uids_[i]) {
      alive_.set(i);
      ++next;
    } else if (alive_.test(i)) {
      difference.vanished.push_back(uids_[i]);
      remove(i);
    }
  }
  if (!difference.arrived.empty()) rebuild(difference.arrived);
  const std::span<const std::uint32_t> above = std::span(uids).subspan(next);
  append(above);
  difference.arrived.insert(difference.arrived.end(), above.begin(), above.end());
  drop_tombstones();
  return difference;
}

std::vector<std::uint32_t> View::unclassified(std::size_t limit) const {
  std::vector<std::uint32_t> found;
  for (std::size_t i = alive_.next(frontier()); i < uids_.size() && found.size() < limit;
       i = alive_.next(i + 1))
    found.push_back(uids_[i]);
  return found;
}

bool View::classify(std::uint32_t uid, bool visible, Note note) {
  while (frontier() < uids_.size() && !alive_.test(frontier())) extend_frontier(false, 0);
  if (frontier() == uids_.size() || uids_[frontier()] > uid) return true;
  if (uids_[frontier()] < uid) return false;
  extend_frontier(visible, visible ? pack(uid, note) : 0);
  return true;
}

void View::extend_frontier(bool shown, std::uint16_t note) {
  shown_.push_back(shown);
  leaving_.push_back(false);
  reserve(notes_, notes_.size() + 1);
  notes_.push_back(note);
}

std::uint16_t View::pack(std::uint32_t uid, Note note) {
  const std::int64_t change = std::int64_t{note.size_change} - kLeastChange;
  const bool fits = change >= 0 && change < kChanges;
  if (!fits) large_changes_[uid] = note.size_change;
  const auto packed = static_cast<std::uint16_t>(fits ? change : kChanges);
  return static_cast<std::uint16_t>(packed << 1 | (note.marked_private ? kMark : 0));
}

std::optional<Note> View::note(std::uint32_t uid) const {
  const std::size_t index = index_of(uid);
  if (index >= frontier() || uids_[index] != uid || !shown_.test(index)) return std::nullopt;
  const std::uint16_t packed = notes_[index];
  const bool elsewhere = packed >> 1 == kChanges;
  return Note{.size_change = elsewhere ? large_changes_.at(uid) : (packed >> 1) + kLeastChange,
              .marked_private = (packed & kMark) != 0};
}

bool View::hide(std::uint32_t uid) {
  const std::size_t index = index_of(uid);
  if (index == uids_.size() || uids_[index] != uid || !shown_.test(index) || leaving_.test(index))
    return false;
  withdraw(index);
  return true;
}

bool View::mark(std::uint32_t uid, bool marked_private) {
  const auto now = note(uid);
  if (!now || now->marked_private == marked_private) return false;
  notes_[index_of(uid)] ^= kMark;
  return true;
}

void View::reconsider() {
  const std::size_t kept = std::min(frontier(), index_of(uid_next_));
  const auto keep = [kept](Bitmap& bits) {
    Bitmap first(kept);
    for (std::size_t i = bits.next(0); i < kept; i = bits.next(i + 1)) first.set(i);
    bits = std::move(first);
  };
  keep(shown_);
  keep(leaving_);
  notes_.resize(kept);
  large_changes_.erase(large_changes_.lower_bound(uid_next_), large_changes_.end());
  announced_ = std::min(announced_, kept);
}

void View::remove(std::size_t index) {
  alive_.clear(index);
  withdraw(index);
}

void View::withdraw(std::size_t index) {
  if (!shown_.test(index)) return;
  if (index < announced_) {
    leaving_.set(index);
  } else {
    shown_.clear(index);
  }
}

std::optional<View::Arrival> View::arrival() const {
  if (shown_.count() == shown_.rank(announced_)) return std::nullopt;
  const std::uint32_t highest = uids_[shown_.select(shown_.count() - 1)];
  return Arrival{static_cast<std::uint32_t>(shown_.count()), std::max(uid_next_, after(highest))};
}

std::optional<std::uint32_t> View::take_exists(std::uint32_t limit) {
  const std::size_t end = limit == kHighest ? frontier() : std::min(frontier(), index_of(limit));
  const std::size_t shown = shown_.rank(end);
  if (end <= announced_ || shown == shown_.rank(announced_)) return std::nullopt;
  announced_ = end;
  uid_next_ = std::max(uid_next_, after(uids_[shown_.select(shown - 1)]));
  return exists();
}

std::vector<Message> View::take_expunges() {
  std::vector<Message> expunged;
  expunged.reserve(leaving_.count());
  while (leaving_.count() > 0) {
    const std::size_t index = leaving_.select(leaving_.count() - 1);
    expunged.push_back({static_cast<std::uint32_t>(shown_.rank(index)) + 1, uids_[index]});
    shown_.clear(index);
    leaving_.clear(index);
  }
  drop_tombstones();
  return expunged;
}

std::optional<std::uint32_t> View::uid(std::uint32_t number) const {
  if (number == 0 || number > exists()) return std::nullopt;
  return uids_[shown_.select(number - 1)];
}

std::optional<std::uint32_t> View::number(std::uint32_t uid) const {
  const std::size_t index = index_of(uid);
  if (index >= announced_ || uids_[index] != uid || !shown_.test(index)) return std::nullopt;
  return static_cast<std::uint32_t>(shown_.rank(index)) + 1;
}

std::uint32_t View::count_to(std::uint32_t uid) const {
  const auto end = static_cast<std::size_t>(std::ranges::upper_bound(uids_, uid) - uids_.begin());
  return static_cast<std::uint32_t>(shown_.rank(std::min(end, announced_)));
}

std::vector<std::uint32_t> View::uids(const Bitmap& numbers) const {
  std::vector<std::uint32_t> found;
  found.reserve(numbers.count());
  std::size_t bit = 0;
  for (std::size_t i = shown_.next(0); i < announced_ && found.size() < numbers.count();
       i = shown_.next(i + 1)) {
    if (numbers.test(bit++)) found.push_back(uids_[i]);
  }
  return found;
}

Bitmap View::leaving() const {
  Bitmap numbers(exists());
  for (std::size_t i = leaving_.next(0); i < leaving_.size(); i = leaving_.next(i + 1))
    numbers.set(shown_.rank(i));
  return numbers;
}

bool View::leaving(std::uint32_t uid) const {
  const std::size_t index = index_of(uid);
  return leaving_.test(index) && uids_[index] == uid;
}

/// Calls `visit(number, index)` for each message of `numbers` that may be served.
template <class Visit>
void View::visit(Range numbers, Visit&& visit) const {
  const std::uint32_t last = std::min(numbers.last, exists());
  if (numbers.first == 0 || numbers.first > last) return;
  std::size_t index = shown_.select(numbers.first - 1);
  for (std::uint32_t number = numbers.first;; ++number) {
    if (!leaving_.test(index)) visit(number, index);
    if (number == last) return;
    index = shown_.next(index + 1);
  }
}

std::vector<Message> View::messages(Range numbers) const {
  std::vector<Message> found;
  const std::uint32_t last = std::min(numbers.last, exists());
  if (numbers.first <= last) found.reserve(std::size_t{last} - numbers.first + 1);
  visit(numbers, [&](std::uint32_t number, std::size_t index) { found.push_back({number, uids_[index]}); });
  return found;
}

std::vector<Range> View::upstream_ranges(Range numbers) const {
  std::vector<Range> ranges;
  std::size_t next_alive = 0;  // behind the message before
  visit(numbers, [&](std::uint32_t, std::size_t index) {
    if (!ranges.empty() && next_alive == index) {
      ranges.back().last = uids_[index];
    } else {
      ranges.push_back({uids_[index], uids_[index]});
    }
    next_alive = alive_.next(index + 1);
  });
  return ranges;
}

/// Once more without tombstones, and with the messages `inserted` among the others.
void View::rebuild(std::span<const std::uint32_t> inserted) {
  View next(uid_next_);
  next.uids_.reserve(alive_.count() + leaving_.count() + inserted.size());
  next.notes_.reserve(std::min(next.uids_.capacity(), frontier() + inserted.size()));
  next.large_changes_ = std::move(large_changes_);
  const auto add = [&next](std::uint32_t uid, bool alive, std::optional<std::uint16_t> note) {
    next.uids_.push_back(uid);
    next.alive_.push_back(alive);
    if (note) next.extend_frontier(false, *note);
  };
  const auto note_at = [this](std::size_t i) {
    return i < frontier() ? std::optional(notes_[i]) : std::nullopt;
  };
  for (std::size_t i = 0; i <= uids_.size(); ++i) {
    if (i == announced_) next.announced_ = next.uids_.size();
    if (i == uids_.size()) break;
    for (; !inserted.empty() && inserted.front() < uids_[i]; inserted = inserted.subspan(1))
      add(inserted.front(), true, i < frontier() ? std::optional<std::uint16_t>(0) : std::nullopt);
    if (!alive_.test(i) && !shown_.test(i)) {
      next.large_changes_.erase(uids_[i]);
      continue;
    }
    add(uids_[i], alive_.test(i), note_at(i));
    if (shown_.test(i)) next.shown_.set(next.uids_.size() - 1);
    if (leaving_.test(i)) next.leaving_.set(next.uids_.size() - 1);
  }
  *this = std::move(next);
}

void View::drop_tombstones() {
  const std::size_t needed = alive_.count() + leaving_.count();
  if (uids_.size() > needed + needed / 8 + kFewTombstones) rebuild({});
}

std::size_t View::bytes() const {
  return uids_.capacity() * sizeof(std::uint32_t) + notes_.capacity() * sizeof(std::uint16_t) +
         alive_.bytes() + shown_.bytes() + leaving_.bytes();
}

}  // namespace privet::imap
