#include "proxy/spool/spool.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <thread>

#include "proxy/limits.h"
#include "proxy/spool/pages.h"
#include "tests/proxy/spool/support.h"

namespace privet::spool {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAreArray;

TEST_F(SpoolTest, APreparedCopyIsCommittedAndDelivered) {
  open();
  const Prepared one = prepare_one(draft("k1"));
  EXPECT_EQ(one.state, State::Prepared);
  EXPECT_TRUE(one.claimed);
  EXPECT_THAT(names("prepared"), ElementsAre(one.id));
  EXPECT_THAT(due(), IsEmpty());

  EXPECT_TRUE(commit(one.id));
  EXPECT_THAT(names("prepared"), IsEmpty());
  EXPECT_THAT(names("committed"), ElementsAre(one.id));
  EXPECT_THAT(due(), IsEmpty()) << "it is claimed";

  spool_->release(one.id);
  EXPECT_THAT(due(), ElementsAre(one.id));
  EXPECT_TRUE(spool_->claim(one.id));
  EXPECT_FALSE(spool_->claim(one.id));
  const auto loaded = load(one.id);
  ASSERT_TRUE(loaded.has_value()) << loaded.error().what;
  EXPECT_EQ(loaded->content, std::string(kHeader) + std::string(kBody));
  EXPECT_EQ(loaded->record.recipient, "acme@crm.example");

  spool_->delivered(one.id);
  EXPECT_TRUE(settle());
  EXPECT_THAT(names("committed"), IsEmpty());
  EXPECT_EQ(prepare_one(draft("k1")).state, State::Delivered);
}

TEST_F(SpoolTest, ACopyThatCannotBeReadIsFreeAgainSoon) {
  open();
  const std::string id = owe("k1");
  EXPECT_TRUE(spool_->claim(id));
  std::filesystem::rename(path("committed", id), path("held", id));
  EXPECT_FALSE(load(id).has_value()) << "an administrator holds it";
  std::filesystem::rename(path("held", id), path("committed", id));
  look_around();
  EXPECT_THAT(due(), IsEmpty()) << "not at once";
  now_ += kDay;
  EXPECT_THAT(due(), ElementsAre(id));
  EXPECT_TRUE(spool_->claim(id));
  std::filesystem::remove(path("committed", id));
  EXPECT_FALSE(load(id).has_value()) << "an administrator removed it";
  look_around();
  EXPECT_THAT(due(), IsEmpty());
  EXPECT_EQ(prepare_one(draft("k1")).state, State::Prepared) << "nothing of it is left";
}

TEST_F(SpoolTest, AnExpiredCopyThatCannotBeReadIsNotReadEachSecond) {
  open();
  const std::string id = owe("k1");
  now_ += 5 * kDay;
  std::filesystem::rename(path("committed", id), path("held", id));
  ASSERT_TRUE(spool_->claim(id));
  EXPECT_FALSE(load(id).has_value());
  EXPECT_THAT(spool_->expired(1), IsEmpty());
  EXPECT_FALSE(spool_->claim(id)) << "whoever was told of it before";
  now_ += std::chrono::seconds(limits::kUnreadRetry).count();
  EXPECT_EQ(spool_->expired(1).size(), 1u);
  EXPECT_TRUE(spool_->claim(id));
}

TEST_F(SpoolTest, AnAbortedCopyLeavesNothing) {
  open();
  const Prepared one = prepare_one(draft("k1"));
  spool_->abort({one.id});
  EXPECT_TRUE(settle());
  EXPECT_THAT(names("prepared"), IsEmpty());
  EXPECT_EQ(prepare_one(draft("k1")).state, State::Prepared);
}

TEST_F(SpoolTest, WhatANewProcessFindsPreparedIsInDoubtAndTakenOver) {
  open();
  const Prepared one = prepare_one(draft("k1"));
  open();
  EXPECT_THAT(due(), IsEmpty());
  const Prepared again = prepare_one(draft("k1"));
  EXPECT_EQ(again.state, State::InDoubt);
  EXPECT_EQ(again.id, one.id);
  EXPECT_TRUE(commit(again.id));
  EXPECT_THAT(names("committed"), ElementsAre(one.id));
}

TEST_F(SpoolTest, WhatIsOwedIsOwedByTheNextProcess) {
  open();
  const std::string id = owe("k1");
  open();
  EXPECT_THAT(due(), ElementsAre(id));
  EXPECT_EQ(prepare_one(draft("k1")).state, State::Committed);
}

TEST_F(SpoolTest, TwoSessionsWithTheSameCopyMakeOne) {
  open();
  const Prepared first = prepare_one(draft("k1"));
  const Prepared second = prepare_one(draft("k1"));
  EXPECT_EQ(second.state, State::Prepared);
  EXPECT_FALSE(second.claimed) << "the first delivers it";
  EXPECT_TRUE(commit(second.id));
  EXPECT_THAT(due(), IsEmpty()) << "the first has claimed it";
  EXPECT_TRUE(commit(first.id));
  EXPECT_EQ(names("committed").size(), 1u);
  spool_->release(first.id);
  EXPECT_EQ(due().size(), 1u);
}

TEST_F(SpoolTest, AnAbortTakesNothingFromAnotherSession) {
  open();
  const Prepared first = prepare_one(draft("k1"));
  const Prepared second = prepare_one(draft("k1"));
  spool_->abort({first.id});
  EXPECT_TRUE(settle());
  EXPECT_EQ(names("prepared").size(), 1u);
  EXPECT_TRUE(commit(second.id));
  EXPECT_THAT(due(), ElementsAre(first.id)) << "nobody delivers it by himself any more";
}

TEST_F(SpoolTest, ADeliveredCopyIsCommittedForTheSecondSessionToo) {
  open();
  const Prepared first = prepare_one(draft("k1"));
  const Prepared second = prepare_one(draft("k1"));
  EXPECT_TRUE(commit(first.id));
  spool_->delivered(first.id);
  EXPECT_TRUE(commit(second.id));
  EXPECT_THAT(names("committed"), IsEmpty());
  EXPECT_EQ(prepare_one(draft("k1")).state, State::Delivered);
}

TEST_F(SpoolTest, BothAbortedLeavesNothing) {
  open();
  const Prepared first = prepare_one(draft("k1"));
  const Prepared second = prepare_one(draft("k1"));
  spool_->abort({first.id});
  spool_->abort({second.id});
  EXPECT_TRUE(settle());
  EXPECT_THAT(names("prepared"), IsEmpty());
}

TEST_F(SpoolTest, DoubtOfOneSessionOutlivesTheAbortOfAnother) {
  open();
  const Prepared first = prepare_one(draft("k1"));
  const Prepared second = prepare_one(draft("k1"));
  spool_->leave_in_doubt({first.id});
  spool_->abort({second.id});
  EXPECT_TRUE(settle());
  const Prepared third = prepare_one(draft("k1"));
  EXPECT_EQ(third.state, State::InDoubt);
  EXPECT_TRUE(third.claimed);
  spool_->abort({third.id});
  EXPECT_TRUE(settle());
  EXPECT_EQ(prepare_one(draft("k1")).state, State::InDoubt) << "the first original may have arrived";
}

TEST_F(SpoolTest, OneCallWithTheSameCopyTwiceWritesItOnce) {
  open();
  std::vector<Draft> drafts;
  drafts.push_back(draft("k1"));
  drafts.push_back(draft("k1"));
  const auto prepared = prepare(std::move(drafts));
  ASSERT_TRUE(prepared.has_value());
  EXPECT_EQ(names("prepared").size(), 1u);
  EXPECT_TRUE(wait(spool_->commit(*loop_, {(*prepared)[0].id, (*prepared)[1].id})));
  EXPECT_EQ(names("committed").size(), 1u);
}

TEST_F(SpoolTest, CopiesWithoutAKeyAreAlwaysNew) {
  open();
  prepare_one(draft(""));
  EXPECT_EQ(prepare_one(draft("")).state, State::Prepared);
  EXPECT_EQ(names("prepared").size(), 2u);
}

TEST_F(SpoolTest, AFailedCopyIsGoneAndMayComeAgain) {
  open();
  const std::string id = owe("k1");
  ASSERT_TRUE(spool_->claim(id));
  spool_->failed(id);
  EXPECT_EQ(prepare_one(draft("k1")).state, State::Prepared);
  EXPECT_THAT(names("committed"), IsEmpty());
}

TEST_F(SpoolTest, ADeferredCopyIsDueAtItsTime) {
  open();
  const std::string id = owe("k1");
  ASSERT_TRUE(spool_->claim(id));
  spool_->deferred(id, {.what = Event::What::Tried, .time = now_, .text = "451"}, now_ + 60);
  EXPECT_THAT(due(), IsEmpty());
  now_ += 59;
  EXPECT_THAT(due(), IsEmpty());
  now_ += 1;
  EXPECT_THAT(due(), ElementsAre(id));
}

TEST_F(SpoolTest, AnExpiredCopyIsReportedAndNotTried) {
  open();
  const std::string id = owe("k1");
  now_ += 5 * kDay;
  EXPECT_THAT(due(), IsEmpty());
  const auto expired = spool_->expired(10);
  ASSERT_EQ(expired.size(), 1u);
  EXPECT_EQ(expired.front().id, id);
  EXPECT_TRUE(spool_->claim(id));
  EXPECT_THAT(spool_->expired(10), IsEmpty()) << "somebody reports it";
  spool_->failed(id);
  EXPECT_TRUE(settle());
  EXPECT_THAT(names("committed"), IsEmpty());
}

TEST_F(SpoolTest, WhatWaitsIsToldByUserOldestFirst) {
  open();
  std::vector<std::string> annas;
  for (int i = 0; i < 4; ++i) {
    Draft one = draft("k" + std::to_string(i));
    one.record.created += 10 - i;
    const Prepared prepared = prepare_one(std::move(one));
    EXPECT_TRUE(commit(prepared.id));
    spool_->release(prepared.id);
    annas.insert(annas.begin(), prepared.id);
  }
  const std::string toms = owe("k9", "tom@acme.example");
  const auto ids = [](const std::vector<Waiting>& waiting) {
    std::vector<std::string> found;
    for (const Waiting& one : waiting) found.push_back(one.id);
    return found;
  };
  EXPECT_EQ(ids(spool_->waiting_for("acme", "anna@acme.example", 10)), annas);
  EXPECT_THAT(ids(spool_->waiting_for("acme", "anna@acme.example", 2)), ElementsAre(annas[0], annas[1]));
  EXPECT_THAT(ids(spool_->waiting_for("acme", "tom@acme.example", 10)), ElementsAre(toms));
  EXPECT_THAT(spool_->waiting_for("other", "tom@acme.example", 10), IsEmpty());
  EXPECT_THAT(spool_->due([](std::string_view tenant) { return tenant != "acme"; }, 10), IsEmpty());
}

TEST_F(SpoolTest, AFullSpoolTakesNoMore) {
  size_limit_ = 2 * (kHeader.size() + kBody.size());
  open();
  const std::string first = owe("k1");
  EXPECT_TRUE(spool_->accepts());
  owe("k2");
  EXPECT_FALSE(spool_->accepts());
  open();
  EXPECT_FALSE(spool_->accepts()) << "what is there is counted";
  spool_->claim(first);
  spool_->delivered(first);
  EXPECT_TRUE(spool_->accepts());
}

TEST_F(SpoolTest, AFileIsWrittenAnewAndKeepsNothingOfTheCopyBefore) {
  open();
  const std::string first = owe("k1");
  ASSERT_TRUE(spool_->claim(first));
  const auto inode = [](const std::string& file) {
    struct stat status = {};
    EXPECT_EQ(::stat(file.c_str(), &status), 0) << file;
    return status.st_ino;
  };
  const auto before = inode(path("committed", first));
  spool_->delivered(first);
  EXPECT_TRUE(settle());
  EXPECT_THAT(names("spare"), ElementsAre(first));
  Draft shorter = draft("k2");
  shorter.body = "x\r\n";
  const Prepared second = prepare_one(std::move(shorter));
  EXPECT_EQ(inode(path("prepared", second.id)), before);
  EXPECT_THAT(names("spare"), IsEmpty());
  EXPECT_TRUE(commit(second.id));
  const auto loaded = load(second.id);
  ASSERT_TRUE(loaded.has_value()) << loaded.error().what;
  EXPECT_EQ(loaded->content, std::string(kHeader) + "x\r\n");
}

TEST_F(SpoolTest, WhatNobodyTakesIsGoneAtTheSecondGlance) {
  open();
  const std::string id = owe("k1");
  ASSERT_TRUE(spool_->claim(id));
  spool_->delivered(id);
  EXPECT_TRUE(settle());  // a glance in the same batch would come before the removal
  spool_->glance();
  EXPECT_TRUE(settle());
  EXPECT_THAT(names("spare"), ElementsAre(id));
  spool_->glance();
  EXPECT_TRUE(settle());
  EXPECT_THAT(names("spare"), IsEmpty());
  EXPECT_EQ(prepare_one(draft("k2")).state, State::Prepared);
}

TEST_F(SpoolTest, TheEndLeavesNoSpareFiles) {
  open();
  const std::string id = owe("k1");
  ASSERT_TRUE(spool_->claim(id));
  spool_->delivered(id);
  spool_.reset();
  EXPECT_THAT(names("spare"), IsEmpty());
}

TEST_F(SpoolTest, AViewOfALargeCopyKeepsItsBytes) {
  open();
  const std::string body(limits::kLoadInMemory + 1, 'x');
  Draft large = draft("k1");
  large.body = body;
  const Prepared one = prepare_one(std::move(large));
  EXPECT_TRUE(commit(one.id));
  const auto loaded = load(one.id);
  ASSERT_TRUE(loaded.has_value()) << loaded.error().what;
  ASSERT_TRUE(loaded->mapped);
  spool_->delivered(one.id);
  const std::string next(body.size(), 'y');
  Draft another = draft("k2");
  another.body = next;
  prepare_one(std::move(another));
  EXPECT_EQ(loaded->content, std::string(kHeader) + body) << "another copy's would go to the wrong CRM";
}

TEST_F(SpoolTest, ABackupOfACopyKeepsItsContent) {
  open();
  const std::string id = owe("k1");
  const std::string backup = folder_ / "backup";
  std::filesystem::create_hard_link(path("committed", id), backup);
  ASSERT_TRUE(spool_->claim(id));
  spool_->delivered(id);
  EXPECT_TRUE(settle());
  prepare_one(draft("k2"));
  EXPECT_THAT(names("spare"), IsEmpty());
  EXPECT_TRUE(read(backup).ends_with(kBody));
}

TEST_F(SpoolTest, LargeContentIsWrittenAndReadBack) {
  open();
  const auto body = std::make_shared<std::string>(25 * 1024 * 1024 + 7, 'x');
  Draft large = draft("k1");
  large.body = *body;
  large.keep = body;
  const Prepared one = prepare_one(std::move(large));
  EXPECT_TRUE(commit(one.id));
  const auto loaded = load(one.id);
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(loaded->content.size(), kHeader.size() + body->size());
  EXPECT_EQ(body.use_count(), 1) << "the spool borrows no longer";
}

#if !__has_feature(thread_sanitizer)  // its shadow of every page would be counted too
/// Memory of this process, in bytes.
std::size_t resident() {
  std::size_t total = 0, pages = 0;
  std::ifstream("/proc/self/statm") >> total >> pages;
  return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

TEST_F(SpoolTest, ManyLargeCopiesUnderWayCostLittleMemory) {
  constexpr std::size_t kSize = 25 * 1024 * 1024, kSessions = 20, kMost = 100 * 1024 * 1024;
  open();
  std::string id;
  {
    const std::string body(kSize, 'x');
    Draft large = draft("k1");
    large.body = body;
    id = prepare_one(std::move(large)).id;
    EXPECT_TRUE(commit(id));
  }
  const std::size_t before = resident();
  std::vector<Loaded> under_way;
  for (std::size_t i = 0; i < kSessions; ++i) {
    auto loaded = load(id);
    ASSERT_TRUE(loaded.has_value());
    ASSERT_TRUE(loaded->mapped);
    std::size_t size = 0;
    in_windows(loaded->content, loaded->mapped, limits::kForgetPages,
               [&size](std::string_view window) { size += std::ranges::count(window, 'x'); });
    EXPECT_EQ(size, kSize);
    under_way.push_back(std::move(*loaded));
  }
  EXPECT_LT(resident() - std::min(before, resident()), kMost);
}
#endif

TEST_F(SpoolTest, ALargeCopyThatIsDamagedIsSetAside) {
  open();
  const std::string body(3 * limits::kLoadInMemory + 1, 'x');
  for (const std::size_t at : {std::size_t{1}, body.size() / 2, body.size() - 1}) {
    Draft large = draft("k" + std::to_string(at));
    large.body = body;
    const std::string id = prepare_one(std::move(large)).id;
    EXPECT_TRUE(commit(id));
    std::fstream file(path("committed", id), std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(-static_cast<std::streamoff>(at), std::ios::end);
    file.put('y');
    file.close();
    EXPECT_FALSE(load(id).has_value());
    EXPECT_TRUE(settle());
    EXPECT_TRUE(std::filesystem::exists(path("aside", id)));
  }
}

/// A session on a loop of its own: `count` copies, of which each third is delivered, deferred or aborted.
net::Task<void> session(net::Loop& loop, Spool& spool, std::string name, int count,
                        std::vector<std::string>& owed) {
  for (int i = 0; i < count; ++i) {
    std::vector<Draft> drafts;
    drafts.push_back(draft(name + std::to_string(i)));
    const auto prepared = co_await spool.prepare(loop, std::move(drafts));
    const std::string id = prepared.value().front().id;
    spool.look_around();
    spool.expired(1);
    if (i % 3 == 0) {
      spool.abort({id});
      continue;
    }
    const std::vector<std::string> ids = {id};
    const bool committed = co_await spool.commit(loop, ids);
    EXPECT_TRUE(committed);
    EXPECT_FALSE(spool.claim(id));
    if (i % 3 == 1) {
      spool.delivered(id);
    } else {
      spool.deferred(id, {.what = Event::What::Tried, .time = kStart, .text = "451"}, kStart);
      owed.push_back(id);
    }
  }
  loop.close_door();
}

TEST_F(SpoolTest, ManyLoopsAtOnceLoseNothing) {
  open();
  constexpr int kLoops = 4;
  std::array<std::vector<std::string>, kLoops> owed;
  // All at the same time and to the end: ThreadSanitizer misses how libuv closes descriptors and openat()
  // makes them, and takes a number that is used again for a race.
  std::array<net::Loop, kLoops> loops;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kLoops; ++i) {
    loops[i].spawn(session(loops[i], *spool_, "k" + std::to_string(i) + "-", 60, owed[i]));
    threads.emplace_back([&loop = loops[i]] { loop.run(); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(settle());
  std::vector<std::string> all;
  for (const auto& some : owed) all.insert(all.end(), some.begin(), some.end());
  EXPECT_EQ(all.size(), 80u);
  EXPECT_THAT(due(), UnorderedElementsAreArray(all));
  EXPECT_THAT(names("committed"), UnorderedElementsAreArray(all));
  EXPECT_THAT(names("prepared"), IsEmpty());
  open();
  EXPECT_THAT(due(), UnorderedElementsAreArray(all));
}

TEST_F(SpoolTest, AJobWhoseLoopIsGoneIsDoneAllTheSame) {
  open();
  std::vector<Draft> drafts;
  drafts.push_back(draft("k1"));
  net::Loop closed;
  closed.close_door();
  spool_->prepare(closed, std::move(drafts));
  EXPECT_TRUE(settle());
  EXPECT_EQ(names("prepared").size(), 1u);
}

TEST_F(SpoolTest, TheEndWaitsForWhatWasAsked) {
  open();
  const std::string id = owe("k1");
  spool_->claim(id);
  spool_->delivered(id);
  spool_.reset();
  EXPECT_THAT(names("committed"), IsEmpty());
}

TEST_F(SpoolTest, NobodyLoadsWhatIsGone) {
  open();
  const auto loaded = load("0f3kq9w2m7xz1abc");
  ASSERT_FALSE(loaded.has_value());
  EXPECT_EQ(loaded.error().what, "copy 0f3kq9w2m7xz1abc is gone");
}

}  // namespace
}  // namespace privet::spool
