// Whole IMAP sessions: the test is the client and the upstream. What real servers say is in tests/interop.
#include "proxy/imap/session.h"

#include "proxy/log.h"
#include "tests/support/imap_session.h"

namespace privet::imap {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using testing_support::ImapSession;
using testing_support::kHidden;
using testing_support::kSeen;
using testing_support::kVisible;
using testing_support::literal;
using testing_support::Peer;

TEST_F(ImapSession, NumbersOnlyWhatIsVisibleAndAsksTheUpstreamByUid) {
  open();
  client_->send("c FETCH 1:* (FLAGS RFC822.SIZE BODY.PEEK[])\r\n");
  answer("UID FETCH 7 (UID FLAGS RFC822.SIZE BODY.PEEK[TEXT])", "OK CANARY\r\n",
         "* 2 FETCH (UID 7 FLAGS (\\Seen) RFC822.SIZE " + std::to_string(kVisible.size()) +
             " BODY[TEXT] {7}\r\nHello\r\n)\r\n");
  const std::size_t size = kSeen.size() + 7;
  EXPECT_EQ(heard(), "* 1 FETCH (FLAGS (\\Seen $Private) RFC822.SIZE " + std::to_string(size) + " BODY[] {" +
                         std::to_string(size) + "}");
  EXPECT_THAT(until("c "), HasSubstr("To: undisclosed-recipients:;\nSubject: Offer\n\nHello\n)\nc OK "));
  EXPECT_EQ(say("FETCH 2 FLAGS"), "c BAD Invalid messageset\n");
  EXPECT_EQ(say("UID FETCH 4 FLAGS"), "c OK Fetch completed\n");
}

TEST_F(ImapSession, RemembersWhatItDecided) {
  open();
  client_.reset();
  upstream_.reset();
  serve();
  log_in();
  examine(" 4 7", "* 2 EXISTS\r\n* OK [UIDVALIDITY 77] x\r\n", "", "");
  EXPECT_THAT(until("b "), HasSubstr("* 1 EXISTS"));
  EXPECT_THAT(say("FETCH 1 ENVELOPE"), HasSubstr("\"Offer\" ((NIL NIL \"bob\" \"bigco.test\"))"));
}

TEST_F(ImapSession, EvaluatesASearchOnWhatIsSeen) {
  open();
  EXPECT_EQ(say("SEARCH TO anna"), "* SEARCH\nc OK Search completed\n");
  EXPECT_EQ(say("SEARCH NOT TO anna"), "* SEARCH 1\nc OK Search completed\n");
  EXPECT_EQ(say("UID SEARCH KEYWORD $Private"), "* SEARCH 7\nc OK Search completed\n");
}

TEST_F(ImapSession, Trap5AHiddenArrivalIsNoByteAndAVisibleOneIsAnnounced) {
  open();
  client_->send("c IDLE\r\n");
  EXPECT_EQ(heard(), "+ idling");
  std::string tag = asked("IDLE");
  upstream_->send("+ ok\r\n* 3 EXISTS\r\n");
  EXPECT_EQ(upstream_->line(), "DONE");
  upstream_->send(tag + " OK done\r\n");
  answer("UID SEARCH UID 8:*", "OK done\r\n", "* SEARCH 9\r\n");
  answer("UID FETCH 9 (UID BODY.PEEK[])", "OK done\r\n",
         "* 3 FETCH (UID 9 BODY[] " + literal(kHidden) + ")\r\n");
  tag = asked("IDLE");
  upstream_->send("+ ok\r\n* 4 EXISTS\r\n");
  EXPECT_EQ(upstream_->line(), "DONE");
  upstream_->send(tag + " OK done\r\n");
  answer("UID SEARCH UID 10:*", "OK done\r\n", "* SEARCH 12\r\n");
  answer("UID FETCH 12 (UID BODY.PEEK[])", "OK done\r\n",
         "* 4 FETCH (UID 12 BODY[] " + literal(kVisible) + ")\r\n");
  EXPECT_EQ(heard(), "* 2 EXISTS") << "nothing was said of the hidden one";
  EXPECT_EQ(heard(), "* 0 RECENT");
  tag = asked("IDLE");
  upstream_->send("+ ok\r\n");
  client_->send("DONE\r\n");
  EXPECT_EQ(upstream_->line(), "DONE");
  upstream_->send(tag + " OK done\r\n");
  EXPECT_EQ(heard(), "c OK Idle completed");
}

TEST_F(ImapSession, HearsDoneThatComesBeforeTheUpstreamIsIdle) {
  open();
  client_->send("c IDLE\r\n");
  EXPECT_EQ(heard(), "+ idling");
  const std::string tag = asked("IDLE");
  client_->send("DONE\r\n");
  settle();
  upstream_->send("+ ok\r\n");
  EXPECT_EQ(upstream_->line(), "DONE");
  upstream_->send(tag + " OK done\r\n");
  EXPECT_EQ(heard(), "c OK Idle completed");
}

TEST_F(ImapSession, Trap13AnUpstreamThatForgetsUidValidityStillHasOne) {
  log_in();
  examine(" 7", "* 1 EXISTS\r\n", "7", "* 1 FETCH (UID 7 BODY[] " + literal(kVisible) + ")\r\n");
  EXPECT_THAT(until("b "), HasSubstr("[UIDVALIDITY 1]"));
}

TEST_F(ImapSession, Trap13NumbersThatFitNoUidAreAskedForAgain) {
  open();
  client_->send("c NOOP\r\n");
  answer("NOOP", "OK done\r\n", "* 9 EXPUNGE\r\n* 1 EXISTS\r\n");
  answer("UID SEARCH ALL", "OK done\r\n", "* SEARCH 7\r\n");
  EXPECT_EQ(until("c "), "c OK NOOP completed\n") << "the hidden one went, and that is nobody's business";
}

TEST_F(ImapSession, Trap16AnUpstreamThatGoesInTheMiddleOfALiteralTakesTheClientAlong) {
  open();
  client_->send("c FETCH 1 BODY.PEEK[]\r\n");
  const std::string tag = asked("UID FETCH 7 (UID BODY.PEEK[TEXT])");
  upstream_->send("* 2 FETCH (UID 7 BODY[TEXT] {100000}\r\nHel");
  upstream_.reset();
  EXPECT_THAT(heard(), StartsWith("* 1 FETCH (BODY[] {"));
  const std::string rest = client_->rest();
  EXPECT_TRUE(rest.ends_with("\r\n\r\nHel")) << "no word of ours may be taken for mail: " << rest;
}

TEST_F(ImapSession, SaysByeWhenTheUpstreamGoes) {
  open();
  client_->send("c NOOP\r\n");
  asked("NOOP");
  upstream_->send("* BYE CANARY\r\n");
  EXPECT_EQ(heard(), "* BYE [UNAVAILABLE] The mail server is not available, try again later");
  EXPECT_TRUE(client_->ends());
}

TEST_F(ImapSession, LetsTheUpstreamDecideAboutLogins) {
  connect();
  client_->send("a LOGIN anna@acme.test wrong\r\n");
  upstream_ = upstreams_.accept();
  upstream_->send("* OK " + capability() + " ready\r\n");
  answer("AUTHENTICATE PLAIN AGFubmFAYWNtZS50ZXN0AHdyb25n", "NO [AUTHENTICATIONFAILED] CANARY\r\n");
  EXPECT_EQ(heard(), "a NO [AUTHENTICATIONFAILED] Authentication failed");
  EXPECT_EQ(say("LOGIN eve@other.test x"), "c NO [AUTHENTICATIONFAILED] Authentication failed\n")
      << "nobody's";
}

TEST_F(ImapSession, LogsWhyALoginFailed) {
  const auto log_of = [this](const std::string& login, const std::string& answered,
                             const std::string& before = "") {
    connect();
    log::configure(log::Level::Warning, false);
    testing::internal::CaptureStderr();
    client_->send("a LOGIN " + login + "\r\n");
    if (!answered.empty()) {
      upstream_ = upstreams_.accept();
      upstream_->send("* OK " + capability() + " ready\r\n");
      answer("AUTHENTICATE PLAIN AGFubmFAYWNtZS50ZXN0AHdyb25n", answered, before);
    }
    EXPECT_THAT(heard(), StartsWith("a NO ["));
    log::configure(log::Level::Off, false);
    return testing::internal::GetCapturedStderr();
  };
  EXPECT_THAT(log_of("anna@acme.test wrong", "NO [AUTHENTICATIONFAILED] CANARY\r\n"),
              HasSubstr("cause=\"the server refused it [AUTHENTICATIONFAILED]\""));
  EXPECT_THAT(log_of("anna@acme.test wrong", "NO [INUSE] CANARY\r\n"),
              HasSubstr("cause=\"the server cannot say now [INUSE]\""));
  EXPECT_THAT(log_of("anna@acme.test wrong", "NO [anna@acme.test] CANARY\r\n"),
              testing::AllOf(HasSubstr("tenant=acme"), HasSubstr("cause=\"the server refused it\""),
                             testing::Not(HasSubstr("@")), testing::Not(HasSubstr("CANARY"))));
  EXPECT_THAT(log_of("anna@acme.test wrong", "NO [AUTHENTICATIONFAILED] x\r\n", "* BYE CANARY\r\n"),
              HasSubstr("cause=\"the server refused it [AUTHENTICATIONFAILED]\""))
      << "a guess is one, whatever stands before its refusal";
  const std::string stranger = log_of("eve@other.test wrong", "");
  EXPECT_THAT(stranger, HasSubstr("login failed"));
  EXPECT_THAT(stranger, HasSubstr("cause=\"no tenant has this user\""));
  EXPECT_THAT(stranger, testing::Not(HasSubstr("eve@")));
}

TEST_F(ImapSession, RefusesWhatItDoesNotOffer) {
  open();
  EXPECT_EQ(say("XMAILBOXINFO INBOX"), "c BAD Unknown command\n");
  EXPECT_EQ(say("SELECT INBOX (CONDSTORE)"), "c BAD CONDSTORE is not offered\n");
  EXPECT_EQ(say("STORE 1 +FLAGS (\\Deleted)"), "c OK Store ignored, this view is read-only\n");
  EXPECT_EQ(say("EXPUNGE"), "c NO [NOPERM] This view is read-only\n");
  EXPECT_EQ(say("COPY 1 INBOX"), "c NO [NOPERM] This view is read-only\n");
}

TEST_F(ImapSession, EndsAtShutdown) {
  open();
  server_->stop();
  EXPECT_THAT(heard(), StartsWith("* BYE [UNAVAILABLE] Shutting down"));
  EXPECT_TRUE(client_->ends());
}

}  // namespace
}  // namespace privet::imap
