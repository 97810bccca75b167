// ENABLE (RFC 5161) and what CONDSTORE (RFC 7162 3.1) asks of a session.
#include <algorithm>

#include "proxy/imap/session.h"

namespace privet::imap {

bool Session::offers_condstore() const {
  return upstream_ != nullptr && upstream_->capabilities().condstore;
}

net::Task<void> Session::handle(Tag tag, const command::Enable& enable) {
  const bool condstore =
      offers_condstore() && std::ranges::find(enable.capabilities, "CONDSTORE") != enable.capabilities.end();
  say_untagged(condstore ? "ENABLED CONDSTORE" : "ENABLED");
  if (condstore) use_condstore();
  say(tag, "OK Enabled");
  co_return;
}

void Session::use_condstore() {
  if (!std::exchange(condstore_, true) && mailbox_) say_highest_modseq();
}

void Session::say_highest_modseq() {
  if (mailbox_->has_modseq()) {
    say_untagged("OK [HIGHESTMODSEQ " + std::to_string(mailbox_->highest_modseq()) + "] Highest");
  } else {
    say_untagged("OK [NOMODSEQ] No modification sequences here");
  }
}

bool Session::can_use_modseq(Tag tag) {
  if (!offers_condstore()) {
    say(tag, "BAD CONDSTORE is not offered");
  } else if (!mailbox_->has_modseq()) {
    say(tag, "BAD This mailbox has no modification sequences");
  } else {
    use_condstore();
    return true;
  }
  return false;
}

net::Task<bool> Session::keep_changed(std::vector<Message>& messages, std::uint64_t since) {
  const std::uint64_t meant = co_await mailbox_->modseq_meant(since);
  if (meant == 0 || messages.empty()) co_return true;
  const auto changed = co_await mailbox_->changed_since({messages.front().uid, messages.back().uid}, meant);
  if (!changed) co_return false;
  std::erase_if(messages, [&](const Message& message) {
    return !std::ranges::binary_search(*changed, message.uid, {}, &Mailbox::Changed::uid);
  });
  co_return true;
}

net::Task<std::optional<std::uint64_t>> Session::greatest_modseq(std::vector<std::uint32_t> uids) {
  std::erase_if(uids, [this](std::uint32_t uid) { return mailbox_->view().leaving(uid); });
  std::optional<std::uint64_t> greatest;
  const auto compare = [&](std::uint32_t, const FetchData& data) {
    if (data.modseq) greatest = std::max(greatest.value_or(0), mailbox_->modseq_seen(*data.modseq));
  };
  co_await mailbox_->ask_each(std::move(uids), "(UID MODSEQ)", compare);
  co_return greatest;
}

net::Task<void> Session::complete_modseqs(Mailbox::FlagChanges& changes) {
  if (!changes.empty()) co_await mailbox_->refresh_modseq_offset();
  std::vector<std::uint32_t> uids;
  for (const auto& [uid, change] : changes) {
    if (!change.modseq) uids.push_back(uid);
  }
  if (uids.empty()) co_return;
  const auto fill = [&](std::uint32_t uid, const FetchData& data) {
    const auto change = changes.find(uid);
    if (change != changes.end()) change->second.modseq = data.modseq;
  };
  co_await mailbox_->ask_each(std::move(uids), "(UID MODSEQ)", fill);
}

}  // namespace privet::imap
