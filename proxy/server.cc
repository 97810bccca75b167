#include "proxy/server.h"

#include <thread>
#include <utility>

#include "proxy/log.h"
#include "proxy/net/listener.h"
#include "proxy/worker.h"

namespace privet {

Server::Server(std::shared_ptr<const Config> config, Reload reload)
    : config_(std::move(config)), reload_(std::move(reload)) {
  for (unsigned i = 0; i < config_->loops; ++i)
    workers_.push_back(std::make_unique<Worker>(config_, session_count_));
}

Server::~Server() = default;

Result<std::vector<std::uint16_t>> Server::listen() {
  for (const ListenerConfig& where : config_->listeners) {
    if (auto free = net::check_free(where.address, where.port); !free) return std::unexpected(free.error());
  }
  std::vector<std::uint16_t> ports;
  for (auto& worker : workers_) {
    if (auto bound = worker->listen(ports); !bound) return std::unexpected(bound.error());
  }
  return ports;
}

void Server::run(bool signals) {
  if (signals) {
    workers_.front()->loop().on_signals([this] { stop(); }, [this] { reload(); });
  }
  std::vector<std::jthread> threads;
  for (std::size_t i = 1; i < workers_.size(); ++i) threads.emplace_back([this, i] { workers_[i]->run(); });
  workers_.front()->run();
}

void Server::stop() {
  for (auto& worker : workers_) {
    worker->loop().post([&worker] { worker->drain(); });
  }
}

void Server::reload() {
  auto fresh = reload_();
  if (!fresh) {
    log::event(log::Level::Error, "configuration kept, the new one is wrong",
               {{"cause", fresh.error().to_string()}});
    return;
  }
  config_ = *fresh;
  for (auto& worker : workers_) {
    worker->loop().post([&worker, config = config_] { worker->apply(config); });
  }
  log::event(log::Level::Info, "configuration reloaded", {});
}

}  // namespace privet
