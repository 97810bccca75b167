// EXPUNGE and CLOSE (RFC 3501 6.4.2, 6.4.3), UID EXPUNGE (RFC 4315 2.1).
//
// Promise: the upstream is told by UID what to expunge, and that is seen by the client; EXPUNGE or CLOSE as
// they are never go there, for they would take hidden messages along.
#include "proxy/imap/refusal.h"
#include "proxy/imap/session.h"

namespace privet::imap {

/// Expunges what is seen, marked \Deleted and among these messages; what the client hears that is refused.
net::Task<std::string> Session::expunge_seen(std::optional<Selection> among) {
  const auto deleted = co_await mailbox_->search("DELETED");
  if (!deleted) co_return refusal_for_client("");
  Bitmap wanted = bits_of_uids(mailbox_->view(), *deleted);
  if (among) wanted &= bits(mailbox_->view(), *among);
  std::vector<std::uint32_t> uids = mailbox_->view().uids(wanted);
  if (uids.empty()) co_return "";
  // Without it no command spares a hidden message that somebody marks at this moment.
  if (!upstream_->capabilities().uid_plus)
    co_return "NO [CANNOT] The mail server cannot expunge single messages";
  const Upstream::Note note = [this](const Response& response) { mailbox_->note(response); };
  const Rest rest = [](Writer&) {};
  const std::vector<Completion> done = co_await ask_about("EXPUNGE", std::move(uids), rest, note);
  co_return done.back().ok() ? "" : refusal_for_client(done.back().code);
}

net::Task<void> Session::handle(Tag tag, const command::Expunge& expunge) {
  if (!mailbox_->writable()) {
    say(tag, kReadOnly);
    co_return;
  }
  std::optional<Selection> among;
  if (expunge.uids) {
    if (!upstream_->capabilities().uid_plus || expunge.uids->saved) {
      say(tag, "BAD Unknown command");
      co_return;
    }
    among = resolve(mailbox_->view(), *expunge.uids, Numbering::Uid);
  }
  const std::string refusal = co_await expunge_seen(std::move(among));
  // Told at once even if the client has sent more: it knows that numbers change here (RFC 9051 5.5).
  tell_expunges();
  co_await tell_changes(true);
  say(tag, refusal.empty() ? "OK Expunge completed" : refusal);
}

net::Task<void> Session::handle(Tag tag, const command::Close&) {
  // CLOSE has no NO: what cannot be expunged stays.
  if (mailbox_->writable()) co_await expunge_seen(std::nullopt);
  mailbox_.reset();
  state_ = State::LoggedIn;
  say(tag, "OK Close completed");
}

}  // namespace privet::imap
