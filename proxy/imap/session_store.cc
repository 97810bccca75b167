// STORE (RFC 3501 6.4.6), and \Seen where FETCH sets it: flags of what is seen, nothing else.
#include <algorithm>

#include "proxy/imap/flag_change.h"
#include "proxy/imap/refusal.h"
#include "proxy/imap/session.h"
#include "proxy/limits.h"

namespace privet::imap {

namespace {

void put_flags(Writer& writer, std::span<const std::string> flags) {
  const std::vector<std::string_view> views(flags.begin(), flags.end());
  writer.flags(views);
}

}  // namespace

net::Task<std::vector<Completion>> Session::ask_about(Words verb, std::vector<std::uint32_t> uids, Rest rest,
                                                      Upstream::Note note) {
  std::vector<Completion> completions;
  std::span<const std::uint32_t> left(uids);
  while (!left.empty() && (completions.empty() || completions.back().ok())) {
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
  if (!mailbox_->writable()) {
    // No flag is in PERMANENTFLAGS: such a change is ignored, not refused (RFC 9051 7.1). fetchmail depends
    // on it.
    say(tag, "OK Store ignored, this view is read-only");
    co_return;
  }
  if (store.unchanged_since) {
    say(tag, "BAD Invalid STORE modifier");
    co_return;
  }
  if (are_too_many(store.flags)) {
    say(tag, kTooManyFlags);
    co_return;
  }
  const std::vector<Message> wanted = messages(mailbox_->view(), *selection);
  std::span<const Message> rest(wanted);
  std::string refusal;
  while (!rest.empty() && refusal.empty()) {
    const auto some = rest.first(std::min(rest.size(), limits::kImapFetchTogether));
    rest = rest.subspan(some.size());
    refusal = co_await store_some(store, some);
    co_await room();
  }
  co_await tell_changes(store.uid);
  say(tag, refusal.empty() ? "OK Store completed" : refusal);
}

net::Task<std::string> Session::store_some(const command::Store& store, std::span<const Message> wanted) {
  const Upstream::Note note = [this](const Response& response) { mailbox_->note(response); };
  std::vector<std::string> present;
  if (store.mode == command::Store::Mode::Replace) present = co_await flags_of(uids_of(wanted));
  const FlagChange change = flag_change(store, present);
  std::string refusal;
  const auto tell = [&](Words item, std::span<const std::string> flags) -> net::Task<void> {
    if (flags.empty() || !refusal.empty()) co_return;
    const Rest rest = [&](Writer& writer) { put_flags(writer.words(item), flags); };
    const std::vector<Completion> done = co_await ask_about("STORE", uids_of(wanted), rest, note);
    if (!done.back().ok()) refusal = refusal_for_client(done.back().code);
  };
  // What stays is never without its flag, not for a moment.
  co_await tell(" +FLAGS.SILENT ", change.add);
  co_await tell(" -FLAGS.SILENT ", change.remove);
  if (!store.silent) {
    std::vector<FetchItem> items{{.kind = FetchItem::Kind::Flags}};
    if (store.uid) items.insert(items.begin(), {.kind = FetchItem::Kind::Uid});
    const std::vector<std::string> no_headers(wanted.size());
    co_await fetch_some(items, wanted, no_headers);
  }
  co_return refusal;
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
