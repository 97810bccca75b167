#include "proxy/server.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <thread>
#include <utility>

#include "proxy/log.h"
#include "proxy/net/listener.h"
#include "proxy/worker.h"

namespace privet {

Server::Server(std::shared_ptr<const Config> config, Reload reload)
    : started_(*config), reload_(std::move(reload)) {
  shared_.guard.configure(config->per_source, config->many_users);
  for (unsigned i = 0; i < started_.loops; ++i)
    workers_.push_back(std::make_unique<Worker>(config, shared_, i == 0));
}

Server::~Server() {
  shared_.spool.reset();  // they may still have something to tell a loop
  shared_.store.reset();
}

Result<std::vector<std::uint16_t>> Server::listen() {
  for (const ListenerConfig& where : started_.listeners) {
    if (auto free = net::check_free(where.address, where.port); !free) return std::unexpected(free.error());
  }
  auto spool = spool::Spool::open({.folder = started_.state + "/spool", .size_limit = started_.spool_size});
  if (!spool) return std::unexpected(spool.error());
  shared_.spool = *std::move(spool);
  const bool reads_mailboxes = std::ranges::any_of(
      started_.listeners, [](const ListenerConfig& each) { return each.protocol == Protocol::Imap; });
  if (reads_mailboxes) {
    auto store = state::Store::open({.folder = started_.state + "/view"});
    if (!store) return std::unexpected(store.error());
    shared_.store = *std::move(store);
  }
  std::vector<std::uint16_t> ports;
  for (auto& worker : workers_) {
    if (auto bound = worker->listen(ports); !bound) return std::unexpected(bound.error());
  }
  return ports;
}

void Server::take_signals() {
  workers_.front()->loop().on_signals([this] { stop(); },
                                      [this] { workers_.front()->loop().spawn(reload()); });
}

void Server::run() {
  std::vector<std::jthread> threads;
  for (std::size_t i = 1; i < workers_.size(); ++i) threads.emplace_back([this, i] { workers_[i]->run(); });
  workers_.front()->run();
}

void Server::stop() {
  log::event(log::Level::Info, "stopping", {});
  for (auto& worker : workers_) {
    worker->loop().post([&worker] { worker->drain(); });
  }
}

net::Task<void> Server::reload() {
  // Lists can be long: they are read on a pool thread.
  std::optional<Result<std::shared_ptr<const Config>>> loaded;
  const std::function<void()> load = [&] { loaded = reload_(); };
  co_await workers_.front()->loop().blocking(load);
  if (!*loaded) {
    log::event(log::Level::Error, "configuration kept, the new one is wrong",
               {{"cause", loaded->error().to_string()}});
    co_return;
  }
  const std::shared_ptr<const Config> fresh = **loaded;
  log::configure(fresh->log_level, fresh->log_json);
  shared_.guard.configure(fresh->per_source, fresh->many_users);
  for (auto& worker : workers_) {
    worker->loop().post([&worker, fresh] { worker->apply(fresh); });
  }
  log::event(log::Level::Info, "configuration reloaded", {});
  for (const Error& warning : fresh->warnings) {
    log::event(log::Level::Warning, "configuration", {{"cause", warning.to_string()}});
  }
  if (static_cast<const StartConfig&>(*fresh) != started_) {
    log::event(log::Level::Warning,
               "listen, state, limits.loops and limits.spool are taken at the next start only", {});
  }
}

}  // namespace privet
