// EXPUNGE and CLOSE through the view: hidden messages stay, whatever their flags.
#include "tests/support/writable_session.h"

namespace privet::imap {
namespace {

using testing::HasSubstr;
using testing_support::WritableSession;

class Expunge : public WritableSession {};

TEST_F(Expunge, Trap4AHiddenMessageWithDeletedSurvives) {
  select();
  tell("EXPUNGE");
  answer("UID SEARCH DELETED", "OK done\r\n", "* SEARCH 4 7 9 12\r\n");
  answer("UID EXPUNGE 7,12", "OK CANARY\r\n", "* 2 EXPUNGE\r\n* 3 EXPUNGE\r\n");
  EXPECT_EQ(until("c "), "* 2 EXPUNGE\n* 1 EXPUNGE\nc OK Expunge completed\n");
  tell("EXPUNGE");
  answer("UID SEARCH DELETED", "OK done\r\n", "* SEARCH 4 9\r\n");
  EXPECT_EQ(until("c "), "c OK Expunge completed\n") << "of hidden ones nobody is asked";
}

TEST_F(Expunge, Trap4CloseSparesHiddenMessages) {
  select();
  tell("CLOSE");
  answer("UID SEARCH DELETED", "OK done\r\n", "* SEARCH 9 12\r\n");
  answer("UID EXPUNGE 12", "OK done\r\n", "* 4 EXPUNGE\r\n");
  EXPECT_EQ(until("c "), "c OK Close completed\n") << "CLOSE tells of no message";
  EXPECT_EQ(say("FETCH 1 FLAGS"), "c BAD No mailbox selected\n");
}

TEST_F(Expunge, UnselectTakesNothingAway) {
  select();
  EXPECT_EQ(say("UNSELECT"), "c OK Unselect completed\n");
}

TEST_F(Expunge, Trap3ByUidTouchesOnlyWhatIsSeen) {
  select();
  tell("UID EXPUNGE 1:9");
  answer("UID SEARCH DELETED", "OK done\r\n", "* SEARCH 4 7 9 12\r\n");
  answer("UID EXPUNGE 7", "OK done\r\n", "* VANISHED 7\r\n");
  EXPECT_EQ(until("c "), "* 1 EXPUNGE\nc OK Expunge completed\n");
  for (const char* command : {"UID EXPUNGE 4", "UID EXPUNGE 400"}) {
    tell(command);
    answer("UID SEARCH DELETED", "OK done\r\n", "* SEARCH 4 9 12\r\n");
    EXPECT_EQ(until("c "), "c OK Expunge completed\n");
  }
}

TEST_F(Expunge, IsToldBeforeTheAnswerToACommandThatWasSentAhead) {
  select();
  client_->send("c EXPUNGE\r\nd NOOP\r\n");
  answer("UID SEARCH DELETED", "OK done\r\n", "* SEARCH 7\r\n");
  answer("UID EXPUNGE 7", "OK done\r\n", "* 2 EXPUNGE\r\n");
  answer("NOOP", "OK done\r\n");
  EXPECT_EQ(until("c "), "* 1 EXPUNGE\nc OK Expunge completed\n");
  EXPECT_EQ(until("d "), "d OK NOOP completed\n");
}

TEST_F(Expunge, ThatTheUpstreamRefusesIsRefused) {
  select();
  tell("EXPUNGE");
  answer("UID SEARCH DELETED", "OK done\r\n", "* SEARCH 7\r\n");
  answer("UID EXPUNGE 7", "NO [NOPERM] CANARY\r\n");
  EXPECT_EQ(until("c "), "c NO [NOPERM] The mail server refused it\n");
}

class ExpungeWithoutUidPlus : public WritableSession {
 protected:
  ExpungeWithoutUidPlus() : WritableSession("") {}
};

TEST_F(ExpungeWithoutUidPlus, Trap4NothingIsExpungedByNumber) {
  select();
  EXPECT_THAT(say("CAPABILITY"), testing::Not(HasSubstr("UIDPLUS")));
  tell("EXPUNGE");
  answer("UID SEARCH DELETED", "OK done\r\n", "* SEARCH 7\r\n");
  EXPECT_EQ(until("c "), "c NO [CANNOT] The mail server cannot expunge single messages\n");
  tell("EXPUNGE");
  answer("UID SEARCH DELETED", "OK done\r\n", "* SEARCH 9\r\n");
  EXPECT_EQ(until("c "), "c OK Expunge completed\n");
  EXPECT_EQ(say("UID EXPUNGE 7"), "c BAD Unknown command\n");
  tell("CLOSE");
  answer("UID SEARCH DELETED", "OK done\r\n", "* SEARCH 7\r\n");
  EXPECT_EQ(until("c "), "c OK Close completed\n");
}

}  // namespace
}  // namespace privet::imap
