// Traps 10, 11 and 13 of a filtering IMAP server, by number: literals and other bytes of clients, mailbox
// names, upstreams with quirks. The others are in tests/interop/imap_traps_test.py and session_test.cc.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "proxy/imap/session.h"
#include "proxy/log.h"
#include "tests/support/imap_session.h"

namespace privet::imap {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using testing_support::kVisible;
using testing_support::literal;

class ImapSessionTraps : public testing_support::ImapSession {
 protected:
  /// The client sends this and hears that, with nothing in between.
  void exchange(const std::string& sent, const std::string& heard_then) {
    client_->send(sent);
    EXPECT_EQ(heard(), heard_then) << sent;
  }
  void log_in_with_literals() {
    connect();
    exchange("a LOGIN {14}\r\n", "+ OK");
    exchange("anna@acme.test {6}\r\n", "+ OK");
    client_->send("secret\r\n");
    upstream_ = upstreams_.accept();
    upstream_->send("* OK " + capability() + " ready\r\n");
    answer("AUTHENTICATE PLAIN AGFubmFAYWNtZS50ZXN0AHNlY3JldA==", "OK " + capability() + " x\r\n");
    EXPECT_THAT(heard(), StartsWith("a OK "));
  }
};

TEST_F(ImapSessionTraps, Trap10LiteralsAreTakenWhereverTheyStand) {
  log_in_with_literals();
  exchange("c ID ({4}\r\n", "+ OK");
  client_->send("name {3+}\r\nfoo)\r\n");
  EXPECT_THAT(until("c "), HasSubstr("c OK "));
  client_->send("c LIST {0+}\r\n {1+}\r\n%\r\n");
  answer("LIST \"\" \"*\"", "OK done\r\n", "* LIST () \"/\" INBOX\r\n");
  EXPECT_THAT(until("c "), StartsWith("* LIST (\\HasNoChildren) \"/\" INBOX\nc OK "));
  client_->send("c EXAMINE {5+}\r\ninbox\r\n");
  answer("EXAMINE INBOX", "OK x\r\n", "* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n");
  answer("UID SEARCH ALL", "OK x\r\n", "* SEARCH 7\r\n");
  answer("UID FETCH 7 (UID BODY.PEEK[])", "OK x\r\n",
         "* 1 FETCH (UID 7 BODY[] " + literal(kVisible) + ")\r\n");
  answer("UID SEARCH UNSEEN", "OK x\r\n", "* SEARCH\r\n");
  until("c ");
  client_->send("c SEARCH SUBJECT {5+}\r\noffer SUBJECT {0+}\r\n\r\n");
  EXPECT_THAT(until("c "), StartsWith("* SEARCH 1\nc OK "));
}

TEST_F(ImapSessionTraps, Trap10TheSameSplitAtEveryByte) {
  connect();
  client_->send_bytes_singly();
  exchange("a LOGIN {14}\r\n", "+ OK");
  client_->send("anna@acme.test {6+}\r\nsecret\r\n");
  upstream_ = upstreams_.accept();
  upstream_->send_bytes_singly();
  upstream_->send("* OK " + capability() + " ready\r\n");
  answer("AUTHENTICATE PLAIN AGFubmFAYWNtZS50ZXN0AHNlY3JldA==", "OK " + capability() + " x\r\n");
  EXPECT_THAT(heard(), StartsWith("a OK "));
  examine(" 7", "* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n", "7",
          "* 1 FETCH (UID 7 BODY[] " + literal(kVisible) + ")\r\n");
  EXPECT_THAT(until("b "), HasSubstr("* 1 EXISTS\n"));
  client_->send("c SEARCH SUBJECT {5+}\r\noffer\r\n");
  EXPECT_THAT(until("c "), StartsWith("* SEARCH 1\nc OK "));
}

TEST_F(ImapSessionTraps, Trap10WhatComesInALiteralOfARefusedCommandIsNoCommand) {
  open();
  client_->send("c APPEND INBOX {12+}\r\nx LOGOUT\r\n\r\n\r\n");
  EXPECT_EQ(heard(), "c NO [NOPERM] This view is read-only");
  client_->send("c NONSENSE {12+}\r\nx LOGOUT\r\n\r\n\r\n");
  EXPECT_THAT(heard(), StartsWith("c BAD "));
  // Nobody who was refused before the literal sends it.
  client_->send("c APPEND INBOX {4294967295}\r\n");
  EXPECT_THAT(heard(), StartsWith("c NO "));
  client_->send("c APPEND INBOX {18446744073709551616}\r\n");
  EXPECT_THAT(heard(), StartsWith("c BAD "));
  client_->send("c FETCH 2 FLAGS\r\n");
  EXPECT_EQ(heard(), "c BAD Invalid messageset") << "still the same session";
}

TEST_F(ImapSessionTraps, Trap10ALiteralThatNobodyWaitsForAndNobodyTakesEndsTheSession) {
  open();
  client_->send("c APPEND INBOX {4294967296+}\r\nx LOGOUT\r\n");
  EXPECT_THAT(client_->rest(), testing::AllOf(HasSubstr("* BYE "), testing::Not(HasSubstr("x OK"))));
}

TEST_F(ImapSessionTraps, Trap10BytesThatWouldCutALineOtherwiseEndTheSession) {
  using namespace std::string_literals;
  for (const std::string& line :
       {"c NOOP\0\r\nd NOOP\r\n"s, "c NOOP\nd NOOP\r\n"s, "c NO\rOP\r\nd NOOP\r\n"s}) {
    connect();
    client_->send(line);
    EXPECT_THAT(client_->rest(),
                testing::AnyOf("* BYE LF or NUL in a command\r\n", "* BYE CR without LF\r\n"));
  }
}

TEST_F(ImapSessionTraps, Trap10BytesThatHaveNoPlaceInALineAreRefused) {
  open();
  using namespace std::string_literals;
  for (const std::string& line : {"c SEARCH SUBJECT {3+}\r\na\0b\r\n"s, "c LIST \"\" a\"b\r\n"s,
                                  "c LIST \"\" \"a\\nb\"\r\n"s, "c LIST \"\" \"open\r\n"s}) {
    client_->send(line);
    EXPECT_THAT(heard(), StartsWith("c BAD ")) << line;
  }
  client_->send("c SEARCH SUBJECT \"a \\\"b\\\" \\\\ c\"\r\n");
  EXPECT_EQ(until("c "), "* SEARCH\nc OK Search completed\n") << "quoting is undone";
}

TEST_F(ImapSessionTraps, Trap10TagsMayLookLikeAnything) {
  open();
  for (const std::string tag : {"IDLE", "1.1", "GILE1", "deadbeef", "NOOP", "A]", "-"}) {
    client_->send(tag + " UID FETCH 4 FLAGS\r\n");
    EXPECT_EQ(heard(), tag + " OK Fetch completed");
  }
  for (const std::string tag : {"+", "a+b", "a(b", "*", "%", "a\"", "{1}"}) {
    client_->send(tag + " UID FETCH 4 FLAGS\r\n");
    EXPECT_THAT(heard(), HasSubstr("BAD ")) << tag;
  }
}

TEST_F(ImapSessionTraps, Trap10LongListsOfUidsAreTakenUpToTheLimitOfALine) {
  open();
  std::string uids = "7";
  while (uids.size() < limits::kImapLine - 100) uids += ",100000";
  client_->send("c UID FETCH " + uids + " (FLAGS)\r\n");
  answer("UID FETCH 7 (UID FLAGS)", "OK x\r\n", "* 2 FETCH (UID 7 FLAGS ())\r\n");
  EXPECT_EQ(until("c "), "* 1 FETCH (UID 7 FLAGS ($Private))\nc OK Fetch completed\n");
  while (uids.size() <= limits::kImapLine) uids += ",100000";
  client_->send("c UID FETCH " + uids + " (FLAGS)\r\nc UID FETCH 4 FLAGS\r\n");
  EXPECT_THAT(heard(), HasSubstr("BAD ")) << "and no answer";
  EXPECT_EQ(heard(), "c OK Fetch completed");
}

TEST_F(ImapSessionTraps, Trap11NamesAreComparedDecodedAndBrokenOnesDoNotExist) {
  log_in();
  const auto list = [this](const std::string& arguments) {
    client_->send("c LIST " + arguments + "\r\n");
    answer(
        "LIST \"\" \"*\"", "OK done\r\n",
        "* LIST () \"/\" inbox\r\n* LIST () \"/\" \"&Jjo-\"\r\n* LIST () \"/\" \"A&-B\"\r\n* LIST () \"/\" "
        "\"50%\"\r\n* LIST () \"/\" \"a*b\"\r\n* LIST () \"/\" \"&Jjo\"\r\n* LIST () \"/\" "
        "\"caf\xC3\xA9\"\r\n"
        "* LIST () NIL flat/name\r\n* LIST () \"/\" {3}\r\nc d\r\n");
    return until("c ");
  };
  const auto one = [](const std::string& quoted) {
    return "* LIST (\\HasNoChildren) " + quoted + "\nc OK LIST completed\n";
  };
  const std::string all = list("\"\" *");
  for (const char* name :
       {"\"/\" INBOX\n", "\"&Jjo-\"\n", "\"A&-B\"\n", "\"50%\"\n", "\"a*b\"\n", "\"c d\"\n"})
    EXPECT_THAT(all, HasSubstr(name));
  EXPECT_THAT(all, testing::Not(HasSubstr("&Jjo\"")));
  EXPECT_EQ(list("\"\" &Jjo-"), one("\"/\" \"&Jjo-\""));
  EXPECT_EQ(list("\"\" 50%"), one("\"/\" \"50%\"")) << "% stands for itself as well";
  EXPECT_EQ(list("\"a\" *b"), one("\"/\" \"a*b\"")) << "reference and pattern are joined";
  EXPECT_EQ(list("\"\" INbox"), one("\"/\" INBOX"));
  EXPECT_EQ(list("\"\" fl%"), one("NIL \"flat/name\"")) << "where there is no delimiter, % stops nowhere";
}

TEST_F(ImapSessionTraps, Trap11ANameThatCannotBeDecodedIsOneThatIsNotThere) {
  log_in();
  const auto examine = [this](const std::string& name) {
    client_->send("c EXAMINE " + name + "\r\n");
    const std::string tag = asked("LIST \"\" \"*\"");
    upstream_->send("* LIST () \"/\" inbox\r\n* LIST () \"/\" \"&Jjo-\"\r\n" + tag + " OK done\r\n");
    return until("c ");
  };
  const std::string absent = examine("nowhere");
  EXPECT_THAT(absent, HasSubstr("c NO [NONEXISTENT]"));
  EXPECT_EQ(examine("&IKw-"), absent);
  for (const char* name : {"&Jjo", "&Jjp-", "&", "&&-", "&AEE-", "\"caf\xC3\xA9\""})
    EXPECT_EQ(examine(name), absent) << name;
  client_->send("b EXAMINE &Jjo-\r\n");
  asked("EXAMINE \"&Jjo-\"");
}

TEST_F(ImapSessionTraps, Trap13AFetchNumberedAboveExistsIsTakenByItsUid) {
  open();
  client_->send("c FETCH 1 FLAGS\r\n");
  answer("UID FETCH 7 (UID FLAGS)", "OK x\r\n", "* 900 FETCH (FLAGS (\\Seen) UID 7)\r\n");
  EXPECT_EQ(until("c "), "* 1 FETCH (FLAGS (\\Seen $Private))\nc OK Fetch completed\n");
}

TEST_F(ImapSessionTraps, Trap13ABodyThatIsNilOrEmptyIsNoOtherMessages) {
  open();
  client_->send("c FETCH 1 BODY.PEEK[]\r\n");
  answer("UID FETCH 7 (UID BODY.PEEK[TEXT])", "OK [EXPUNGEISSUED] x\r\n",
         "* 2 FETCH (UID 7 BODY[TEXT] NIL)\r\n");
  EXPECT_EQ(until("c "), "* 1 FETCH (BODY[] NIL)\nc OK Fetch completed\n");
  client_->send("c FETCH 1 BODY.PEEK[TEXT]\r\n");
  answer("UID FETCH 7 (UID BODY.PEEK[TEXT])", "OK x\r\n", "* 2 FETCH (UID 7 BODY[TEXT] \"\")\r\n");
  EXPECT_EQ(until("c "), "* 1 FETCH (BODY[TEXT] {0}\n)\nc OK Fetch completed\n");
}

TEST_F(ImapSessionTraps, Trap13AMessageThatCannotBeReadWhenItIsClassifiedIsHidden) {
  log_in();
  examine(" 7 8", "* 2 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n", "7:8",
          "* 1 FETCH (UID 7 BODY[] NIL)\r\n* 2 FETCH (UID 8 BODY[] \"\")\r\n");
  EXPECT_THAT(until("b "), HasSubstr("* 0 EXISTS\n"));
}

TEST_F(ImapSessionTraps, Trap13AMessageAtWhichTheUpstreamHangsUpIsNamedInTheLog) {
  log_in();
  log::configure(log::Level::Warning, false);
  testing::internal::CaptureStderr();
  client_->send("b EXAMINE INBOX\r\n");
  answer("LIST \"\" \"*\"", "OK done\r\n", "* LIST () \"/\" INBOX\r\n");
  answer("EXAMINE INBOX", "OK x\r\n", "* 3 EXISTS\r\n* OK [UIDVALIDITY 77] x\r\n");
  answer("UID SEARCH ALL", "OK done\r\n", "* SEARCH 7 8 9\r\n");
  asked("UID FETCH 7:9 (UID BODY.PEEK[])");
  upstream_->send("* 1 FETCH (UID 7 BODY[] NIL)\r\n* BYE Internal error\r\n");
  EXPECT_THAT(until("* BYE"), HasSubstr("UNAVAILABLE"));
  EXPECT_TRUE(client_->ends());
  log::configure(log::Level::Off, false);
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr("cause=\"the server said BYE, when the message with UID 8 was to be read\""));
}

class UpstreamThatHangsUp : public ImapSessionTraps {
 protected:
  /// A new session, up to the question about what is not classified.
  void examine_again(const std::string& uids) {
    begin_to_examine(std::ranges::count(uids, ' '));
    answer("UID SEARCH ALL", "OK done\r\n", "* SEARCH" + uids + "\r\n");
  }
  void answer_about(const std::string& uid) {
    answer("UID FETCH " + uid + " (UID BODY.PEEK[])", "OK x\r\n",
           "* 1 FETCH (UID " + uid + " BODY[] " + literal(kVisible) + ")\r\n");
  }
  /// Asked for these it says no more; the session ends.
  void hang_up_at(const std::string& uids) {
    asked("UID FETCH " + uids + " (UID BODY.PEEK[])");
    upstream_->close();
    EXPECT_THAT(until("* BYE"), HasSubstr("UNAVAILABLE"));
  }
  void expect_open(const std::string& count) {
    answer("UID SEARCH UNSEEN", "OK done\r\n", "* SEARCH\r\n");
    EXPECT_THAT(until("b "), HasSubstr("* " + count + " EXISTS\n"));
  }
};

TEST_F(UpstreamThatHangsUp, Trap13AtOneMessageThreeTimesAndGivesAnotherHidesItAlone) {
  examine_again(" 7 8 9");
  hang_up_at("7:9");  // the first is suspected, and is not the one
  examine_again(" 7 8 9");
  hang_up_at("8");
  examine_again(" 7 8 9");
  answer_about("9");
  answer_about("7");
  hang_up_at("8");
  examine_again(" 7 8 9");
  answer_about("7");
  answer_about("9");
  hang_up_at("8");
  examine_again(" 7 8 9");
  answer_about("7");
  answer_about("9");
  expect_open("2");
  EXPECT_EQ(say("UID SEARCH ALL"), "* SEARCH 7 9\nc OK Search completed\n");
}

TEST_F(UpstreamThatHangsUp, Trap13AtEveryMessageHidesNone) {
  for (int times = 0; times < 6; ++times) {
    examine_again(" 7");
    hang_up_at("7");
  }
  examine_again(" 7");
  answer_about("7");
  expect_open("1");

  for (int times = 0; times < 3; ++times) {
    examine_again(" 7 8");
    hang_up_at("8");
  }
  for (int times = 0; times < 3; ++times) {  // before one is hidden it has to give another
    examine_again(" 7 8");
    hang_up_at("7");
  }
  examine_again(" 7 8");
  answer_about("7");
  expect_open("1");
}

TEST_F(UpstreamThatHangsUp, Trap13AndThenRefusesAllHidesNone) {
  std::string uids;
  for (int uid = 1; uid <= 20; ++uid) uids += " " + std::to_string(uid);
  examine_again(uids);
  hang_up_at("1:20");
  examine_again(uids);
  for (int uid = 2; uid <= 12; ++uid) {
    for (int times = 0; times < 2; ++times)
      answer("UID FETCH " + std::to_string(uid) + " (UID BODY.PEEK[])", "NO [SERVERBUG] x\r\n");
  }
  EXPECT_THAT(until("* BYE"), HasSubstr("UNAVAILABLE"));
}

TEST_F(UpstreamThatHangsUp, Trap13GivesAnotherOnlyWhereItsContentCame) {
  examine_again(" 7 8");
  hang_up_at("7:8");
  for (int times = 0; times < 3; ++times) {
    examine_again(" 7 8");
    answer_about("8");
    hang_up_at("7");
  }
  examine_again(" 7 8");
  answer("UID FETCH 8 (UID BODY.PEEK[])", "OK x\r\n");
  answer_about("7");
  expect_open("1");
}

TEST_F(UpstreamThatHangsUp, Trap13InSeveralSessionsAtOnceHasDoneSoOnce) {
  examine_again(" 7");
  answer_about("7");
  expect_open("1");
  std::vector<testing_support::Peer> clients, upstreams;
  for (int session = 0; session < 4; ++session) {
    examine_again(" 7 8");
    asked("UID FETCH 8 (UID BODY.PEEK[])");
    clients.push_back(*std::move(client_));
    upstreams.push_back(*std::move(upstream_));
  }
  upstreams.clear();
  for (testing_support::Peer& client : clients) EXPECT_THAT(client.rest(), HasSubstr("* BYE"));
  examine_again(" 7 8");
  answer_about("8");
  expect_open("2");
}

TEST_F(ImapSessionTraps, Trap13AMessageThatIsGoneBeforeItIsClassifiedIsNoWarning) {
  int uid_validity = 0;  // another mailbox each time
  const auto log_of = [&](const std::string& answered, const std::string& done) {
    log_in();
    log::configure(log::Level::Warning, false);
    testing::internal::CaptureStderr();
    client_->send("b EXAMINE INBOX\r\n");
    answer("LIST \"\" \"*\"", "OK done\r\n", "* LIST () \"/\" INBOX\r\n");
    answer("EXAMINE INBOX", "OK x\r\n",
           "* 1 EXISTS\r\n* OK [UIDVALIDITY " + std::to_string(++uid_validity) + "] x\r\n");
    answer("UID SEARCH ALL", "OK done\r\n", "* SEARCH 7\r\n");
    const std::string asked_for = "UID FETCH 7 (UID BODY.PEEK[])";
    answer(asked_for, done, answered);
    if (done == "NO broken\r\n") answer(asked_for, done, answered);
    answer("UID SEARCH UNSEEN", "OK done\r\n", "* SEARCH\r\n");
    EXPECT_THAT(until("b "), HasSubstr("* 0 EXISTS\n"));
    log::configure(log::Level::Off, false);
    return testing::internal::GetCapturedStderr();
  };
  const std::string nil = "* 1 FETCH (UID 7 BODY[] NIL)\r\n";
  EXPECT_EQ(log_of("* 1 EXPUNGE\r\n", "OK done\r\n"), "");
  EXPECT_EQ(log_of(nil, "OK [EXPUNGEISSUED] gone\r\n"), "");
  EXPECT_EQ(log_of("", "NO [EXPUNGEISSUED] gone\r\n"), "");
  EXPECT_THAT(log_of(nil, "OK done\r\n"), HasSubstr("it is too large or cannot be read"));
  EXPECT_THAT(log_of("", "NO broken\r\n"), HasSubstr("it is too large or cannot be read"));
}

TEST_F(ImapSessionTraps, Trap13AnUpstreamWithoutUidNextAndWithAZeroUidValidityIsKeptCountOf) {
  log_in();
  examine(" 7", "* 1 EXISTS\r\n* OK [UIDVALIDITY 0] x\r\n", "7",
          "* 1 FETCH (UID 7 BODY[] " + literal(kVisible) + ")\r\n");
  EXPECT_THAT(until("b "), testing::AllOf(HasSubstr("[UIDVALIDITY 1]"), HasSubstr("[UIDNEXT 8]")));
}

}  // namespace
}  // namespace privet::imap
