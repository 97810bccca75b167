#include "proxy/notice_limiter.h"

#include "proxy/limits.h"

namespace privet {

bool NoticeLimiter::allow(std::string_view user, std::chrono::milliseconds now) {
  const std::lock_guard lock(mutex_);
  auto found = hours_.find(user);
  if (found == hours_.end()) {
    if (hours_.size() >= limits::kNoticeUsers) {
      std::erase_if(hours_, [now](const auto& each) { return each.second.end <= now; });
      if (hours_.size() >= limits::kNoticeUsers) return false;
    }
    found = hours_.emplace(user, Hour{}).first;
  }
  Hour& hour = found->second;
  if (hour.end <= now) hour = {.end = now + std::chrono::hours(1)};
  if (hour.count >= limits::kNoticesPerHour) return false;
  ++hour.count;
  return true;
}

}  // namespace privet
