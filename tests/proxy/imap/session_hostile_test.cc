// What an upstream says at the wrong time, twice, or of another message: nothing hidden goes out, and nothing
// that is seen is lost by it.
#include <fstream>
#include <iterator>
#include <string>

#include "proxy/imap/session.h"
#include "proxy/limits.h"
#include "tests/support/imap_session.h"

namespace privet::imap {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using testing_support::kHidden;
using testing_support::kVisible;
using testing_support::literal;

class HostileUpstream : public testing_support::ImapSession {
 protected:
  void classify_both() {
    answer("UID FETCH 4,7 (UID BODY.PEEK[])", "OK x\r\n",
           "* 1 FETCH (UID 4 BODY[] " + literal(kHidden) + ")\r\n* 2 FETCH (UID 7 BODY[] " +
               literal(kVisible) + ")\r\n");
    answer("UID SEARCH UNSEEN", "OK x\r\n", "* SEARCH\r\n");
    EXPECT_THAT(until("b "), HasSubstr("* 1 EXISTS\n"));
  }
  /// After open(): 8 and 9 have come, as is told.
  void classify_two_arrivals() {
    const std::string content = " BODY[] " + literal(kVisible) + ")\r\n";
    answer("UID FETCH 8:9 (UID BODY.PEEK[])", "OK x\r\n",
           "* 3 FETCH (UID 8" + content + "* 4 FETCH (UID 9" + content);
    EXPECT_EQ(until("c "), "* 3 EXISTS\n* 0 RECENT\nc OK NOOP completed\n");
  }
};

TEST_F(HostileUpstream, AnExpungeWithinTheAnswerThatNamesAllIsAskedAbout) {
  begin_to_examine(3);
  answer("UID SEARCH ALL", "OK x\r\n", "* SEARCH 1 4 7\r\n* 1 EXPUNGE\r\n");
  answer("UID SEARCH ALL", "OK x\r\n", "* SEARCH 4 7\r\n");
  classify_both();
  client_->send("c NOOP\r\n");
  answer("NOOP", "OK x\r\n", "* 1 FETCH (FLAGS (CANARY))\r\n* 1 EXPUNGE\r\n");
  EXPECT_EQ(until("c "), "c OK NOOP completed\n") << "both were of the hidden one";
}

TEST_F(HostileUpstream, AnExpungeWhileAllAreNamedAgainIsNoOtherMessages) {
  open();
  client_->send("c NOOP\r\n");
  answer("NOOP", "OK x\r\n", "* 1 EXISTS\r\n");
  answer("UID SEARCH ALL", "OK x\r\n", "* SEARCH 4 7\r\n* 1 EXPUNGE\r\n");
  answer("UID SEARCH ALL", "OK x\r\n", "* SEARCH 7\r\n");
  EXPECT_EQ(until("c "), "c OK NOOP completed\n") << "the visible one is still there";
  client_->send("c FETCH 1 FLAGS\r\n");
  answer("UID FETCH 7 (UID FLAGS)", "OK x\r\n", "* 1 FETCH (UID 7 FLAGS ())\r\n");
  EXPECT_EQ(until("c "), "* 1 FETCH (FLAGS ($Private))\nc OK Fetch completed\n");
}

TEST_F(HostileUpstream, AnEmptyAnswerAboutAMailboxThatIsNotEmptyForgetsNothing) {
  open();
  client_.reset();
  upstream_.reset();
  begin_to_examine(2);
  for (int i = 0; i < limits::kImapResync; ++i) answer("UID SEARCH ALL", "OK x\r\n", "* SEARCH\r\n");
  EXPECT_THAT(heard(), StartsWith("* BYE [UNAVAILABLE]"));
  client_.reset();
  upstream_.reset();
  begin_to_examine(2);
  answer("UID SEARCH ALL", "OK x\r\n", "* SEARCH 4 7\r\n");
  answer("UID SEARCH UNSEEN", "OK x\r\n", "* SEARCH\r\n");
  EXPECT_THAT(until("b "), HasSubstr("* 1 EXISTS\n")) << "without being read again";
}

TEST_F(HostileUpstream, MoreMessagesThanThereCanBeAreALie) {
  begin_to_examine(2);
  answer("UID SEARCH ALL", "OK x\r\n", "* ESEARCH UID ALL 1:4294967295\r\n");
  EXPECT_THAT(heard(), StartsWith("* BYE [UNAVAILABLE]"));
}

TEST_F(HostileUpstream, AMailboxRefusedForNowIsNotMissing) {
  for (const std::string code : {"[LIMIT] ", "[THROTTLED] ", ""}) {
    log_in();
    client_->send("b EXAMINE INBOX\r\n");
    answer("LIST \"\" \"*\"", "OK x\r\n", "* LIST () \"/\" INBOX\r\n");
    answer("EXAMINE INBOX", "NO " + code + "CANARY\r\n");
    EXPECT_THAT(until("b "), HasSubstr("b NO [UNAVAILABLE]")) << code;
    client_.reset();
    upstream_.reset();
  }
}

TEST_F(HostileUpstream, OneMessageThatCannotBeReadHidesNoOther) {
  begin_to_examine(2);
  answer("UID SEARCH ALL", "OK x\r\n", "* SEARCH 4 7\r\n");
  answer("UID FETCH 4,7 (UID BODY.PEEK[])", "NO [SERVERBUG] CANARY\r\n");
  answer("UID FETCH 4 (UID BODY.PEEK[])", "NO [SERVERBUG] CANARY\r\n");
  answer("UID FETCH 7 (UID BODY.PEEK[])", "OK x\r\n",
         "* 2 FETCH (UID 7 BODY[] " + literal(kVisible) + ")\r\n");
  answer("UID SEARCH UNSEEN", "OK x\r\n", "* SEARCH\r\n");
  EXPECT_THAT(until("b "), HasSubstr("* 1 EXISTS\n"));
}

TEST_F(HostileUpstream, AnotherSectionThanWasAskedForIsNotTheMessage) {
  begin_to_examine(2);
  answer("UID SEARCH ALL", "OK x\r\n", "* SEARCH 4 7\r\n");
  answer("UID FETCH 4,7 (UID BODY.PEEK[])", "OK x\r\n",
         "* 1 FETCH (UID 4 BODY[TEXT] " + literal(kVisible) + ")\r\n* 2 FETCH (UID 7 BODY[]<0> " +
             literal(kVisible) + ")\r\n");
  answer("UID SEARCH UNSEEN", "OK x\r\n", "* SEARCH\r\n");
  EXPECT_THAT(until("b "), HasSubstr("* 0 EXISTS\n"));
}

TEST_F(HostileUpstream, ContentIsNobodysUntilItsUidIsSaid) {
  open();
  const std::string canary(limits::kImapLiteralKept + 1, 'C');
  client_->send("c FETCH 1 BODY.PEEK[TEXT]\r\n");
  answer("UID FETCH 7 (UID BODY.PEEK[TEXT])", "OK x\r\n",
         "* 2 FETCH (BODY[TEXT] " + literal(canary) + " UID 4)\r\n");
  EXPECT_THAT(until("c "), StartsWith("c "));
  client_->send("c FETCH 1 BODY.PEEK[TEXT]\r\n");
  answer("UID FETCH 7 (UID BODY.PEEK[TEXT])", "OK x\r\n",
         "* 2 FETCH (BODY[TEXT] " + literal(canary) + " UID 7)\r\n");
  EXPECT_THAT(until("c "), StartsWith("c NO [UNAVAILABLE]"));
}

TEST_F(HostileUpstream, OneAnswerWithTwoUidsEndsTheSession) {
  open();
  client_->send("c FETCH 1 BODY.PEEK[TEXT]\r\n");
  const std::string tag = asked("UID FETCH 7 (UID BODY.PEEK[TEXT])");
  upstream_->send("* 2 FETCH (UID 7 BODY[TEXT] " + literal(std::string(limits::kImapLiteralKept + 1, 'x')) +
                  " UID 4)\r\n" + tag + " OK x\r\n");
  EXPECT_THAT(client_->rest(), testing::Not(HasSubstr("c OK")));
}

TEST_F(HostileUpstream, ARefusedFetchIsNotOk) {
  open();
  client_->send("c FETCH 1 FLAGS\r\n");
  answer("UID FETCH 7 (UID FLAGS)", "NO [SERVERBUG] CANARY\r\n");
  EXPECT_THAT(until("c "), StartsWith("c NO [UNAVAILABLE]"));
}

TEST_F(HostileUpstream, ChangesThatAreToldBeforeALiteralIsTakenAreNotMissed) {
  open();
  client_->send("c SEARCH BODY {6+}\r\n\xC3\xA4\xC3\xB6\xC3\xBC\r\n");
  const std::string line = upstream_->line().value_or("closed");
  ASSERT_TRUE(line.ends_with("{6}")) << line;
  upstream_->send("* 1 EXPUNGE\r\n+ go on\r\n");
  upstream_->line();
  upstream_->send(line.substr(0, line.find(' ')) + " OK x\r\n");
  answer("UID SEARCH ALL", "OK x\r\n", "* SEARCH 7\r\n");
  EXPECT_EQ(until("c "), "* SEARCH\nc OK Search completed\n");
}

TEST_F(HostileUpstream, NobodyReadsAnothersMailboxByAnAuthorizationIdentity) {
  connect();
  client_->send("c AUTHENTICATE PLAIN dG9tQGFjbWUudGVzdABhbm5hQGFjbWUudGVzdABzZWNyZXQ=\r\n");
  EXPECT_EQ(until("c "), "c NO [AUTHENTICATIONFAILED] Authentication failed\n");
  EXPECT_FALSE(upstreams_.has_caller());
}

TEST_F(HostileUpstream, MailboxesOfOthersAndOnesNamedForNobodyAreNotSeen) {
  capability_ = "IMAP4rev1 SASL-IR AUTH=PLAIN IDLE NAMESPACE SPECIAL-USE LIST-EXTENDED";
  log_in();
  client_->send("c LIST \"\" *\r\n");
  answer("NAMESPACE", "OK x\r\n",
         "* NAMESPACE ((\"\" \"/\")) ((\"Users/\" \"/\")) ((\"Shared/\" \"/\"))\r\n");
  answer(
      "LIST \"\" \"*\" RETURN (SPECIAL-USE)", "OK x\r\n",
      "* LIST () \"/\" INBOX\r\n* LIST () \"/\" Sales\r\n* LIST () \"/\" Users/tom/Sales\r\n* LIST () \"/\" "
      "Shared\r\n"
      "* LIST () \"/\" Shared/CANARY\r\n* LIST () \"/\" Spam\r\n* LIST () \"/\" \"Sales/Deleted Items\"\r\n"
      "* LIST (\\Trash) \"/\" Bin\r\n");
  EXPECT_EQ(
      until("c "),
      "* LIST (\\HasNoChildren) \"/\" INBOX\n* LIST (\\HasNoChildren) \"/\" Sales\nc OK LIST completed\n");
}

TEST_F(HostileUpstream, HidesNothingThatCannotBeReadJustNow) {
  begin_to_examine(2);
  answer("UID SEARCH ALL", "OK done\r\n", "* SEARCH 4 7\r\n");
  answer("UID FETCH 4,7 (UID BODY.PEEK[])", "NO [UNAVAILABLE] CANARY\r\n");
  EXPECT_THAT(until("* BYE"), HasSubstr("BYE")) << "it is not known what may be seen";
  open();
}

TEST_F(HostileUpstream, KeepsWhatAnotherSessionsConnectionHeardOfFirst) {
  open();
  EXPECT_EQ(arrive(), "* 2 EXISTS\n* 0 RECENT\nc OK NOOP completed\n");
  const std::string before = "* 2 EXISTS\r\n* OK [UIDVALIDITY 77] x\r\n* OK [UIDNEXT 8] x\r\n";
  const std::string after = "* 3 EXISTS\r\n* OK [UIDVALIDITY 77] x\r\n* OK [UIDNEXT 10] x\r\n";
  const auto select = [this](const std::string& examined, const std::string& uids) {
    log_in();
    client_->send("b EXAMINE INBOX\r\n");
    answer("LIST \"\" \"*\"", "OK done\r\n", "* LIST () \"/\" INBOX\r\n");
    answer("EXAMINE INBOX", "OK [READ-ONLY] CANARY\r\n", examined);
    answer("UID SEARCH ALL", "OK done\r\n", "* SEARCH" + uids + "\r\n");
  };
  const auto seen = [this] {
    answer("UID SEARCH UNSEEN", "OK done\r\n", "* SEARCH\r\n");
    return until("b ");
  };
  select(before, " 4 7");
  answer("NOOP", "OK x\r\n");
  answer("UID SEARCH ALL", "OK done\r\n", "* SEARCH 4 7\r\n");
  EXPECT_THAT(seen(), HasSubstr("* 1 EXISTS\n")) << "behind, and stays so";
  select(before, " 4 7");
  answer("NOOP", "OK x\r\n", "* 3 EXISTS\r\n");
  answer("UID SEARCH ALL", "OK done\r\n", "* SEARCH 4 7 9\r\n");
  EXPECT_THAT(seen(), HasSubstr("* 2 EXISTS\n"));
  select(after, " 4 7 9");
  EXPECT_THAT(seen(), HasSubstr("* 2 EXISTS\n"));
  const std::string gone = "* 2 EXISTS\r\n* OK [UIDVALIDITY 77] x\r\n* OK [UIDNEXT 10] x\r\n";
  select(gone, " 4 7");
  EXPECT_THAT(seen(), HasSubstr("* 1 EXISTS\n"));
  select(after, " 4 7 9");
  EXPECT_THAT(seen(), HasSubstr("* 1 EXISTS\n")) << "what was surely gone does not come back";
}

TEST_F(HostileUpstream, AnAnswerThatIsShorterThanExistsIsAskedForAgain) {
  open();
  client_->send("c NOOP\r\n");
  answer("NOOP", "OK x\r\n", "* 1 EXISTS\r\n* 2 EXISTS\r\n");
  answer("UID SEARCH ALL", "OK x\r\n", "* SEARCH 4\r\n");
  answer("UID SEARCH ALL", "OK x\r\n", "* SEARCH 4 7\r\n");
  EXPECT_EQ(until("c "), "c OK NOOP completed\n");
  client_->send("c NOOP\r\n");
  answer("NOOP", "OK x\r\n", "* 1 EXISTS\r\n* 2 EXISTS\r\n");
  for (int round = 0; round < limits::kImapResync; ++round)
    answer("UID SEARCH ALL", "OK x\r\n", "* SEARCH 4\r\n");
  EXPECT_EQ(until("c "), "* 1 EXPUNGE\nc OK NOOP completed\n");
  client_->send("c NOOP\r\n");
  answer("NOOP", "OK x\r\n");
  EXPECT_EQ(until("c "), "c OK NOOP completed\n") << "believed, and not asked for each time";
  client_->send("c NOOP\r\n");
  answer("NOOP", "OK x\r\n", "* 1 EXPUNGE\r\n");
  answer("UID SEARCH ALL", "OK x\r\n", "* SEARCH 4\r\n");
  EXPECT_EQ(until("c "), "c OK NOOP completed\n") << "whose number that was nobody knows";
  log_in();
  examine(" 4 7", "* 2 EXISTS\r\n* OK [UIDVALIDITY 77] x\r\n", "", "");
  EXPECT_THAT(until("b "), HasSubstr("* 1 EXISTS\n")) << "it was not forgotten";
}

// Four rounds, and each time something else is gone: which number is whose nobody knows.
TEST_F(HostileUpstream, NumbersThatNeverCameToRestAreNobodys) {
  begin_to_examine(6);
  for (const std::string uids : {"1 2 3 4 5 6", "2 3 4 5 6", "3 4 5 6", "4 5 6"})
    answer("UID SEARCH ALL", "OK x\r\n", "* SEARCH " + uids + "\r\n* 1 EXPUNGE\r\n");
  std::string contents;  // 4 is gone: 5 is the first
  for (const std::string uid : {"5", "6"})
    contents += "* 1 FETCH (UID " + uid + " BODY[] " + literal(kVisible) + ")\r\n";
  answer("UID FETCH 4:6 (UID BODY.PEEK[])", "OK x\r\n",
         contents + "* 1 EXPUNGE\r\n* 1 FETCH (FLAGS (CANARY))\r\n");
  answer("UID FETCH 4 (UID BODY.PEEK[])", "OK x\r\n");
  answer("UID SEARCH UNSEEN", "OK x\r\n", "* SEARCH\r\n");
  EXPECT_THAT(until("b "), HasSubstr("* 2 EXISTS\n"));
  client_->send("c NOOP\r\n");
  answer("NOOP", "OK x\r\n");
  answer("UID SEARCH ALL", "OK x\r\n", "* SEARCH 6\r\n");
  EXPECT_EQ(until("c "), "* 1 EXPUNGE\nc OK NOOP completed\n") << "5, and not 4 or 6";
}

TEST_F(HostileUpstream, WhatIsLeftOutOfTheAnswerAboutManyIsAskedForAlone) {
  begin_to_examine(2);
  answer("UID SEARCH ALL", "OK done\r\n", "* SEARCH 7 8\r\n");
  const std::string content = "BODY[] " + literal(kVisible) + ")\r\n";
  answer("UID FETCH 7:8 (UID BODY.PEEK[])", "OK x\r\n", "* 1 FETCH (UID 7 " + content);
  answer("UID FETCH 8 (UID BODY.PEEK[])", "OK x\r\n", "* 2 FETCH (UID 8 " + content);
  answer("UID SEARCH UNSEEN", "OK done\r\n", "* SEARCH\r\n");
  EXPECT_THAT(until("b "), HasSubstr("* 2 EXISTS\n"));
}

// Courier: what has no MIME-Version has no parts, and the header of its part 1 is the message's own.
TEST_F(HostileUpstream, APartOfAMessageThatItDoesNotSplitHasNoHeader) {
  const std::string parts =
      "From: bob@bigco.test\r\nTo: anna@acme.test\r\nContent-Type: multipart/alternative; "
      "boundary=x\r\n\r\n--x\r\n\r\nHello\r\n--x--\r\n";
  log_in();
  examine(" 7 8", "* 2 EXISTS\r\n* OK [UIDVALIDITY 77] x\r\n", "7:8",
          "* 1 FETCH (UID 7 BODY[] " + literal(parts) + ")\r\n* 2 FETCH (UID 8 BODY[] " +
              literal("MIME-Version: 1.0\r\n" + parts) + ")\r\n");
  EXPECT_THAT(until("b "), HasSubstr("* 2 EXISTS\n"));
  client_->send("c FETCH 1:2 (BODY.PEEK[1.HEADER])\r\n");
  answer("UID FETCH 7 (UID BODYSTRUCTURE)", "OK x\r\n",
         "* 1 FETCH (UID 7 BODYSTRUCTURE (\"text\" \"plain\" NIL NIL NIL \"7bit\" 30 3))\r\n");
  answer("UID FETCH 8 (UID BODY.PEEK[1.HEADER])", "OK x\r\n", "* 2 FETCH (UID 8 BODY[1.HEADER] \"\")\r\n");
  EXPECT_EQ(until("c "),
            "* 1 FETCH (BODY[1.HEADER] {0}\n)\n* 2 FETCH (BODY[1.HEADER] {0}\n)\nc OK Fetch completed\n");
  client_->send("c FETCH 1 (BODY.PEEK[2])\r\n");
  answer("UID FETCH 7 (UID BODYSTRUCTURE)", "NO [THROTTLED] x\r\n");
  EXPECT_EQ(until("c "), "c NO [UNAVAILABLE] The mail server did not answer for all messages\n");
}

// UID 9 was seen by the old rules; the new ones hide it, and this connection does not know of it.
TEST_F(HostileUpstream, WhatIsNotListedIsUnderTheNewRulesAllTheSame) {
  open();
  EXPECT_EQ(arrive(), "* 2 EXISTS\n* 0 RECENT\nc OK NOOP completed\n");
  std::ifstream file(folder_ / "tenants/acme.yaml");
  const std::string tenant(std::istreambuf_iterator<char>(file), {});
  folder_.write("tenants/acme.yaml", tenant + "lists: {blocked: [bob@bigco.test]}\n");
  serve();
  log_in();
  client_->send("b EXAMINE INBOX\r\n");
  answer("LIST \"\" \"*\"", "OK done\r\n", "* LIST () \"/\" INBOX\r\n");
  answer("EXAMINE INBOX", "OK x\r\n", "* 2 EXISTS\r\n* OK [UIDVALIDITY 77] x\r\n* OK [UIDNEXT 8] x\r\n");
  answer("UID SEARCH ALL", "OK done\r\n", "* SEARCH 4 7\r\n");
  answer("NOOP", "OK x\r\n");
  answer("UID SEARCH ALL", "OK done\r\n", "* SEARCH 4 7\r\n");
  answer("UID FETCH 7,9 (UID BODY.PEEK[])", "OK x\r\n",
         "* 2 FETCH (UID 7 BODY[] " + literal(kVisible) + ")\r\n");
  answer("UID FETCH 9 (UID BODY.PEEK[])", "OK x\r\n");
  answer("UID SEARCH ALL", "OK done\r\n", "* SEARCH 4 7\r\n");
  answer("NOOP", "OK x\r\n", "* 3 EXISTS\r\n");
  answer("UID SEARCH ALL", "OK done\r\n", "* SEARCH 4 7 9\r\n");
  answer("UID SEARCH UNSEEN", "OK done\r\n", "* SEARCH\r\n");
  EXPECT_THAT(until("b "), HasSubstr("* 0 EXISTS\n"));
}

TEST_F(HostileUpstream, AnArrivalInAnEmptyMailboxThatIsGoneAtOnceIsNoContradiction) {
  begin_to_examine(0);
  answer("UID SEARCH ALL", "OK x\r\n", "* SEARCH\r\n");
  answer("UID SEARCH UNSEEN", "OK x\r\n", "* SEARCH\r\n");
  EXPECT_THAT(until("b "), HasSubstr("* 0 EXISTS\n"));
  client_->send("c NOOP\r\n");
  answer("NOOP", "OK x\r\n", "* 1 EXISTS\r\n");
  for (int round = 0; round < limits::kImapResync; ++round)
    answer("UID SEARCH ALL", "OK x\r\n", "* SEARCH\r\n");
  EXPECT_EQ(until("c "), "c OK NOOP completed\n");
}

TEST_F(HostileUpstream, AnArrivalWhileAnotherIsAskedAboutCostsNoWholeList) {
  open();
  client_->send("c NOOP\r\n");
  answer("NOOP", "OK x\r\n", "* 3 EXISTS\r\n");
  answer("UID SEARCH UID 8:*", "OK x\r\n", "* SEARCH 8\r\n* 4 EXISTS\r\n");
  answer("UID SEARCH UID 9:*", "OK x\r\n", "* SEARCH 9\r\n");
  classify_two_arrivals();
}

TEST_F(HostileUpstream, AnArrivalThatIsLeftOutIsNotPassedOver) {
  open();
  client_->send("c NOOP\r\n");
  answer("NOOP", "OK x\r\n", "* 4 EXISTS\r\n");
  answer("UID SEARCH UID 8:*", "OK x\r\n", "* SEARCH 9\r\n");
  answer("UID SEARCH ALL", "OK x\r\n", "* SEARCH 4 7 8 9\r\n");
  classify_two_arrivals();
}

TEST_F(HostileUpstream, CountsErrorsInARowOnly) {
  open();
  for (int i = 0; i < 2 * limits::kErrors; ++i) {
    EXPECT_EQ(say("XUNKNOWN"), "c BAD Unknown command\n");
    EXPECT_EQ(say("CAPABILITY").substr(0, 2), "* ");
  }
  for (int i = 0; i < 2 * limits::kErrors; ++i)
    EXPECT_THAT(say("SEARCH CHARSET KOI8-R ALL"), StartsWith("c NO [BADCHARSET"));
}

TEST_F(HostileUpstream, HearsOfASearchThatIsRefusedBeforeItsLiteral) {
  open();
  client_->send("c SEARCH CHARSET UTF-8 BODY {2}\r\n");
  EXPECT_THAT(heard(), StartsWith("+ "));
  client_->send("\xC3\xBC\r\n");
  const std::string line = upstream_->line().value_or("closed");
  EXPECT_THAT(line, HasSubstr("CHARSET UTF-8 UID 7 BODY {2}"));
  upstream_->send(line.substr(0, line.find(' ')) + " NO [BADCHARSET] CANARY\r\n");
  EXPECT_THAT(until("c "), StartsWith("c NO [UNAVAILABLE]"));
  EXPECT_EQ(say("SEARCH ALL"), "* SEARCH 1\nc OK Search completed\n");
}

TEST_F(HostileUpstream, KnowsTheDelimiterBeforeTheFirstList) {
  log_in();
  client_->send("c NAMESPACE\r\n");
  answer("LIST \"\" \"*\"", "OK done\r\n", "* LIST () \".\" INBOX\r\n");
  EXPECT_EQ(until("c "), "* NAMESPACE ((\"\" \".\")) NIL NIL\nc OK Namespace completed\n");
}

}  // namespace
}  // namespace privet::imap
