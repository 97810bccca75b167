// The split protocol's failure cases F1 to F16: what becomes of the original, and of the copy prepared for
// it. Counted at the upstream (originals_, copies_) and in the spool.
#include <cerrno>

#include "tests/proxy/split/support.h"
#include "tests/support/faulty_disk.h"

namespace privet::smtp {
namespace {

using testing::StartsWith;

class OriginalTest : public SplitTest {
 protected:
  /// Nothing arrived, and nothing is kept.
  void nothing_happened() {
    EXPECT_EQ(spool_after("empty"), "empty");
    EXPECT_EQ(originals_, 0);
    EXPECT_EQ(copies_, 0);
  }
  /// Until the client has sent its content, and no more: the upstream has answered DATA only.
  void submit_in_part() {
    open_transaction();
    EXPECT_THAT(say("DATA"), StartsWith("354 "));
    client_->send(std::string(kMessage) + ".\r\n");
    EXPECT_EQ(heard(), "DATA");
  }
};

TEST_F(OriginalTest, F1AnUnreachableUpstreamIsA421BeforeAnyMail) {
  serve();
  upstreams_.close();
  client_ = Peer::connect(server_->port());
  EXPECT_THAT(reply(), StartsWith("220 "));
  EXPECT_THAT(say("EHLO client.test"), StartsWith("421 4.4.1 "));
  EXPECT_EQ(reply(), "closed");
  nothing_happened();
}

TEST_F(OriginalTest, F2ARefusedLoginIsTheUpstreamsOwnAndNoMailFollows) {
  serve();
  greet();
  client_->send("AUTH PLAIN AGFubmFAYWNtZS50ZXN0AHNlY3JldA==\r\n");
  EXPECT_THAT(heard(), StartsWith("AUTH PLAIN "));
  upstream_->send("454 4.7.0 not now\r\n");
  EXPECT_EQ(reply(), "454 4.7.0 not now");
  EXPECT_THAT(say("MAIL FROM:<anna@acme.test>"), StartsWith("530 5.7.0 "));
  leave();
  nothing_happened();
}

TEST_F(OriginalTest, F3ARefusedMailIsTheUpstreamsOwn) {
  serve();
  log_in();
  EXPECT_EQ(ask("MAIL FROM:<anna@acme.test>", "550 5.7.60 not your address"), "550 5.7.60 not your address");
  EXPECT_THAT(say("RCPT TO:<acme@pipedrivemail.com>"), StartsWith("503 "));
  leave();
  nothing_happened();
}

TEST_F(OriginalTest, F4OneRefusedPersonStopsNeitherMailNorCopy) {
  serve();
  log_in();
  EXPECT_EQ(ask("MAIL FROM:<anna@acme.test>", "250 ok"), "250 2.0.0 ok");
  EXPECT_EQ(ask("RCPT TO:<gone@bigco.test>", "550 5.1.1 nobody"), "550 5.1.1 nobody");
  EXPECT_EQ(ask("RCPT TO:<buyer@bigco.test>", "250 2.1.5 ok"), "250 2.1.5 ok");
  EXPECT_EQ(say("RCPT TO:<acme@pipedrivemail.com>"), "250 2.1.5 Ok");
  EXPECT_THAT(say("DATA"), StartsWith("354 "));
  client_->send(std::string(kMessage) + ".\r\n");
  EXPECT_EQ(heard(), "DATA");
  answer_with("354 go on");
  EXPECT_EQ(upstream_->content(), kMessage);
  answer_with("250 2.0.0 queued");
  EXPECT_EQ(reply(), "250 2.0.0 queued");
  take_copy();
  leave();
  EXPECT_EQ(spool_after("empty"), "empty");
  EXPECT_EQ(copies_, 1);
}

TEST_F(OriginalTest, F5NobodyGotItSoTheCrmDoesNotEither) {
  serve();
  log_in();
  EXPECT_EQ(ask("MAIL FROM:<anna@acme.test>", "250 ok"), "250 2.0.0 ok");
  EXPECT_EQ(ask("RCPT TO:<buyer@bigco.test>", "550 5.1.1 nobody"), "550 5.1.1 nobody");
  EXPECT_EQ(say("RCPT TO:<acme@pipedrivemail.com>"), "250 2.1.5 Ok");
  client_->send("DATA\r\n");
  EXPECT_EQ(heard(), "RSET");
  answer_with("250 ok");
  EXPECT_THAT(reply(), StartsWith("554 5.5.1 "));
  leave();
  nothing_happened();
}

TEST_F(OriginalTest, F6AnUpstreamLostInFrontOfDataIsA451) {
  serve();
  log_in();
  open_transaction();
  upstream_.reset();
  EXPECT_THAT(say("DATA"), StartsWith("354 "));
  client_->send(std::string(kMessage) + ".\r\n");
  EXPECT_THAT(reply(), StartsWith("451 4.4.2 "));
  EXPECT_THAT(say("MAIL FROM:<anna@acme.test>"), StartsWith("421 4.4.2 "));
  nothing_happened();
}

TEST_F(OriginalTest, F7AnUpstreamLostInFrontOfTheDotLeavesNothing) {
  serve();
  log_in();
  submit_in_part();
  answer_with("closed");
  EXPECT_THAT(reply(), StartsWith("451 4.4.2 "));
  nothing_happened();
}

TEST_F(OriginalTest, F8AnUpstreamLostBehindTheDotLeavesTheCopyInDoubtUntilTheSameMessageComesAgain) {
  serve();
  log_in();
  EXPECT_THAT(send("closed"), StartsWith("451 4.4.2 "));
  EXPECT_EQ(spool_after("1 in doubt"), "1 in doubt");
  client_.reset();

  log_in();  // what is in doubt is not sent, however often anna comes
  leave();
  EXPECT_EQ(spool_after("1 in doubt"), "1 in doubt");

  log_in();
  EXPECT_EQ(send(), "250 2.0.0 queued");
  take_copy();
  leave();
  EXPECT_EQ(spool_after("empty"), "empty");
  EXPECT_EQ(originals_, 1);
  EXPECT_EQ(copies_, 1);
}

TEST_F(OriginalTest, F8AResentMessageThatIsThenRefusedStaysInDoubt) {
  serve();
  log_in();
  EXPECT_THAT(send("closed"), StartsWith("451 4.4.2 "));
  client_.reset();
  log_in();
  EXPECT_EQ(send("554 5.7.1 no"), "554 5.7.1 no");
  leave();
  EXPECT_EQ(spool_after("1 in doubt"), "1 in doubt");
  EXPECT_EQ(copies_, 0);
}

TEST_F(OriginalTest, F9ADeferredOriginalLeavesNothing) {
  serve();
  log_in();
  EXPECT_EQ(send("432 4.3.2 too many a minute"), "432 4.3.2 too many a minute");
  leave();
  nothing_happened();
}

TEST_F(OriginalTest, F10ARefusedOriginalLeavesNothing) {
  serve();
  log_in();
  EXPECT_EQ(send("554 5.2.252 SendAsDenied"), "554 5.2.252 SendAsDenied");
  leave();
  nothing_happened();
}

TEST_F(OriginalTest, F11ANonsenseReplyToDataIsA451AndLeavesNothing) {
  serve();
  for (const char* const nonsense : {"250 already", "what?"}) {
    SCOPED_TRACE(nonsense);
    log_in();
    submit_in_part();
    answer_with(nonsense);
    EXPECT_THAT(reply(), StartsWith("451 4.3.0 "));
    EXPECT_TRUE(upstream_->ends());
    nothing_happened();
  }
}

TEST_F(OriginalTest, F11ANonsenseReplyToTheDotLeavesTheCopyInDoubt) {
  for (const char* const nonsense : {"354 more", "what?"}) {
    SCOPED_TRACE(nonsense);
    serve();
    log_in();
    submit();
    answer_with(nonsense);
    EXPECT_THAT(reply(), StartsWith("451 4.3.0 "));
    EXPECT_TRUE(upstream_->ends());
    EXPECT_EQ(spool_after("1 in doubt"), "1 in doubt");
    client_.reset();
  }
}

TEST_F(OriginalTest, F12ACopyThatCannotBePreparedIsA452AndNothingIsSent) {
  for (const char* const call : {"openat", "write", "renameat", "fdatasync", "fsync"}) {
    for (const int error : {ENOSPC, EIO, EROFS}) {
      SCOPED_TRACE(std::string(call) + " " + std::to_string(error));
      serve();
      log_in();
      open_transaction();
      EXPECT_THAT(say("DATA"), StartsWith("354 "));
      testing_support::arm(spool(), {.call = call, .from_then = true, .error = error});
      client_->send(std::string(kMessage) + ".\r\n");
      EXPECT_EQ(heard(), "DATA");
      answer_with("354 go on");
      EXPECT_THAT(reply(), StartsWith("452 4.3.1 "));
      testing_support::disarm();
      EXPECT_EQ(upstream_->content(), std::nullopt) << "its dot must not come";
      client_.reset();
      nothing_happened();
    }
  }
}

TEST_F(OriginalTest, F12ADiskThatHangsIsA451AndWhatItWritesInTheEndIsAborted) {
  disk_patience_ = std::chrono::milliseconds(50);
  for (const char* const call : {"openat", "write", "fdatasync"}) {
    SCOPED_TRACE(call);
    serve();
    log_in();
    open_transaction();
    EXPECT_THAT(say("DATA"), StartsWith("354 "));
    testing_support::arm(spool(), {.call = call, .hangs = true});
    client_->send(std::string(kMessage) + ".\r\n");
    EXPECT_EQ(heard(), "DATA");
    answer_with("354 go on");
    EXPECT_THAT(reply(), StartsWith("451 4.3.2 "));
    EXPECT_EQ(upstream_->content(), std::nullopt) << "its dot must not come";
    testing_support::disarm();
    EXPECT_EQ(spool_after("empty"), "empty");
    client_.reset();
    nothing_happened();
  }
}

TEST_F(OriginalTest, F13ACommitThatHangsIsA250AndTheCopyGoesOutFromMemory) {
  disk_patience_ = std::chrono::milliseconds(50);
  serve();
  log_in();
  submit();
  testing_support::arm(spool(), {.call = "renameat", .hangs = true});
  answer_with("250 2.0.0 queued");
  EXPECT_EQ(reply(), "250 2.0.0 queued");
  take_copy();
  testing_support::disarm();
  EXPECT_EQ(spool_after("empty"), "empty");
  leave();
}

TEST_F(OriginalTest, F14AClientThatLeavesWithinItsContentLeavesNothing) {
  serve();
  log_in();
  open_transaction();
  EXPECT_THAT(say("DATA"), StartsWith("354 "));
  client_->send("Subject: x\r\n\r\nHel");
  client_.reset();
  part();
  nothing_happened();
}

TEST_F(OriginalTest, F15AClientThatLeavesInFrontOfTheOriginalsDotIsNotSent) {
  serve();
  log_in();
  submit_in_part();
  client_.reset();
  answer_with("354 go on");
  EXPECT_EQ(upstream_->content(), std::nullopt);
  nothing_happened();
}

TEST_F(OriginalTest, F16AClientThatLeavesBehindTheDotChangesNothing) {
  struct Row {
    const char* reply;
    const char* left;
    int copies;
  };
  for (const auto& [end, left, copies] :
       {Row{"250 2.0.0 queued", "empty", 1}, Row{"451 4.3.0 later", "empty", 0},
        Row{"closed", "1 in doubt", 0}}) {
    SCOPED_TRACE(end);
    copies_ = 0;
    std::filesystem::remove_all(spool());
    serve();
    log_in();
    submit();
    client_.reset();
    answer_with(end);
    if (copies > 0) take_copy();
    part();
    EXPECT_EQ(spool_after(left), left);
    EXPECT_EQ(copies_, copies);
    server_.reset();
  }
}

TEST_F(OriginalTest, F16AMessageThatComesAgainBehindALostAnswerBringsItsCopyOnce) {
  serve();
  log_in();
  submit();
  client_.reset();
  answer_with("250 2.0.0 queued");
  take_copy();
  part();
  log_in();
  EXPECT_EQ(send(), "250 2.0.0 queued");
  leave();
  EXPECT_EQ(spool_after("empty"), "empty");
  EXPECT_EQ(copies_, 1);
}

}  // namespace
}  // namespace privet::smtp
