// What the store promises when its process is killed, when its disk fails, and to many at once.
#include "proxy/state/sqlite_store.h"

#include <gmock/gmock.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <thread>

#include "tests/proxy/state/support.h"

namespace {

std::atomic<int> flushes = 0;
std::atomic<bool> refuse_flush = false;

}  // namespace

/// Stands before the C library's: what SQLite calls for each commit.
extern "C" int fdatasync(int file) {
  ++flushes;
  if (refuse_flush) {
    errno = EIO;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_fdatasync, file));
}

namespace privet::state {
namespace {

using testing::Each;

using Flush = StoreTest;
using Killed = StoreTest;
using Threads = StoreTest;

TEST_F(Flush, AnAnnouncementIsFlushedBeforeItIsReported) {
  open();
  const MailboxId id = seen().state.id;
  flushes = 0;
  EXPECT_TRUE(announce(id, 5));
  EXPECT_GE(flushes, 1);
}

TEST_F(Flush, WhatIsAnnouncedAlreadyCostsNone) {
  open();
  const MailboxId id = seen().state.id;
  flushes = 0;
  EXPECT_TRUE(announce(id, 4));
  load();
  headers(id, {1});
  EXPECT_EQ(flushes, 0);
}

TEST_F(Flush, ManyShareOne) {
  constexpr int kMailboxes = 100;
  open();
  std::vector<MailboxId> ids;
  for (int i = 0; i < kMailboxes; ++i) ids.push_back(seen(inbox(std::to_string(i))).state.id);
  flushes = 0;
  std::vector<Ticket<bool>> tickets;
  for (const MailboxId id : ids) tickets.push_back(store_->announce(loop(), id, 5));
  // The first may have begun alone, the others wait for it together.
  EXPECT_TRUE(announce(ids.back(), 5));
  EXPECT_LE(flushes, kMailboxes / 2);
  for (int i = 0; i < kMailboxes; ++i) EXPECT_EQ(load(inbox(std::to_string(i))).state.announced_uid_next, 5u);
}

TEST_F(Flush, WithoutOneNothingIsReportedOrKept) {
  open();
  const MailboxId id = seen().state.id;
  refuse_flush = true;
  EXPECT_FALSE(announce(id, 5));
  EXPECT_FALSE(apply(id, {.from = kEpochs, .to = kStricter}).has_value());
  EXPECT_FALSE(wait(store_->bump(loop(), id, kEpochs)).has_value());
  EXPECT_FALSE(wait(store_->forget(loop(), "acme", "")));
  EXPECT_FALSE(try_load(inbox("new@acme.example")).has_value());
  refuse_flush = false;
  EXPECT_EQ(load().state.announced_uid_next, 4u);
  EXPECT_EQ(load().state.epochs, kEpochs);
  EXPECT_TRUE(announce(id, 5)) << "the disk is back";
}

/// Runs `body` in a process of its own, which has to kill itself.
void in_a_process_that_is_killed(const std::function<void()>& body) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    body();
    ::_exit(1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status)) << "an assertion failed in it";
}

TEST_F(Killed, RightAfterAnAnnouncementHasItAndAllBelowIt) {
  in_a_process_that_is_killed([this] {
    open();
    const MailboxId id = load().state.id;
    store_->add_classified(loop(), id, kEpochs, {redacted(1), hidden(2), redacted(3)}, {0, 3});
    if (announce(id, 4)) ::kill(::getpid(), SIGKILL);
  });
  open();
  const Loaded loaded = load();
  EXPECT_EQ(loaded.state.announced_uid_next, 4u);
  EXPECT_FALSE(loaded.state.is_behind());
  EXPECT_EQ(loaded.messages.size(), 3u);
  EXPECT_THAT(headers(loaded.state.id, {1, 3}), testing::Not(testing::Contains("")));
}

TEST_F(Killed, AtAnyMomentHasAllThatWasReported) {
  int reports[2];
  ASSERT_EQ(::pipe(reports), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    open();
    const MailboxId id = load().state.id;
    for (std::uint32_t uid = 1;; ++uid) {
      store_->add_classified(loop(), id, kEpochs, {redacted(uid)}, {uid - 1, uid});
      if (!announce(id, uid + 1) || ::write(reports[1], &uid, sizeof uid) != sizeof uid) ::_exit(1);
    }
  }
  ::close(reports[1]);
  std::uint32_t reported = 0;
  while (reported < 200 && ::read(reports[0], &reported, sizeof reported) == sizeof reported) {
  }
  ::kill(child, SIGKILL);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  while (::read(reports[0], &reported, sizeof reported) == sizeof reported) {
  }
  ::close(reports[0]);
  ASSERT_GE(reported, 200u);
  open();
  const Loaded loaded = load();
  EXPECT_GT(loaded.state.announced_uid_next, reported);
  EXPECT_FALSE(loaded.state.is_behind());
  EXPECT_EQ(loaded.messages.size(), loaded.state.frontier);
}

TEST_F(Killed, WhileAChangeOfPolicyIsUnderWayHasAllOfItOrNothing) {
  constexpr std::uint32_t kMessages = 20'000;
  in_a_process_that_is_killed([this] {
    open();
    const MailboxId id = load().state.id;
    std::vector<Classified> messages;
    Change change{.from = kEpochs, .to = kStricter, .hide = {}, .mark = {}, .unmark = {}};
    for (std::uint32_t uid = 1; uid <= kMessages; ++uid) {
      messages.push_back(verbatim(uid));
      change.hide.push_back(uid);
    }
    if (!add(id, std::move(messages), kMessages) || !announce(id, kMessages + 1)) return;
    store_->apply(loop(), id, std::move(change));
    ::kill(::getpid(), SIGKILL);
  });
  open();
  const Loaded loaded = load();
  const bool changed = loaded.state.epochs == kStricter;
  EXPECT_EQ(uids_of(loaded, MessageClass::Hidden).size(), changed ? kMessages : 0u);
  EXPECT_EQ(loaded.state.frontier, kMessages);
}

TEST_F(Threads, ShareAMailbox) {
  constexpr std::uint32_t kEach = 50;
  open();
  std::vector<MailboxState> states(waiters_.size());
  std::vector<int> failures(waiters_.size());
  std::vector<std::thread> threads;
  for (std::size_t thread = 0; thread < waiters_.size(); ++thread) {
    threads.emplace_back([&, thread] {
      Waiter& waiter = waiters_[thread];
      for (std::uint32_t uid = 1; uid <= kEach; ++uid) {
        const auto loaded = waiter.wait(store_->load(waiter.loop(), inbox(), kReal, kEpochs));
        if (!loaded) {
          ++failures[thread];
          continue;
        }
        const MailboxId id = loaded->state.id;
        store_->add_classified(waiter.loop(), id, kEpochs, {redacted(uid)}, {uid - 1, uid});
        failures[thread] += !waiter.wait(store_->announce(waiter.loop(), id, uid + 1));
        const auto sections = waiter.wait(store_->headers(waiter.loop(), id, {uid}));
        failures[thread] += !sections || sections->front() != redacted(uid).redacted_header;
        states[thread] = loaded->state;
      }
    });
  }
  for (std::thread& one : threads) one.join();
  EXPECT_THAT(failures, Each(0));
  const Loaded loaded = load();
  EXPECT_EQ(loaded.messages.size(), kEach);
  EXPECT_EQ(loaded.state.announced_uid_next, kEach + 1);
  for (const MailboxState& state : states) EXPECT_EQ(state.id, loaded.state.id) << "one life";
}

TEST_F(Threads, OnlyOneOfManyBumps) {
  open();
  const MailboxId id = seen().state.id;
  std::atomic<int> bumped = 0;
  std::vector<std::thread> threads;
  for (Waiter& waiter : waiters_) {
    threads.emplace_back(
        [&] { bumped += waiter.wait(store_->bump(waiter.loop(), id, kEpochs)).has_value(); });
  }
  for (std::thread& one : threads) one.join();
  EXPECT_EQ(bumped, 1);
  EXPECT_EQ(load().state.uid_validity, kReal + 1);
}

TEST_F(Threads, WhatWasAskedForIsFinishedAtTheEnd) {
  open();
  const MailboxId id = load().state.id;
  for (std::uint32_t uid = 1; uid <= 500; ++uid) {
    store_->add_classified(loop(), id, kEpochs, {redacted(uid)}, {uid - 1, uid});
    store_->headers(loop(), id, {uid});
  }
  open();
  EXPECT_EQ(load().state.frontier, 500u);
}

}  // namespace
}  // namespace privet::state
