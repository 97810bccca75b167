// What the spool promises while its disk fails, and after the process was killed at any point.
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <future>
#include <sstream>

#include "proxy/limits.h"
#include "proxy/spool/browse.h"
#include "tests/proxy/spool/support.h"
#include "tests/support/faulty_disk.h"

namespace privet::spool {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;
using testing_support::arm;
using testing_support::calls;
using testing_support::disarm;
using testing_support::watch_disk;

class FaultTest : public SpoolTest {
 protected:
  ~FaultTest() override { disarm(); }

  std::vector<Draft> drafts(int count) {
    std::vector<Draft> made;
    for (int i = 0; i < count; ++i) made.push_back(draft("k" + std::to_string(i)));
    return made;
  }
  /// Hands the writer jobs that it takes as one batch: the first of them keeps it busy until all are there.
  void while_it_is_busy(const std::function<void()>& give) {
    struct Gate {
      std::promise<void> taken, open;
    };
    const auto gate = std::make_shared<Gate>();
    std::vector<Draft> first;
    first.push_back(draft(""));
    // A draft lets go of what it borrows from on the writer's thread.
    first.front().keep = std::shared_ptr<const void>(gate.get(), [gate](const void*) {
      gate->taken.set_value();
      gate->open.get_future().wait();
    });
    spool_->prepare(*loop_, std::move(first));
    gate->taken.get_future().wait();
    give();
    gate->open.set_value();
  }
};

struct Row {
  const char* call;
  int error;
};
const std::vector<Row> kErrors = {{"EIO", EIO}, {"ENOSPC", ENOSPC}, {"EROFS", EROFS}};

TEST_F(FaultTest, APreparedCopyAndItsNameAreFlushed) {
  open();
  watch_disk(folder());
  prepare_one(draft("k1"));
  EXPECT_EQ(calls("fdatasync"), 1);
  EXPECT_EQ(calls("fsync"), 1) << "of prepared/";
  EXPECT_EQ(calls("syncfs"), 0);
}

TEST_F(FaultTest, ACommitFlushesTheFolderThatTheCopyIsOwedFrom) {
  open();
  const Prepared one = prepare_one(draft("k1"));
  watch_disk(folder());
  EXPECT_TRUE(commit(one.id));
  EXPECT_EQ(calls("renameat"), 1);
  EXPECT_EQ(calls("fsync"), 1) << "of committed/";
  EXPECT_EQ(calls("write"), 0) << "it needs no new blocks";
}

TEST_F(FaultTest, ManyCopiesShareOneFlush) {
  open();
  watch_disk(folder());
  ASSERT_TRUE(prepare(drafts(static_cast<int>(limits::kSyncTogether))).has_value());
  EXPECT_EQ(calls("fdatasync"), 0);
  EXPECT_EQ(calls("syncfs"), 1);
  EXPECT_EQ(calls("fsync"), 1);
}

TEST_F(FaultTest, ManySessionsShareOneFlush) {
  open();
  watch_disk(folder());
  while_it_is_busy([this] {
    for (int i = 0; i < 100; ++i) {
      std::vector<Draft> one;
      one.push_back(draft("k" + std::to_string(i)));
      spool_->prepare(*loop_, std::move(one));
    }
  });
  EXPECT_TRUE(settle());
  EXPECT_EQ(names("prepared").size(), 101u);
  // One for the batch of the busy one, one for the hundred, and one more where settle() came too late for it.
  EXPECT_LE(calls("syncfs") + calls("fdatasync"), 3);
}

/// Every call that prepare() makes fails in every way: it says so, and nothing is left.
TEST_F(FaultTest, APrepareThatFailsLeavesNothing) {
  for (const char* const call : {"openat", "write", "renameat", "fdatasync", "fsync", "syncfs"}) {
    for (const auto& [name, error] : kErrors) {
      for (const int count : {2, static_cast<int>(limits::kSyncTogether)}) {
        for (int number = 1;; ++number) {
          SCOPED_TRACE(std::string(call) + " " + std::to_string(number) + " of " + std::to_string(count) +
                       ": " + name);
          open();
          arm(folder(), {.call = call, .number = number, .error = error});
          const auto prepared = prepare(drafts(count));
          const bool fell = calls(call) >= number;
          disarm();
          if (!fell) break;
          EXPECT_FALSE(prepared.has_value());
          EXPECT_FALSE(spool_->accepts());
          EXPECT_THAT(names("prepared"), IsEmpty());
          EXPECT_THAT(names("spare"), IsEmpty());
          open();
          EXPECT_TRUE(spool_->accepts());
          EXPECT_EQ(prepare_one(draft("k0")).state, State::Prepared) << "nothing is remembered of it";
          spool_->abort({names("prepared").front()});
          settle();
        }
        for (const std::string& left : names("prepared")) std::filesystem::remove(path("prepared", left));
      }
    }
  }
}

/// Also where what was written cannot be removed: it is found in doubt, and never delivered.
TEST_F(FaultTest, WhatCannotBeRemovedIsNeverDelivered) {
  open();
  arm(folder(), {.call = "unlinkat", .from_then = true, .error = EROFS});
  const Prepared one = prepare_one(draft("k1"));
  spool_->abort({one.id});
  settle();
  disarm();
  EXPECT_THAT(names("prepared"), ElementsAre(one.id));
  open();
  EXPECT_THAT(due(), IsEmpty());
  EXPECT_EQ(prepare_one(draft("k1")).state, State::InDoubt);
}

TEST_F(FaultTest, ACommitThatFailsSaysSoAndIsStillOwed) {
  for (const char* const call : {"renameat", "fsync"}) {
    for (const auto& [name, error] : kErrors) {
      for (int number = 1;; ++number) {
        SCOPED_TRACE(std::string(call) + " " + std::to_string(number) + ": " + name);
        open();
        const Prepared one = prepare_one(draft(std::string(call) + name + std::to_string(number)));
        arm(folder(), {.call = call, .number = number, .error = error});
        const bool committed = commit(one.id);
        const bool fell = calls(call) >= number;
        disarm();
        EXPECT_EQ(committed, !fell);
        if (!fell) break;
        EXPECT_FALSE(spool_->accepts());
        // Its caller could not deliver it either: the next chance to make it durable.
        spool_->deferred(one.id, {.what = Event::What::Tried, .time = now_, .text = "451 later"}, now_ + 60);
        settle();
        EXPECT_THAT(names("committed"), Contains(one.id));
        spool_->claim(one.id);
        spool_->delivered(one.id);
        settle();
        EXPECT_THAT(names("committed"), Not(Contains(one.id)));
        EXPECT_THAT(names("prepared"), IsEmpty());
      }
    }
  }
}

TEST_F(FaultTest, AFailedDiskIsProbedAndWorksAgain) {
  open();
  arm(folder(), {.call = "fdatasync", .from_then = true, .error = EIO});
  EXPECT_FALSE(prepare(drafts(1)).has_value());
  EXPECT_FALSE(spool_->accepts());
  now_ += std::chrono::seconds(limits::kSpoolProbe).count();
  EXPECT_FALSE(spool_->accepts()) << "it has only begun to probe";
  settle();
  EXPECT_FALSE(spool_->accepts()) << "the probe failed";
  disarm();
  EXPECT_FALSE(settle()) << "nobody probes before it is time";
  now_ += std::chrono::seconds(limits::kSpoolProbe).count();
  look_around();
  EXPECT_TRUE(spool_->accepts());
}

TEST_F(FaultTest, WhatIsDeliveredAndCannotBeRemovedIsNotDeliveredAgain) {
  open();
  const std::string id = owe("k1");
  ASSERT_TRUE(spool_->claim(id));
  std::filesystem::remove(folder() + "/spare");
  arm(folder(), {.call = "unlinkat", .from_then = true, .error = EIO});
  spool_->delivered(id);
  settle();
  look_around();
  EXPECT_THAT(names("committed"), ElementsAre(id));
  EXPECT_THAT(due(), IsEmpty());
  EXPECT_FALSE(spool_->claim(id));
  disarm();
  look_around();
  EXPECT_THAT(names("committed"), IsEmpty()) << "removed at the next look";
}

TEST_F(FaultTest, ADeferralThatCannotBeNotedIsDeferredAllTheSame) {
  open();
  const std::string id = owe("k1");
  ASSERT_TRUE(spool_->claim(id));
  arm(folder(), {.call = "write", .error = ENOSPC});
  spool_->deferred(id, {.what = Event::What::Tried, .time = now_, .text = "451 later"}, now_ + 60);
  settle();
  disarm();
  EXPECT_THAT(due(), IsEmpty());
  now_ += 60;
  EXPECT_THAT(due(), ElementsAre(id));
}

/// What a process told the world before it was killed.
struct Told {
  std::vector<std::string> prepared, committed, delivered;
};

/// Runs one life of a spool in a process that is killed in front of one call; false when it was not reached.
bool live_and_die(const std::string& call, int number, const std::string& folder, Told& told,
                  const std::function<void(const std::function<void(std::string)>&)>& live) {
  std::array<int, 2> pipe{};
  EXPECT_EQ(::pipe(pipe.data()), 0);
  const pid_t child = fork();
  if (child == 0) {
    arm(folder, {.call = call, .number = number, .error = 0});
    live([&pipe](std::string line) {
      line += '\n';
      if (::write(pipe[1], line.data(), line.size()) < 0) _exit(2);
    });
    _exit(0);
  }
  ::close(pipe[1]);
  std::string text(64 * 1024, '\0');
  std::size_t size = 0;
  for (ssize_t count = 0; (count = ::read(pipe[0], text.data() + size, text.size() - size)) > 0;)
    size += count;
  ::close(pipe[0]);
  int status = 0;
  waitpid(child, &status, 0);
  std::istringstream lines(text.substr(0, size));
  for (std::string what, id; lines >> what >> id;) {
    (what == "prepared"    ? told.prepared
     : what == "committed" ? told.committed
                           : told.delivered)
        .push_back(id);
  }
  EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0) << call << " " << number;
  return WIFSIGNALED(status);
}

TEST_F(FaultTest, AProcessKilledAtAnyCallKeepsWhatItPromised) {
  int deaths = 0;
  for (const char* const call : {"openat", "write", "fdatasync", "fsync", "syncfs", "renameat", "unlinkat"}) {
    for (int number = 1; number < 200; ++number) {
      SCOPED_TRACE(std::string(call) + " " + std::to_string(number));
      std::filesystem::remove_all(folder());
      Told told;
      const bool died = live_and_die(call, number, folder(), told, [this](const auto& tell) {
        open();
        const auto prepared = prepare(drafts(3));
        std::vector<std::string> ids;
        for (const Prepared& one : *prepared) {
          ids.push_back(one.id);
          tell("prepared " + one.id);
        }
        if (wait(spool_->commit(*loop_, {ids[0], ids[1]}))) {
          tell("committed " + ids[0]);
          tell("committed " + ids[1]);
        }
        spool_->abort({ids[2]});
        spool_->delivered(ids[0]);
        if (settle()) tell("delivered " + ids[0]);
        spool_->deferred(ids[1], {.what = Event::What::Tried, .time = now_, .text = "451"}, now_);
        settle();
        spool_.reset();
      });
      open();
      EXPECT_THAT(names("aside"), IsEmpty()) << "only the power tears files";
      EXPECT_THAT(names("spare"), IsEmpty()) << "nobody finishes them";
      EXPECT_TRUE(settle());
      std::vector<std::string> owed = due();
      for (const std::string& id : told.committed) {
        const bool has_arrived = std::ranges::find(told.delivered, id) != told.delivered.end();
        if (id != told.committed.front()) EXPECT_THAT(owed, Contains(id));
        if (has_arrived) EXPECT_THAT(owed, Not(Contains(id)));
      }
      if (told.committed.empty()) {
        for (const std::string& id : told.prepared) {
          EXPECT_TRUE(std::filesystem::exists(path("prepared", id)) ||
                      std::filesystem::exists(path("committed", id)) || id == told.prepared.back());
        }
      }
      for (const std::string& id : owed) {
        EXPECT_THAT(told.prepared, Contains(id)) << "the original cannot have been sent";
        ASSERT_TRUE(spool_->claim(id));
        EXPECT_TRUE(load(id).has_value());
      }
      spool_.reset();
      if (!died) break;
      ++deaths;
    }
  }
  EXPECT_GT(deaths, 30) << "the calls were not found";
}

}  // namespace
}  // namespace privet::spool
