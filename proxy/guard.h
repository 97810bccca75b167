// What stands between floods or guessed passwords and the sessions: how many connections one source may have,
// and how long a login has to wait after failed ones.
//
// A source is an IPv4 address or an IPv6 /64, because whoever has one address of a /64 has all of them. The
// upstream sees every client at Privet's own address and cannot tell them apart, so what it would do against
// guessing has to be done here. Nobody learns from it whether a user exists: names are counted as they come.
// Where many users share a source, as behind a CRM's mail sync or a webmail, its one wrong password must not
// keep out the others: the operator names such networks, and there the user alone counts.
//
// Threads: one guard serves all loops; every function may be called from any thread. No I/O, no clock: `now`
// is a steady clock's time since any fixed point.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "policy/network.h"
#include "proxy/limits.h"

namespace privet {

/// What a login has to go through before the upstream is asked.
struct LoginVerdict {
  std::chrono::milliseconds delay{0};  ///< to be waited first
  /// Then answered 535 5.7.8 without asking the upstream, in the words of any failed login. It is no failure
  /// to be reported with login_failed().
  bool refused = false;

  bool operator==(const LoginVerdict&) const = default;
};

namespace internal {

/// Failed logins by key, within a window that begins with the first of them.
class Failures {
 public:
  using Time = std::chrono::milliseconds;

  /// Locks a key for limits::kLockOut after `lock_after` failures; remembers at most `most` keys.
  Failures(int lock_after, std::size_t most) : lock_after_(lock_after), most_(most) {}
  LoginVerdict verdict(std::string_view key, Time now) const;
  /// Returns how long the answer to this failure waits.
  Time add(std::string_view key, Time now);
  void clear(std::string_view key);

 private:
  struct Entry {
    std::string key;
    int count = 0;
    bool locked = false;
    Time ready{0};  // no login before
    Time dies{0};   // end of the window, or of the lock
  };
  using Entries = std::list<Entry>;  // the one whose last failure is longest ago first

  void forget(Entries::iterator entry);

  int lock_after_;
  std::size_t most_;
  Entries entries_;
  // A tree, not a hash table: user names are chosen by strangers, and so would be its collisions.
  std::map<std::string_view, Entries::iterator> by_key_;
};

}  // namespace internal

class Guard {
 public:
  /// `per_source`: connections at once. `most`: sources, and user names, whose failures are remembered;
  /// beyond it the oldest are forgotten.
  explicit Guard(std::size_t per_source = limits::kSessionsPerSource,
                 std::size_t most = limits::kGuardEntries);

  /// From now on as many connections of one source, and no limit and no lock-out for sources in `many_users`.
  /// What was counted stays counted.
  void configure(std::size_t per_source, std::vector<policy::Network> many_users);

  /// Counts a connection from `address` (an IP literal; what is none counts as one source together). False:
  /// there are too many, nothing was counted and leave() must not follow. Loopback is never too many, and
  /// neither are many users.
  bool admit(std::string_view address);
  /// One admitted connection from `address` has ended.
  void leave(std::string_view address);

  /// Asked before each login. The delay is what is left of the one after the last failure of the source or
  /// the user, so that further connections gain nothing. Failures from loopback and from many users count for
  /// the user only.
  LoginVerdict before_login(std::string_view address, std::string_view user,
                            std::chrono::milliseconds now) const;
  /// The login is known to be bad (535, or no tenant; not 4xx). Returns how long the answer has to wait: from
  /// limits::kLoginDelay, twice as long with each failure, at most limits::kLoginDelayMost.
  std::chrono::milliseconds login_failed(std::string_view address, std::string_view user,
                                         std::chrono::milliseconds now);
  /// Forgets the user's failures, not the source's: an attacker with one good account could go on otherwise.
  void login_succeeded(std::string_view user);

 private:
  bool has_many_users(std::string_view address) const;

  mutable std::mutex mutex_;  // of all below; each call is short
  std::size_t per_source_;
  std::vector<policy::Network> many_users_;
  std::map<std::string, std::size_t> connections_;  // by source; no entry for none
  internal::Failures by_source_;
  internal::Failures by_user_;
};

}  // namespace privet
