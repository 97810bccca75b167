// FETCH (RFC 9051 6.4.5): one question to the upstream for a range, its answers written anew as they come;
// large literals pass through without being held.
#include <algorithm>
#include <array>

#include "mime/ascii.h"
#include "mime/content_type.h"
#include "mime/header.h"
#include "proxy/imap/rendition.h"
#include "proxy/imap/session.h"
#include "proxy/imap/write.h"
#include "proxy/limits.h"

namespace privet::imap {

namespace {

/// nullopt where it is not certain. Not every server sees parts where MIME-Version is missing: to one that
/// does not, the message itself is part 1, and the header of that is the real one.
std::optional<Root> root_of_header(std::string_view header) {
  const auto parsed = mime::Header::parse(header);
  const mime::Field* const field = parsed ? parsed->find("Content-Type") : nullptr;
  if (field == nullptr) return Root::Single;
  const auto content_type = mime::parse_content_type(field->value);
  if (!content_type) return Root::Single;
  const bool is_multipart = content_type->type.starts_with("multipart/");
  const bool is_message = content_type->type == "message/rfc822" || content_type->type == "message/global";
  if (!is_multipart && !is_message) return Root::Single;
  if (parsed->count("Content-Type") != 1 || parsed->count("MIME-Version") != 1 ||
      !mime::trim(parsed->find("MIME-Version")->value).starts_with('1'))
    return std::nullopt;
  return is_multipart ? Root::Multipart : Root::Message;
}

/// Of what another session was told that it is gone, the header is gone as well. Whether there was any.
bool drop_gone(std::vector<Message>& messages, std::vector<std::string>& headers) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (headers[i].empty()) continue;
    if (kept != i) {
      messages[kept] = messages[i];
      headers[kept] = std::move(headers[i]);
    }
    ++kept;
  }
  const bool any = kept < messages.size();
  messages.resize(kept);
  headers.resize(kept);
  return any;
}

/// Empty where no item needs one: then none was read.
std::string_view header_of(std::span<const std::string> headers, std::size_t place) {
  return headers.empty() ? std::string_view() : headers[place];
}

bool needs_header(const std::vector<FetchItem>& items) {
  return !is_same_for_all(items) || is_for_one(items) ||
         std::ranges::any_of(items, [](const FetchItem& item) { return need_of(item, Root::Single).header; });
}

}  // namespace

net::Task<void> Session::handle(Tag tag, const command::Fetch& fetch) {
  if (fetch.set.saved) {
    say(tag, "BAD SEARCHRES is not offered");
    co_return;
  }
  const bool has_modseq = std::ranges::any_of(
      fetch.items, [](const FetchItem& item) { return item.kind == FetchItem::Kind::ModSeq; });
  if ((has_modseq || fetch.changed_since) && !can_use_modseq(tag)) co_return;
  const auto selection = resolve(mailbox_->view(), fetch.set, fetch.uid ? Numbering::Uid : Numbering::Number);
  if (!selection) {
    say(tag, "BAD Invalid messageset");
    co_return;
  }
  std::vector<Message> wanted = messages(mailbox_->view(), *selection);
  if (fetch.changed_since) {
    const bool known = co_await keep_changed(wanted, *fetch.changed_since);
    if (!known) {
      say(tag, "NO [UNAVAILABLE] The mail server could not say what has changed");
      co_return;
    }
  }
  if (has_modseq) co_await mailbox_->refresh_modseq_offset();
  std::vector<FetchItem> items = fetch.items;
  const bool has_uid =
      std::ranges::any_of(items, [](const FetchItem& item) { return item.kind == FetchItem::Kind::Uid; });
  if (fetch.changed_since && !has_modseq) items.push_back({.kind = FetchItem::Kind::ModSeq});
  if (fetch.uid && !has_uid) items.insert(items.begin(), FetchItem{.kind = FetchItem::Kind::Uid});
  const bool needs_headers = needs_header(items);
  const std::size_t together = needs_headers ? limits::kImapFetchTogether : limits::kImapFetchPlain;
  const auto first_of = [together](std::span<const Message> all) {
    return all.first(std::min(all.size(), together));
  };
  const bool sets_seen = mailbox_->writable() &&
                         std::ranges::any_of(items, [](const FetchItem& item) { return item.sets_seen(); });
  bool complete = true;
  std::optional<Mailbox::Headers> coming;  // of the next messages, while the upstream answers about these
  for (std::span<const Message> rest(wanted); !rest.empty();) {
    std::span<const Message> some = first_of(rest);
    std::vector<std::string> headers;  // none where no item needs one
    if (needs_headers) {
      if (!coming) coming = mailbox_->read_headers(uids_of(some));
      headers = co_await mailbox_->headers(*std::move(coming));
      coming.reset();
      some = some.first(headers.size());
    }
    rest = rest.subspan(some.size());
    if (needs_headers && !rest.empty()) coming = mailbox_->read_headers(uids_of(first_of(rest)));
    if (sets_seen) co_await mark_seen(uids_of(some));
    std::span<const Message> there = some;
    std::vector<Message> kept;
    if (needs_headers) {
      kept.assign(some.begin(), some.end());
      if (drop_gone(kept, headers)) co_await mailbox_->ask_for_changes();
      there = kept;
    }
    const bool answered = there.empty() || co_await fetch_some(items, there, headers);
    complete = complete && answered;
    co_await room();
  }
  if (sets_seen) co_await tell_flag_changes(fetch.uid);
  co_await tell_changes(fetch.uid);
  say(tag,
      complete ? completed("Fetch") : "NO [UNAVAILABLE] The mail server did not answer for all messages");
}

net::Task<bool> Session::fetch_some(const std::vector<FetchItem>& items, std::span<const Message> wanted,
                                    std::span<const std::string> headers) {
  if (!is_for_one(items) && is_same_for_all(items))
    co_return co_await fetch_alike(items, Root::Single, wanted, headers);
  const std::vector<std::optional<Root>> roots = co_await roots_of(wanted, headers);
  bool complete = std::ranges::all_of(roots, [](const auto& root) { return root.has_value(); });
  if (is_for_one(items)) {
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (!roots[i]) continue;
      const bool answered = co_await fetch_alike(items, *roots[i], wanted.subspan(i, 1), {&headers[i], 1});
      complete = complete && answered;
    }
    co_return complete;
  }
  for (const Root root : {Root::Single, Root::Message, Root::Multipart}) {
    std::vector<Message> alike;
    std::vector<std::string> their_headers;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (roots[i] != root) continue;
      alike.push_back(wanted[i]);
      their_headers.push_back(headers[i]);
    }
    if (alike.empty()) continue;
    const bool answered = co_await fetch_alike(items, root, alike, their_headers);
    complete = complete && answered;
  }
  co_return complete;
}

/// As the upstream sees them, where that is not certain; nullopt where it does not say.
net::Task<std::vector<std::optional<Root>>> Session::roots_of(std::span<const Message> wanted,
                                                              std::span<const std::string> headers) {
  std::vector<std::optional<Root>> roots;
  std::vector<std::uint32_t> uncertain;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    roots.push_back(root_of_header(headers[i]));
    if (!roots.back()) uncertain.push_back(wanted[i].uid);
  }
  if (uncertain.empty()) co_return roots;
  co_await mailbox_->ask_each(
      std::move(uncertain), "(UID BODYSTRUCTURE)", [&](std::uint32_t uid, const FetchData& data) {
        const auto place = std::ranges::lower_bound(wanted, uid, {}, &Message::uid) - wanted.begin();
        if (static_cast<std::size_t>(place) < wanted.size() && data.body_structure)
          roots[static_cast<std::size_t>(place)] = root_of(*data.body_structure);
      });
  co_return roots;
}

net::Task<bool> Session::fetch_alike(std::vector<FetchItem> items, Root root, std::span<const Message> wanted,
                                     std::span<const std::string> headers) {
  const auto is_uid = [](const FetchItem& item) { return item.kind == FetchItem::Kind::Uid; };
  const bool with_uid = std::ranges::any_of(items, is_uid);
  bool complete = true;
  while (!items.empty()) {
    // A second answer has to say of which message it is, too.
    if (with_uid && std::ranges::none_of(items, is_uid))
      items.insert(items.begin(), {.kind = FetchItem::Kind::Uid});
    std::vector<FetchItem> left;
    const FetchPlan plan(std::move(items), root, header_of(headers, 0), left);
    items = std::move(left);
    if (!plan.upstream_items().empty()) {
      const bool answered = co_await fetch_from_upstream(plan, wanted, headers);
      complete = complete && answered;
      continue;
    }
    std::string line;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      answer_whole(line, plan, facts_of(plan, wanted[i], header_of(headers, i)), {});
      if (client_.collected() > limits::kSendAtOnce) co_await room();
    }
  }
  co_return complete;
}

Facts Session::facts_of(const FetchPlan& plan, const Message& message, std::string_view header) const {
  return {.message = message,
          .header = header,
          .note = plan.needs_note() ? mailbox_->view().note(message.uid).value_or(Note{}) : Note{},
          .modseq_offset = mailbox_->state().modseq_offset};
}

/// Each item's answer begins with a blank.
void Session::begin_answer(const Message& message, std::string_view items) {
  std::string start;
  Writer(start, LiteralForm::Response).words("* ").number(message.number).words(" FETCH (");
  client_.put(start);
  client_.put(items.substr(1));
}

void Session::answer_whole(std::string& line, const FetchPlan& plan, const Facts& facts,
                           const FetchData& said) {
  line.clear();
  Writer(line, LiteralForm::Response).words("* ").number(facts.message.number).words(" FETCH ");
  const std::size_t begin = line.size();
  for (std::size_t item = 0; item < plan.items().size(); ++item) plan.answer(line, item, facts, said);
  if (line.size() == begin) return;
  // In the place of the first item's blank.
  line[begin] = '(';
  line += ")\r\n";
  client_.put(line);
}

net::Task<bool> Session::fetch_from_upstream(const FetchPlan& plan, std::span<const Message> wanted,
                                             std::span<const std::string> headers) {
  const std::vector<std::uint32_t> uids = uids_of(wanted);
  std::span<const std::uint32_t> rest(uids);
  bool complete = true;
  while (!rest.empty()) {
    const std::size_t now = fitting(rest, limits::kImapCommandSent / 2);
    const std::string tag = upstream_->next_tag();
    std::string command;
    Writer writer(command, upstream_->literal_form());
    writer.tag(tag).words(" UID FETCH ").set(rest.first(now)).words(" ");
    command += plan.upstream_items() + "\r\n";
    rest = rest.subspan(now);
    co_await upstream_->send(command);
    Answering answering{.plan = plan, .wanted = wanted, .headers = headers};
    while (true) {
      const auto received = upstream_->poll();
      if (!received) {
        co_await room();
        client_.flush();
        co_await upstream_->more(environment_.loop.after(limits::kUpstreamReply));
        continue;
      }
      if (received->literal) {
        const auto before = fetch_before_literal(received->frame);
        co_await stream(answering, before, received->literal_size);
        continue;
      }
      const auto response = parse_response(received->frame);
      if (!response) throw UpstreamError(response.error().what);
      if (const auto completion = completion_of(*response, tag)) {
        if (completion->condition == Condition::Bad) throw UpstreamError("did not understand UID FETCH");
        complete = complete && completion->ok() && !answering.dropped;
        break;
      }
      const imap::Fetch* const fetch = std::get_if<imap::Fetch>(&*response);
      const bool answered = fetch != nullptr && finish(answering, *fetch);
      // Flags that nobody asked for have changed.
      if (!answered || !plan.asks_for_flags()) mailbox_->note(*response);
    }
  }
  co_return complete;
}

/// By the UID alone: a number that is off by one would be another's mail.
std::optional<std::size_t> Session::place_of(const Answering& answering, const imap::Fetch& fetch) const {
  const auto uid = fetch.data.uid;
  if (!uid) return std::nullopt;
  const std::size_t expected = answering.expected;
  if (expected < answering.wanted.size() && answering.wanted[expected].uid == *uid) return expected;
  const auto found = std::ranges::lower_bound(answering.wanted, *uid, {}, &Message::uid);
  if (found == answering.wanted.end() || found->uid != *uid) return std::nullopt;
  return static_cast<std::size_t>(found - answering.wanted.begin());
}

bool Session::finish(Answering& answering, const imap::Fetch& fetch) {
  const bool begun = answering.begun.has_value();
  const auto place = begun ? answering.begun : place_of(answering, fetch);
  if (begun && fetch.data.uid && *fetch.data.uid != answering.wanted[*place].uid)
    throw UpstreamError("answered with one message's UID and another's content");
  answering.begun.reset();
  const std::vector<bool> done = std::exchange(answering.done, {});
  if (!place || (!begun && !answering.plan.is_answer(fetch.data))) return false;
  if (std::exchange(answering.dropping, false)) {
    answering.dropped = true;
    return true;
  }
  if (fetch.data.flags && answering.plan.asks_for_flags()) {
    mailbox_->forget_flag_change(answering.wanted[*place].uid);
    announce_keywords(*fetch.data.flags);
  }
  answering.expected = *place + 1;
  const FetchPlan& plan = answering.plan;
  const Facts facts = facts_of(plan, answering.wanted[*place], header_of(answering.headers, *place));
  if (!begun) {
    answer_whole(answering.line, plan, facts, fetch.data);
    return true;
  }
  std::string items;
  for (std::size_t item = 0; item < plan.items().size(); ++item) {
    if (!done[item]) plan.answer(items, item, facts, fetch.data);
  }
  client_.put(items);
  client_.put(")\r\n");
  in_answer_ = false;
  return true;
}

net::Task<void> Session::stream(Answering& answering, std::optional<imap::Fetch> before, std::uint64_t size) {
  const auto place = answering.begun      ? answering.begun
                     : before.has_value() ? place_of(answering, *before)
                                          : std::nullopt;
  auto item = place && before ? answering.plan.item_of(before->data.sections.back()) : std::nullopt;
  if (item && answering.begun && answering.done[*item]) item.reset();
  // Whose it is was not said before it came, and it is too large to be kept until it is.
  if (before && !before->data.uid && !answering.begun) answering.dropping = true;
  if (item) {
    std::string items;
    const bool begins = !answering.begun;
    if (begins) {
      if (before->data.flags && answering.plan.asks_for_flags()) announce_keywords(*before->data.flags);
      answering.done.assign(answering.plan.items().size(), false);
      // The UID first: it is the one item that a client has to have.
      for (std::size_t i = 0; i < answering.plan.items().size(); ++i) {
        if (answering.plan.items()[i].kind != FetchItem::Kind::Uid) continue;
        answering.plan.answer(items, i, facts_of(answering.plan, answering.wanted[*place], {}), {});
        answering.done[i] = true;
      }
      answering.begun = place;
      in_answer_ = true;
    }
    answering.plan.begin_literal(items, *item, header_of(answering.headers, *place), size);
    answering.done[*item] = true;
    begins ? begin_answer(answering.wanted[*place], items) : client_.put(items);
  }
  upstream_->begin_literal();
  while (size > 0) {
    const std::string_view part = upstream_->literal_input(size);
    if (part.empty()) {
      co_await upstream_->more(environment_.loop.after(limits::kUpstreamReply));
      continue;
    }
    const std::size_t taken = part.size();
    if (item) client_.send(part);
    size -= taken;
    upstream_->take_literal(taken);
    if (item) co_await room();
  }
  upstream_->end_literal();
}

}  // namespace privet::imap
