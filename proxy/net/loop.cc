#include "proxy/net/loop.h"

#include <csignal>
#include <utility>

#include "proxy/net/loop_impl.h"

namespace privet::net {

namespace {

// Owns itself: runs one task to its end.
struct Detached {
  struct promise_type {
    Detached get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
};

Detached run_detached(Task<void> task) {
  co_await task;
}

void run_posted(uv_async_t* door) {
  auto* impl = static_cast<Loop::Impl*>(door->data);
  std::vector<std::function<void()>> posted;
  {
    const std::lock_guard lock(impl->posted_mutex);
    posted.swap(impl->posted);
  }
  for (auto& work : posted) work();
}

}  // namespace

Loop::Loop() : impl_(std::make_unique<Impl>()) {
  uv_loop_init(&impl_->uv);
  impl_->uv.data = impl_.get();
  uv_async_init(&impl_->uv, &impl_->door, run_posted);
  impl_->door.data = impl_.get();
  impl_->door_open = true;
}

Loop::~Loop() {
  // A loop that never ran has its door and closing listeners left: let them end.
  close_door();
  impl_->resolver.reset();
  uv_run(&impl_->uv, UV_RUN_NOWAIT);
  uv_loop_close(&impl_->uv);
}

void Loop::run() {
  uv_run(&impl_->uv, UV_RUN_DEFAULT);
}

void Loop::spawn(Task<void> task) {
  run_detached(std::move(task));
}

void Loop::post(std::function<void()> work) {
  const std::lock_guard lock(impl_->posted_mutex);
  if (!impl_->door_open) return;
  impl_->posted.push_back(std::move(work));
  uv_async_send(&impl_->door);
}

void Loop::close_door() {
  {
    const std::lock_guard lock(impl_->posted_mutex);
    if (!std::exchange(impl_->door_open, false)) return;
    uv_close(reinterpret_cast<uv_handle_t*>(&impl_->door), nullptr);
  }
  if (std::exchange(impl_->signals_open, false)) {
    for (auto* handle : {&impl_->terminate, &impl_->interrupt, &impl_->reload}) {
      uv_close(reinterpret_cast<uv_handle_t*>(handle), nullptr);
    }
  }
}

void Loop::on_signals(std::function<void()> handler, std::function<void()> reload) {
  impl_->on_terminate = std::move(handler);
  impl_->on_reload = std::move(reload);
  const auto end = [](uv_signal_t* handle, int) { static_cast<Impl*>(handle->loop->data)->on_terminate(); };
  const auto again = [](uv_signal_t* handle, int) { static_cast<Impl*>(handle->loop->data)->on_reload(); };
  for (auto* handle : {&impl_->terminate, &impl_->interrupt, &impl_->reload})
    uv_signal_init(&impl_->uv, handle);
  uv_signal_start(&impl_->terminate, end, SIGTERM);
  uv_signal_start(&impl_->interrupt, end, SIGINT);
  uv_signal_start(&impl_->reload, again, SIGHUP);
  impl_->signals_open = true;
}

Deadline Loop::now() const {
  return uv_now(&impl_->uv);
}

Loop::Blocking Loop::blocking(std::function<void()> work) {
  return Blocking(*this, std::move(work));
}

Loop::Sleep Loop::sleep(std::chrono::milliseconds time) {
  return Sleep(*this, time);
}

void Loop::Blocking::await_suspend(std::coroutine_handle<> awaiter) {
  struct Job {
    uv_work_t request;
    std::function<void()>* work;
    std::coroutine_handle<> awaiter;
  };
  auto* job = new Job{.request = {}, .work = &work_, .awaiter = awaiter};
  job->request.data = job;
  uv_queue_work(
      &loop_.impl().uv, &job->request,
      [](uv_work_t* request) { (*static_cast<Job*>(request->data)->work)(); },
      [](uv_work_t* request, int) {
        const std::unique_ptr<Job> done(static_cast<Job*>(request->data));
        done->awaiter.resume();
      });
}

void Loop::Sleep::await_suspend(std::coroutine_handle<> awaiter) {
  struct Timer {
    uv_timer_t handle;
    std::coroutine_handle<> awaiter;
  };
  auto* timer = new Timer{.handle = {}, .awaiter = awaiter};
  uv_timer_init(&loop_.impl().uv, &timer->handle);
  timer->handle.data = timer;
  uv_timer_start(
      &timer->handle,
      [](uv_timer_t* handle) {
        auto* timer = static_cast<Timer*>(handle->data);
        const auto awaiter = timer->awaiter;
        uv_close(reinterpret_cast<uv_handle_t*>(handle),
                 [](uv_handle_t* closed) { delete static_cast<Timer*>(closed->data); });
        awaiter.resume();
      },
      static_cast<std::uint64_t>(time_.count()), 0);
}

}  // namespace privet::net
