// An IMAP session of a tenant whose mailboxes may be changed: INBOX holds the hidden messages 4 and 9 and the
// visible ones 7 and 12; there are Archive, and Trash, which the view does not have.
#pragma once

#include <string>

#include "tests/support/imap_session.h"

namespace privet::testing_support {

class WritableSession : public ImapSession {
 protected:
  explicit WritableSession(const std::string& extensions = " UIDPLUS MOVE",
                           const std::string& tenant = "view: {write: true}\n")
      : ImapSession(tenant) {
    capability_ += extensions;
  }

  static std::string fetched(int number, int uid, const std::string& content) {
    return "* " + std::to_string(number) + " FETCH (UID " + std::to_string(uid) + " BODY[] " +
           literal(content) + ")\r\n";
  }
  void list() {
    answer("LIST \"\" \"*\"", "OK done\r\n",
           "* LIST () \"/\" INBOX\r\n* LIST () \"/\" Archive\r\n* LIST (\\Trash) \"/\" Trash\r\n");
  }
  /// Up to the answer, which has to be what is wanted.
  std::string select(const std::string& tagged = "OK [READ-WRITE] CANARY\r\n") {
    log_in();
    client_->send("b SELECT INBOX\r\n");
    list();
    const bool condstore = capability_.find(" CONDSTORE") != std::string::npos;
    answer(condstore ? "SELECT INBOX (CONDSTORE)" : "SELECT INBOX", tagged,
           "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft Work HR-CANARY $Private)\r\n* OK "
           "[PERMANENTFLAGS "
           "(\\Answered \\Flagged \\Deleted \\Seen \\Draft Work HR-CANARY $Private \\*)] x\r\n"
           "* 4 EXISTS\r\n* OK [UIDVALIDITY 77] x\r\n* OK [HIGHESTMODSEQ 20] x\r\n");
    answer("UID SEARCH ALL", "OK done\r\n", "* SEARCH 4 7 9 12\r\n");
    answer(
        "UID FETCH 4,7,9,12 (UID BODY.PEEK[])", "OK done\r\n",
        fetched(1, 4, kHidden) + fetched(2, 7, kVisible) + fetched(3, 9, kHidden) + fetched(4, 12, kVisible));
    answer("UID SEARCH KEYWORD Work", "OK done\r\n", "* SEARCH 4 12\r\n");
    answer("UID SEARCH KEYWORD HR-CANARY", "OK done\r\n", "* SEARCH 4\r\n");
    answer("UID SEARCH UNSEEN", "OK done\r\n", "* SEARCH 4 7 9 12\r\n");
    return until("b ");
  }
  /// The second connection, with which the view looks into `folder`: from now on it is answer()'s.
  void look_into(const std::string& folder, const std::string& uids, const std::string& asked,
                 const std::string& classified, bool again = false) {
    if (!again) other_ = upstreams_.accept();
    std::swap(upstream_, other_);
    if (!again) {
      upstream_->send("* OK " + capability() + " ready\r\n");
      answer("AUTHENTICATE PLAIN AGFubmFAYWNtZS50ZXN0AHNlY3JldA==", "OK " + capability() + " x\r\n");
    }
    answer("EXAMINE " + folder, "OK [READ-ONLY] x\r\n", "* OK [UIDVALIDITY 55] x\r\n");
    answer("UID SEARCH ALL", "OK done\r\n", "* SEARCH" + uids + "\r\n");
    if (!asked.empty()) answer("UID FETCH " + asked + " (UID BODY.PEEK[])", "OK done\r\n", classified);
    std::swap(upstream_, other_);
  }
  std::optional<Peer> other_;

  /// The client says this; what it hears then is until()'s.
  void tell(const std::string& command) { client_->send("c " + command + "\r\n"); }
};

}  // namespace privet::testing_support
