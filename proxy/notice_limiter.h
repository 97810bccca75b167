// How many notices one user gets: a CRM that refuses everything must not fill people's mailboxes.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace privet {

/// Threads: one for all loops; allow() may be called from any thread.
class NoticeLimiter {
 public:
  /// True, and counted, when `user` got less than limits::kNoticesPerHour notices in the hour that began with
  /// the first of them. `now` is a steady clock's. False, too, when there are more users than can be
  /// remembered.
  bool allow(std::string_view user, std::chrono::milliseconds now);

 private:
  struct Hour {
    std::chrono::milliseconds end{0};
    int count = 0;
  };
  std::mutex mutex_;
  std::map<std::string, Hour, std::less<>> hours_;
};

}  // namespace privet
