// One loop of the server: its listeners, its sessions and the environment they run in.
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "proxy/config.h"
#include "proxy/net/listener.h"
#include "proxy/net/loop.h"
#include "proxy/smtp/environment.h"
#include "proxy/smtp/session.h"

namespace privet {

class Worker {
 public:
  /// `sessions` counts those of all loops.
  Worker(std::shared_ptr<const Config> config, std::atomic<std::size_t>& sessions);

  /// Listens on the configured addresses; a port of 0 becomes the one in `ports`, or is chosen and put there.
  Result<void> listen(std::vector<std::uint16_t>& ports);
  net::Loop& loop() { return loop_; }
  /// Until drained.
  void run();
  /// These two on the loop's thread.
  void apply(std::shared_ptr<const Config> config);
  void drain();

 private:
  using Sessions = std::list<smtp::Session>;

  void take(std::shared_ptr<const Config> config);
  void learn();
  void accept(net::Stream client, policy::TlsMode tls);
  net::Task<void> serve(Sessions::iterator session, std::string id);
  net::Task<void> refuse(net::Stream client);
  net::Task<void> learn_upstreams();
  net::Task<void> end_patience();
  void end_if_drained();
  const policy::Tenant* trusted_tenant(const std::string& client) const;

  net::Loop loop_;
  std::shared_ptr<const Config> config_;
  std::atomic<std::size_t>& session_count_;
  smtp::Environment environment_;
  std::vector<net::Listener> listeners_;
  Sessions sessions_;
  std::set<smtp::Upstream*> probes_;  // being asked what they announce
};

}  // namespace privet
