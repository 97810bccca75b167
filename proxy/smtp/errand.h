// Errands: tasks that may outlive the session that began them. The loop goes on until they have ended.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "proxy/net/gate.h"
#include "proxy/net/task.h"
#include "proxy/smtp/environment.h"
#include "proxy/spool/spool.h"

namespace privet::smtp {

/// To be spawned.
inline net::Task<void> run_errand(Environment& environment, net::Task<void> errand) {
  ++environment.errands;
  co_await errand;
  --environment.errands;
  environment.errand_done();
}

namespace internal {

template <class T>
struct Awaited {
  explicit Awaited(net::Loop& loop) : done(loop) {}
  net::Gate done;
  std::optional<T> result;
  bool given_up = false;
};

template <class T>
net::Task<void> fetch(spool::Ticket<T> ticket, std::shared_ptr<Awaited<T>> awaited,
                      std::function<void(T)> late) {
  T result = co_await ticket;
  if (awaited->given_up) {
    late(std::move(result));
  } else {
    awaited->result = std::move(result);
    awaited->done.open();
  }
}

}  // namespace internal

/// What a job of the spool comes to; nothing when the disk takes longer than `deadline`: `late` is then
/// called with it whenever it comes, and may outlive whoever awaits this.
template <class T>
net::Task<std::optional<T>> within(Environment& environment, net::Deadline deadline, spool::Ticket<T> ticket,
                                   std::function<void(T)> late) {
  const auto awaited = std::make_shared<internal::Awaited<T>>(environment.loop);
  net::Task<void> errand = internal::fetch(std::move(ticket), awaited, std::move(late));
  environment.loop.spawn(run_errand(environment, std::move(errand)));
  awaited->given_up = !co_await awaited->done.wait(deadline);
  co_return std::move(awaited->result);
}

}  // namespace privet::smtp
