// Which folders there are, and which are subscribed (RFC 3501 6.3.3 to 6.3.7).
//
// Promise: of the first the client changes only whether one exists that it may see by name. Whatever else it
// names is answered alike, whether or not it is there.
#include "proxy/imap/mailbox_name.h"
#include "proxy/imap/refusal.h"
#include "proxy/imap/session.h"

namespace privet::imap {

net::Task<void> Session::handle(Tag tag, const command::Create& create) {
  if (!may_write()) {
    say(tag, kReadOnly);
    co_return;
  }
  const policy::ViewScope scope = tenant_->view_of(user_);
  if (scope.folders.empty()) {
    // It could be one that is hidden by what it is for.
    say(tag, kFixedFolders);
    co_return;
  }
  co_await learn_folders();
  std::string name = create.mailbox;
  const char delimiter = folders_.empty() ? kNoDelimiter : folders_.front().delimiter;
  // It shall hold others, says the client. Some servers would make one that holds no messages then.
  if (delimiter != kNoDelimiter && name.ends_with(delimiter)) name.pop_back();
  const auto wire = is_on_list(scope, name) ? encode_mailbox(name) : std::nullopt;
  if (is_inbox(name) || find_folder(name) != nullptr) {
    say(tag, kMailboxExists);
  } else if (!wire) {
    say(tag, kFixedFolders);
  } else {
    const Completion done = co_await change_folder(" CREATE ", *wire);
    const bool exists = done.code == "ALREADYEXISTS";  // by now, or as one that holds no messages
    say(tag, done.ok() ? "OK Create completed" : exists ? kMailboxExists : refusal_for_client(done.code));
  }
}

std::string_view Session::no_destination(const std::string& name) const {
  return is_on_list(tenant_->view_of(user_), name) ? kTryCreate : kNoSuchMailbox;
}

// A folder that is deleted or renamed could hold hidden ones, or take hidden messages along.

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
