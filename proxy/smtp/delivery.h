// Delivery: copies go out on the session's own upstream connection, while the session talks on with its
// client. Human mail comes first: whoever needs the upstream calls hurry() and waits a while.
#pragma once

#include <deque>
#include <string>

#include "proxy/net/gate.h"
#include "proxy/smtp/owed.h"

namespace privet::smtp {

class Delivery {
 public:
  /// For an upstream that is logged in as `user` of `tenant` ("" where no login was needed). Both must
  /// outlive it, and it must be idle() when it is destroyed.
  Delivery(Environment& environment, Upstream& upstream, std::string tenant, std::string user);

  void add(OwedCopy copy);
  /// True when something was added that is not begun.
  bool waits() const { return !queue_.empty(); }
  /// Sends what was added; then, unless somebody is in a hurry, what the spool holds for this user.
  void start();
  bool busy() const { return !idle_.is_open(); }
  /// Nothing older is begun from now on, until the next start().
  void hurry() { hurried_ = true; }
  /// Awaitable bool: true once nothing is under way.
  net::Gate::Wait idle(net::Deadline deadline) { return idle_.wait(deadline); }

 private:
  net::Task<void> run();
  net::Task<void> send_waiting();

  Environment& environment_;
  Upstream& upstream_;
  const std::string tenant_;
  const std::string user_;
  std::deque<OwedCopy> queue_;
  net::Gate idle_;
  bool hurried_ = false;
};

}  // namespace privet::smtp
