// How work on a thread of its own comes back to the loop that asked: a Ticket is awaited like a Task, and
// Replies wakes each loop once for all that is ready for it.
#pragma once

#include <coroutine>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "proxy/net/loop.h"

namespace privet::net {

/// What a ticket and the thread that works on it share.
template <class T>
struct Pending {
  std::coroutine_handle<> awaiter;
  bool done = false;
  T result{};  // everything here is the loop's, once the thread handed it over
};

/// Work under way on another thread; awaited at most once, on the loop it was given, then worth its result.
/// May also be dropped without being awaited: the work goes on. The loop outlives whoever does the work; once
/// its door is closed nothing comes back.
template <class T>
class Ticket {
 public:
  explicit Ticket(std::shared_ptr<Pending<T>> pending) : pending_(std::move(pending)) {}
  bool await_ready() const noexcept { return pending_->done; }
  void await_suspend(std::coroutine_handle<> awaiter) noexcept { pending_->awaiter = awaiter; }
  T await_resume() { return std::move(pending_->result); }

 private:
  std::shared_ptr<Pending<T>> pending_;
};

/// On the working thread: keeps the result. What is returned runs on the loop and resumes who waits.
template <class T>
std::function<void()> completion(std::shared_ptr<Pending<T>> pending, T result) {
  pending->result = std::move(result);
  return [pending = std::move(pending)] {
    pending->done = true;
    if (pending->awaiter) pending->awaiter.resume();
  };
}

/// Answers that are collected, and given with one wake of each loop.
class Replies {
 public:
  /// `answer` is called on `loop`, by send().
  void add(Loop& loop, std::function<void()> answer) { answers_[&loop].push_back(std::move(answer)); }
  void send() {
    for (auto& [loop, answers] : std::exchange(answers_, {})) {
      loop->post([mine = std::move(answers)] {
        for (const auto& one : mine) one();
      });
    }
  }

 private:
  std::map<Loop*, std::vector<std::function<void()>>> answers_;
};

}  // namespace privet::net
