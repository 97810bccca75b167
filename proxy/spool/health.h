// Whether the spool's disk can be trusted just now. From any thread.
#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include "proxy/spool/disk.h"
#include "proxy/spool/record.h"

namespace privet::spool {

class Health {
 public:
  explicit Health(std::string root) : root_(std::move(root)) {}

  bool good() const { return good_; }
  /// `what` was tried and the disk refused. The first of a row of failures is logged.
  void failed(std::string_view what, SystemError error, Time now);
  /// True once every limits::kSpoolProbe while it is not good: the caller is to probe.
  bool wants_probe(Time now);
  void probe(const Disk& disk, Time now);

 private:
  const std::string root_;
  std::atomic<bool> good_ = true;
  std::atomic<Time> next_probe_ = 0;
};

}  // namespace privet::spool
