// What stands in the folders when a process comes, and what an administrator does to them.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "proxy/limits.h"
#include "proxy/spool/browse.h"
#include "tests/proxy/spool/support.h"

namespace privet::spool {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

using RecoveryTest = SpoolTest;

std::string write(const std::string& file, std::string_view bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
  return file;
}

TEST_F(RecoveryTest, AnUnfinishedFileIsRemoved) {
  open();
  spool_.reset();
  write(path("spare", "0f3kq9w2m7xz1abc"), "privet-copy 1");
  open();
  EXPECT_THAT(names("spare"), IsEmpty());
  EXPECT_THAT(names("prepared"), IsEmpty());
  EXPECT_THAT(names("aside"), IsEmpty());
}

TEST_F(RecoveryTest, ATornFileIsSetAside) {
  open();
  const std::string owed = owe("k1");
  const std::string doubtful = prepare_one(draft("k2")).id;
  spool_.reset();
  fs::resize_file(path("committed", owed), fs::file_size(path("committed", owed)) - 1);
  // The size is there and the bytes are not: seen by the digest only.
  const auto size = fs::file_size(path("prepared", doubtful));
  fs::resize_file(path("prepared", doubtful), size - 1);
  fs::resize_file(path("prepared", doubtful), size);
  open();
  EXPECT_THAT(names("aside"), UnorderedElementsAre(owed, doubtful));
  EXPECT_THAT(due(), IsEmpty());
  EXPECT_EQ(prepare_one(draft("k2")).state, State::Prepared);
}

TEST_F(RecoveryTest, ForeignThingsAreSetAsideAndNothingIsFollowed) {
  open();
  const std::string id = owe("k1");
  spool_.reset();
  const std::string outside = write(folder_ / "outside", "precious");
  for (const char* const state : {"prepared", "committed", "held"}) {
    write(path(state, "README.txt"), "foreign");
    write(path(state, "empty"), "");
    fs::create_directories(path(state, "folder/inner"));
    fs::create_symlink(outside, path(state, "link"));
    fs::create_symlink(path("committed", id), path(state, "linkToACopy"));
    ASSERT_EQ(mkfifo(path(state, "pipe").c_str(), 0600), 0);
  }
  fs::create_directory(path("prepared", ".folder"));
  write(path("prepared", ".0f3kq9w2m7xz1abc"), "hidden");
  fs::copy_file(path("committed", id), path("held", "othername"));
  open();
  EXPECT_THAT(names("prepared"), IsEmpty());
  EXPECT_THAT(names("committed"), ElementsAre(id));
  EXPECT_THAT(names("held"), IsEmpty());
  EXPECT_EQ(names("aside").size(), 3 * 6 + 3u);
  EXPECT_EQ(read(outside), "precious");
  EXPECT_THAT(due(), ElementsAre(id));
}

TEST_F(RecoveryTest, AFileInTwoFoldersIsOneCopy) {
  open();
  const std::string id = owe("k1");
  fs::copy_file(path("committed", id), path("held", id));
  look_around();
  EXPECT_THAT(names("aside"), ElementsAre(id));
  EXPECT_THAT(due(), IsEmpty()) << "held is the safer reading";
}

TEST_F(RecoveryTest, AGlanceSeesANudgeAtOnceAndOtherMovesInTime) {
  open();
  const std::string id = owe("k1");
  look_around();
  fs::rename(path("committed", id), path("held", id));
  spool_->glance();
  settle();
  EXPECT_THAT(due(), ElementsAre(id)) << "nothing was read";
  now_ += limits::kSpoolLook.count();
  spool_->glance();
  settle();
  EXPECT_THAT(due(), IsEmpty());
  ASSERT_TRUE(release(folder(), id, now_).has_value());
  spool_->glance();
  settle();
  EXPECT_THAT(due(), ElementsAre(id));
}

TEST_F(RecoveryTest, ACopyDamagedOnDiskIsSetAsideWhenItIsLoaded) {
  open();
  const std::string id = owe("k1");
  std::string bytes = read(path("committed", id));
  bytes[bytes.size() - 3] ^= 1;
  write(path("committed", id), bytes);
  ASSERT_TRUE(spool_->claim(id));
  EXPECT_FALSE(load(id).has_value());
  settle();
  EXPECT_THAT(names("aside"), ElementsAre(id));
  EXPECT_THAT(due(), IsEmpty());
}

TEST_F(RecoveryTest, WhatIsInDoubtForADayIsDropped) {
  open();
  const std::string id = prepare_one(draft("k1")).id;
  now_ += kDay - 1;
  open();
  EXPECT_THAT(names("prepared"), ElementsAre(id));
  now_ += 1;
  look_around();
  EXPECT_THAT(names("prepared"), IsEmpty());
  EXPECT_EQ(prepare_one(draft("k1")).state, State::Prepared);
}

TEST_F(RecoveryTest, WhatASessionCarriesIsNotDropped) {
  open();
  const Prepared one = prepare_one(draft("k1"));
  now_ += 2 * kDay;
  look_around();
  EXPECT_TRUE(commit(one.id));
}

TEST_F(RecoveryTest, ACopyFromTheFutureIsFromNow) {
  open();
  Draft later = draft("k1");
  later.record.created += 1000 * kDay;
  later.record.expires += 1000 * kDay;
  const Prepared one = prepare_one(std::move(later));
  EXPECT_TRUE(commit(one.id));
  open();
  const auto waiting = spool_->due([](std::string_view) { return true; }, 10);
  ASSERT_EQ(waiting.size(), 1u);
  EXPECT_EQ(waiting.front().expires, now_ + 5 * kDay);
}

TEST_F(RecoveryTest, TheFileTimeIsTheNextTry) {
  open();
  const std::string id = owe("k1");
  ASSERT_TRUE(spool_->claim(id));
  spool_->deferred(id, {.what = Event::What::Tried, .time = now_, .text = "451 later"}, now_ + 300);
  settle();
  open();
  EXPECT_THAT(due(), IsEmpty());
  EXPECT_EQ(prepare_one(draft("k1")).state, State::Deferred);
  now_ += 300;
  EXPECT_THAT(due(), ElementsAre(id));
  spool_->claim(id);
  const auto loaded = load(id);
  ASSERT_TRUE(loaded.has_value());
  ASSERT_EQ(loaded->events.size(), 1u);
  EXPECT_EQ(loaded->events.front().text, "451 later");
}

TEST_F(RecoveryTest, AHeldCopyWaitsUntilItIsReleased) {
  open();
  const std::string id = owe("k1");
  ASSERT_TRUE(hold(folder(), id, now_).has_value());
  look_around();
  EXPECT_THAT(due(), IsEmpty());
  EXPECT_FALSE(spool_->claim(id));
  EXPECT_EQ(prepare_one(draft("k1")).state, State::Held);
  now_ += 10 * kDay;
  EXPECT_THAT(spool_->expired(10), IsEmpty()) << "whoever holds it decides";
  now_ -= 10 * kDay;
  ASSERT_TRUE(release(folder(), id, now_).has_value());
  look_around();
  EXPECT_THAT(due(), ElementsAre(id));
}

TEST_F(RecoveryTest, ACopyHeldWhileItIsDeliveredEndsAllTheSame) {
  open();
  const std::string arrives = owe("k1");
  const std::string waits = owe("k2");
  spool_->claim(arrives);
  spool_->claim(waits);
  ASSERT_TRUE(hold(folder(), arrives, now_).has_value());
  ASSERT_TRUE(hold(folder(), waits, now_).has_value());
  spool_->delivered(arrives);
  spool_->deferred(waits, {.what = Event::What::Tried, .time = now_, .text = "451"}, now_ + 60);
  EXPECT_TRUE(settle());
  EXPECT_THAT(names("held"), ElementsAre(waits));
  EXPECT_TRUE(spool_->accepts()) << "the disk is not to blame";
}

TEST_F(RecoveryTest, AHurriedCopyIsDue) {
  open();
  const std::string id = owe("k1");
  spool_->claim(id);
  spool_->deferred(id, {.what = Event::What::Tried, .time = now_, .text = "451"}, now_ + 3600);
  settle();
  ASSERT_TRUE(flush(folder(), id, now_).has_value());
  look_around();
  EXPECT_THAT(due(), ElementsAre(id));
}

TEST_F(RecoveryTest, ARemovedCopyIsForgotten) {
  open();
  const std::string id = owe("k1");
  ASSERT_TRUE(remove(folder(), id).has_value());
  look_around();
  EXPECT_THAT(due(), IsEmpty());
  EXPECT_EQ(prepare_one(draft("k1")).state, State::Prepared);
}

TEST_F(RecoveryTest, ACopyRemovedBeforeItsCommitIsSaidToBeLost) {
  open();
  const Prepared one = prepare_one(draft("k1"));
  ASSERT_TRUE(remove(folder(), one.id).has_value());
  look_around();
  EXPECT_FALSE(commit(one.id));
  EXPECT_TRUE(spool_->accepts());
}

TEST_F(RecoveryTest, ACopyPutBackIsTakenUp) {
  open();
  const std::string id = owe("k1");
  const std::string kept = folder_ / "kept";
  fs::rename(path("committed", id), kept);
  look_around();
  EXPECT_THAT(due(), IsEmpty());
  fs::rename(kept, path("committed", id));
  look_around();
  EXPECT_THAT(due(), ElementsAre(id));
}

TEST_F(RecoveryTest, AFileThatTheCrmHasAlreadyIsRemoved) {
  open();
  const std::string id = owe("k1");
  const std::string kept = folder_ / "kept";
  fs::copy_file(path("committed", id), kept);
  spool_->claim(id);
  spool_->delivered(id);
  settle();
  spool_.reset();
  // As if the process had died between keeping the key and removing the file.
  fs::rename(kept, path("committed", id));
  open();
  EXPECT_THAT(due(), IsEmpty());
  EXPECT_THAT(names("committed"), IsEmpty());
}

TEST_F(RecoveryTest, KeysOfDeliveredCopiesAreKeptForADay) {
  open();
  const std::string id = owe("k1");
  spool_->claim(id);
  spool_->delivered(id);
  settle();
  now_ += kDay - 1;
  open();
  EXPECT_EQ(prepare_one(draft("k1")).state, State::Delivered);
  now_ += 1;
  EXPECT_EQ(prepare_one(draft("k1")).state, State::Prepared);
}

TEST_F(RecoveryTest, DamagedKeysAreBegunAnew) {
  open();
  spool_.reset();
  for (const char* const part : {"-wal", "-shm"}) fs::remove(folder() + "/keys.sqlite" + part);
  write(folder() + "/keys.sqlite", std::string(5000, 'x'));
  open();
  const std::string id = owe("k1");
  spool_->claim(id);
  spool_->delivered(id);
  settle();
  open();
  EXPECT_EQ(prepare_one(draft("k1")).state, State::Delivered);
}

TEST_F(RecoveryTest, DuplicateKeysAreThisSpoolsOwnAndStayTheSame) {
  open();
  const std::string key = spool_->key_for("acme", "anna", "crm", "<1@x>", "00");
  EXPECT_EQ(key.size(), 64u);
  EXPECT_NE(key, spool_->key_for("acme", "ann", "acrm", "<1@x>", "00"));
  open();
  EXPECT_EQ(key, spool_->key_for("acme", "anna", "crm", "<1@x>", "00"));
  struct stat status = {};
  ASSERT_EQ(::stat((folder() + "/site.key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  spool_.reset();
  write(folder() + "/site.key", "short");
  open();
  EXPECT_NE(key, spool_->key_for("acme", "anna", "crm", "<1@x>", "00"));
}

TEST_F(RecoveryTest, ASecondProcessIsRefused) {
  open();
  const auto second = Spool::open({.folder = folder()});
  ASSERT_FALSE(second.has_value());
  EXPECT_NE(second.error().what.find(folder()), std::string::npos);
  EXPECT_NE(second.error().what.find("in use by another process"), std::string::npos);
}

TEST_F(RecoveryTest, AFolderThatCannotBeMadeIsNamed) {
  const std::string file = write(folder_ / "file", "");
  const auto opened = Spool::open({.folder = file + "/spool"});
  ASSERT_FALSE(opened.has_value());
  EXPECT_NE(opened.error().what.find(file + "/spool"), std::string::npos);
}

TEST_F(RecoveryTest, NobodyElseMayLookInside) {
  open();
  const std::string id = owe("k1");
  for (const std::string& made : {folder(), folder() + "/committed", path("committed", id)}) {
    struct stat status = {};
    ASSERT_EQ(::stat(made.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0077, 0u) << made;
  }
}

/// Just behind a restart: the folders are read while the copy arrives, and its message is there once more.
TEST_F(RecoveryTest, AMessageThatComesAgainWhileTheFoldersAreReadFindsWhatHasJustArrived) {
  for (const bool removed : {false, true}) {
    open();
    const std::string key = removed ? "k2" : "k1";
    const std::string id = owe(key);
    const auto test = std::this_thread::get_id();
    net::Loop asking;  // lives until the answer has come, unlike the one that each wait has
    std::optional<Ticket<Result<std::vector<Prepared>>>> again;
    // The writer asks for the time when it begins to look.
    const auto clock = [&, looked = std::make_shared<bool>(false)] {
      if (spool_ && std::this_thread::get_id() != test && !std::exchange(*looked, true)) {
        std::vector<Draft> drafts;
        drafts.push_back(draft(key));
        again.emplace(spool_->prepare(asking, std::move(drafts)));
        spool_->delivered(id);
        if (removed) fs::remove(path("committed", id));
      }
      return kStart;
    };
    spool_.reset();
    auto opened = Spool::open({.folder = folder(), .size_limit = 0, .clock = clock});
    ASSERT_TRUE(opened.has_value());
    spool_ = std::move(*opened);
    ASSERT_TRUE(spool_->claim(id));
    look_around();
    ASSERT_TRUE(again.has_value());
    std::optional<Result<std::vector<Prepared>>> prepared;
    asking.spawn(finish(std::move(*again), prepared, asking));
    asking.run();
    ASSERT_TRUE(prepared->has_value());
    EXPECT_EQ((*prepared)->front().state, State::Delivered);
    EXPECT_THAT(names("committed"), IsEmpty());
    EXPECT_THAT(names("prepared"), IsEmpty());
    spool_.reset();
  }
}

}  // namespace
}  // namespace privet::spool
