// STORE (RFC 3501 6.4.6, with UNCHANGEDSINCE RFC 7162 3.1.3), and \Seen where FETCH sets it: flags of what is
// seen, nothing else.
#include <algorithm>
#include <iterator>

#include "proxy/imap/flag_change.h"
#include "proxy/imap/refusal.h"
#include "proxy/imap/session.h"
#include "proxy/limits.h"

namespace privet::imap {

namespace {

constexpr std::string_view kModified = "MODIFIED";

/// What has changed meanwhile was left alone, the rest of a conditional STORE is done.
bool is_done(const Completion& completion) {
  return completion.ok() || (completion.condition == Condition::No && completion.code == kModified);
}

void put_flags(Writer& writer, std::span<const std::string> flags) {
  const std::vector<std::string_view> views(flags.begin(), flags.end());
  writer.flags(views);
}

/// Takes the UIDs out of `uids` (ascending, not empty) that an upstream left alone because they have changed.
std::vector<std::uint32_t> take_modified(std::vector<std::uint32_t>& uids,
                                         std::span<const Completion> completions) {
  SequenceSet named;
  for (const Completion& one : completions) {
    if (one.code != kModified) continue;
    const auto set = SequenceSet::parse(one.arguments);
    // Of a set that cannot be read nobody knows what was changed: the client will look at all of them.
    if (!set) return std::exchange(uids, {});
    named.ranges.insert(named.ranges.end(), set->ranges.begin(), set->ranges.end());
  }
  const std::vector<Range> left_alone = named.resolve(uids.back());
  const auto is_left_alone = [&](std::uint32_t uid) { return contains(left_alone, uid); };
  std::vector<std::uint32_t> modified;
  std::ranges::copy_if(uids, std::back_inserter(modified), is_left_alone);
  std::erase_if(uids, is_left_alone);
  return modified;
}

}  // namespace

net::Task<std::vector<Completion>> Session::ask_about(Words verb, std::vector<std::uint32_t> uids, Rest rest,
                                                      Upstream::Note note) {
  std::vector<Completion> completions;
  std::span<const std::uint32_t> left(uids);
  while (!left.empty() && (completions.empty() || is_done(completions.back()))) {
    // One by one or in runs without a gap: no range may ever hold a message that is hidden.
    const std::size_t now = fitting(left, limits::kImapCommandSent / 2);
    std::string tag = upstream_->next_tag();
    std::string command;
    Writer writer(command, upstream_->literal_form());
    writer.tag(tag).words(" UID ").words(verb).words(" ").set(left.first(now));
    rest(writer);
    writer.end();
    left = left.subspan(now);
    co_await upstream_->send(command, writer.waits());
    completions.push_back(co_await upstream_->complete(std::move(tag), note));
  }
  co_return completions;
}

net::Task<void> Session::handle(Tag tag, const command::Store& store) {
  const auto selection = resolve(mailbox_->view(), store.set, store.uid ? Numbering::Uid : Numbering::Number);
  if (!selection || (mailbox_->writable() && store.set.saved)) {
    say(tag, kInvalidSet);
    co_return;
  }
  if (store.unchanged_since && !can_use_modseq(tag)) co_return;
  if (!mailbox_->writable()) {
    // No flag is in PERMANENTFLAGS: such a change is ignored, not refused (RFC 9051 7.1). fetchmail depends
    // on it.
    say(tag, "OK Store ignored, this view is read-only");
    co_return;
  }
  if (are_too_many(store.flags)) {
    say(tag, kTooManyFlags);
    co_return;
  }
  std::optional<std::uint64_t> since;
  if (store.unchanged_since) since = co_await mailbox_->modseq_meant(*store.unchanged_since);
  const std::vector<Message> wanted = messages(mailbox_->view(), *selection);
  std::span<const Message> rest(wanted);
  Stored stored;
  while (!rest.empty() && stored.refusal.empty()) {
    const auto some = rest.first(std::min(rest.size(), limits::kImapFetchTogether));
    rest = rest.subspan(some.size());
    co_await store_some(store, since, some, stored);
    co_await room();
  }
  std::string modified;
  if (!stored.modified.empty()) {
    std::vector<std::uint32_t> set = std::move(stored.modified);
    if (!store.uid) {
      for (std::uint32_t& uid : set) uid = mailbox_->view().number(uid).value_or(0);
    }
    Writer(modified, LiteralForm::Response)
        .words("OK [MODIFIED ")
        .set(set)
        .words("] Conditional STORE failed");
  }
  co_await tell_changes(store.uid);
  if (!stored.refusal.empty()) {
    say(tag, stored.refusal);
  } else {
    say(tag, modified.empty() ? completed("Store") : modified);
  }
}

net::Task<void> Session::store_some(const command::Store& store, std::optional<std::uint64_t> since,
                                    std::span<const Message> wanted, Stored& stored) {
  std::vector<std::uint32_t> uids = uids_of(wanted);
  const auto leave_alone = [&](const std::vector<std::uint32_t>& modified) {
    stored.modified.insert(stored.modified.end(), modified.begin(), modified.end());
  };
  if (since == 0) {  // below all
    leave_alone(uids);
    co_return;
  }
  const Upstream::Note note = [this](const Response& response) { mailbox_->note(response); };
  std::vector<std::string> present;
  if (store.mode == command::Store::Mode::Replace) present = co_await flags_of(uids);
  const FlagChange change = flag_change(store, present);
  const auto tell = [&](Words item, std::span<const std::string> flags) -> net::Task<void> {
    if (flags.empty() || uids.empty() || !stored.refusal.empty()) co_return;
    // The first command decides what has changed since; what it has changed itself must not count.
    const auto condition = std::exchange(since, std::nullopt);
    const Rest rest = [&](Writer& writer) {
      if (condition) writer.words(" (UNCHANGEDSINCE ").number(*condition).words(")");
      put_flags(writer.words(item), flags);
    };
    const std::vector<Completion> completions = co_await ask_about("STORE", uids, rest, note);
    if (condition) leave_alone(take_modified(uids, completions));
    if (!is_done(completions.back())) stored.refusal = refusal_for_client(completions.back().code);
  };
  // What stays is never without its flag, not for a moment.
  co_await tell(" +FLAGS.SILENT ", change.add);
  co_await tell(" -FLAGS.SILENT ", change.remove);
  if (since) {
    // There was nothing to tell.
    std::vector<Message> changed(wanted.begin(), wanted.end());
    const bool known = co_await keep_changed(changed, *store.unchanged_since);
    if (!known) {
      stored.refusal = refusal_for_client("");
      co_return;
    }
    leave_alone(uids_of(changed));
    for (const Message& message : changed) std::erase(uids, message.uid);
  }
  std::vector<Message> done;
  for (const Message& message : wanted) {
    if (std::ranges::binary_search(uids, message.uid)) done.push_back(message);
  }
  std::vector<FetchItem> items;
  if (!store.silent) items.push_back({.kind = FetchItem::Kind::Flags});
  // Even where it is silent: the client has to know its own change from others' (RFC 7162 3.1.3).
  if (condstore_ && mailbox_->has_modseq()) items.push_back({.kind = FetchItem::Kind::ModSeq});
  if (items.empty() || done.empty()) co_return;
  if (store.uid) items.insert(items.begin(), {.kind = FetchItem::Kind::Uid});
  co_await fetch_some(items, done, {});
}

/// Flags that some of these messages has.
net::Task<std::vector<std::string>> Session::flags_of(std::vector<std::uint32_t> uids) {
  std::vector<std::string> flags;
  const Upstream::Note note = [&](const Response& response) {
    const imap::Fetch* const fetch = std::get_if<imap::Fetch>(&response);
    if (fetch == nullptr || !fetch->data.uid || !fetch->data.flags ||
        !std::ranges::binary_search(uids, *fetch->data.uid))
      return mailbox_->note(response);
    for (const std::string_view flag : *fetch->data.flags) {
      if (std::ranges::find(flags, flag) == flags.end()) flags.emplace_back(flag);
    }
  };
  const Rest rest = [](Writer& writer) { writer.words(" (UID FLAGS)"); };
  const std::vector<Completion> done = co_await ask_about("FETCH", uids, rest, note);
  if (!done.back().ok()) throw UpstreamError("refused UID FETCH FLAGS");
  co_return flags;
}

net::Task<void> Session::mark_seen(std::vector<std::uint32_t> uids) {
  std::vector<std::uint32_t> unseen;
  std::span<const std::uint32_t> left(uids);
  while (!left.empty()) {
    const std::size_t now = fitting(left, limits::kImapCommandSent / 2);
    std::string criteria;
    Writer(criteria, upstream_->literal_form()).words("UID ").set(left.first(now)).words(" UNSEEN");
    left = left.subspan(now);
    const auto found = co_await mailbox_->search(std::move(criteria));
    if (!found) co_return;
    const Bitmap bits = bits_of_uids(mailbox_->view(), *found);
    for (const std::uint32_t uid : mailbox_->view().uids(bits)) {
      if (std::ranges::binary_search(uids, uid)) unseen.push_back(uid);
    }
  }
  if (unseen.empty()) co_return;
  std::ranges::sort(unseen);
  unseen.erase(std::ranges::unique(unseen).begin(), unseen.end());
  // The flags that come of it are told behind what was fetched. A server that refuses this has said so in
  // PERMANENTFLAGS.
  const Upstream::Note note = [this](const Response& response) { mailbox_->note(response); };
  const Rest rest = [](Writer& writer) { writer.words(" +FLAGS (\\Seen)"); };
  co_await ask_about("STORE", std::move(unseen), rest, note);
}

}  // namespace privet::imap
