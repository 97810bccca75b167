// A proxy inside the test's own process: files in a temporary folder, ports of its own, a thread that runs
// it.
#pragma once

#include <csignal>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "certs/authority.h"
#include "proxy/config.h"
#include "proxy/server.h"
#include "tests/support/folder.h"

namespace privet::testing_support {

/// authority.pem in the folder, and a certificate for `names` in its certificates/.
inline void write_certificates(const TemporaryFolder& folder, const std::vector<std::string>& names) {
  const auto authority = certs::Authority::make("Test authority", 1);
  const auto leaf = authority.issue(names, 1);
  folder.write("authority.pem", authority.certificate());
  folder.write("certificates/default.pem", leaf.certificate + leaf.key);
}

class RunningServer {
 public:
  explicit RunningServer(std::shared_ptr<const Config> config, Server::Reload reload = {},
                         bool signals = false)
      : server_(std::move(config), std::move(reload)) {
    std::signal(SIGPIPE, SIG_IGN);  // as main does
    if (signals) server_.take_signals();
    auto bound = server_.listen();
    if (!bound) throw std::runtime_error(bound.error().to_string());
    ports_ = std::move(*bound);
    thread_ = std::thread([this] { server_.run(); });
  }
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;
  ~RunningServer() { end(); }

  std::uint16_t port(std::size_t listener = 0) const { return ports_.at(listener); }
  void stop() { server_.stop(); }
  /// stop(), then waits until run() has returned.
  void end() {
    if (!thread_.joinable()) return;
    server_.stop();
    thread_.join();
  }

 private:
  Server server_;
  std::vector<std::uint16_t> ports_;
  std::thread thread_;
};

}  // namespace privet::testing_support
