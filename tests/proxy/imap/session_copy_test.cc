// COPY and MOVE through the view.
#include "tests/support/writable_session.h"

namespace privet::imap {
namespace {

using testing::HasSubstr;
using testing_support::kHidden;
using testing_support::kVisible;
using testing_support::WritableSession;

constexpr std::string_view kNowhere = "c NO [NONEXISTENT] Mailbox does not exist\n";

class Copy : public WritableSession {};

TEST_F(Copy, SaysWhichUidsTheCopiesHave) {
  select();
  tell("COPY 1:2 Archive");
  answer("UID COPY 7,12 Archive", "OK [COPYUID 55 7,12 301:302] CANARY\r\n");
  look_into("Archive", " 301 302", "301:302", fetched(1, 301, kVisible) + fetched(2, 302, kVisible));
  EXPECT_EQ(until("c "), "c OK [COPYUID 55 7,12 301:302] Copy completed\n");
  tell("UID COPY 12 Archive");
  answer("UID COPY 12 Archive", "OK [COPYUID 55 12 303] x\r\n");
  look_into("Archive", " 301 302 303", "303", fetched(3, 303, kVisible), true);
  EXPECT_EQ(until("c "), "c OK [COPYUID 55 12 303] Copy completed\n");
}

TEST_F(Copy, Trap3WhatIsHiddenIsLikeWhatDoesNotExist) {
  select();
  EXPECT_EQ(say("UID COPY 4 Archive"), "c OK No messages found\n");
  EXPECT_EQ(say("UID COPY 400 Archive"), "c OK No messages found\n");
  EXPECT_EQ(say("UID MOVE 9 Archive"), "c OK No messages found\n");
  EXPECT_EQ(say("COPY 3 Archive"), "c BAD Invalid messageset\n");
  EXPECT_EQ(say("MOVE 3:4 Archive"), "c BAD Invalid messageset\n");
}

TEST_F(Copy, OfAMessageThatIsGoneButHasItsNumberStillIsRefused) {
  select();
  tell("FETCH 1 (FLAGS)");
  answer("UID FETCH 7 (UID FLAGS)", "OK done\r\n", "* 2 FETCH (UID 7 FLAGS ())\r\n* 2 EXPUNGE\r\n");
  EXPECT_EQ(until("c "), "* 1 FETCH (FLAGS ($Private))\nc OK [EXPUNGEISSUED] Fetch completed\n");
  for (const char* command : {"COPY 1 Archive", "COPY 1:2 Archive", "MOVE 1 Archive"})
    EXPECT_EQ(say(command), "c NO [EXPUNGEISSUED] Some of the messages are gone\n") << command;
}

TEST_F(Copy, GoesNowhereThatTheViewDoesNotHave) {
  select();
  for (const char* command : {"COPY 1 Trash", "COPY 1 Nowhere", "UID MOVE 7 Trash", "UID MOVE 7 Nowhere"}) {
    tell(command);
    list();
    EXPECT_EQ(until("c "), kNowhere) << command;
  }
  tell("COPY 1 Archive");
  answer("UID COPY 7 Archive", "NO [TRYCREATE] CANARY\r\n");
  EXPECT_EQ(until("c "), kNowhere) << "gone meanwhile";
}

TEST_F(Copy, Trap15OfACopyThatIsHiddenNothingIsTold) {
  select();
  tell("COPY 1:2 Archive");
  answer("UID COPY 7,12 Archive", "OK [COPYUID 55 7,12 301:302] x\r\n");
  look_into("Archive", " 301 302", "301:302", fetched(1, 301, kHidden) + fetched(2, 302, kVisible));
  EXPECT_EQ(until("c "), "c OK [COPYUID 55 12 302] Copy completed\n");
  tell("COPY 1 Archive");
  answer("UID COPY 7 Archive", "OK [COPYUID 55 7 303] x\r\n");
  look_into("Archive", " 301 302 303", "303", fetched(3, 303, kHidden), true);
  EXPECT_EQ(until("c "), "c OK Copy completed\n");
}

TEST_F(Copy, Trap15TheUidValidityIsThatOfTheView) {
  select();
  tell("COPY 1 Archive");
  answer("UID COPY 7 Archive", "OK [COPYUID 54 7 301] x\r\n");
  look_into("Archive", " 301", "301", fetched(1, 301, kVisible));
  EXPECT_EQ(until("c "), "c OK Copy completed\n") << "of another Archive";
}

TEST_F(Copy, TellsNoUidsWhereTheSecondConnectionFails) {
  select();
  tell("COPY 1 Archive");
  answer("UID COPY 7 Archive", "OK [COPYUID 55 7 301] x\r\n");
  other_ = upstreams_.accept();
  other_->send("* OK " + capability() + " ready\r\n");
  EXPECT_TRUE(other_->line());
  other_->close();
  EXPECT_EQ(until("c "), "c OK Copy completed\n");
  tell("NOOP");
  answer("NOOP", "OK done\r\n");
  EXPECT_EQ(until("c "), "c OK NOOP completed\n");
}

TEST_F(Copy, IntoTheSelectedMailboxIsAnArrival) {
  select();
  tell("COPY 2 inbox");
  answer("UID COPY 12 INBOX", "OK [COPYUID 77 12 13] x\r\n", "* 5 EXISTS\r\n");
  answer("UID SEARCH UID 13:*", "OK done\r\n", "* SEARCH 13\r\n");
  answer("UID FETCH 13 (UID BODY.PEEK[])", "OK done\r\n", fetched(5, 13, kVisible));
  EXPECT_EQ(until("c "), "* 3 EXISTS\n* 0 RECENT\nc OK [COPYUID 77 12 13] Copy completed\n");
}

TEST_F(Copy, OfWhatIsOnlyReadLeavesItAlone) {
  log_in();
  client_->send("b EXAMINE INBOX\r\n");
  list();
  answer("EXAMINE INBOX", "OK [READ-ONLY] x\r\n", "* 1 EXISTS\r\n* OK [UIDVALIDITY 77] x\r\n");
  answer("UID SEARCH ALL", "OK done\r\n", "* SEARCH 7\r\n");
  answer("UID FETCH 7 (UID BODY.PEEK[])", "OK done\r\n", fetched(1, 7, kVisible));
  answer("UID SEARCH UNSEEN", "OK done\r\n", "* SEARCH\r\n");
  until("b ");
  EXPECT_EQ(say("MOVE 1 Archive"), "c NO [NOPERM] This view is read-only\n");
  tell("COPY 1 Archive");
  answer("UID COPY 7 Archive", "NO [OVERQUOTA] CANARY\r\n");
  EXPECT_EQ(until("c "), "c NO [OVERQUOTA] The mail server refused it\n");
}

class Move : public WritableSession {};

TEST_F(Move, SaysWhereMessagesWentBeforeTheyGo) {
  select();
  tell("MOVE 1:2 Archive");
  answer("UID MOVE 7,12 Archive", "OK x\r\n",
         "* OK [COPYUID 55 7,12 301:302] CANARY\r\n* 2 EXPUNGE\r\n* 3 EXPUNGE\r\n");
  look_into("Archive", " 301 302", "301:302", fetched(1, 301, kVisible) + fetched(2, 302, kHidden));
  EXPECT_EQ(until("c "), "* OK [COPYUID 55 7 301] Moved\n* 2 EXPUNGE\n* 1 EXPUNGE\nc OK Move completed\n");
  EXPECT_EQ(say("FETCH 1 FLAGS"), "c BAD Invalid messageset\n");
}

TEST_F(Move, ThatFailsHalfWayTellsWhatWent) {
  select();
  tell("UID MOVE 1:* Archive");
  answer("UID MOVE 7,12 Archive", "NO [OVERQUOTA] CANARY\r\n", "* 2 EXPUNGE\r\n");
  EXPECT_EQ(until("c "), "* 1 EXPUNGE\nc NO [OVERQUOTA] The mail server refused it\n");
}

class WithoutMove : public WritableSession {
 protected:
  WithoutMove() : WritableSession(" UIDPLUS") {}
};

TEST_F(WithoutMove, MoveIsUnknown) {
  select();
  EXPECT_THAT(say("CAPABILITY"), testing::Not(HasSubstr(" MOVE")));
  EXPECT_EQ(say("MOVE 1 Archive"), "c BAD Unknown command\n");
}

}  // namespace
}  // namespace privet::imap
