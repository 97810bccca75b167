// The server: loops, listeners, sessions, reload and shutdown.
//
// Each loop runs on its own thread with its own listeners (SO_REUSEPORT) and shares nothing but the immutable
// configuration. SIGTERM or SIGINT: no new connections, idle sessions are told 421, transactions finish
// within limits::kDrain. SIGHUP: the configuration is loaded anew, all or nothing; listeners keep their
// addresses until a restart.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "mime/result.h"
#include "proxy/config.h"
#include "proxy/net/task.h"
#include "proxy/worker.h"

namespace privet {

class Server {
 public:
  /// `reload` gives the next configuration on SIGHUP.
  using Reload = std::function<Result<std::shared_ptr<const Config>>()>;
  Server(std::shared_ptr<const Config> config, Reload reload);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  /// Binds every listener of every loop. The ports, in the order of the configuration, are known from then
  /// on.
  Result<std::vector<std::uint16_t>> listen();
  /// From now on SIGTERM and SIGINT end run(), and SIGHUP loads the configuration anew. Before listen(), so
  /// that whoever sees the server listening may already send one.
  void take_signals();
  /// Until a signal, or stop() from any thread.
  void run();
  void stop();

 private:
  net::Task<void> reload();

  const StartConfig started_;
  Reload reload_;
  Shared shared_;  // outlives the loops that borrow from it
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace privet
