// Gate: one coroutine waits until another opens it, at most until a deadline. For two tasks of one loop.
#pragma once

#include <coroutine>
#include <memory>

#include "proxy/net/loop.h"

namespace privet::net {

class Gate {
 public:
  explicit Gate(Loop& loop);
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;
  /// Nobody may wait any more.
  ~Gate();

  bool is_open() const;
  void close();
  /// Continues the waiting coroutine, if there is one, before it returns.
  void open();

  /// Awaitable bool: true once the gate is open, false when the deadline came first. One waiter at a time.
  class Wait;
  Wait wait(Deadline deadline);

 private:
  struct Impl;
  Impl* impl_;
};

class Gate::Wait {
 public:
  Wait(Impl* impl, Deadline deadline) : impl_(impl), deadline_(deadline) {}
  bool await_ready();
  void await_suspend(std::coroutine_handle<> awaiter);
  bool await_resume();

 private:
  Impl* impl_;
  Deadline deadline_;
};

}  // namespace privet::net
