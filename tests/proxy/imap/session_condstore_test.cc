// CONDSTORE (RFC 7162) and ENABLE (RFC 5161) in whole sessions.
#include "tests/support/imap_session.h"

namespace privet::imap {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing_support::ImapSession;
using testing_support::kHidden;
using testing_support::kVisible;
using testing_support::literal;

class ImapCondstore : public ImapSession {
 protected:
  ImapCondstore() { capability_ += " CONDSTORE"; }

  /// Logs in and opens INBOX, which has hidden 4 and visible 7; what the client hears.
  std::string open_at(const std::string& code) {
    log_in();
    client_->send("b EXAMINE INBOX\r\n");
    answer("LIST \"\" \"*\"", "OK done\r\n", "* LIST (\\HasNoChildren) \"/\" INBOX\r\n");
    answer("EXAMINE INBOX (CONDSTORE)", "OK [READ-ONLY] CANARY\r\n",
           "* 2 EXISTS\r\n* OK [UIDVALIDITY 77] x\r\n* OK [" + code + "] x\r\n");
    answer("UID SEARCH ALL", "OK done\r\n", "* SEARCH 4 7\r\n");
    if (classified_) return look();
    classified_ = true;
    answer("UID FETCH 4,7 (UID BODY.PEEK[])", "OK done\r\n",
           "* 1 FETCH (UID 4 BODY[] " + literal(kHidden) + ")\r\n* 2 FETCH (UID 7 BODY[] " +
               literal(kVisible) + ")\r\n");
    return look();
  }
  std::string look() {
    if (!changed_.empty()) changed_since(20, changed_);
    answer("UID SEARCH UNSEEN", "OK done\r\n", "* SEARCH 4 7\r\n");
    return until("b ");
  }
  void changed_since(int modseq, const std::string& said) {
    answer("UID FETCH 1:4294967295 (UID MODSEQ) (CHANGEDSINCE " + std::to_string(modseq) + ")", "OK done\r\n",
           said);
  }
  /// STATUS of INBOX, which the upstream has at `real`, what has changed there, and what the client hears.
  std::string status(int real, int since, const std::string& changed, const std::string& noop = "") {
    client_->send("c STATUS INBOX (HIGHESTMODSEQ)\r\n");
    answer("STATUS INBOX (HIGHESTMODSEQ)", "OK done\r\n",
           "* STATUS INBOX (HIGHESTMODSEQ " + std::to_string(real) + ")\r\n");
    answer("NOOP", "OK done\r\n", noop);
    if (!changed.empty()) changed_since(since, changed);
    return until("c ");
  }
  void reconnect() {
    client_.reset();
    upstream_.reset();
    serve();
  }

  bool classified_ = false;
  std::string changed_;  // what the upstream says of it when INBOX is opened
};

TEST_F(ImapSession, OffersNoCondstoreWhereTheUpstreamHasNone) {
  open();
  EXPECT_THAT(say("CAPABILITY"), Not(HasSubstr("CONDSTORE")));
  EXPECT_EQ(say("ENABLE CONDSTORE"), "* ENABLED\nc OK Enabled\n");
  EXPECT_EQ(say("FETCH 1 (MODSEQ)"), "c BAD CONDSTORE is not offered\n");
  EXPECT_EQ(say("FETCH 1 (FLAGS) (CHANGEDSINCE 1)"), "c BAD CONDSTORE is not offered\n");
  EXPECT_EQ(say("SEARCH MODSEQ 1"), "c BAD CONDSTORE is not offered\n");
  EXPECT_EQ(say("STATUS INBOX (HIGHESTMODSEQ)"), "c BAD Unknown STATUS item\n");
}

TEST_F(ImapSession, Trap14UnsolicitedFetchWithoutUidIsMeantByTheUpstreamsNumber) {
  open();
  client_->send("c NOOP\r\n");
  answer("NOOP", "OK done\r\n", "* 1 FETCH (FLAGS (CANARY))\r\n* 2 FETCH (FLAGS (\\Flagged))\r\n");
  EXPECT_EQ(until("c "), "* 1 FETCH (FLAGS (\\Flagged $Private))\nc OK NOOP completed\n");
}

TEST_F(ImapCondstore, Trap14IsEnabledUpstreamSoThatEveryFetchSaysItsUid) {
  EXPECT_THAT(open_at("HIGHESTMODSEQ 20"), HasSubstr("* OK [HIGHESTMODSEQ 20] Highest\nb OK [READ-ONLY]"));
  client_->send("c NOOP\r\n");
  answer("NOOP", "OK done\r\n", "* 9 FETCH (UID 7 FLAGS (\\Flagged) MODSEQ (25))\r\n");
  EXPECT_EQ(until("c "), "* 1 FETCH (FLAGS (\\Flagged $Private))\nc OK NOOP completed\n")
      << "the client has not enabled it";
}

TEST_F(ImapCondstore, TellsChangesWithTheirModseqOnceEnabled) {
  open_at("HIGHESTMODSEQ 20");
  EXPECT_THAT(say("CAPABILITY"), HasSubstr("ENABLE CONDSTORE\n"));
  EXPECT_EQ(say("ENABLE QRESYNC CONDSTORE"),
            "* ENABLED CONDSTORE\n* OK [HIGHESTMODSEQ 20] Highest\nc OK Enabled\n");
  const std::string told = "* 1 FETCH (UID 7 FLAGS (\\Flagged $Private) MODSEQ (25))\nc OK NOOP completed\n";
  client_->send("c NOOP\r\n");
  answer("NOOP", "OK done\r\n",
         "* 1 FETCH (UID 4 FLAGS (CANARY) MODSEQ (26))\r\n* 2 FETCH (UID 7 FLAGS (\\Flagged))\r\n"
         "* 2 FETCH (MODSEQ (25))\r\n");
  EXPECT_EQ(until("c "), told);
  client_->send("c NOOP\r\n");
  answer("NOOP", "OK done\r\n", "* 2 FETCH (UID 7 FLAGS (\\Flagged))\r\n");
  answer("UID FETCH 7 (UID MODSEQ)", "OK done\r\n", "* 2 FETCH (UID 7 MODSEQ (25))\r\n");
  EXPECT_EQ(until("c "), told) << "an upstream that leaves it out is asked";
}

TEST_F(ImapCondstore, FlagsThatChangeWhileSomethingElseIsFetchedAreToldToo) {
  open_at("HIGHESTMODSEQ 20");
  client_->send("c FETCH 1 (MODSEQ BODY.PEEK[TEXT])\r\n");
  answer("UID FETCH 7 (UID MODSEQ BODY.PEEK[TEXT])", "OK done\r\n",
         "* 2 FETCH (UID 7 FLAGS (\\Flagged) MODSEQ (25))\r\n* 2 FETCH (UID 7 MODSEQ (25) BODY[TEXT] x)\r\n");
  EXPECT_EQ(until("c "),
            "* OK [HIGHESTMODSEQ 20] Highest\n* 1 FETCH (MODSEQ (25) BODY[TEXT] {1}\nx)\n"
            "* 1 FETCH (UID 7 FLAGS (\\Flagged $Private) MODSEQ (25))\nc OK Fetch completed\n");
}

TEST_F(ImapCondstore, HighestModseqMovesForNothingThatIsHidden) {
  open_at("HIGHESTMODSEQ 20");
  EXPECT_THAT(status(30, 20, "* 1 FETCH (UID 4 MODSEQ (30))\r\n"),
              HasSubstr("* STATUS INBOX (HIGHESTMODSEQ 20)\nc OK"));
  EXPECT_THAT(status(35, 20, "* 1 FETCH (UID 4 MODSEQ (35))\r\n* 2 FETCH (UID 7 MODSEQ (33))\r\n"),
              HasSubstr("* STATUS INBOX (HIGHESTMODSEQ 33)\nc OK"));
  EXPECT_THAT(status(36, 33, "* 2 FETCH (UID 7 MODSEQ (40))\r\n"),
              HasSubstr("* STATUS INBOX (HIGHESTMODSEQ 36)\nc OK"))
      << "never above what was known to be complete";
}

TEST_F(ImapCondstore, HighestModseqIsRememberedAcrossSessions) {
  open_at("HIGHESTMODSEQ 20");
  reconnect();
  changed_ = "* 1 FETCH (UID 4 MODSEQ (50))\r\n";
  EXPECT_THAT(open_at("HIGHESTMODSEQ 50"), HasSubstr("[HIGHESTMODSEQ 20]"));
}

TEST_F(ImapCondstore, AVisibleExpungeMovesItWhateverTheUpstreamCounts) {
  open_at("HIGHESTMODSEQ 20");
  EXPECT_THAT(status(20, 20, "", "* 1 EXPUNGE\r\n"),
              HasSubstr("* STATUS INBOX (HIGHESTMODSEQ 20)\nc OK Status"));
  EXPECT_EQ(status(20, 20, "", "* 1 EXPUNGE\r\n"),
            "* 1 EXPUNGE\n* STATUS INBOX (HIGHESTMODSEQ 21)\nc OK Status completed\n");
}

TEST_F(ImapCondstore, FetchesWhatHasChangedSinceAsTheUpstreamCounts) {
  open_at("HIGHESTMODSEQ 20");
  client_->send("c UID FETCH 1:* (FLAGS) (CHANGEDSINCE 20)\r\n");
  answer("UID FETCH 7:7 (UID MODSEQ) (CHANGEDSINCE 20)", "OK done\r\n");
  EXPECT_EQ(until("c "), "* OK [HIGHESTMODSEQ 20] Highest\nc OK Fetch completed\n");
  client_->send("c UID FETCH 1:* (FLAGS) (CHANGEDSINCE 19)\r\n");
  answer("UID FETCH 7:7 (UID MODSEQ) (CHANGEDSINCE 19)", "OK done\r\n", "* 2 FETCH (UID 7 MODSEQ (20))\r\n");
  answer("UID FETCH 7 (UID FLAGS MODSEQ)", "OK done\r\n", "* 2 FETCH (UID 7 FLAGS () MODSEQ (20))\r\n");
  EXPECT_EQ(until("c "), "* 1 FETCH (UID 7 FLAGS ($Private) MODSEQ (20))\nc OK Fetch completed\n");
}

TEST_F(ImapCondstore, TellsAfterAVisibleExpungeWhatUnchangedSinceWillMean) {
  open_at("HIGHESTMODSEQ 20");
  EXPECT_THAT(arrive(), HasSubstr("* 2 EXISTS\n"));
  client_->send("c NOOP\r\n");
  answer("NOOP", "OK x\r\n", "* 2 EXPUNGE\r\n");
  EXPECT_THAT(until("c "), HasSubstr("* 1 EXPUNGE\n"));
  client_->send("c FETCH 1 (MODSEQ)\r\n");
  answer("UID FETCH 9 (UID MODSEQ)", "OK done\r\n", "* 2 FETCH (UID 9 MODSEQ (15))\r\n");
  EXPECT_THAT(until("c "), HasSubstr("* 1 FETCH (MODSEQ (16))\n"));
}

TEST_F(ImapCondstore, SearchesByModseqAmongWhatIsSeen) {
  open_at("HIGHESTMODSEQ 20");
  const auto search = [&](const std::string& command) {
    client_->send("c " + command + "\r\n");
    answer("UID SEARCH UID 7 MODSEQ 5", "OK done\r\n", "* SEARCH 4 7 (MODSEQ 30)\r\n");
    answer("UID FETCH 7 (UID MODSEQ)", "OK done\r\n", "* 2 FETCH (UID 7 MODSEQ (12))\r\n");
    return until("c ");
  };
  EXPECT_THAT(search("SEARCH MODSEQ 5"), HasSubstr("* SEARCH 1 (MODSEQ 12)\nc OK"));
  EXPECT_EQ(search("UID SEARCH RETURN (MAX) MODSEQ 5"),
            "* ESEARCH (TAG \"c\") UID MAX 7 MODSEQ 12\nc OK Search completed\n");
}

TEST_F(ImapCondstore, AMailboxWithoutModseqSaysSo) {
  EXPECT_THAT(open_at("NOMODSEQ"), HasSubstr("* OK [NOMODSEQ] "));
  EXPECT_EQ(say("FETCH 1 (MODSEQ)"), "c BAD This mailbox has no modification sequences\n");
  EXPECT_EQ(say("SEARCH MODSEQ 5"), "c BAD This mailbox has no modification sequences\n");
  EXPECT_EQ(say("STATUS INBOX (HIGHESTMODSEQ)"),
            "* OK [NOMODSEQ] No modification sequences here\n* STATUS INBOX (HIGHESTMODSEQ 0)\nc OK Status "
            "completed\n");
}

}  // namespace
}  // namespace privet::imap
