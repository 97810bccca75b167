#include "proxy/spool/writer.h"

#include <unistd.h>

#include <cerrno>
#include <iterator>
#include <utility>

#include "proxy/limits.h"

namespace privet::spool {

void Batch::wrote(Descriptor file) {
  changed(Folder::Prepared);
  if (everything_) return;
  files_.push_back(std::move(file));
  if (files_.size() < limits::kSyncTogether) return;
  everything_ = true;
  files_.clear();
}

SystemError Batch::flush() {
  if (everything_ && ::syncfs(disk_.root_descriptor()) != 0) return errno;
  for (const Descriptor& file : files_) {
    if (::fdatasync(file.get()) != 0) return errno;
  }
  for (const Folder folder : folders_) {
    if (::fsync(disk_.descriptor(folder)) != 0) return errno;
  }
  return 0;
}

Writer::Writer(const Disk& disk, std::function<void()> before_flush,
               std::function<void(SystemError)> on_failure)
    : disk_(disk),
      before_flush_(std::move(before_flush)),
      on_failure_(std::move(on_failure)),
      thread_([this] { run(); }) {}

Writer::~Writer() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  more_.notify_one();
  thread_.join();
}

void Writer::add(Job job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  more_.notify_one();
}

void Writer::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    more_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    std::vector<Job> batch;
    if (jobs_.size() <= limits::kSpoolBatch) {
      batch.swap(jobs_);
    } else {
      const auto end = jobs_.begin() + limits::kSpoolBatch;
      batch.assign(std::make_move_iterator(jobs_.begin()), std::make_move_iterator(end));
      jobs_.erase(jobs_.begin(), end);
    }
    lock.unlock();
    run_batch(std::move(batch));
    lock.lock();
  }
}

void Writer::run_batch(std::vector<Job> jobs) {
  Batch batch(disk_);
  std::vector<Finish> finishes;
  for (Job& job : jobs) finishes.push_back(job(batch));
  before_flush_();
  const SystemError error = batch.flush();
  if (error != 0) on_failure_(error);
  for (Finish& finish : finishes) {
    if (finish) finish(batch, error == 0);
  }
  batch.send_replies();
}

}  // namespace privet::spool
