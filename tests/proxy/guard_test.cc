#include "proxy/guard.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace privet {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr const char* kOffice = "192.0.2.7";
constexpr const char* kElsewhere = "198.51.100.9";
constexpr milliseconds kStart = 1'000'000ms;

std::string other_address(int i) {
  return "10." + std::to_string(i / 65536) + "." + std::to_string(i / 256 % 256) + "." +
         std::to_string(i % 256);
}

TEST(GuardConnections, AreLimitedForEachSource) {
  Guard guard(2);
  EXPECT_TRUE(guard.admit(kOffice));
  EXPECT_TRUE(guard.admit(kOffice));
  EXPECT_FALSE(guard.admit(kOffice));
  EXPECT_TRUE(guard.admit(kElsewhere));
  guard.leave(kOffice);
  EXPECT_TRUE(guard.admit(kOffice));
  EXPECT_FALSE(guard.admit(kOffice)) << "a refused connection was counted or forgotten";
}

TEST(GuardConnections, KnowWhatOneSourceIs) {
  struct {
    const char* name;
    const char* first;
    const char* second;
    bool same;
  } const kRows[] = {
      {"OtherIp4", "192.0.2.7", "192.0.2.8", false},
      {"MappedIp4", "192.0.2.7", "::ffff:192.0.2.7", true},
      {"MappedIp4InHex", "192.0.2.7", "::ffff:c000:207", true},
      {"OtherMappedIp4", "::ffff:192.0.2.7", "::ffff:192.0.2.8", false},
      {"SameNetwork", "2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true},
      {"OtherNetwork", "2001:db8:1:2::1", "2001:db8:1:3::1", false},
      {"OtherInterface", "fe80::1%eth0", "fe80::1%eth1", true},
      {"Unreadable", "", "who knows", true},
      {"BytesOfAnIp4InAnIp6", "32.1.13.184", "2001:db8::1", false},
  };
  for (const auto& row : kRows) {
    Guard guard(1);
    ASSERT_TRUE(guard.admit(row.first)) << row.name;
    EXPECT_EQ(guard.admit(row.second), !row.same) << row.name;
    guard.leave(row.first);
    guard.leave(row.second);
    EXPECT_TRUE(guard.admit(row.second)) << row.name;
  }
}

TEST(GuardConnections, OfLoopbackAreNotLimited) {
  Guard guard(1);
  for (const char* address : {"127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"}) {
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(guard.admit(address)) << address;
    guard.leave(address);
  }
  EXPECT_TRUE(guard.admit(kOffice));
}

TEST(GuardConnections, OfNobodyAreAdmittedWhereNoneMayBe) {
  Guard guard(0);
  EXPECT_FALSE(guard.admit(kOffice));
  guard.leave(kOffice);
  EXPECT_FALSE(guard.admit(kOffice));
}

TEST(GuardConnections, OfManyUsersAreNotLimited) {
  Guard guard;
  guard.configure(1, {*policy::Network::parse("192.0.2.0/24"), *policy::Network::parse("2001:db8::/32")});
  for (const char* address : {kOffice, "::ffff:192.0.2.7", "2001:db8:1:2::1"}) {
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(guard.admit(address)) << address;
  }
  EXPECT_TRUE(guard.admit(kElsewhere));
  EXPECT_FALSE(guard.admit(kElsewhere));
}

TEST(GuardConnections, ThatWereAdmittedAreCountedByOtherLimitsToo) {
  Guard guard;
  guard.configure(1, {*policy::Network::parse("192.0.2.0/24")});
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(guard.admit(kOffice));
  guard.configure(3, {});
  EXPECT_FALSE(guard.admit(kOffice));
  guard.leave(kOffice);
  EXPECT_TRUE(guard.admit(kOffice));
  EXPECT_FALSE(guard.admit(kOffice)) << "a connection of many users was not counted";
}

TEST(GuardLogins, WaitTwiceAsLongAfterEachFailure) {
  Guard guard;
  EXPECT_EQ(guard.before_login(kOffice, "anna", kStart), LoginVerdict{});
  milliseconds now = kStart;
  for (const milliseconds expected : {1000ms, 2000ms, 4000ms, 8000ms, 16'000ms, 30'000ms, 30'000ms}) {
    EXPECT_EQ(guard.login_failed(kOffice, "anna", now), expected);
    EXPECT_EQ(guard.before_login(kOffice, "anna", now).delay, expected) << "on another connection";
    EXPECT_EQ(guard.before_login(kOffice, "anna", now + 600ms).delay, expected - 600ms);
    now += expected;
    EXPECT_EQ(guard.before_login(kOffice, "anna", now), LoginVerdict{}) << "it was waited for already";
  }
}

TEST(GuardLogins, CountSourceAndUserEachOnItsOwn) {
  Guard guard;
  guard.login_failed(kOffice, "anna", kStart);
  EXPECT_EQ(guard.before_login(kElsewhere, "ANNA", kStart).delay, 1s) << "case does not make another user";
  EXPECT_EQ(guard.before_login(kOffice, "bob", kStart).delay, 1s);
  EXPECT_EQ(guard.before_login(kElsewhere, "bob", kStart).delay, 0s);
  EXPECT_EQ(guard.login_failed(kElsewhere, "anna", kStart), 2s);
  EXPECT_EQ(guard.login_failed(kElsewhere, "carl", kStart), 2s);
}

TEST(GuardLogins, AreRefusedFromASourceThatFailsTooOften) {
  Guard guard;
  milliseconds now = kStart;
  for (int i = 0; i < limits::kLockOutFailures; ++i) {
    EXPECT_FALSE(guard.before_login(kOffice, "bob", now).refused) << i;
    guard.login_failed(kOffice, "user" + std::to_string(i), now);
    now += 1s;
  }
  const LoginVerdict refused{.delay = limits::kLoginDelayMost, .refused = true};
  EXPECT_EQ(guard.before_login(kOffice, "bob", now), refused);
  EXPECT_FALSE(guard.before_login(kElsewhere, "bob", now).refused);

  guard.login_failed(kOffice, "late", now);
  const milliseconds end = now - 1s + limits::kLockOut;
  EXPECT_TRUE(guard.before_login(kOffice, "bob", end - 1ms).refused);
  EXPECT_EQ(guard.before_login(kOffice, "bob", end), LoginVerdict{}) << "a late failure made the lock longer";
  EXPECT_EQ(guard.login_failed(kOffice, "bob", end), 1s) << "the lock's end is a new beginning";
}

TEST(GuardLogins, AreRefusedForAUserWhoIsGuessedAtFromEverywhere) {
  Guard guard;
  for (int i = 0; i < limits::kLockOutUserFailures; ++i) {
    EXPECT_FALSE(guard.before_login(kOffice, "anna", kStart).refused) << i;
    guard.login_failed(other_address(i), i % 2 == 0 ? "Anna" : "anna", kStart);
  }
  EXPECT_TRUE(guard.before_login(kOffice, "anna", kStart).refused);
  EXPECT_FALSE(guard.before_login(kOffice, "bob", kStart).refused);
  EXPECT_FALSE(guard.before_login(kOffice, "anna", kStart + limits::kLockOut).refused);
}

TEST(GuardLogins, ForgetAUsersFailuresAfterASuccessButNotTheSources) {
  Guard guard;
  for (int i = 0; i < limits::kLockOutFailures - 1; ++i) guard.login_failed(kOffice, "anna", kStart);
  guard.login_succeeded("Anna");
  EXPECT_EQ(guard.before_login(kElsewhere, "anna", kStart), LoginVerdict{});
  guard.login_failed(kOffice, "bob", kStart);
  EXPECT_TRUE(guard.before_login(kOffice, "carl", kStart).refused);
}

TEST(GuardLogins, FromLoopbackCountForTheUserOnly) {
  Guard guard;
  for (int i = 0; i < limits::kLockOutFailures; ++i) {
    EXPECT_EQ(guard.login_failed("127.0.0.1", "user" + std::to_string(i), kStart), 1s);
  }
  EXPECT_EQ(guard.before_login("::1", "anna", kStart), LoginVerdict{});
  EXPECT_EQ(guard.before_login("::1", "user1", kStart).delay, 1s);
}

TEST(GuardLogins, FromManyUsersCountForTheUserOnly) {
  Guard guard;
  for (int i = 0; i < limits::kLockOutFailures; ++i) guard.login_failed(kOffice, "old", kStart);
  ASSERT_TRUE(guard.before_login(kOffice, "anna", kStart).refused);
  guard.configure(1, {*policy::Network::parse("192.0.2.0/24")});
  EXPECT_EQ(guard.before_login(kOffice, "anna", kStart), LoginVerdict{}) << "the lock holds on";
  for (int i = 0; i < limits::kLockOutUserFailures; ++i) guard.login_failed(kOffice, "bob", kStart);
  EXPECT_EQ(guard.before_login(kOffice, "anna", kStart), LoginVerdict{});
  EXPECT_TRUE(guard.before_login(kOffice, "bob", kStart).refused) << "nobody is guessed at without end";
  EXPECT_EQ(guard.login_failed(kElsewhere, "anna", kStart), 1s);
  EXPECT_EQ(guard.before_login(kElsewhere, "carl", kStart).delay, 1s) << "elsewhere the source counts";
}

TEST(GuardLogins, ForgetFailuresAfterTheWindow) {
  Guard guard;
  for (int i = 0; i < limits::kLockOutFailures - 1; ++i) guard.login_failed(kOffice, "anna", kStart);
  EXPECT_EQ(guard.login_failed(kOffice, "anna", kStart + limits::kLoginWindow), 1s);
}

TEST(GuardLogins, CountTheWindowFromTheFirstFailure) {
  Guard guard;
  // One every ten minutes, as by a forgotten phone, is never twenty in an hour.
  for (int i = 0; i < 100; ++i) {
    const milliseconds now = kStart + i * 10min;
    EXPECT_FALSE(guard.before_login(kOffice, "anna", now).refused) << i;
    guard.login_failed(kOffice, "anna", now);
  }
}

TEST(GuardLogins, ForgetTheOldestFirstWhenThereAreTooMany) {
  Guard guard(1, 3);
  for (const char* user : {"a", "b", "c", "a", "d"}) guard.login_failed("127.0.0.1", user, kStart);
  EXPECT_EQ(guard.before_login("127.0.0.1", "b", kStart).delay, 0s);
  EXPECT_EQ(guard.before_login("127.0.0.1", "a", kStart).delay, 2s);
  EXPECT_EQ(guard.before_login("127.0.0.1", "c", kStart).delay, 1s);
  EXPECT_EQ(guard.before_login("127.0.0.1", "d", kStart).delay, 1s);
}

TEST(GuardLogins, ShareACountWhereNamesAreEndless) {
  Guard guard;
  const std::string name(limits::kGuardUserName, 'x');
  guard.login_failed("127.0.0.1", name + "y", kStart);
  EXPECT_EQ(guard.before_login("127.0.0.1", name + "z", kStart).delay, 1s);
}

TEST(Guard, ServesManyThreads) {
  constexpr int kThreads = 4, kRounds = 2000;
  Guard guard(kThreads / 2, 16);
  std::atomic<int> inside = 0, most = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kRounds; ++i) {
        const milliseconds now = kStart + i * 1s;
        if (guard.admit(kOffice)) {
          const int here = ++inside;
          for (int seen = most; here > seen && !most.compare_exchange_weak(seen, here);) {
          }
          --inside;
          guard.leave(kOffice);
        }
        const std::string user = std::to_string(i % 40);
        guard.before_login(other_address(t), user, now);
        guard.login_failed(other_address(i % 50), user, now);
        if (i % 3 == 0) guard.login_succeeded(user);
      }
    });
  }
  threads.clear();
  EXPECT_LE(most, kThreads / 2);
  for (int i = 0; i < kThreads / 2; ++i)
    EXPECT_TRUE(guard.admit(kOffice)) << "a connection was not forgotten";
  EXPECT_FALSE(guard.admit(kOffice));
}

}  // namespace
}  // namespace privet
