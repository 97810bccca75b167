// STORE through the view; nothing that is hidden is in any command to the upstream.
#include "tests/support/writable_session.h"

namespace privet::imap {
namespace {

using testing::HasSubstr;
using testing_support::kVisible;
using testing_support::literal;
using testing_support::WritableSession;

class Store : public WritableSession {};

class ConditionalStore : public WritableSession {
 protected:
  ConditionalStore() : WritableSession(" UIDPLUS MOVE CONDSTORE") {}

  static constexpr const char* kUses = "* OK [HIGHESTMODSEQ 20] Highest\n";
};

TEST_F(Store, AMailboxIsSelectedForWritingAndTellsOnlyFlagsThatAreSeen) {
  const std::string selected = select();
  EXPECT_THAT(selected, HasSubstr("* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Private Work)\n"));
  EXPECT_THAT(selected,
              HasSubstr("* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft Work \\*)] "));
  EXPECT_THAT(selected, HasSubstr("* 2 EXISTS\n"));
  EXPECT_THAT(selected, HasSubstr("\nb OK [READ-WRITE] Select completed\n"));
  EXPECT_THAT(say("CAPABILITY"), HasSubstr(" ENABLE UIDPLUS MOVE\n"));
}

TEST_F(Store, AMailboxThatTheUpstreamLetsOnlyBeReadIsReadOnly) {
  const std::string selected = select("OK [READ-ONLY] CANARY\r\n");
  EXPECT_THAT(selected, HasSubstr("* OK [PERMANENTFLAGS ()] "));
  EXPECT_THAT(selected, HasSubstr("\nb OK [READ-ONLY] Select completed\n"));
  EXPECT_EQ(say("STORE 1 +FLAGS (\\Seen)"), "c OK Store ignored, this view is read-only\n");
  EXPECT_EQ(say("EXPUNGE"), "c NO [NOPERM] This view is read-only\n");
}

TEST_F(Store, ExamineStaysReadOnly) {
  log_in();
  client_->send("b EXAMINE INBOX\r\n");
  list();
  answer("EXAMINE INBOX", "OK [READ-ONLY] x\r\n", "* 0 EXISTS\r\n");
  answer("UID SEARCH ALL", "OK done\r\n", "* SEARCH\r\n");
  answer("UID SEARCH UNSEEN", "OK done\r\n", "* SEARCH\r\n");
  EXPECT_THAT(until("b "), HasSubstr("[PERMANENTFLAGS ()] No flags can be changed\n* 0 EXISTS\n"));
}

TEST_F(Store, SaysTheFlagsThatCameOfIt) {
  select();
  tell("STORE 1:2 +FLAGS (\\Flagged $private Work)");
  answer("UID STORE 7,12 +FLAGS.SILENT (\\Flagged Work)", "OK CANARY\r\n");
  answer("UID FETCH 7,12 (UID FLAGS)", "OK done\r\n",
         "* 2 FETCH (UID 7 FLAGS (\\Flagged Work))\r\n* 4 FETCH (UID 12 FLAGS (\\Recent \\Flagged Work "
         "$Private))\r\n");
  EXPECT_EQ(
      until("c "),
      "* 1 FETCH (FLAGS (\\Flagged Work $Private))\n* 2 FETCH (FLAGS (\\Flagged Work $Private))\nc OK Store "
      "completed\n");
  tell("UID STORE 12 -FLAGS.SILENT \\Flagged");
  answer("UID STORE 12 -FLAGS.SILENT (\\Flagged)", "OK done\r\n");
  EXPECT_EQ(until("c "), "c OK Store completed\n");
}

TEST_F(Store, TellsAKeywordBeforeAMessageThatHasIt) {
  select();
  tell("UID STORE 7 +FLAGS (Fresh)");
  answer("UID STORE 7 +FLAGS.SILENT (Fresh)", "OK done\r\n",
         "* FLAGS (\\Seen Work HR-CANARY Fresh)\r\n* OK [PERMANENTFLAGS (\\Seen Work HR-CANARY Fresh \\*)] "
         "x\r\n");
  answer("UID FETCH 7 (UID FLAGS)", "OK done\r\n", "* 2 FETCH (UID 7 FLAGS (Fresh))\r\n");
  EXPECT_EQ(until("c "),
            "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Private Work Fresh)\n"
            "* OK [PERMANENTFLAGS (\\Seen Work Fresh \\*)] Limited\n"
            "* 1 FETCH (UID 7 FLAGS (Fresh $Private))\nc OK Store completed\n");
  tell("NOOP");
  answer("NOOP", "OK done\r\n",
         "* FLAGS (\\Seen HR-CANARY Other)\r\n* 1 FETCH (FLAGS (HR-CANARY))\r\n* 2 FETCH (FLAGS (fresh))\r\n"
         "* 4 FETCH (FLAGS (Other $Private))\r\n");
  EXPECT_EQ(until("c "),
            "* 1 FETCH (FLAGS (fresh $Private))\n"
            "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Private Work Fresh Other)\n"
            "* OK [PERMANENTFLAGS (\\Seen Work Fresh \\*)] Limited\n"
            "* 2 FETCH (FLAGS (Other $Private))\nc OK NOOP completed\n");
}

TEST_F(Store, TellsAKeywordBeforeAMessageThatPassesThrough) {
  select();
  const std::string text(100'000, 'x');
  tell("FETCH 1 (FLAGS BODY.PEEK[TEXT])");
  answer("UID FETCH 7 (UID FLAGS BODY.PEEK[TEXT])", "OK done\r\n",
         "* 2 FETCH (UID 7 FLAGS (Fresh) BODY[TEXT] " + literal(text) + ")\r\n");
  EXPECT_EQ(heard(), "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Private Work Fresh)");
  EXPECT_EQ(heard(),
            "* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft Work \\*)] Limited");
  EXPECT_EQ(until("c "),
            "* 1 FETCH (BODY[TEXT] {100000}\n" + text + " FLAGS (Fresh $Private))\nc OK Fetch completed\n");
}

TEST_F(Store, ReplacesWhatTheClientSeesAndNothingElse) {
  select();
  tell("UID STORE 7:12 FLAGS (\\Seen)");
  answer("UID FETCH 7,12 (UID FLAGS)", "OK done\r\n",
         "* 2 FETCH (UID 7 FLAGS (Work \\Seen \\Recent $Private))\r\n* 3 FETCH (UID 9 FLAGS (\\Seen "
         "HR-CANARY))\r\n* 4 "
         "FETCH (UID 12 FLAGS (\\Draft))\r\n");
  answer("UID STORE 7,12 +FLAGS.SILENT (\\Seen)", "OK done\r\n");
  answer("UID STORE 7,12 -FLAGS.SILENT (Work \\Draft)", "OK done\r\n");
  answer("UID FETCH 7,12 (UID FLAGS)", "OK done\r\n",
         "* 2 FETCH (UID 7 FLAGS (\\Seen $Private))\r\n* 4 FETCH (UID 12 FLAGS (\\Seen))\r\n");
  EXPECT_EQ(
      until("c "),
      "* 1 FETCH (UID 7 FLAGS (\\Seen $Private))\n* 2 FETCH (UID 12 FLAGS (\\Seen $Private))\nc OK Store "
      "completed\n");
}

TEST_F(Store, Trap3WhatIsHiddenIsLikeWhatDoesNotExist) {
  select();
  EXPECT_EQ(say("UID STORE 4 +FLAGS (\\Seen)"), "c OK Store completed\n");
  EXPECT_EQ(say("UID STORE 400 +FLAGS (\\Seen)"), "c OK Store completed\n");
  EXPECT_EQ(say("STORE 3 +FLAGS (\\Seen)"), "c BAD Invalid messageset\n");
  tell("UID STORE 1:* +FLAGS.SILENT (\\Deleted)");
  answer("UID STORE 7,12 +FLAGS.SILENT (\\Deleted)", "OK done\r\n");
  EXPECT_EQ(until("c "), "c OK Store completed\n");
}

TEST_F(Store, OfTheKeywordOfTheViewAloneAsksNobody) {
  select();
  EXPECT_EQ(say("STORE 1 -FLAGS.SILENT ($Private)"), "c OK Store completed\n");
}

TEST_F(Store, ThatTheUpstreamRefusesIsRefused) {
  select();
  tell("STORE 1 +FLAGS.SILENT (Fresh)");
  answer("UID STORE 7 +FLAGS.SILENT (Fresh)", "NO [LIMIT] CANARY\r\n");
  EXPECT_EQ(until("c "), "c NO [LIMIT] The mail server refused it\n");
  EXPECT_EQ(say("STORE 1 (UNCHANGEDSINCE 5) +FLAGS (\\Seen)"), "c BAD CONDSTORE is not offered\n");
  EXPECT_EQ(say("STORE 1 +FLAGS.SILENT (" + std::string(3000, 'x') + ")"), "c NO [LIMIT] Too many flags\n");
}

TEST_F(Store, IsWhatReadingABodyDoesToSeen) {
  select();
  tell("FETCH 1:2 (BODY[TEXT])");
  answer("UID SEARCH UID 7,12 UNSEEN", "OK done\r\n", "* SEARCH 12\r\n");
  answer("UID STORE 12 +FLAGS (\\Seen)", "OK done\r\n", "* 4 FETCH (UID 12 FLAGS (\\Seen))\r\n");
  answer("UID FETCH 7,12 (UID BODY.PEEK[TEXT])", "OK done\r\n",
         "* 2 FETCH (UID 7 BODY[TEXT] \"a\")\r\n* 4 FETCH (UID 12 BODY[TEXT] \"b\")\r\n");
  EXPECT_EQ(until("c "),
            "* 1 FETCH (BODY[TEXT] {1}\na)\n* 2 FETCH (BODY[TEXT] {1}\nb)\n* 2 FETCH (FLAGS (\\Seen "
            "$Private))\nc OK "
            "Fetch completed\n");
  tell("UID FETCH 12 (RFC822.TEXT)");
  answer("UID SEARCH UID 12 UNSEEN", "OK done\r\n", "* SEARCH 12\r\n");
  answer("UID STORE 12 +FLAGS (\\Seen)", "OK done\r\n", "* 4 FETCH (UID 12 FLAGS (\\Seen))\r\n");
  answer("UID FETCH 12 (UID BODY.PEEK[TEXT])", "OK done\r\n", "* 4 FETCH (UID 12 BODY[TEXT] \"b\")\r\n");
  EXPECT_EQ(until("c "),
            "* 2 FETCH (UID 12 RFC822.TEXT {1}\nb)\n* 2 FETCH (UID 12 FLAGS (\\Seen $Private))\nc OK Fetch "
            "completed\n");
  tell("FETCH 1 (BODY.PEEK[TEXT])");
  answer("UID FETCH 7 (UID BODY.PEEK[TEXT])", "OK done\r\n", "* 2 FETCH (UID 7 BODY[TEXT] \"a\")\r\n");
  EXPECT_THAT(until("c "), HasSubstr("c OK Fetch completed\n"));
}

TEST_F(Store, OfAMessageThatIsGoneSaysSoAndDoesTheRest) {
  select();
  client_->send("c STORE 1:2 +FLAGS.SILENT (\\Seen)\r\nd NOOP\r\n");
  answer("UID STORE 7,12 +FLAGS.SILENT (\\Seen)", "OK done\r\n", "* 2 EXPUNGE\r\n");
  answer("NOOP", "OK done\r\n");
  EXPECT_EQ(until("d "), "c OK [EXPUNGEISSUED] Store completed\n* 1 EXPUNGE\nd OK NOOP completed\n");
}

TEST_F(ConditionalStore, ChangesWhatHasNotChangedAndNamesTheRest) {
  EXPECT_THAT(select(), HasSubstr("* OK [HIGHESTMODSEQ 20] Highest\nb OK [READ-WRITE]"));
  EXPECT_THAT(say("CAPABILITY"), HasSubstr(" UIDPLUS MOVE CONDSTORE\n"));
  tell("STORE 1:2 (UNCHANGEDSINCE 19) +FLAGS (\\Seen)");
  answer("UID STORE 7,12 (UNCHANGEDSINCE 19) +FLAGS.SILENT (\\Seen)", "OK [MODIFIED 9,12] CANARY\r\n",
         "* 2 FETCH (UID 7 MODSEQ (21))\r\n");
  answer("UID FETCH 7 (UID FLAGS MODSEQ)", "OK done\r\n", "* 2 FETCH (UID 7 FLAGS (\\Seen) MODSEQ (21))\r\n");
  EXPECT_EQ(until("c "), std::string(kUses) +
                             "* 1 FETCH (FLAGS (\\Seen $Private) MODSEQ (21))\n"
                             "c OK [MODIFIED 2] Conditional STORE failed\n");
}

TEST_F(ConditionalStore, NamesUidsWhereUidsWereNamed) {
  select();
  tell("UID STORE 1:* (UNCHANGEDSINCE 19) +FLAGS.SILENT (\\Seen)");
  answer("UID STORE 7,12 (UNCHANGEDSINCE 19) +FLAGS.SILENT (\\Seen)", "NO [MODIFIED 7:12] CANARY\r\n");
  EXPECT_EQ(until("c "), std::string(kUses) + "c OK [MODIFIED 7,12] Conditional STORE failed\n");
}

TEST_F(ConditionalStore, TellsTheModseqOfASilentOneToo) {
  select();
  EXPECT_THAT(say("ENABLE CONDSTORE"), HasSubstr(kUses));
  tell("STORE 1 -FLAGS.SILENT (Work)");
  answer("UID STORE 7 -FLAGS.SILENT (Work)", "OK done\r\n");
  answer("UID FETCH 7 (UID MODSEQ)", "OK done\r\n", "* 2 FETCH (UID 7 MODSEQ (21))\r\n");
  EXPECT_EQ(until("c "), "* 1 FETCH (MODSEQ (21))\nc OK Store completed\n");
}

TEST_F(ConditionalStore, DecidesOnceWhereFlagsAreReplaced) {
  select();
  tell("UID STORE 7,12 (UNCHANGEDSINCE 30) FLAGS (\\Seen)");
  answer("UID FETCH 7,12 (UID FLAGS)", "OK done\r\n",
         "* 2 FETCH (UID 7 FLAGS (Work))\r\n* 4 FETCH (UID 12 FLAGS (Work))\r\n");
  answer("UID STORE 7,12 (UNCHANGEDSINCE 30) +FLAGS.SILENT (\\Seen)", "OK [MODIFIED 7] x\r\n");
  answer("UID STORE 12 -FLAGS.SILENT (Work)", "OK done\r\n");
  answer("UID FETCH 12 (UID FLAGS MODSEQ)", "OK done\r\n",
         "* 4 FETCH (UID 12 FLAGS (\\Seen) MODSEQ (32))\r\n");
  EXPECT_EQ(until("c "), std::string(kUses) +
                             "* 2 FETCH (UID 12 FLAGS (\\Seen $Private) MODSEQ (32))\n"
                             "c OK [MODIFIED 7] Conditional STORE failed\n");
}

TEST_F(ConditionalStore, BelowAllChangesNothing) {
  select();
  EXPECT_EQ(say("UID STORE 1:* (UNCHANGEDSINCE 0) +FLAGS (\\Seen)"),
            std::string(kUses) + "c OK [MODIFIED 7,12] Conditional STORE failed\n");
}

TEST_F(ConditionalStore, OfTheKeywordOfTheViewAloneHoldsToItsCondition) {
  select();
  tell("STORE 1:2 (UNCHANGEDSINCE 19) -FLAGS.SILENT ($Private)");
  answer("UID FETCH 7:12 (UID MODSEQ) (CHANGEDSINCE 19)", "OK done\r\n",
         "* 3 FETCH (UID 9 MODSEQ (25))\r\n* 4 FETCH (UID 12 MODSEQ (20))\r\n");
  answer("UID FETCH 7 (UID MODSEQ)", "OK done\r\n", "* 2 FETCH (UID 7 MODSEQ (2))\r\n");
  EXPECT_EQ(until("c "),
            std::string(kUses) + "* 1 FETCH (MODSEQ (2))\nc OK [MODIFIED 2] Conditional STORE failed\n");
}

TEST_F(ConditionalStore, WhoseAnswerCannotBeReadMayHaveChangedNothing) {
  select();
  tell("STORE 1:2 (UNCHANGEDSINCE 19) +FLAGS (\\Seen)");
  answer("UID STORE 7,12 (UNCHANGEDSINCE 19) +FLAGS.SILENT (\\Seen)", "OK [MODIFIED CANARY] x\r\n");
  EXPECT_EQ(until("c "), std::string(kUses) + "c OK [MODIFIED 1:2] Conditional STORE failed\n");
}

TEST_F(ConditionalStore, ReadingABodyTellsTheModseqOfSeen) {
  select();
  say("ENABLE CONDSTORE");
  tell("FETCH 2 (BODY[TEXT])");
  answer("UID SEARCH UID 12 UNSEEN", "OK done\r\n", "* SEARCH 12\r\n");
  answer("UID STORE 12 +FLAGS (\\Seen)", "OK done\r\n", "* 4 FETCH (UID 12 FLAGS (\\Seen))\r\n");
  answer("UID FETCH 12 (UID BODY.PEEK[TEXT])", "OK done\r\n", "* 4 FETCH (UID 12 BODY[TEXT] \"b\")\r\n");
  answer("UID FETCH 12 (UID MODSEQ)", "OK done\r\n", "* 4 FETCH (UID 12 MODSEQ (33))\r\n");
  EXPECT_EQ(until("c "),
            "* 2 FETCH (BODY[TEXT] {1}\nb)\n* 2 FETCH (UID 12 FLAGS (\\Seen $Private) MODSEQ "
            "(33))\nc OK Fetch completed\n");
}

}  // namespace
}  // namespace privet::imap
