// APPEND and subscriptions through the view.
#include "tests/support/writable_session.h"

namespace privet::imap {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using testing_support::kHidden;
using testing_support::kVisible;
using testing_support::literal;
using testing_support::WritableSession;

class Append : public WritableSession {
 protected:
  /// The client announces a message to a mailbox, and sends it when it may.
  void file(const std::string& head, const std::string& content) {
    client_->send("c APPEND " + head + " {" + std::to_string(content.size()) + "}\r\n");
    EXPECT_EQ(heard(), "+ OK");
    client_->send(content + "\r\n");
  }
  /// The upstream is asked for this, and gets that.
  void stores(const std::string& command, const std::string& content, const std::string& tagged,
              const std::string& untagged = "") {
    const std::string tag = asked(command + " {" + std::to_string(content.size()) + "}");
    upstream_->send("+ CANARY\r\n");
    std::string stored;
    while (stored.size() < content.size()) stored += upstream_->line().value_or("closed") + "\r\n";
    EXPECT_EQ(stored, content);
    EXPECT_EQ(upstream_->line(), "");
    upstream_->send(untagged + tag + " " + tagged);
  }
};

TEST_F(Append, SaysWhichUidTheMessageHas) {
  select();
  file("Archive (\\Seen $private Work) \"01-Feb-2026 12:30:00 +0100\"", kVisible);
  stores("APPEND Archive (\\Seen Work) \"01-Feb-2026 12:30:00 +0100\"", kVisible,
         "OK [APPENDUID 55 301] CANARY\r\n");
  look_into("Archive", " 301", "301", fetched(1, 301, kVisible));
  EXPECT_EQ(until("c "), "c OK [APPENDUID 55 301] Append completed\n");
}

TEST_F(Append, Trap15WhatWouldBeHiddenIsNotStored) {
  select();
  file("Archive", kHidden);
  EXPECT_EQ(until("c "), "c NO [CANNOT] The rules hide this message\n");
  file("Archive", "not even a header");
  EXPECT_EQ(until("c "), "c NO [CANNOT] The rules hide this message\n");
  tell("NOOP");
  answer("NOOP", "OK done\r\n");
  EXPECT_EQ(until("c "), "c OK NOOP completed\n");
}

TEST_F(Append, Trap15OfAMessageThatIsHiddenAfterAllNothingIsTold) {
  select();
  file("Archive", kVisible);
  stores("APPEND Archive", kVisible, "OK [APPENDUID 55 301] x\r\n");
  look_into("Archive", " 301", "301", fetched(1, 301, kHidden));
  EXPECT_EQ(until("c "), "c OK Append completed\n");
}

TEST_F(Append, ToTheSelectedMailboxIsAnArrival) {
  select();
  file("INBOX", kVisible);
  stores("APPEND INBOX", kVisible, "OK [APPENDUID 77 13] x\r\n");
  answer("NOOP", "OK done\r\n", "* 5 EXISTS\r\n");
  answer("UID SEARCH UID 13:*", "OK done\r\n", "* SEARCH 13\r\n");
  answer("UID FETCH 13 (UID BODY.PEEK[])", "OK done\r\n", fetched(5, 13, kVisible));
  EXPECT_EQ(until("c "), "* 3 EXISTS\n* 0 RECENT\nc OK [APPENDUID 77 13] Append completed\n");
}

TEST_F(Append, BeforeAMailboxIsSelectedLooksThereItself) {
  log_in();
  client_->send("c APPEND Archive {" + std::to_string(kVisible.size()) + "+}\r\n" + kVisible + "\r\n");
  list();
  stores("APPEND Archive", kVisible, "OK [APPENDUID 55 301] x\r\n");
  answer("EXAMINE Archive", "OK [READ-ONLY] x\r\n", "* OK [UIDVALIDITY 55] x\r\n");
  answer("UID SEARCH ALL", "OK done\r\n", "* SEARCH 301\r\n");
  answer("UID FETCH 301 (UID BODY.PEEK[])", "OK done\r\n", fetched(1, 301, kVisible));
  EXPECT_EQ(until("c "), "c OK [APPENDUID 55 301] Append completed\n");
}

TEST_F(Append, GoesNowhereThatTheViewDoesNotHave) {
  select();
  for (const char* mailbox : {"Trash", "Nowhere"}) {
    client_->send("c APPEND " + std::string(mailbox) + " {10}\r\n");
    list();
    EXPECT_EQ(until("c "), "c NO [NONEXISTENT] Mailbox does not exist\n") << "and is not asked for";
    client_->send("c APPEND " + std::string(mailbox) + " {11+}\r\nd LOGOUT\r\nx\r\n");
    list();
    EXPECT_EQ(until("c "), "c NO [NONEXISTENT] Mailbox does not exist\n") << "its octets are no command";
  }
}

TEST_F(Append, TooLargeIsNotReadAtAll) {
  select();
  client_->send("c APPEND Archive {99999999999}\r\n");
  EXPECT_EQ(until("c "), "c NO [TOOBIG] The message is too large\n");
}

TEST_F(Append, ThatTheUpstreamRefusesIsRefused) {
  select();
  file("Archive", kVisible);
  const std::string announced = " {" + std::to_string(kVisible.size()) + "}";
  answer("APPEND Archive" + announced, "NO [OVERQUOTA] CANARY\r\n");
  EXPECT_EQ(until("c "), "c NO [OVERQUOTA] The mail server refused it\n");
  file("Archive", kVisible);
  stores("APPEND Archive", kVisible, "NO [CANARY] CANARY\r\n");
  EXPECT_EQ(until("c "), "c NO The mail server refused it\n");
}

TEST_F(Append, IsOneMessageWithoutNul) {
  select();
  client_->send("c APPEND Archive {1}\r\n");
  EXPECT_EQ(heard(), "+ OK");
  client_->send("x {1}\r\n");
  EXPECT_THAT(until("c "), StartsWith("c BAD Nothing may follow the message"));
  file("Archive", std::string("a\0b", 3));
  EXPECT_EQ(until("c "), "c BAD NUL in a message\n");
}

}  // namespace
}  // namespace privet::imap
