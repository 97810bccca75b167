// The split protocol's failure cases F13 and F17 to F33: the original was accepted, 250 was said, and the
// copy meets trouble. Counted at the upstream (originals_, copies_) and in the spool.
#include <cerrno>

#include "proxy/spool/digest.h"
#include "tests/proxy/split/support.h"
#include "tests/support/faulty_disk.h"

namespace privet::smtp {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class CopyTest : public SplitTest {
 protected:
  ~CopyTest() override { testing_support::disarm(); }

  /// The original is accepted, and the client knows.
  void send_well(const std::vector<std::string_view>& crm = {kCrm}) {
    EXPECT_EQ(send("250 2.0.0 queued", crm), "250 2.0.0 queued");
  }
  /// anna comes again with what waits due, gets this, and leaves.
  void next_session_takes(std::string_view recipient = kCrm) {
    come_again();
    take_copy({}, recipient);
    part();
    EXPECT_EQ(spool_after("empty"), "empty");
  }
};

TEST_F(CopyTest, F13ACopyThatCannotBeCommittedIsSentFromMemoryBehindThe250) {
  for (const char* const call : {"renameat", "fsync"}) {
    for (const int error : {ENOSPC, EIO, EROFS}) {
      SCOPED_TRACE(std::string(call) + " " + std::to_string(error));
      std::filesystem::remove_all(spool());
      originals_ = copies_ = 0;
      serve();
      log_in();
      submit();  // the dot comes behind PREPARE
      testing_support::arm(spool(), {.call = call, .from_then = true, .error = error});
      ++originals_;
      answer_with("250 2.0.0 queued");
      EXPECT_EQ(reply(), "250 2.0.0 queued");
      take_copy();
      testing_support::disarm();
      leave();
      EXPECT_EQ(spool_after("empty"), "empty");
      EXPECT_EQ(copies_, 1);
      server_.reset();
    }
  }
}

TEST_F(CopyTest, F13ACopyThatCouldNotBeCommittedIsMadeDurableAtItsDeferral) {
  serve();
  log_in();
  submit();
  testing_support::arm(spool(), {.call = "renameat", .error = EIO});
  answer_with("250 2.0.0 queued");
  EXPECT_EQ(reply(), "250 2.0.0 queued");
  take_copy({.mail = "451 4.3.2 later"});
  EXPECT_EQ(spool_after("1 deferred"), "1 deferred");
  leave();
  next_session_takes();
  EXPECT_EQ(copies_, 1);
}

TEST_F(CopyTest, F17ACopyThatIsDeferredAnywhereComesWithTheUsersNextSession) {
  for (const Script& script :
       {Script{.mail = "432 4.3.2 too many"}, Script{.rcpt = "450 4.2.1 busy"},
        Script{.data = "451 4.3.0 later"}, Script{.end = "421 4.3.2 shutting down"}, Script{.mail = "closed"},
        Script{.rcpt = "closed"}, Script{.data = "closed"}}) {
    SCOPED_TRACE(script.mail + " " + script.rcpt + " " + script.data + " " + script.end);
    originals_ = copies_ = 0;
    std::filesystem::remove_all(spool());
    serve();
    log_in();
    send_well();
    take_copy(script);
    EXPECT_EQ(spool_after("1 deferred"), "1 deferred");
    leave();
    next_session_takes();
    EXPECT_EQ(originals_, 1);
    EXPECT_EQ(copies_, 1);
    server_.reset();
  }
}

TEST_F(CopyTest, F18ARefusedCopyFailsAndItsSenderIsToldInTheNextSession) {
  for (const Script& script : {Script{.mail = "550 5.7.1 no"}, Script{.rcpt = "550 5.1.1 nobody"},
                               Script{.data = "554 5.7.1 no"}, Script{.end = "554 5.7.1 no"}}) {
    SCOPED_TRACE(script.mail + " " + script.rcpt + " " + script.data + " " + script.end);
    std::filesystem::remove_all(spool());
    copies_ = 0;
    serve();
    log_in();
    send_well();
    take_copy(script);
    EXPECT_EQ(spool_after("1 notice"), "1 notice");
    upstream_.reset();  // or the notice would go out on it at the end of this session
    client_.reset();
    come_again();
    const std::string notice = take_copy({}, "anna@acme.test");
    EXPECT_THAT(notice,
                AllOf(HasSubstr("Auto-Submitted: auto-replied"), HasSubstr("acme@pipedrivemail.com")));
    EXPECT_THAT(notice, Not(HasSubstr("Hello.")));
    part();
    EXPECT_EQ(spool_after("empty"), "empty");
    EXPECT_EQ(copies_, 1) << "the notice";
    server_.reset();
  }
}

TEST_F(CopyTest, F18ARefusedAddressIsRefusedAtRcptFromThenOn) {
  serve("copy: {notify: never}\n");
  log_in();
  send_well();
  take_copy({.rcpt = "550 5.1.1 nobody of that name"});
  EXPECT_EQ(spool_after("empty"), "empty");
  EXPECT_EQ(ask("MAIL FROM:<anna@acme.test>", "250 2.1.0 ok"), "250 2.1.0 ok");
  EXPECT_EQ(say("RCPT TO:<ACME@pipedrivemail.com>"), "550 5.1.1 nobody of that name");
  EXPECT_EQ(say("RCPT TO:<acme+2@pipedrivemail.com>"), "250 2.1.5 Ok");
  leave();
}

TEST_F(CopyTest, F18AContentThatIsRefusedIsNotTheAddresssFault) {
  serve("copy: {notify: never}\n");
  log_in();
  send_well();
  take_copy({.end = "554 5.7.1 no"});
  EXPECT_EQ(spool_after("empty"), "empty");
  open_transaction();
  leave();
}

TEST_F(CopyTest, F19ACopyWhoseEndIsNotAnsweredIsTriedOnceMore) {
  serve();
  log_in();
  send_well();
  take_copy({.end = "closed"});
  EXPECT_EQ(spool_after("1 deferred"), "1 deferred");
  client_.reset();
  come_again();
  take_copy({.end = "closed"});
  EXPECT_EQ(spool_after("1 notice"), "1 notice") << "a third try would be one too many";
}

TEST_F(CopyTest, F20EachOfSeveralCopiesGoesItsOwnWay) {
  constexpr std::string_view kThird = "acme+3@pipedrivemail.com";
  serve("copy: {notify: never}\n");
  log_in();
  send_well({kCrm, kOtherCrm, kThird});
  take_copy();
  take_copy({.rcpt = "450 4.2.1 busy"}, kOtherCrm);
  take_copy({.rcpt = "550 5.1.1 nobody"}, kThird);
  EXPECT_EQ(spool_after("1 deferred"), "1 deferred");
  leave();
  come_again();
  take_copy({}, kOtherCrm);
  part();
  EXPECT_EQ(spool_after("empty"), "empty");
  EXPECT_EQ(originals_, 1);
  EXPECT_EQ(copies_, 2);
}

TEST_F(CopyTest, F20TheSameMessageAgainBringsOnlyWhatIsNotThereYet) {
  serve();
  log_in();
  send_well({kCrm, kOtherCrm});
  take_copy();
  take_copy({.rcpt = "450 4.2.1 busy"}, kOtherCrm);
  EXPECT_EQ(spool_after("1 deferred"), "1 deferred");
  send_well({kCrm, kOtherCrm});
  leave();
  EXPECT_EQ(spool_after("1 deferred"), "1 deferred");
  come_again();
  take_copy({}, kOtherCrm);
  part();
  EXPECT_EQ(originals_, 2) << "an original is sent as often as it comes";
  EXPECT_EQ(copies_, 2);
}

TEST_F(CopyTest, ACopyDueGoesOutBeforeTheClientSaysQuitAndWithinItsLinger) {
  serve();
  log_in();
  send_well();
  EXPECT_EQ(heard(), "MAIL FROM:<anna@acme.test>");
  EXPECT_EQ(say("QUIT"), "221 2.0.0 Bye") << "while the copy is under way";
  EXPECT_EQ(reply(), "closed");
  EXPECT_EQ(heard(), "RCPT TO:<acme@pipedrivemail.com>");
  answer_with("250 ok");
  answer_with("250 ok");
  EXPECT_EQ(heard(), "DATA");
  answer_with("354 go on");
  EXPECT_TRUE(upstream_->content());
  answer_with("250 ok");
  part();
  EXPECT_EQ(spool_after("empty"), "empty");
}

TEST_F(CopyTest, AnotherUsersSessionBringsNothingOfMine) {
  serve();
  log_in();
  send_well();
  take_copy({.mail = "451 4.3.2 later"});
  EXPECT_EQ(spool_after("1 deferred"), "1 deferred");
  leave();
  server_.reset();
  hurry();
  serve();
  log_in("", "AGJlcnRAYWNtZS50ZXN0AHNlY3JldA==");  // bert@acme.test
  leave();
  EXPECT_EQ(spool_after("1 deferred"), "1 deferred");
}

/// MAIL within a transaction is a 5xx everywhere: what waits would have failed for good.
TEST_F(CopyTest, WhatWaitsIsNotTriedWithinATransactionThatWasLeftOpen) {
  for (const bool politely : {true, false}) {
    std::filesystem::remove_all(spool());
    originals_ = copies_ = 0;
    serve();
    log_in();
    send_well({kOtherCrm});
    take_copy({.mail = "451 4.3.2 later"}, kOtherCrm);
    EXPECT_EQ(spool_after("1 deferred"), "1 deferred");
    leave();
    server_.reset();
    hurry();
    serve();
    log_in();
    const std::string again = "X-Again: yes\r\n" + std::string(kMessage);
    submit({kCrm}, again);
    // The next MAIL is there before the copy has ended, so that nothing older is begun.
    client_->send("MAIL FROM:<anna@acme.test>\r\n");
    answer_with("250 2.0.0 queued");
    EXPECT_THAT(reply(), StartsWith("250 "));
    take_copy();
    EXPECT_EQ(heard(), "MAIL FROM:<anna@acme.test>");
    answer_with("250 2.1.0 ok");
    EXPECT_EQ(reply(), "250 2.1.0 ok");
    if (politely) EXPECT_EQ(say("QUIT"), "221 2.0.0 Bye");
    client_.reset();
    part();
    EXPECT_EQ(spool_after("1 deferred"), "1 deferred");
    next_session_takes(kOtherCrm);
    server_.reset();
  }
}

TEST_F(CopyTest, F24And25WhatIsCommittedIsSentAfterARestart) {
  serve();
  log_in();
  send_well();
  EXPECT_EQ(heard(), "MAIL FROM:<anna@acme.test>");
  upstream_.reset();
  client_.reset();
  EXPECT_EQ(spool_after("1 deferred"), "1 deferred");
  next_session_takes();
  EXPECT_EQ(copies_, 1);
}

TEST_F(CopyTest, F29AShutdownWaitsForTheOriginalsAnswerAndKeepsWhatIsCommitted) {
  serve();
  log_in();
  submit();
  server_->stop();
  while (listens()) std::this_thread::yield();
  answer_with("250 2.0.0 queued");
  EXPECT_EQ(reply(), "250 2.0.0 queued");
  take_copy({.mail = "451 4.3.2 later"});
  EXPECT_THAT(reply(), StartsWith("421 4.3.2 "));
  part();
  server_.reset();
  EXPECT_EQ(spool_after("1 deferred"), "1 deferred");
  next_session_takes();
}

/// Its time is over when the proxy starts: the file says so.
TEST_F(CopyTest, F30AnExpiredCopyIsNotTriedAgainAndItsSenderIsTold) {
  serve();
  log_in();
  send_well();
  take_copy({.mail = "451 4.3.2 later"});
  EXPECT_EQ(spool_after("1 deferred"), "1 deferred");
  leave();
  server_.reset();
  const auto listing = spool::list(spool());
  ASSERT_TRUE(listing);
  const auto shown = spool::show(spool(), listing->items.front().record.id);
  ASSERT_TRUE(shown);
  spool::Record old = shown->item.record;
  old.expires -= 30 * 24 * 3600;
  old.created -= 30 * 24 * 3600;
  folder_.write(
      "state/spool/committed/" + old.id,
      spool::write_head(old, shown->content.size(), spool::sha256_hex(shown->content)) + shown->content);
  serve();
  EXPECT_EQ(spool_after("1 notice"), "1 notice");
  log_in();
  EXPECT_EQ(say("QUIT"), "221 2.0.0 Bye");
  client_.reset();
  EXPECT_THAT(take_copy({}, "anna@acme.test"), HasSubstr("Status: 4.4.7"));
  part();
  EXPECT_EQ(spool_after("empty"), "empty");
}

TEST_F(CopyTest, F17ARelayBringsAtOnceWhatTheUsersSessionCouldNot) {
  testing_support::PeerListener relay;
  serve("copy: {relay: {host: localhost, tls: none, port: " + std::to_string(relay.port()) + "}}\n");
  log_in();
  send_well();
  take_copy({.mail = "432 4.3.2 too many"});
  Peer submission = *std::move(upstream_);
  upstream_ = relay.accept();
  upstream_->send("220 relay.test\r\n");
  EXPECT_THAT(heard(), StartsWith("EHLO "));
  upstream_->send("250-relay.test\r\n250 PIPELINING\r\n");
  take_copy();
  part();
  EXPECT_EQ(spool_after("empty"), "empty");
  EXPECT_EQ(copies_, 1);
  upstream_ = std::move(submission);
  leave();
}

TEST_F(CopyTest, F30AFullSpoolTakesNoMoreForTheCrmAndPeoplesMailGoesOn) {
  serve("", ", spool: 1KiB");
  log_in();
  const std::string large = std::string(kMessage) + std::string(1024, 'x') + "\r\n";
  EXPECT_EQ(send("250 2.0.0 queued", {kCrm}, large), "250 2.0.0 queued");
  take_copy({.mail = "451 4.3.2 later"});
  EXPECT_EQ(spool_after("1 deferred"), "1 deferred");
  EXPECT_EQ(ask("MAIL FROM:<anna@acme.test>", "250 ok"), "250 2.0.0 ok");
  EXPECT_EQ(ask("RCPT TO:<buyer@bigco.test>", "250 ok"), "250 2.0.0 ok");
  EXPECT_THAT(say("RCPT TO:<acme+2@pipedrivemail.com>"), StartsWith("452 4.3.1 "));
  leave();
}

TEST_F(CopyTest, F31WithoutAReversePathNobodyIsTold) {
  serve();
  log_in();
  EXPECT_EQ(send("250 2.0.0 queued", {kCrm}, kMessage, ""), "250 2.0.0 queued");
  take_copy({.rcpt = "550 5.1.1 nobody"}, kCrm, "");
  EXPECT_EQ(spool_after("empty"), "empty");
  leave();
}

TEST_F(CopyTest, F31WhatAMachineSentIsNotAnsweredWithANotice) {
  serve();
  log_in();
  const std::string automatic = "Auto-Submitted: auto-replied\r\n" + std::string(kMessage);
  EXPECT_EQ(send("250 2.0.0 queued", {kCrm}, automatic), "250 2.0.0 queued");
  take_copy({.rcpt = "550 5.1.1 nobody"});
  EXPECT_EQ(spool_after("empty"), "empty");
  leave();
}

TEST_F(CopyTest, F32ACopyThatWouldExceedMailmaxWaitsForTheNextSession) {
  serve();
  log_in("250-LIMITS MAILMAX=1\r\n");
  send_well();
  EXPECT_EQ(spool_after("1 deferred"), "1 deferred");
  leave();
  next_session_takes();
  EXPECT_EQ(copies_, 1);
}

}  // namespace
}  // namespace privet::smtp
