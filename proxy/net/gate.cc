#include "proxy/net/gate.h"

#include <utility>

#include "proxy/net/loop_impl.h"

namespace privet::net {

// On the heap until the timer's close callback.
struct Gate::Impl {
  Loop& loop;
  uv_timer_t timer{};
  std::coroutine_handle<> awaiter;
  bool open = false;

  // The awaiter may destroy the gate: nothing of it is touched afterwards.
  void resume() {
    uv_timer_stop(&timer);
    if (awaiter) std::exchange(awaiter, nullptr).resume();
  }
};

Gate::Gate(Loop& loop) : impl_(new Impl{.loop = loop, .awaiter = nullptr}) {
  uv_timer_init(&loop.impl().uv, &impl_->timer);
  impl_->timer.data = impl_;
}

Gate::~Gate() {
  uv_close(reinterpret_cast<uv_handle_t*>(&impl_->timer),
           [](uv_handle_t* timer) { delete static_cast<Impl*>(timer->data); });
}

bool Gate::is_open() const {
  return impl_->open;
}

void Gate::close() {
  impl_->open = false;
}

void Gate::open() {
  impl_->open = true;
  impl_->resume();
}

Gate::Wait Gate::wait(Deadline deadline) {
  return Wait(impl_, deadline);
}

bool Gate::Wait::await_ready() {
  return impl_->open;
}

void Gate::Wait::await_suspend(std::coroutine_handle<> awaiter) {
  impl_->awaiter = awaiter;
  if (deadline_ == kNever) return;
  const Deadline now = impl_->loop.now();
  uv_timer_start(
      &impl_->timer, [](uv_timer_t* timer) { static_cast<Impl*>(timer->data)->resume(); },
      deadline_ > now ? deadline_ - now : 0, 0);
}

bool Gate::Wait::await_resume() {
  return impl_->open;
}

}  // namespace privet::net
