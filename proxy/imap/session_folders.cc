// Which folders there are, and which are subscribed (RFC 3501 6.3.3 to 6.3.7): the client changes the second
// only.
#include "proxy/imap/mailbox_name.h"
#include "proxy/imap/refusal.h"
#include "proxy/imap/session.h"

namespace privet::imap {

// A folder that is made, deleted or renamed could have the name of one that is hidden, hold hidden ones, or
// take hidden messages along. All names are answered alike.

net::Task<void> Session::handle(Tag tag, const command::Create&) {
  say(tag, may_write() ? kFixedFolders : kReadOnly);
  co_return;
}

net::Task<void> Session::handle(Tag tag, const command::Delete&) {
  say(tag, may_write() ? kFixedFolders : kReadOnly);
  co_return;
}

net::Task<void> Session::handle(Tag tag, const command::Rename&) {
  say(tag, may_write() ? kFixedFolders : kReadOnly);
  co_return;
}

net::Task<void> Session::handle(Tag tag, const command::Subscribe& one) {
  co_await subscribe(tag, one.mailbox, true);
}

net::Task<void> Session::handle(Tag tag, const command::Unsubscribe& one) {
  co_await subscribe(tag, one.mailbox, false);
}

net::Task<void> Session::subscribe(Tag tag, std::string mailbox, bool subscribes) {
  if (!may_write()) {
    say(tag, kReadOnly);
    co_return;
  }
  const Folder* const folder = co_await learn_folder(mailbox);
  // What vanished shows as subscribed: with_vanished().
  const bool vanished = folder == nullptr && !subscribes && is_on_list(tenant_->view_of(user_), mailbox);
  const auto wire = vanished ? encode_mailbox(mailbox) : std::nullopt;
  if (folder == nullptr && !wire) {
    say(tag, kNoSuchMailbox);
    co_return;
  }
  const Completion done = co_await change_folder(subscribes ? Words(" SUBSCRIBE ") : Words(" UNSUBSCRIBE "),
                                                 wire ? *wire : folder->wire);
  say(tag, done.ok() ? "OK Subscription changed" : refusal_for_client(done.code));
}

net::Task<Completion> Session::change_folder(Words verb, std::string wire) {
  const std::string own = upstream_->next_tag();
  std::string command;
  Writer writer(command, upstream_->literal_form());
  writer.tag(own).words(verb).astring(wire).end();
  co_await upstream_->send(command, writer.waits());
  const Upstream::Note note = [this](const Response& response) {
    if (mailbox_) mailbox_->note(response);
  };
  Completion done = co_await upstream_->complete(own, note);
  if (mailbox_) co_await tell_changes(true);
  co_return done;
}

}  // namespace privet::imap
