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

net::Task<void> Mailbox::review(std::vector<state::Message> known, const Tell& tell) {
  state::Change change{.from = state_.epochs,
                       .to = epochs(),
                       .hide = {},
                       .mark = {},
                       .unmark = {},
                       .modseq_step = real_modseq_};
  std::span<const state::Message> rest(known);
  while (!rest.empty()) {
    const auto some = rest.first(std::min(rest.size(), limits::kImapClassifyTogether));
    rest = rest.subspan(some.size());
    std::vector<std::uint32_t> uids;
    for (const state::Message& message : some) uids.push_back(message.uid);
    const std::vector<std::string> seen = co_await headers(uids);
    const std::vector<std::uint32_t> looked_into = co_await recent_enough(uids);
    std::vector<std::uint32_t> staying;
    co_await for_each_content(looked_into, [&](std::uint32_t uid, std::string_view content) {
      const std::size_t at = static_cast<std::size_t>(std::ranges::lower_bound(uids, uid) - uids.begin());
      const policy::CrmCopy now = policy::view(*owner_.tenant, content);
      if (!policy::may_stay(*owner_.tenant, seen[at], now)) return;
      staying.push_back(uid);
      const bool marked = now.decision.verdict == policy::Verdict::Private;
      if (marked != some[at].marked_private) (marked ? change.mark : change.unmark).push_back(uid);
    });
    std::ranges::sort(staying);
    // What could not be read again is not known to be harmless.
    std::ranges::set_difference(uids, staying, std::back_inserter(change.hide));
    if (tell) tell();
  }
  auto applying = environment_.store->apply(environment_.loop, state_.id, std::move(change));
  auto applied = co_await applying;
  if (!applied) throw StateError(applied.error().what);
}

net::Task<bool> Mailbox::take_rules(Owner owner, Tell tell) {
  // The offset has to grow by all that the upstream counts by now.
  co_await refresh_modseq();
  owner_ = std::move(owner);
  const std::uint32_t life = state_.uid_validity;
  View told = view_;
  std::vector<state::Message> known = co_await load();
  if (is_outdated()) {
    std::erase_if(known, [this](const state::Message& message) { return !view_.note(message.uid); });
    co_await review(std::move(known), tell);
    co_await load();
  }
  const View now = std::exchange(view_, std::move(told));
  // The numbers that came meanwhile were counted in the other view.
  behind_ = lost_count_ = true;
  if (state_.uid_validity != life || is_outdated()) co_return false;
  view_.reconsider();
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
