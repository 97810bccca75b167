#include "proxy/guard.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "policy/fold_case.h"
#include "policy/network.h"

namespace privet {

namespace {

using std::chrono::milliseconds;

constexpr std::string_view kLoopback = "loopback";
constexpr std::string_view kUnreadable = "?";

// "4" and four bytes, or "6" and the first eight: no address can be one of the words above.
std::string source_of(std::string_view address) {
  constexpr std::size_t kPrefix = 8;                             // bytes of a /64
  const std::string text(address.substr(0, address.find('%')));  // the interface says nothing about who it is
  policy::AddressBytes bytes{};
  const std::size_t size = policy::read_address(text, bytes);
  if (size == 0) return std::string(kUnreadable);
  if (policy::is_loopback_literal(text)) return std::string(kLoopback);
  if (size <= kPrefix) return "4" + std::string(bytes.begin(), bytes.begin() + size);
  return "6" + std::string(bytes.begin(), bytes.begin() + kPrefix);
}

std::string user_key(std::string_view user) {
  return policy::fold_case(user.substr(0, limits::kGuardUserName));
}

milliseconds delay_after(int failures) {
  milliseconds delay = limits::kLoginDelay;
  for (int i = 1; i < failures && delay < limits::kLoginDelayMost; ++i) delay *= 2;
  return std::min<milliseconds>(delay, limits::kLoginDelayMost);
}

}  // namespace

namespace internal {

LoginVerdict Failures::verdict(std::string_view key, Time now) const {
  const auto found = by_key_.find(key);
  if (found == by_key_.end() || found->second->dies <= now) return {};
  const Entry& entry = *found->second;
  // A refused login waits as long as the failed one before it did: the lock cannot be told from more
  // failures.
  if (entry.locked) return {.delay = delay_after(entry.count), .refused = true};
  return {.delay = std::max(entry.ready - now, Time(0))};
}

Failures::Time Failures::add(std::string_view key, Time now) {
  while (!entries_.empty() && entries_.front().dies <= now) forget(entries_.begin());
  const auto found = by_key_.find(key);
  if (found != by_key_.end() && found->second->dies > now) {
    entries_.splice(entries_.end(), entries_, found->second);
  } else {
    if (found != by_key_.end()) forget(found->second);
    if (entries_.size() >= most_) forget(entries_.begin());
    entries_.push_back({.key = std::string(key), .dies = now + limits::kLoginWindow});
    by_key_.emplace(entries_.back().key, std::prev(entries_.end()));
  }
  Entry& entry = entries_.back();
  const Time delay = delay_after(++entry.count);
  entry.ready = now + delay;
  // Logins that were under way when it was locked make the lock no longer: a phone with an old password would
  // keep its office out for ever.
  if (entry.count >= lock_after_ && !std::exchange(entry.locked, true)) entry.dies = now + limits::kLockOut;
  return delay;
}

void Failures::clear(std::string_view key) {
  if (const auto found = by_key_.find(key); found != by_key_.end()) forget(found->second);
}

void Failures::forget(Entries::iterator entry) {
  by_key_.erase(entry->key);
  entries_.erase(entry);
}

}  // namespace internal

Guard::Guard(std::size_t per_source, std::size_t most)
    : per_source_(per_source),
      by_source_(limits::kLockOutFailures, most),
      by_user_(limits::kLockOutUserFailures, most) {}

void Guard::configure(std::size_t per_source, std::vector<policy::Network> many_users) {
  const std::lock_guard lock(mutex_);
  per_source_ = per_source;
  many_users_ = std::move(many_users);
}

bool Guard::has_many_users(std::string_view address) const {
  return source_of(address) == kLoopback ||
         std::ranges::any_of(many_users_, [text = std::string(address)](const policy::Network& network) {
           return network.contains(text);
         });
}

bool Guard::admit(std::string_view address) {
  const std::lock_guard lock(mutex_);
  const auto [entry, fresh] = connections_.try_emplace(source_of(address), 0);
  // Those of many users are counted as well: configure() may come before leave().
  if (entry->second >= per_source_ && !has_many_users(address)) {
    if (fresh) connections_.erase(entry);
    return false;
  }
  ++entry->second;
  return true;
}

void Guard::leave(std::string_view address) {
  const std::lock_guard lock(mutex_);
  const auto entry = connections_.find(source_of(address));
  if (entry != connections_.end() && --entry->second == 0) connections_.erase(entry);
}

LoginVerdict Guard::before_login(std::string_view address, std::string_view user, milliseconds now) const {
  const std::string name = user_key(user);
  const std::lock_guard lock(mutex_);
  const LoginVerdict of_user = by_user_.verdict(name, now);
  if (has_many_users(address)) return of_user;
  const LoginVerdict of_source = by_source_.verdict(source_of(address), now);
  return {.delay = std::max(of_source.delay, of_user.delay), .refused = of_source.refused || of_user.refused};
}

milliseconds Guard::login_failed(std::string_view address, std::string_view user, milliseconds now) {
  const std::string name = user_key(user);
  const std::lock_guard lock(mutex_);
  const milliseconds of_user = by_user_.add(name, now);
  if (has_many_users(address)) return of_user;
  return std::max(of_user, by_source_.add(source_of(address), now));
}

void Guard::login_succeeded(std::string_view user) {
  const std::string name = user_key(user);
  const std::lock_guard lock(mutex_);
  by_user_.clear(name);
}

}  // namespace privet
