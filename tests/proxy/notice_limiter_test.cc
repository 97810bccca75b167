#include "proxy/notice_limiter.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "proxy/limits.h"

namespace privet {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kStart = 5'000ms;

TEST(NoticeLimiter, AllowsSoManyForAUserAndHour) {
  NoticeLimiter limiter;
  for (int i = 0; i < limits::kNoticesPerHour; ++i)
    EXPECT_TRUE(limiter.allow("anna", kStart + i * 1min)) << i;
  EXPECT_FALSE(limiter.allow("anna", kStart + 1h - 1ms));
  EXPECT_TRUE(limiter.allow("bob", kStart + 1h - 1ms));
  EXPECT_TRUE(limiter.allow("anna", kStart + 1h));
}

TEST(NoticeLimiter, ForgetsHoursThatAreOverBeforeItRefusesANewUser) {
  NoticeLimiter limiter;
  for (std::size_t i = 0; i < limits::kNoticeUsers; ++i) {
    ASSERT_TRUE(limiter.allow(std::to_string(i), i == 0 ? kStart : kStart + 1min));
  }
  EXPECT_FALSE(limiter.allow("one more", kStart + 2min));
  EXPECT_TRUE(limiter.allow("one more", kStart + 1h));
  EXPECT_FALSE(limiter.allow("and another", kStart + 1h));
}

TEST(NoticeLimiter, CountsForAllThreadsTogether) {
  NoticeLimiter limiter;
  std::atomic<int> allowed = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) allowed += limiter.allow("anna", kStart) ? 1 : 0;
    });
  }
  threads.clear();
  EXPECT_EQ(allowed, limits::kNoticesPerHour);
}

}  // namespace
}  // namespace privet
