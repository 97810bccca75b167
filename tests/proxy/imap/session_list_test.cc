// LIST with its extensions (RFC 5258, RFC 5819) and STATUS=SIZE (RFC 8438) in whole sessions.
#include "tests/support/imap_session.h"

namespace privet::imap {
namespace {

using testing_support::ImapSession;
using testing_support::kHidden;
using testing_support::kSeen;
using testing_support::kVisible;
using testing_support::literal;

class ImapList : public ImapSession {
 protected:
  void list() {
    answer("LIST \"\" \"*\"", "OK done\r\n",
           "* LIST (\\HasNoChildren) \"/\" INBOX\r\n* LIST (\\Drafts) \"/\" CANARY\r\n");
  }
  /// What is asked about INBOX and its messages, hidden 4 and visible 7.
  void look() {
    answer("EXAMINE INBOX", "OK CANARY\r\n", "* OK [UIDVALIDITY 77] x\r\n");
    answer("UID SEARCH ALL", "OK done\r\n", "* SEARCH 4 7\r\n");
    answer("UID FETCH 4,7 (UID BODY.PEEK[])", "OK done\r\n",
           "* 1 FETCH (UID 4 BODY[] " + literal(kHidden) + ")\r\n* 2 FETCH (UID 7 BODY[] " +
               literal(kVisible) + ")\r\n");
  }
};

TEST_F(ImapList, SaysOfSubscribedFoldersOnlyThoseThatAreSeen) {
  log_in();
  client_->send("c LIST (SUBSCRIBED) \"\" * RETURN (CHILDREN)\r\n");
  list();
  answer("LSUB \"\" \"*\"", "OK done\r\n", "* LSUB () \"/\" CANARY\r\n* LSUB () \"/\" INBOX\r\n");
  EXPECT_EQ(until("c "), "* LIST (\\Subscribed \\HasNoChildren) \"/\" INBOX\nc OK LIST completed\n");
}

TEST_F(ImapList, GivesTheStatusOfWhatItListsAsItIsSeen) {
  log_in();
  client_->send("c LIST \"\" % RETURN (STATUS (MESSAGES UIDNEXT SIZE))\r\n");
  list();
  look();
  answer("UID FETCH 7 (UID RFC822.SIZE)", "OK done\r\n",
         "* 2 FETCH (UID 7 RFC822.SIZE " + std::to_string(kVisible.size()) + ")\r\n");
  EXPECT_EQ(until("c "), "* LIST () \"/\" INBOX\n* STATUS INBOX (MESSAGES 1 UIDNEXT 8 SIZE " +
                             std::to_string(kSeen.size() + 7) + ")\nc OK LIST completed\n");
}

TEST_F(ImapList, LeavesOutTheStatusOfAFolderThatWouldKeepTheClientWaiting) {
  log_in();
  client_->send("c LIST \"\" % RETURN (STATUS (MESSAGES))\r\n");
  list();
  answer("EXAMINE INBOX", "OK CANARY\r\n", "* OK [UIDVALIDITY 77] x\r\n");
  std::string many = "* SEARCH";
  for (int uid = 1; uid <= 1000; ++uid) many += " " + std::to_string(uid);
  answer("UID SEARCH ALL", "OK done\r\n", many + "\r\n");
  EXPECT_EQ(until("c "), "* LIST () \"/\" INBOX\nc OK LIST completed\n");
}

TEST_F(ImapList, LooksAgainForAFolderWhoseStatusIsAskedAndThatItDoesNotKnow) {
  log_in();
  client_->send("c LIST \"\" %\r\n");
  list();
  EXPECT_EQ(until("c "), "* LIST (\\HasNoChildren) \"/\" INBOX\nc OK LIST completed\n");
  EXPECT_EQ(status_of_fresh(), "* STATUS Fresh (UIDVALIDITY 78)\nc OK Status completed\n");
}

TEST_F(ImapList, KeepsTheOpenMailboxWhenTheConnectionBesideItEnds) {
  open();
  auto first = std::move(upstream_);
  /// The next connection of Privet's, with the login it repeats.
  const auto beside = [this] {
    upstream_ = upstreams_.accept();
    upstream_->send("* OK " + capability() + " ready\r\n");
    answer("AUTHENTICATE PLAIN AGFubmFAYWNtZS50ZXN0AHNlY3JldA==", "OK " + capability() + " x\r\n");
  };
  const auto look_at_fresh = [this] {
    answer("EXAMINE Fresh", "OK x\r\n", "* OK [UIDVALIDITY 78] x\r\n");
    answer("UID SEARCH ALL", "OK done\r\n", "* SEARCH\r\n");
  };
  const auto on_the_first = [&](const std::string& command, const std::string& untagged) {
    std::swap(first, upstream_);
    answer(command, "OK done\r\n", untagged);
    std::swap(first, upstream_);
  };
  const std::string folders = "* LIST () \"/\" INBOX\r\n* LIST () \"/\" Fresh\r\n";
  client_->send("c STATUS Fresh (UIDVALIDITY)\r\n");
  on_the_first("LIST \"\" \"*\"", folders);
  beside();
  asked("EXAMINE Fresh");
  upstream_->send("* BYE CANARY\r\n");
  EXPECT_EQ(until("c "), "c NO [UNAVAILABLE] The mailbox is not available, try again later\n");

  client_->send("c STATUS Fresh (UIDVALIDITY)\r\n");
  beside();
  look_at_fresh();
  EXPECT_THAT(until("c "), testing::HasSubstr("c OK"));
  upstream_->send("* BYE CANARY\r\n");
  client_->send("c STATUS Fresh (UIDVALIDITY)\r\n");
  beside();
  look_at_fresh();
  EXPECT_THAT(until("c "), testing::HasSubstr("c OK")) << "a connection that was left alone is made anew";
}

TEST_F(ImapList, KnowsNoStatusOfAHiddenFolder) {
  log_in();
  client_->send("c STATUS Drafts (SIZE)\r\n");
  answer("LIST \"\" \"*\"", "OK done\r\n", "* LIST (\\Drafts) \"/\" Drafts\r\n");
  EXPECT_EQ(until("c "), "c NO [NONEXISTENT] Mailbox does not exist\n");
  EXPECT_EQ(say("LIST \"\" % RETURN (STATUS (HIGHESTMODSEQ))"), "c BAD Unknown STATUS item\n");
}

}  // namespace
}  // namespace privet::imap
