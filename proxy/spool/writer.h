// The one thread that changes the spool's files. It takes all the jobs that wait as one batch: does every
// write, rename and unlink of it, flushes the disk once for all, then tells each how it went. So a flush,
// which is what costs, is shared by everybody who waits for one.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "proxy/net/ticket.h"
#include "proxy/spool/disk.h"

namespace privet::spool {

/// What the jobs of one batch have in common.
class Batch {
 public:
  explicit Batch(const Disk& disk) : disk_(disk) {}

  /// A new file in prepared/ that has to be durable.
  void wrote(Descriptor file);
  /// A name in it came or went, and that has to be durable.
  void changed(Folder folder) { folders_.insert(folder); }
  /// Everything that was ever written to the spool has to be durable.
  void changed_anything() { everything_ = true; }
  /// Calls `answer` on `loop` at the end of the batch: one wake for all of a loop's.
  void reply(net::Loop& loop, std::function<void()> answer) { replies_.add(loop, std::move(answer)); }

  /// Makes it durable; 0 or why not.
  SystemError flush();
  void send_replies() { replies_.send(); }

 private:
  const Disk& disk_;
  std::vector<Descriptor> files_;  // while they are few
  std::set<Folder> folders_;
  bool everything_ = false;
  net::Replies replies_;
};

class Writer {
 public:
  /// Second half of a job, after the flush.
  using Finish = std::move_only_function<void(Batch&, bool flushed)>;
  /// First half: changes files and notes in the batch what has to be flushed.
  using Job = std::move_only_function<Finish(Batch&)>;

  /// `before_flush` runs once a batch; `on_failure` hears of a flush that failed.
  Writer(const Disk& disk, std::function<void()> before_flush, std::function<void(SystemError)> on_failure);
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  /// Finishes the jobs that were added.
  ~Writer();

  /// From any thread; runs after all that were added before.
  void add(Job job);

 private:
  void run();
  void run_batch(std::vector<Job> jobs);

  const Disk& disk_;
  const std::function<void()> before_flush_;
  const std::function<void(SystemError)> on_failure_;
  std::mutex mutex_;
  std::condition_variable more_;
  std::vector<Job> jobs_;
  bool ending_ = false;
  std::thread thread_;  // last: it uses all of them
};

}  // namespace privet::spool
