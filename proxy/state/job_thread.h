// A thread that does jobs in the order they were given, all that wait as one batch.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <iterator>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace privet::state {

template <class Job>
class JobThread {
 public:
  /// `run` does a batch of at most `most` jobs. `idle` does a little of what nobody waits for, at the start
  /// and after each batch, until it says false.
  JobThread(std::size_t most, std::function<void(std::vector<Job>)> run, std::function<bool()> idle)
      : most_(most), run_(std::move(run)), idle_(std::move(idle)), thread_([this] { work(); }) {}
  JobThread(const JobThread&) = delete;
  JobThread& operator=(const JobThread&) = delete;
  ~JobThread() { finish(); }

  /// Does the jobs that were added, then ends; what is added later is not done.
  void finish() {
    if (!thread_.joinable()) return;
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    more_.notify_one();
    thread_.join();
  }

  /// From any thread.
  void add(Job job) {
    {
      const std::lock_guard lock(mutex_);
      jobs_.push_back(std::move(job));
      ++unfinished_;
    }
    more_.notify_one();
  }
  /// False once all that was added has been done.
  bool is_busy() const { return unfinished_ != 0; }

 private:
  void work() {
    bool tidy = true;
    std::unique_lock lock(mutex_);
    while (true) {
      more_.wait(lock, [&] { return ending_ || tidy || !jobs_.empty(); });
      std::vector<Job> batch = take();
      if (batch.empty() && ending_) return;
      lock.unlock();
      const std::size_t count = batch.size();
      if (count == 0) {
        tidy = idle_();
      } else {
        run_(std::move(batch));
        unfinished_ -= count;
        tidy = true;
      }
      lock.lock();
    }
  }
  std::vector<Job> take() {
    std::vector<Job> batch;
    if (jobs_.size() <= most_) return std::exchange(jobs_, {});
    const auto end = jobs_.begin() + static_cast<std::ptrdiff_t>(most_);
    batch.assign(std::make_move_iterator(jobs_.begin()), std::make_move_iterator(end));
    jobs_.erase(jobs_.begin(), end);
    return batch;
  }

  const std::size_t most_;
  const std::function<void(std::vector<Job>)> run_;
  const std::function<bool()> idle_;
  std::mutex mutex_;
  std::condition_variable more_;
  std::vector<Job> jobs_;
  std::atomic<std::size_t> unfinished_ = 0;
  bool ending_ = false;
  std::thread thread_;  // last: it uses all of them
};

}  // namespace privet::state
