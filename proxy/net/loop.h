// One event loop per thread (libuv). Everything that belongs to a loop is touched on its thread only; post()
// is the one door for others. Blocking work goes to the thread pool through blocking().
#pragma once

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "proxy/net/task.h"

namespace privet::net {

/// A point on a loop's monotonic clock, in milliseconds. kNever does not come.
using Deadline = std::uint64_t;
inline constexpr Deadline kNever = UINT64_MAX;

class Loop {
 public:
  Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  /// Every handle must be closed by then (run() has returned after stop() and the end of all tasks).
  ~Loop();

  /// Runs until no handle is left open.
  void run();
  /// Starts a task of its own. An exception that leaves it ends the process: tasks catch what they can answer
  /// for.
  void spawn(Task<void> task);
  /// From any thread: calls `work` on the loop's thread. Nothing happens once close_door() was called.
  void post(std::function<void()> work);
  /// Gives up the handle behind post(), so that run() can end. On the loop's thread.
  void close_door();
  /// Calls `handler` on SIGTERM or SIGINT, `reload` on SIGHUP, until close_door().
  void on_signals(std::function<void()> handler, std::function<void()> reload);

  /// Milliseconds of the monotonic clock, as of the last time the loop woke.
  Deadline now() const;
  Deadline after(std::chrono::milliseconds time) const { return now() + static_cast<Deadline>(time.count()); }

  /// Awaitable: runs `work` on a pool thread. `work` must not throw and must outlive the await.
  class Blocking;
  Blocking blocking(std::function<void()> work);
  /// Awaitable: continues after the given time.
  class Sleep;
  Sleep sleep(std::chrono::milliseconds time);

  struct Impl;
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

class Loop::Blocking {
 public:
  Blocking(Loop& loop, std::function<void()> work) : loop_(loop), work_(std::move(work)) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> awaiter);
  void await_resume() const noexcept {}

 private:
  Loop& loop_;
  std::function<void()> work_;
};

class Loop::Sleep {
 public:
  Sleep(Loop& loop, std::chrono::milliseconds time) : loop_(loop), time_(time) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> awaiter);
  void await_resume() const noexcept {}

 private:
  Loop& loop_;
  std::chrono::milliseconds time_;
};

}  // namespace privet::net
