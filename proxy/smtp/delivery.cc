#include "proxy/smtp/delivery.h"

#include <utility>

#include "proxy/limits.h"

namespace privet::smtp {

Delivery::Delivery(Environment& environment, Upstream& upstream, std::string tenant, std::string user)
    : environment_(environment),
      upstream_(upstream),
      tenant_(std::move(tenant)),
      user_(std::move(user)),
      idle_(environment.loop) {
  idle_.open();
}

void Delivery::add(OwedCopy copy) {
  queue_.push_back(std::move(copy));
}

void Delivery::start() {
  hurried_ = false;
  if (busy()) return;
  idle_.close();
  environment_.loop.spawn(run());
}

net::Task<void> Delivery::run() {
  while (!queue_.empty()) {
    OwedCopy copy = std::move(queue_.front());
    queue_.pop_front();
    co_await send_owed(environment_, upstream_, std::move(copy), Way::OwnSession);
  }
  co_await send_waiting();
  // Whoever waits goes on within open(), and may end this object: nothing is touched behind it.
  idle_.open();
}

net::Task<void> Delivery::send_waiting() {
  const policy::Tenant* const tenant = environment_.policy->find(tenant_);
  if (tenant == nullptr || tenant->copy.relay) co_return;  // the courier's
  const auto waiting = environment_.spool->waiting_for(tenant_, user_, limits::kCopiesPerSession);
  for (const spool::Waiting& each : waiting) {
    if (hurried_ || upstream_.lost() || environment_.draining) co_return;
    if (!environment_.spool->claim(each.id)) continue;
    auto ticket = environment_.spool->load(environment_.loop, each.id);
    auto loaded = co_await ticket;
    if (!loaded) continue;
    co_await send_owed(environment_, upstream_, owed(*std::move(loaded)), Way::OwnSession);
  }
}

}  // namespace privet::smtp
