// LIST and LSUB (RFC 9051 6.3.9, RFC 3501 6.3.9; RFC 5258, RFC 5819).
#include "proxy/imap/listing.h"
#include "proxy/imap/session.h"
#include "proxy/limits.h"

namespace privet::imap {

net::Task<void> Session::handle(Tag tag, const command::List& list) {
  if (!offers(list.status)) {
    say(tag, "BAD Unknown STATUS item");
    co_return;
  }
  co_await learn_folders();
  std::vector<std::string> subscribed;
  if (asks_for_subscriptions(list)) subscribed = co_await subscriptions();
  const std::vector<Folder> folders = with_vanished(folders_, subscribed, tenant_->view_of(user_));
  if (!list.lsub && !list.extended && list.patterns.front().empty()) {
    const char delimiter = folders_.empty() ? '/' : folders_.front().delimiter;
    say_untagged("LIST (\\Noselect) " + quoted_delimiter(delimiter) + " \"\"");
  }
  const std::function<void()> tell = keep_awake();
  for (const Listed& one : listed(list, folders, subscribed)) {
    client_.put(line_of(list, one));
    co_await room();
    if (list.status.empty() || !one.folder->allowed || !one.selected) continue;
    // Left out where it is not known soon: RFC 5819 2 lets it, and a STATUS of its own waits.
    const auto line = co_await status_of(*one.folder, list.status, limits::kImapListLook, tell);
    if (line) client_.put(*line);
  }
  if (mailbox_) co_await tell_changes(true);
  say(tag, list.lsub ? "OK LSUB completed" : "OK LIST completed");
}

net::Task<std::vector<std::string>> Session::subscriptions() {
  std::vector<std::string> subscribed;
  const Upstream::Note note = [&](const Response& response) {
    if (const List* const one = std::get_if<List>(&response); one != nullptr && one->subscribed) {
      subscribed.push_back(one->mailbox);
    } else if (mailbox_) {
      mailbox_->note(response);
    }
  };
  const Completion done = co_await upstream_->run("LSUB \"\" \"*\"", note);
  if (!done.ok()) throw UpstreamError("refused LSUB");
  co_return subscribed;
}

}  // namespace privet::imap
