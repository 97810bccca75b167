// Folders that a view has, and subscriptions to them.
#include "tests/support/writable_session.h"

namespace privet::imap {
namespace {

using testing_support::WritableSession;

class Folders : public WritableSession {};

TEST_F(Folders, AreSubscribedWhereTheViewHasThem) {
  select();
  tell("SUBSCRIBE Archive");
  answer("SUBSCRIBE Archive", "OK CANARY\r\n");
  EXPECT_EQ(until("c "), "c OK Subscription changed\n");
  tell("UNSUBSCRIBE Archive");
  answer("UNSUBSCRIBE Archive", "NO [NOPERM] CANARY\r\n");
  EXPECT_EQ(until("c "), "c NO [NOPERM] The mail server refused it\n");
  for (const char* command : {"SUBSCRIBE Trash", "SUBSCRIBE Nowhere", "UNSUBSCRIBE Trash"}) {
    tell(command);
    list();
    EXPECT_EQ(until("c "), "c NO [NONEXISTENT] Mailbox does not exist\n");
  }
}

TEST_F(Folders, AreNeitherMadeNorRenamedNorDeleted) {
  select();
  for (const char* command : {"CREATE Trash", "CREATE New", "DELETE Trash", "DELETE Archive",
                              "DELETE Nowhere", "RENAME INBOX x", "RENAME Trash Archive"})
    EXPECT_EQ(say(command), "c NO [NOPERM] Folders cannot be changed through this view\n") << command;
}

/// A view of INBOX, Archive and Fresh, which is not there.
class ListedFolders : public WritableSession {
 protected:
  ListedFolders() : WritableSession("", "view: {write: true, folders: [INBOX, Archive, Fresh]}\n") {}
};

TEST_F(ListedFolders, ThatAreGoneCanBeUnsubscribed) {
  log_in();
  tell("LIST (SUBSCRIBED) \"\" *");
  list();
  answer("LSUB \"\" \"*\"", "OK done\r\n", "* LSUB () \"/\" CANARY\r\n* LSUB () \"/\" Fresh\r\n");
  EXPECT_EQ(until("c "), "* LIST (\\NonExistent \\Subscribed) \"/\" Fresh\nc OK LIST completed\n");
  tell("UNSUBSCRIBE Fresh");
  list();
  answer("UNSUBSCRIBE Fresh", "OK CANARY\r\n");
  EXPECT_EQ(until("c "), "c OK Subscription changed\n");
  for (const char* command : {"SUBSCRIBE Fresh", "UNSUBSCRIBE Other"}) {
    tell(command);
    list();
    EXPECT_EQ(until("c "), "c NO [NONEXISTENT] Mailbox does not exist\n");
  }
}

}  // namespace
}  // namespace privet::imap
