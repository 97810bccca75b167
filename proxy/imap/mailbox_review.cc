// New rules for what has been seen: when a mailbox is opened, and while it is open.
//
// Promise: what the rules hide, or would strip, is gone for ever; of what stays nothing changes but the
// private keyword; what was hidden below the UIDNEXT that clients know stays hidden.
#include <algorithm>
#include <iterator>
#include <utility>

#include "policy/split.h"
#include "proxy/imap/mailbox.h"
#include "proxy/limits.h"

namespace privet::imap {

net::Task<state::Change> Mailbox::decide_anew(std::vector<state::Message> seen, const Tell& tell) {
  state::Change change{.from = state_.epochs,
                       .to = epochs(),
                       .hide = {},
                       .mark = {},
                       .unmark = {},
                       .modseq_step = real_modseq_};
  std::span<const state::Message> rest(seen);
  while (!rest.empty()) {
    auto some = rest.first(std::min(rest.size(), limits::kImapClassifyTogether));
    std::vector<std::uint32_t> uids;
    for (const state::Message& message : some) uids.push_back(message.uid);
    const std::vector<std::string> kept = co_await headers(uids);
    uids.resize(kept.size());
    some = some.first(kept.size());
    rest = rest.subspan(some.size());
    const std::vector<std::uint32_t> looked_into = co_await recent_enough(uids);
    std::vector<std::uint32_t> staying;
    co_await for_each_content(looked_into, [&](std::uint32_t uid, std::string_view content) {
      const std::size_t at = static_cast<std::size_t>(std::ranges::lower_bound(uids, uid) - uids.begin());
      const policy::CrmCopy now = policy::view(*owner_.tenant, content, owner_.account);
      if (!policy::may_stay(*owner_.tenant, kept[at], now)) return;
      staying.push_back(uid);
      const bool marked = now.decision.verdict == policy::Verdict::Private;
      if (marked != some[at].marked_private) (marked ? change.mark : change.unmark).push_back(uid);
    });
    std::ranges::sort(staying);
    // What could not be read again is not known to be harmless.
    std::ranges::set_difference(uids, staying, std::back_inserter(change.hide));
    if (tell) tell();
  }
  if (has_modseq()) {
    // The step has to reach what other sessions were told meanwhile, and some servers count for a session
    // only when they are asked.
    co_await ask_for_changes();
    change.modseq_step = std::max(real_modseq_, co_await upstream_modseq());
  }
  co_return change;
}

net::Task<View> Mailbox::review(std::vector<state::Message> seen, const Tell& tell) {
  while (true) {
    state::Change change = co_await decide_anew(std::move(seen), tell);
    const state::Epochs from = change.from;
    auto applying = environment_.store->apply(environment_.loop, state_.id, std::move(change));
    const auto applied = co_await applying;
    Loaded loaded = co_await load();
    if (!is_outdated()) co_return std::move(loaded.view);
    // Another session may have been quicker, and by rules that are old by now.
    if (state_.epochs == from)
      throw StateError(applied ? "the new rules were not kept" : applied.error().what);
    seen = std::move(loaded.seen);
  }
}

net::Task<bool> Mailbox::take_rules(Owner owner, Tell tell) {
  owner_ = std::move(owner);
  const state::MailboxId life = state_.id;
  // What is told of the mailbox meanwhile is noted in the client's own view.
  Loaded loaded = co_await load();
  const View now = is_outdated() ? co_await review(std::move(loaded.seen), tell) : std::move(loaded.view);
  if (state_.id != life) co_return false;
  view_.reconsider();
  behind_ = true;  // of what is not classified any more
  for (const std::uint32_t uid : view_.unclassified(kAll)) {
    if (uid > state_.frontier) break;
    const auto note = now.note(uid);
    view_.classify(uid, note.has_value(), note.value_or(Note{}));
  }
  std::vector<std::uint32_t> marked;
  for (const std::uint32_t uid : view_.uids(Bitmap(view_.exists(), true))) {
    const auto note = now.note(uid);
    if (!note) {
      view_.hide(uid);
    } else if (view_.mark(uid, note->marked_private)) {
      marked.push_back(uid);
    }
  }
  // What says FLAGS is noted as a change.
  co_return co_await ask_each(std::move(marked), "(UID FLAGS)", [](std::uint32_t, const FetchData&) {});
}

}  // namespace privet::imap
