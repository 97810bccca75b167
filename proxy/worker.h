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
#include "proxy/courier.h"
#include "proxy/imap/environment.h"
#include "proxy/imap/session.h"
#include "proxy/net/listener.h"
#include "proxy/net/loop.h"
#include "proxy/smtp/bad_recipients.h"
#include "proxy/smtp/environment.h"
#include "proxy/smtp/session.h"
#include "proxy/spool/spool.h"
#include "proxy/state/store.h"

namespace privet {

/// What all loops share beside the configuration.
struct Shared {
  std::atomic<std::size_t> sessions{0};
  std::unique_ptr<spool::Spool> spool;  ///< set before any loop listens, as the next
  std::unique_ptr<state::Store> store;  ///< null when no listener speaks IMAP
  Guard guard;
  NoticeLimiter notices;
  smtp::BadRecipients bad_recipients;
};

class Worker {
 public:
  /// `keeps_spool`: this one of all loops looks after the spool.
  Worker(std::shared_ptr<const Config> config, Shared& shared, bool keeps_spool);

  /// Listens on the configured addresses; a port of 0 becomes the one in `ports`, or is chosen and put there.
  Result<void> listen(std::vector<std::uint16_t>& ports);
  net::Loop& loop() { return loop_; }
  /// Until drained.
  void run();
  /// These two on the loop's thread.
  void apply(std::shared_ptr<const Config> config);
  void drain();

 private:
  void take(std::shared_ptr<const Config> config);
  void learn();
  void accept(net::Stream client, const Listening& listening);
  template <class Session>
  void begin(std::list<Session>& sessions, auto& environment, net::Stream client, const Listening& listening);
  template <class Session>
  net::Task<void> serve(std::list<Session>& sessions, typename std::list<Session>::iterator session,
                        std::string id);
  /// drain() or cancel() of every session.
  void tell_sessions(void (smtp::Session::*smtp)(), void (imap::Session::*imap)());
  bool has_sessions() const { return !sessions_.empty() || !imap_sessions_.empty(); }
  net::Task<void> refuse(net::Stream client, bool imap);
  net::Task<void> learn_upstreams();
  net::Task<void> end_patience();
  void end_if_drained();

  net::Loop loop_;
  std::shared_ptr<const Config> config_;
  Shared& shared_;
  smtp::Environment environment_;
  imap::Environment imap_environment_;
  std::vector<std::unique_ptr<const Listening>> listening_;
  std::vector<net::Listener> listeners_;
  std::list<smtp::Session> sessions_;
  std::list<imap::Session> imap_sessions_;
  std::unique_ptr<Courier> courier_;
  std::set<smtp::Upstream*> probes_;  // being asked what they announce
};

}  // namespace privet
