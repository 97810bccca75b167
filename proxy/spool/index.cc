#include "proxy/spool/index.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <new>
#include <tuple>
#include <utility>

namespace privet::spool {

namespace {

bool is_due(const Entry& entry, Time now) {
  return entry.is_free(now) && entry.next_try <= now && now < entry.expires;
}

Waiting waiting(const Entry& entry) {
  return {.id = entry.id,
          .tenant = entry.tenant,
          .user = entry.user,
          .kind = entry.kind,
          .next_try = entry.next_try,
          .expires = entry.expires};
}

std::vector<Waiting> oldest(std::vector<const Entry*> found, std::size_t most) {
  const auto age = [](const Entry* entry) { return std::tie(entry->created, entry->id); };
  const std::size_t count = std::min(most, found.size());
  std::ranges::partial_sort(found, found.begin() + static_cast<std::ptrdiff_t>(count), {}, age);
  std::vector<Waiting> result;
  for (std::size_t i = 0; i < count; ++i) result.push_back(waiting(*found[i]));
  return result;
}

}  // namespace

std::string_view to_string(State state) {
  constexpr std::array<std::string_view, 6> kStates = {"prepared", "in doubt", "committed",
                                                       "deferred", "held",     "delivered"};
  return kStates[static_cast<std::size_t>(state)];
}

State Entry::state() const {
  if (gone) return State::Delivered;
  if (folder == Folder::Held) return State::Held;
  if (owed) return tried ? State::Deferred : State::Committed;
  return holders > 0 ? State::Prepared : State::InDoubt;
}

bool Entry::is_free(Time now) const {
  return owed && !gone && !claimed && folder != Folder::Held && rests_until <= now;
}

Entry* Index::find(std::string_view id) {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : &found->second;
}

Entry* Index::find_by_key(std::string_view key) {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : find(found->second);
}

Entry& Index::add(Entry entry) {
  if (!entry.key.empty()) by_key_.try_emplace(entry.key, entry.id);
  by_owner_[{entry.tenant, entry.user}].insert(entry.id);
  content_size_ += entry.size;
  std::string id = entry.id;
  return entries_.insert_or_assign(std::move(id), std::move(entry)).first->second;
}

void Index::erase(std::string_view id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  forget_key(entry);
  set_gone(entry);
  const auto owner = by_owner_.find({entry.tenant, entry.user});
  owner->second.erase(entry.id);
  if (owner->second.empty()) by_owner_.erase(owner);
  entries_.erase(found);
}

void Index::forget_key(const Entry& entry) {
  const auto key = by_key_.find(entry.key);
  if (key != by_key_.end() && key->second == entry.id) by_key_.erase(key);
}

void Index::set_gone(Entry& entry) {
  if (!std::exchange(entry.gone, true)) content_size_ -= entry.size;
}

std::string Index::hold(Entry& entry, bool claims) {
  std::string share = shares_.contains(entry.id) ? new_id() : entry.id;
  shares_.emplace(share, Share{.id = entry.id, .claims = claims});
  ++entry.holders;
  if (claims) entry.claimed = true;
  return share;
}

Entry* Index::held_by(std::string_view share) {
  const auto found = shares_.find(share);
  return found == shares_.end() ? nullptr : find(found->second.id);
}

Entry* Index::end_hold(std::string_view share, bool keep_claim) {
  const auto found = shares_.find(share);
  if (found == shares_.end()) return nullptr;
  const Share ended = std::move(found->second);
  shares_.erase(found);
  Entry* const entry = find(ended.id);
  if (entry == nullptr) return nullptr;  // damaged, and set aside
  --entry->holders;
  if (ended.claims && !keep_claim) entry->claimed = false;
  return entry;
}

std::vector<Waiting> Index::due(Time now, const std::function<bool(std::string_view)>& wanted,
                                std::size_t most) const {
  std::vector<const Entry*> found;
  for (const auto& [owner, ids] : by_owner_) {
    if (!wanted(owner.first)) continue;
    for (const std::string& id : ids) {
      const Entry& entry = entries_.at(id);
      if (is_due(entry, now)) found.push_back(&entry);
    }
  }
  return oldest(std::move(found), most);
}

std::vector<Waiting> Index::due_of(Time now, std::string_view tenant, std::string_view user,
                                   std::size_t most) const {
  std::vector<const Entry*> found;
  const auto owner = by_owner_.find({std::string(tenant), std::string(user)});
  if (owner == by_owner_.end()) return {};
  for (const std::string& id : owner->second) {
    const Entry& entry = entries_.at(id);
    if (is_due(entry, now)) found.push_back(&entry);
  }
  return oldest(std::move(found), most);
}

std::vector<Waiting> Index::expired(Time now, std::size_t most) const {
  std::vector<const Entry*> found;
  for (const auto& [id, entry] : entries_) {
    if (entry.is_free(now) && entry.expires <= now) found.push_back(&entry);
  }
  return oldest(std::move(found), most);
}

std::vector<std::string> Index::ids() const {
  std::vector<std::string> found;
  for (const auto& [id, entry] : entries_) found.push_back(id);
  return found;
}

std::string new_id() {
  // 16 of 32 signs: 80 bits. Without those that a tired administrator takes for another.
  constexpr std::string_view kSigns = "0123456789abcdefghjkmnpqrstvwxyz";
  std::array<unsigned char, 16> random{};
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) throw std::bad_alloc();
  std::string id;
  for (const unsigned char byte : random) id += kSigns[byte % kSigns.size()];
  return id;
}

}  // namespace privet::spool
