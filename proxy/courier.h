// The courier: brings copies and notices to CRMs by the tenants' own relays, reports what has expired, and
// has the spool looked after. One for the whole server, on one of its loops.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "policy/policy.h"
#include "proxy/net/gate.h"
#include "proxy/smtp/environment.h"
#include "proxy/smtp/upstream.h"
#include "proxy/spool/spool.h"

namespace privet {

class Courier {
 public:
  /// `environment` is that of the loop it runs on, and outlives it.
  explicit Courier(smtp::Environment& environment);

  /// Calls `ended` when all has ended after stop().
  void start(std::function<void()> ended);
  /// Begins nothing more and ends what it waits for; what is under way is deferred.
  void stop();
  /// True when nothing is under way (before start() too).
  bool idle() const { return running_ == 0; }

 private:
  // A relay that failed is left alone for a while.
  struct Rest {
    spool::Time until = 0;
    std::size_t failures = 0;
  };

  net::Task<void> run();
  net::Task<void> report_expired();
  void visit_relays();
  net::Task<void> visit(std::shared_ptr<const policy::Policy> policy, std::string tenant,
                        std::vector<std::string> due);
  net::Task<bool> open(smtp::Upstream& relay, const policy::Tenant& tenant);
  net::Task<void> deliver(smtp::Upstream& relay, std::vector<std::string> due);
  void end_one();

  smtp::Environment& environment_;
  net::Gate wake_;
  std::map<std::string, Rest, std::less<>> rests_;                 // by tenant
  std::map<std::string, smtp::Upstream*, std::less<>> under_way_;  // by tenant
  std::function<void()> ended_;
  std::size_t running_ = 0;
  bool stopping_ = false;
};

}  // namespace privet
