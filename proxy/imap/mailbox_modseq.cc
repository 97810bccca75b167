// MODSEQ (RFC 7162) of a mailbox as it is seen.
//
// HIGHESTMODSEQ is the greatest MODSEQ of what is seen, not the upstream's: it moves for nothing that is
// hidden, and stays below that of whatever is not classified yet.
#include <algorithm>

#include "proxy/imap/mailbox.h"
#include "proxy/imap/write.h"

namespace privet::imap {

net::Task<void> Mailbox::raise_modseq(std::uint64_t highest) {
  auto raising = environment_.store->raise_modseq(environment_.loop, state_.id, highest);
  const auto raised = co_await raising;
  if (!raised) throw StateError(raised.error().what);
  state_.modseq_offset = raised->offset;
  highest_modseq_ = raised->highest;
}

net::Task<void> Mailbox::settle_modseq() {
  if (!has_modseq()) co_return;
  const std::uint64_t bound = real_modseq_;
  co_await raise_modseq(0);
  std::uint64_t highest = highest_modseq_ == 0 ? bound : highest_modseq_;
  if (bound > highest) {
    const auto changed = co_await changed_since({1, std::numeric_limits<std::uint32_t>::max()}, highest);
    if (!changed) {
      real_modseq_ = 0;
      co_return;
    }
    // What has changed since may be above something that has come since.
    for (const Changed& one : *changed) highest = std::max(highest, std::min(one.modseq, bound));
  }
  if (highest > highest_modseq_) co_await raise_modseq(highest);
}

net::Task<std::uint64_t> Mailbox::upstream_modseq() {
  std::string tag = upstream_.next_tag();
  std::string command;
  Writer writer(command, upstream_.literal_form());
  writer.tag(tag).words(" STATUS ").astring(name_).words(" (HIGHESTMODSEQ)").end();
  co_await upstream_.send(command, writer.waits());
  std::uint64_t bound = 0;
  co_await upstream_.complete(std::move(tag), [&](const Response& response) {
    const StatusData* const status = std::get_if<StatusData>(&response);
    if (status == nullptr) return note(response);
    bound = status->find("HIGHESTMODSEQ").value_or(0);
  });
  co_return bound;
}

net::Task<void> Mailbox::refresh_modseq() {
  if (!has_modseq()) co_return;
  const std::uint64_t bound = co_await upstream_modseq();
  // What was there then is known after this, and classified.
  co_await ask_for_changes();
  if (is_behind()) co_await catch_up();
  real_modseq_ = std::max(real_modseq_, bound);
  co_await settle_modseq();
}

net::Task<void> Mailbox::refresh_modseq_offset() {
  if (has_modseq()) co_await raise_modseq(0);
}

net::Task<std::uint64_t> Mailbox::modseq_meant(std::uint64_t seen) {
  co_await raise_modseq(0);
  co_return imap::modseq_meant(seen, state_.modseq_offset);
}

net::Task<std::optional<std::vector<Mailbox::Changed>>> Mailbox::changed_since(Range uids,
                                                                               std::uint64_t modseq) {
  std::string tag = upstream_.next_tag();
  std::string command;
  Writer writer(command, upstream_.literal_form());
  writer.tag(tag).words(" UID FETCH ").number(uids.first).words(":").number(uids.last);
  writer.words(" (UID MODSEQ) (CHANGEDSINCE ").number(modseq).words(")").end();
  co_await upstream_.send(command);
  std::vector<Changed> changed;
  const Completion done = co_await upstream_.complete(std::move(tag), [&](const Response& response) {
    note(response);
    const Fetch* const fetch = std::get_if<Fetch>(&response);
    if (fetch == nullptr || !fetch->data.uid || !fetch->data.modseq) return;
    if (view_.note(*fetch->data.uid)) changed.push_back({*fetch->data.uid, *fetch->data.modseq});
  });
  if (!done.ok()) co_return std::nullopt;
  std::ranges::sort(changed, {}, &Changed::uid);
  co_return changed;
}

}  // namespace privet::imap
