// The file of the state: who may read it, what becomes of a damaged one, and what of that can be saved.
#include "proxy/state/database_file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/proxy/state/support.h"

namespace privet::state {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;

class DatabaseFileTest : public StoreTest {
 protected:
  static mode_t mode(const std::string& path) {
    struct stat found{};
    EXPECT_EQ(::stat(path.c_str(), &found), 0) << path;
    return found.st_mode & 0777;
  }
  std::string damaged() const { return file() + ".damaged"; }
  std::string salvaged() const { return file() + ".salvaged"; }
  std::string open_error() {
    store_.reset();
    const auto opened = Store::open({.folder = folder(), .clock = nullptr});
    return opened ? "" : opened.error().what;
  }
  /// Overwrites what is from `offset` on, of a store that is closed.
  void garble(std::uintmax_t offset, std::size_t length) {
    std::fstream out(file(), std::ios::binary | std::ios::in | std::ios::out);
    out.seekp(static_cast<std::streamoff>(offset));
    out << std::string(length, '\xee');
    ASSERT_TRUE(out.good());
  }
  std::uintmax_t size() const { return fs::file_size(file()); }
  /// Enough for many pages.
  void fill() {
    const MailboxState state = load().state;
    std::vector<Classified> messages;
    for (std::uint32_t uid = 1; uid <= 5000; ++uid) messages.push_back(redacted(uid));
    ASSERT_TRUE(add(state.id, std::move(messages), 5000));
    ASSERT_TRUE(announce(state.id, 5001));
  }
};

TEST_F(DatabaseFileTest, IsItsOwnersOnly) {
  open();
  seen();
  EXPECT_EQ(mode(folder()), 0700u);
  for (const auto& entry : fs::directory_iterator(folder())) EXPECT_EQ(mode(entry.path()), 0600u) << entry;
  EXPECT_TRUE(fs::exists(file() + "-wal"));
}

TEST_F(DatabaseFileTest, IsOneProcesss) {
  open();
  const auto second = Store::open({.folder = folder(), .clock = nullptr});
  ASSERT_FALSE(second.has_value());
  EXPECT_THAT(second.error().what, HasSubstr("another process"));
}

TEST_F(DatabaseFileTest, ThatCannotBeMadeIsAnError) {
  const auto opened = Store::open({.folder = folder_ / "no/such/folder", .clock = nullptr});
  ASSERT_FALSE(opened.has_value());
  EXPECT_THAT(opened.error().what, HasSubstr("no/such/folder: No such file"));
}

TEST_F(DatabaseFileTest, OfALaterVersionIsLeftAlone) {
  open();
  tamper("PRAGMA user_version = 3");
  EXPECT_THAT(open_error(), HasSubstr("of a later Privet"));
  EXPECT_FALSE(fs::exists(salvaged()));
}

TEST_F(DatabaseFileTest, OfTheFirstVersionIsTakenOver) {
  open();
  const Loaded before = seen();
  tamper("DROP TABLE modseq; PRAGMA user_version = 1");
  open();
  const Loaded after = load();
  EXPECT_EQ(after.state, before.state);
  EXPECT_EQ(after.messages, before.messages);
  const auto modseqs = wait(store_->raise_modseq(loop(), after.state.id, 12));
  ASSERT_TRUE(modseqs.has_value());
  EXPECT_EQ(*modseqs, (ModSeqs{.offset = 0, .highest = 12}));
  store_.reset();
  EXPECT_EQ(count("PRAGMA user_version"), 2);
}

TEST_F(DatabaseFileTest, ThatIsNoDatabaseIsSetAside) {
  open();
  seen();
  store_.reset();
  garble(0, 4096);
  open();
  EXPECT_TRUE(fs::exists(salvaged()));
  EXPECT_EQ(load().state.uid_validity, kStart) << "above all that was shown before";
  EXPECT_EQ(load(inbox("tom@acme.example"), 1'900'000'000).state.uid_validity, 1'900'000'001u);
}

TEST_F(DatabaseFileTest, ThatIsEmptyIsALossToo) {
  open();
  seen();
  store_.reset();
  fs::resize_file(file(), 0);
  open();
  EXPECT_EQ(load().state.uid_validity, kStart);
}

TEST_F(DatabaseFileTest, ThatAnAdministratorSetsAsideIsALossToo) {
  open();
  seen();
  store_.reset();
  fs::rename(file(), damaged());
  open();
  EXPECT_TRUE(load().state.is_behind());
  EXPECT_EQ(load(inbox("new@acme.example")).state.uid_validity, kStart);
}

TEST_F(DatabaseFileTest, OneThatWasSalvagedIsNotBelievedAgain) {
  open();
  seen();
  store_.reset();
  fs::rename(file(), damaged());
  open();
  const MailboxId id = load().state.id;
  EXPECT_TRUE(add(id, {}, 9));
  EXPECT_TRUE(announce(id, 10));
  store_.reset();
  fs::remove(file());
  open();
  const MailboxState state = load().state;
  EXPECT_EQ(state.uid_validity, kStart);
  EXPECT_FALSE(state.is_behind());
}

TEST_F(DatabaseFileTest, AnEmptyOneSetAsideTellsOfALoss) {
  fs::create_directory(folder());
  folder_.write("view/state.sqlite.damaged", "");
  open();
  EXPECT_EQ(load().state.uid_validity, kStart);
}

TEST_F(DatabaseFileTest, IsMadeWholeOrNotAtAll) {
  fs::create_directory(folder());
  folder_.write("view/state.sqlite.new", "half");
  folder_.write("view/state.sqlite.new-journal", "of it");
  open();
  EXPECT_EQ(load().state.uid_validity, kReal) << "nothing was lost";
  EXPECT_FALSE(fs::exists(file() + ".new"));
}

TEST_F(DatabaseFileTest, WhatWasAnnouncedIsSavedFromATruncatedOne) {
  open();
  fill();
  store_.reset();
  fs::resize_file(file(), size() / 2);
  open();
  const Loaded loaded = load();
  EXPECT_EQ(loaded.state.uid_validity, kReal) << "the same messages will come out the same";
  EXPECT_EQ(loaded.state.announced_uid_next, 5001u);
  EXPECT_EQ(loaded.state.frontier, 0u);
  EXPECT_THAT(loaded.messages, IsEmpty());
  EXPECT_TRUE(loaded.state.is_behind()) << "until everything is classified again";
  EXPECT_TRUE(add(loaded.state.id, {verbatim(1)}, 5000));
  EXPECT_FALSE(load().state.is_behind());
}

TEST_F(DatabaseFileTest, DamageThatShowsLaterIsMendedWhileRunning) {
  open();
  fill();
  store_.reset();
  garble(size() / 2, size() / 2);
  open();
  const MailboxId before = 1;
  EXPECT_FALSE(fs::exists(salvaged())) << "mailboxes are whole";
  EXPECT_FALSE(try_load().has_value());
  const Loaded loaded = load();
  EXPECT_TRUE(fs::exists(salvaged()));
  EXPECT_TRUE(loaded.state.is_behind());
  EXPECT_GT(loaded.state.id, before);
  EXPECT_FALSE(announce(before, 2)) << "of a life in the other file";
}

TEST_F(DatabaseFileTest, AMessageWithoutAClassIsDamage) {
  open();
  seen();
  tamper("UPDATE message SET class = 3 WHERE uid = 2");
  open();
  EXPECT_FALSE(try_load().has_value());
  EXPECT_TRUE(load().state.is_behind());
}

TEST_F(DatabaseFileTest, AMailboxThatIsNotAsItWasWrittenIsNotBelieved) {
  open();
  seen();
  const MailboxState other = seen(inbox("tom@acme.example")).state;
  tamper("UPDATE mailbox SET announced_uid_next = 3 WHERE account = 'anna@acme.example'");
  now_ += 5;
  open();
  EXPECT_TRUE(fs::exists(salvaged()));
  EXPECT_EQ(load().state.uid_validity, kStart + 5);
  const Loaded saved = load(inbox("tom@acme.example"));
  EXPECT_EQ(saved.state.uid_validity, other.uid_validity);
  EXPECT_TRUE(saved.state.is_behind());
}

TEST_F(DatabaseFileTest, LostDecisionsThatWouldComeOutOtherwiseCostANewUidValidity) {
  open();
  const MailboxId id = seen().state.id;
  ASSERT_TRUE(apply(id, {.from = kEpochs, .to = kStricter, .hide = {1}}).has_value());
  const MailboxId other = seen(inbox("tom@acme.example")).state.id;
  store_.reset();
  fs::rename(file(), damaged());
  open();
  const Loaded sticky = load(inbox(), kReal, kStricter);
  EXPECT_EQ(sticky.state.uid_validity, kReal + 1) << "message 1 was hidden for ever";
  EXPECT_FALSE(sticky.state.is_behind());
  const Loaded changed = load(inbox("tom@acme.example"), kReal, kStricter);
  EXPECT_EQ(changed.state.uid_validity, kReal + 1) << "was decided under another policy";
  EXPECT_NE(changed.state.id, other);
  EXPECT_FALSE(changed.state.is_behind());
}

TEST_F(DatabaseFileTest, ALossIsRememberedThroughTheNextOne) {
  open();
  seen();
  store_.reset();
  garble(0, 4096);
  open();
  const std::uint32_t shown = load().state.uid_validity;
  now_ += 1;
  store_.reset();
  garble(0, 4096);
  open();
  EXPECT_GT(load().state.uid_validity, shown);
}

}  // namespace
}  // namespace privet::state
