#include "proxy/imap/mailbox.h"

#include <algorithm>
#include <limits>

#include "mime/ascii.h"
#include "proxy/imap/write.h"
#include "proxy/limits.h"
#include "proxy/log.h"

namespace privet::imap {

namespace {

void append(std::vector<std::uint32_t>& uids, const std::vector<Range>& ranges) {
  for (const Range& range : ranges) {
    for (std::uint64_t uid = range.first; uid <= range.last; ++uid)
      uids.push_back(static_cast<std::uint32_t>(uid));
  }
}

Note note_of(const state::Message& message) {
  const bool redacted = message.message_class == state::MessageClass::Redacted;
  return {.size_change = redacted ? static_cast<std::int32_t>(message.redacted_length) -
                                        static_cast<std::int32_t>(message.original_length)
                                  : 0,
          .marked_private = message.marked_private};
}

bool is_keyword(std::string_view flag) {
  return !flag.empty() && flag.front() != '\\';
}

}  // namespace

Mailbox::Mailbox(Environment& environment, Upstream& upstream, Owner owner)
    : environment_(environment), upstream_(upstream), owner_(std::move(owner)) {}

net::Task<Mailbox::Opened> Mailbox::open(std::string name, std::function<void()> tell, Access access,
                                         std::size_t most) {
  name_ = std::move(name);
  const Opened opened = co_await select(access);
  if (opened != Opened::Yes) co_return opened;
  Loaded loaded = co_await load();
  view_ = std::move(loaded.view);
  const std::size_t to_review = is_outdated() ? loaded.seen.size() : 0;
  if (most != kAll && to_review + view_.unclassified(most + 1).size() > most) co_return Opened::NotKnown;
  if (is_outdated()) view_ = co_await review(std::move(loaded.seen), tell);
  co_await classify_new(tell);
  co_await announce();
  counts_ = true;
  co_return Opened::Yes;
}

net::Task<Mailbox::Opened> Mailbox::select(Access access) {
  std::string tag = upstream_.next_tag();
  std::string command;
  Writer writer(command, upstream_.literal_form());
  writer.tag(tag).words(access == Access::Write ? Words(" SELECT ") : Words(" EXAMINE ")).astring(name_);
  // With it every FETCH that comes unasked says its UID (RFC 7162 3.2.4).
  if (upstream_.capabilities().condstore) writer.words(" (CONDSTORE)");
  writer.end();
  real_uid_validity_ = 0;
  real_uid_next_ = 0;
  said_exists_.reset();
  real_modseq_ = 0;
  co_await upstream_.send(command, writer.waits());
  const Completion done = co_await upstream_.complete(std::move(tag), [this](const Response& response) {
    if (const Flags* const flags = std::get_if<Flags>(&response)) {
      keywords_.clear();
      for (const std::string_view flag : flags->flags) {
        if (is_keyword(flag)) keywords_.emplace_back(flag);
      }
    }
    if (const Exists* const exists = std::get_if<Exists>(&response)) said_exists_ = exists->count;
    const Status* const status = std::get_if<Status>(&response);
    if (status == nullptr || !status->code) return;
    if (status->code->is("PERMANENTFLAGS")) permanent_flags_ = status->code->arguments;
    const auto learn = [&](std::string_view name, std::uint32_t& value) {
      const std::uint64_t said = status->code->is(name) ? status->code->number().value_or(0) : value;
      if (said <= std::numeric_limits<std::uint32_t>::max()) value = static_cast<std::uint32_t>(said);
    };
    learn("UIDVALIDITY", real_uid_validity_);
    learn("UIDNEXT", real_uid_next_);
    if (status->code->is("HIGHESTMODSEQ") && upstream_.capabilities().condstore)
      real_modseq_ = status->code->number().value_or(0);
  });
  // It was in LIST: what is refused for any other reason, or for none, is there. Clients drop what is
  // missing.
  if (!done.ok()) co_return done.code == "NONEXISTENT" ? Opened::Missing : Opened::Unavailable;
  writable_ = access == Access::Write && done.code != "READ-ONLY";
  // Some servers leave it out or say 0. UIDs that they do not keep would show as messages that come and go; 1
  // stays.
  if (real_uid_validity_ == 0) real_uid_validity_ = 1;
  co_return Opened::Yes;
}

net::Task<Mailbox::Loaded> Mailbox::load() {
  std::vector<std::uint32_t> uids = co_await all_uids();
  auto loading = environment_.store->load(environment_.loop, {owner_.tenant->name, owner_.account, name_},
                                          real_uid_validity_, epochs());
  auto loaded = co_await loading;
  if (!loaded) throw StateError(loaded.error().what);
  state_ = loaded->state;
  durable_uid_next_ = state_.announced_uid_next;
  // Another session's connection may have heard of an arrival before this one.
  const auto newest = [&uids] { return uids.empty() ? 0 : uids.back(); };
  const std::uint32_t known_newest = loaded->messages.empty() ? 0 : loaded->messages.back().uid;
  if (known_newest > newest() && known_newest >= real_uid_next_) {
    if (!counts_) lost_count_ = true;
    co_await ask_for_changes();
    uids = co_await all_uids();
  }
  const bool all = uids.size() >= said_exists_.value_or(0);
  View view(state_.announced_uid_next);
  view.append(uids);
  std::vector<std::uint32_t> gone;
  auto known = loaded->messages.begin();
  for (const std::uint32_t uid : uids) {
    if (uid > state_.frontier) break;
    for (; known != loaded->messages.end() && known->uid < uid; ++known) gone.push_back(known->uid);
    // What is below the frontier and not known was hidden, or has come where the client would never look for
    // it.
    const bool is_known = known != loaded->messages.end() && known->uid == uid;
    const bool visible = is_known && known->message_class != state::MessageClass::Hidden;
    view.classify(uid, visible, is_known ? note_of(*known) : Note{});
    if (is_known) ++known;
  }
  for (; known != loaded->messages.end(); ++known) {
    if (known->uid < std::max(newest(), real_uid_next_)) gone.push_back(known->uid);
  }
  // What is not there is forgotten for ever: not on the word of an upstream that contradicts itself.
  if (!all) gone.clear();
  std::vector<state::Message> seen = std::move(loaded->messages);
  if (is_outdated()) {
    // New rules are for all that was seen, whether or not this connection has heard of it.
    std::erase_if(seen, [&](const state::Message& message) {
      return message.message_class == state::MessageClass::Hidden ||
             std::ranges::binary_search(gone, message.uid);
    });
  } else {
    seen.clear();
    // Where a message was read meanwhile, by a session of another loop, it was no cause.
    if (const auto hung_up = environment_.hang_ups.find(state_.id); hung_up != environment_.hang_ups.end())
      hung_up->second.erase(hung_up->second.begin(), hung_up->second.upper_bound(state_.frontier));
  }
  if (!gone.empty()) environment_.store->remove(state_.id, std::move(gone));
  co_return Loaded{.view = std::move(view), .seen = std::move(seen)};
}

/// Asked again until nothing has changed meanwhile: of an EXPUNGE within the answer nobody knows whether the
/// answer is from before it, and with one UID too many each later number would mean another message.
net::Task<std::vector<std::uint32_t>> Mailbox::all_uids() {
  std::vector<std::uint32_t> uids;
  for (int round = 0; round < limits::kImapResync; ++round) {
    if (!counts_) lost_count_ = true;  // no number means anything until then
    const std::uint64_t before = changes_;
    uids = co_await uids_from(1);
    if (!counts_) behind_ = lost_count_ = false;
    if (changes_ == before && uids.size() == said_exists_.value_or(static_cast<std::uint32_t>(uids.size())))
      co_return uids;
  }
  if (uids.empty()) throw UpstreamError("says that there are messages, but names none");
  unsettled_ = true;
  co_return uids;
}

net::Task<std::vector<std::uint32_t>> Mailbox::uids_from(std::uint32_t first) {
  std::string criteria = first <= 1 ? "ALL" : "UID " + std::to_string(first) + ":*";
  const auto found = co_await search(std::move(criteria));
  if (!found) throw UpstreamError("refused UID SEARCH");
  std::uint64_t count = 0;
  for (const Range& range : *found) count += std::uint64_t{range.last} - range.first + 1;
  if (count > limits::kImapMessages) throw UpstreamError("names more messages than there can be");
  std::vector<std::uint32_t> uids;
  uids.reserve(count);
  append(uids, *found);
  if (!std::ranges::is_sorted(uids)) std::ranges::sort(uids);
  uids.erase(std::ranges::unique(uids).begin(), uids.end());
  // "n:*" is the last message where all are below n.
  uids.erase(uids.begin(), std::ranges::lower_bound(uids, first));
  co_return uids;
}

net::Task<std::optional<std::vector<Range>>> Mailbox::search(std::string criteria) {
  const std::string_view how = upstream_.capabilities().esearch ? "RETURN (ALL) " : "";
  co_return co_await ask("UID SEARCH " + std::string(how) + criteria, {});
}

net::Task<std::optional<std::vector<Range>>> Mailbox::ask(std::string command,
                                                          std::vector<std::size_t> waits) {
  std::string tag = upstream_.next_tag();
  const std::string start = tag + " ";
  for (std::size_t& wait : waits) wait += start.size();
  const std::string line = start + command + "\r\n";
  co_await upstream_.send(line, waits);
  std::vector<Range> found;
  const Completion done = co_await upstream_.complete(std::move(tag), [&](const Response& response) {
    if (const Search* const plain = std::get_if<Search>(&response)) {
      for (const std::uint32_t uid : plain->numbers) found.push_back({uid, uid});
    } else if (const ESearch* const extended = std::get_if<ESearch>(&response)) {
      found.insert(found.end(), extended->all.begin(), extended->all.end());
    } else {
      note(response);
    }
  });
  if (!done.ok()) co_return std::nullopt;
  co_return found;
}

net::Task<bool> Mailbox::ask_each(std::vector<std::uint32_t> uids, Words items, OnData on_data) {
  std::span<const std::uint32_t> rest(uids);
  while (!rest.empty()) {
    const std::size_t now = fitting(rest, limits::kImapCommandSent / 2);
    std::string tag = upstream_.next_tag();
    std::string command;
    Writer writer(command, upstream_.literal_form());
    writer.tag(tag).words(" UID FETCH ").set(rest.first(now)).words(" ").words(items).end();
    rest = rest.subspan(now);
    co_await upstream_.send(command);
    const Completion done = co_await upstream_.complete(std::move(tag), [&](const Response& response) {
      const Fetch* const fetch = std::get_if<Fetch>(&response);
      if (fetch == nullptr || fetch->data.flags || !fetch->data.uid) return note(response);
      if (view_.note(*fetch->data.uid)) on_data(*fetch->data.uid, fetch->data);
    });
    if (!done.ok()) co_return false;
  }
  co_return true;
}

net::Task<void> Mailbox::catch_up() {
  bool counted = !upstream_.take_missed();  // otherwise said_exists_ is from before that
  if (std::exchange(unsettled_, false) || !counted) behind_ = lost_count_ = true;
  // While one question is under way the answer to the next may have become another. An upstream whose numbers
  // never fit its UIDs is believed the UIDs.
  for (int round = 0; behind_ && round < limits::kImapResync; ++round) {
    behind_ = false;
    if (lost_count_) {
      const std::uint64_t before = changes_;
      std::vector<std::uint32_t> all = co_await uids_from(1);
      if (all.empty() && said_exists_.value_or(0) > 0 && view_.upstream_exists() > 0)
        throw UpstreamError("says that there are messages, but names none");
      const bool missed = upstream_.take_missed();
      counted = counted && !missed;
      const bool is_short = counted && all.size() < said_exists_.value_or(0);
      const bool is_last = round + 1 == limits::kImapResync;
      behind_ = lost_count_ = missed || changes_ != before || (is_short && !is_last);
      if (is_short && !is_last) continue;
      const View::Difference difference = view_.resynchronise(std::move(all));
      // For ever: not on the word of an upstream that contradicts itself.
      if (!is_short) forget(difference.vanished);
      contradicts_ = is_short;
      if (!behind_) said_exists_ = view_.upstream_exists();
    } else {
      const std::uint32_t count = view_.upstream_exists();
      const std::uint32_t last = count == 0 ? 0 : view_.upstream_uid(count).value_or(0);
      const std::vector<std::uint32_t> fresh = co_await uids_from(last + 1);
      const bool fits = view_.append(fresh);
      // What is left out now would never be asked for again.
      const bool is_short = counted && !behind_ && view_.upstream_exists() < said_exists_.value_or(0);
      if (!fits || is_short) behind_ = lost_count_ = true;
    }
  }
  unsettled_ = behind_;
  behind_ = lost_count_ = false;
  co_await classify_new(nullptr);
  co_await announce();
}

net::Task<void> Mailbox::ask_for_changes() {
  const Completion done =
      co_await upstream_.run("NOOP", [this](const Response& response) { note(response); });
  if (!done.ok()) throw UpstreamError("refused NOOP");
}

void Mailbox::note(const Response& response) {
  refuse_bye(response);
  if (const Exists* const exists = std::get_if<Exists>(&response)) {
    if (said_exists_ != exists->count) ++changes_;
    said_exists_ = exists->count;
    if (exists->count > view_.upstream_exists()) behind_ = true;
    if (exists->count < view_.upstream_exists()) behind_ = lost_count_ = true;
  } else if (const Expunge* const expunge = std::get_if<Expunge>(&response)) {
    ++changes_;
    if (said_exists_.value_or(0) > 0) --*said_exists_;
    if (!trusts_numbers()) {
      behind_ = lost_count_ = true;
      return;
    }
    const auto uid = view_.expunge(expunge->number);
    if (uid) {
      forget({&*uid, 1});
    } else {
      behind_ = lost_count_ = true;
    }
  } else if (const Vanished* const vanished = std::get_if<Vanished>(&response)) {
    ++changes_;
    for (const Range& range : vanished->uids) view_.vanish(range.first, range.last);
    said_exists_ = view_.upstream_exists();
  } else if (const Fetch* const fetch = std::get_if<Fetch>(&response)) {
    const auto uid =
        fetch->data.uid || !trusts_numbers() ? fetch->data.uid : view_.upstream_uid(fetch->number);
    if (!uid || !view_.number(*uid)) return;
    if (fetch->data.flags) {
      FlagChange& change = flag_changes_[*uid];
      change.flags.assign(fetch->data.flags->begin(), fetch->data.flags->end());
      change.modseq = fetch->data.modseq;
    } else if (const auto change = flag_changes_.find(*uid); change != flag_changes_.end()) {
      // Some say it in a response of its own.
      if (fetch->data.modseq) change->second.modseq = fetch->data.modseq;
    }
  } else if (const Flags* const flags = std::get_if<Flags>(&response)) {
    for (const std::string_view flag : flags->flags) {
      if (is_keyword(flag) && std::ranges::find(keywords_, flag) == keywords_.end())
        keywords_.emplace_back(flag);
    }
  } else if (const Status* const status = std::get_if<Status>(&response)) {
    if (status->tag.empty() && status->code && status->code->is("PERMANENTFLAGS"))
      permanent_flags_ = status->code->arguments;
  }
}

void Mailbox::forget(std::span<const std::uint32_t> uids) {
  environment_.store->remove(state_.id, {uids.begin(), uids.end()});
}

std::vector<Message> Mailbox::take_expunges() {
  std::vector<Message> gone = view_.take_expunges();
  for (const Message& message : gone) flag_changes_.erase(message.uid);
  return gone;
}

net::Task<void> Mailbox::announce() {
  const auto arrival = view_.arrival();
  if (!arrival || arrival->uid_next <= durable_uid_next_) co_return;
  auto announcing = environment_.store->announce(environment_.loop, state_.id, arrival->uid_next);
  const bool durable = co_await announcing;
  if (!durable) throw StateError("the next UID could not be kept");
  durable_uid_next_ = arrival->uid_next;
}

Mailbox::Headers Mailbox::read_headers(std::vector<std::uint32_t> uids) {
  return environment_.store->headers(environment_.loop, state_.id, std::move(uids));
}

net::Task<std::vector<std::string>> Mailbox::headers(std::vector<std::uint32_t> uids) {
  return headers(read_headers(std::move(uids)));
}

net::Task<std::vector<std::string>> Mailbox::headers(Headers reading) {
  auto read = co_await reading;
  if (!read) throw StateError(read.error().what);
  co_return *std::move(read);
}

}  // namespace privet::imap
