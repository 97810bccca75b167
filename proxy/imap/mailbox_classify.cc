// What of a mailbox is seen: each message is read whole, once, and decided about by the very code that makes
// copies.
#include <algorithm>
#include <array>
#include <iterator>
#include <ranges>
#include <string_view>
#include <utility>

#include "policy/split.h"
#include "proxy/imap/mailbox.h"
#include "proxy/imap/write.h"
#include "proxy/limits.h"
#include "proxy/log.h"

namespace privet::imap {

namespace {

/// Octets of the header section, its empty line included.
std::uint32_t header_length(std::string_view content) {
  if (content.starts_with("\r\n")) return 2;
  const std::size_t end = content.find("\r\n\r\n");
  return static_cast<std::uint32_t>(end == std::string_view::npos ? content.size() : end + 4);
}

/// Refusals that say nothing about the message (RFC 5530 3; THROTTLED and OVERQUOTA are Gmail's, TEMPFAIL is
/// Yahoo's).
bool is_passing(const Completion& completion) {
  constexpr auto kCodes = std::to_array<std::string_view>(
      {"UNAVAILABLE", "INUSE", "LIMIT", "THROTTLED", "OVERQUOTA", "TEMPFAIL"});
  return !completion.ok() && std::ranges::find(kCodes, completion.code) != kCodes.end();
}

state::Classified classify(const Owner& owner, std::uint32_t uid, std::string_view content) {
  policy::CrmCopy seen = policy::view(*owner.tenant, content, owner.account);
  state::Classified result{.uid = uid};
  if (seen.alert) {
    log::event(log::Level::Warning, "message hidden",
               {{"tenant", owner.tenant->name}, {"uid", std::to_string(uid)}, {"rule", seen.decision.rule}});
  }
  if (seen.withheld()) return result;
  result.message_class = state::MessageClass::Redacted;
  result.marked_private = seen.decision.verdict == policy::Verdict::Private;
  result.original_length = header_length(content);
  result.redacted_header = std::move(seen.header);
  return result;
}

}  // namespace

net::Task<void> Mailbox::classify_new(const Tell& tell) {
  while (true) {
    std::vector<std::uint32_t> uids = view_.unclassified(limits::kImapClassifyTogether);
    if (uids.empty()) break;
    co_await classify_some(std::move(uids));
    if (tell) tell();
  }
  if (state_.announced_uid_next <= std::uint64_t{state_.frontier} + 1) co_return;
  // What was announced last is gone from the upstream: everything below is decided all the same.
  const std::uint32_t from = std::exchange(state_.frontier, state_.announced_uid_next - 1);
  environment_.store->add_classified(environment_.loop, state_.id, state_.epochs, {},
                                     {from, state_.frontier});
}

net::Task<void> Mailbox::classify_some(std::vector<std::uint32_t> uids) {
  const std::vector<std::uint32_t> looked_into = co_await recent_enough(uids);
  std::vector<state::Classified> decided;
  const OnContent decide = [&](std::uint32_t uid, std::string_view content) {
    decided.push_back(classify(owner_, uid, content));
  };
  const std::vector<std::uint32_t> unreadable = co_await for_each_content(looked_into, decide);
  for (const std::uint32_t uid : unreadable) {
    log::event(log::Level::Warning, "message hidden",
               {{"tenant", owner_.tenant->name},
                {"uid", std::to_string(uid)},
                {"rule", "it is too large or cannot be read"}});
  }
  std::ranges::sort(decided, {}, &state::Classified::uid);
  std::vector<state::Classified> all;
  auto next = decided.begin();
  for (const std::uint32_t uid : uids) {
    while (next != decided.end() && next->uid < uid) ++next;
    const bool is_there = next != decided.end() && next->uid == uid;
    all.push_back(is_there ? std::move(*next) : state::Classified{.uid = uid});
    const state::Classified& one = all.back();
    const bool visible = one.message_class != state::MessageClass::Hidden;
    view_.classify(uid, visible,
                   {.size_change = static_cast<std::int32_t>(one.redacted_header.size()) -
                                   static_cast<std::int32_t>(one.original_length),
                    .marked_private = one.marked_private});
  }
  const std::uint32_t from = std::exchange(state_.frontier, uids.back());
  // Whether it was kept shows when it is announced.
  environment_.store->add_classified(environment_.loop, state_.id, state_.epochs, std::move(all),
                                     {from, state_.frontier});
}

net::Task<std::vector<std::uint32_t>> Mailbox::recent_enough(std::vector<std::uint32_t> uids) {
  if (owner_.scope.hide) co_return std::vector<std::uint32_t>();
  if (!owner_.scope.since) co_return uids;
  const std::chrono::year_month_day day(*owner_.scope.since);
  std::string criteria;
  Writer writer(criteria, upstream_.literal_form());
  writer.words("UID ").set(uids).words(" SINCE ").date({static_cast<int>(day.year()),
                                                        static_cast<int>(static_cast<unsigned>(day.month())),
                                                        static_cast<int>(static_cast<unsigned>(day.day()))});
  const auto found = co_await search(std::move(criteria));
  if (!found) throw UpstreamError("refused UID SEARCH SINCE");
  std::erase_if(uids, [&](std::uint32_t uid) {
    return std::ranges::none_of(*found,
                                [&](const Range& range) { return range.first <= uid && uid <= range.last; });
  });
  co_return uids;
}

net::Task<std::vector<std::uint32_t>> Mailbox::for_each_content(std::vector<std::uint32_t> uids,
                                                                OnContent on_content) {
  std::vector<std::uint32_t> unreadable;
  std::size_t refused_again = 0;
  const auto give_up = [&](const std::vector<std::uint32_t>& refused) {
    unreadable.insert(unreadable.end(), refused.begin(), refused.end());
    if (!refused.empty() && ++refused_again > limits::kImapUnreadable)
      throw UpstreamError("refused UID FETCH");
  };
  bool gives_others = false;
  const OnContent read = [&](std::uint32_t uid, std::string_view content) {
    gives_others = true;
    on_content(uid, content);
  };
  const std::vector<std::uint32_t> suspects = take_suspects(uids);
  std::span<const std::uint32_t> rest(uids);
  while (!rest.empty()) {
    // One at a time the upstream says at which it hangs up: in a row it may have been at another.
    const std::size_t together =
        suspects.empty() ? fitting(rest, limits::kImapCommandSent / 2) : std::size_t{1};
    const auto some = rest.first(together);
    rest = rest.subspan(some.size());
    // One message that the upstream cannot read must not hide the others.
    const std::vector<std::uint32_t> refused = co_await read_contents(some, read, unreadable);
    for (const std::uint32_t& uid : refused) give_up(co_await read_contents({&uid, 1}, read, unreadable));
  }
  for (const std::uint32_t& uid : suspects) {
    const bool is_given_up = hang_ups_at(uid) >= limits::kImapHangUps;
    const auto seen = is_given_up && !gives_others ? any_seen(suspects) : std::nullopt;
    // Where the upstream hangs up at any message, this one is not the cause.
    if (seen) {
      std::vector<std::uint32_t> ignored;
      const OnContent look = [&](std::uint32_t, std::string_view) { gives_others = true; };
      co_await read_contents({&*seen, 1}, look, ignored);
    }
    if (is_given_up && gives_others) {
      unreadable.push_back(uid);
      continue;
    }
    give_up(co_await read_contents({&uid, 1}, on_content, unreadable));
    environment_.hang_ups[state_.id].erase(uid);
  }
  co_return unreadable;
}

/// Takes those out of `uids` at which the upstream hung up before.
std::vector<std::uint32_t> Mailbox::take_suspects(std::vector<std::uint32_t>& uids) const {
  std::vector<std::uint32_t> suspects;
  const auto known = environment_.hang_ups.find(state_.id);
  if (known == environment_.hang_ups.end()) return suspects;
  std::ranges::set_intersection(uids, std::views::keys(known->second), std::back_inserter(suspects));
  std::erase_if(uids, [&](std::uint32_t uid) { return std::ranges::binary_search(suspects, uid); });
  return suspects;
}

int Mailbox::hang_ups_at(std::uint32_t uid) const {
  const auto mailbox = environment_.hang_ups.find(state_.id);
  if (mailbox == environment_.hang_ups.end()) return 0;
  const auto found = mailbox->second.find(uid);
  return found == mailbox->second.end() ? 0 : found->second;
}

/// A message that was read before; none of `suspects`.
std::optional<std::uint32_t> Mailbox::any_seen(std::span<const std::uint32_t> suspects) const {
  for (std::uint32_t number = 1; number <= view_.upstream_exists(); ++number) {
    const auto uid = view_.upstream_uid(number);
    if (uid && view_.note(*uid) && !std::ranges::binary_search(suspects, *uid)) return uid;
  }
  return std::nullopt;
}

/// Those that were not answered; none where the upstream says of one that it gave all there is.
net::Task<std::vector<std::uint32_t>> Mailbox::read_contents(std::span<const std::uint32_t> uids,
                                                             const OnContent& on_content,
                                                             std::vector<std::uint32_t>& unreadable) {
  std::vector<std::uint32_t> left(uids.begin(), uids.end());
  std::uint32_t next = uids.front();
  // What ends several sessions at once counts once.
  const int times = uids.size() == 1 ? hang_ups_at(next) + 1 : 0;
  Completion completion;
  try {
    completion = co_await read_contents(left, next, on_content, unreadable);
  } catch (const UpstreamError& error) {
    if (!upstream_.cancelled() && std::ranges::binary_search(uids, next)) {
      int& known = environment_.hang_ups[state_.id][next];
      known = std::max(known, times);
    }
    // Servers hang up at a message that they cannot read, each time: the administrator has to know at which.
    throw UpstreamError(std::string(error.what()) + ", when the message with UID " + std::to_string(next) +
                        " was to be read");
  }
  if (completion.condition == Condition::Bad) throw UpstreamError("did not understand UID FETCH");
  // Hidden is for ever, and this may be over in a minute.
  if (is_passing(completion)) throw UpstreamError("refused UID FETCH [" + completion.code + "]");
  co_return left;
}

/// What has been answered is taken out of `left`; `next` is the one that is being answered, as far as can be
/// told.
net::Task<Completion> Mailbox::read_contents(std::vector<std::uint32_t>& left, std::uint32_t& next,
                                             const OnContent& on_content,
                                             std::vector<std::uint32_t>& unreadable) {
  const std::size_t asked = left.size();
  std::string tag = upstream_.next_tag();
  std::string command;
  Writer writer(command, upstream_.literal_form());
  writer.tag(tag).words(" UID FETCH ").set(left).words(" (UID BODY.PEEK[])").end();
  co_await upstream_.send(command);
  const auto is_whole = [](const FetchData& data) {
    return data.sections.size() == 1 && data.sections.front().spec.empty() && !data.sections.front().origin;
  };
  std::vector<std::uint32_t> without;  // content, though answered
  std::string large;
  bool has_large = false;
  while (true) {
    const auto received = upstream_.poll();
    if (!received) {
      co_await upstream_.more(environment_.loop.after(limits::kUpstreamReply));
      continue;
    }
    if (received->literal) {
      const auto before = fetch_before_literal(received->frame);
      const bool is_content = before && is_whole(before->data) && !has_large;
      if (before && before->data.uid) next = *before->data.uid;
      const std::uint64_t size = received->literal_size;
      std::string content = co_await read_literal(size, is_content && size <= environment_.message_size);
      if (is_content) large = std::move(content);
      has_large = has_large || is_content;
      continue;
    }
    const auto response = parse_response(received->frame);
    if (!response) throw UpstreamError(response.error().what);
    if (const auto completion = completion_of(*response, tag)) {
      const bool are_gone = completion->code == "EXPUNGEISSUED";  // RFC 5530 3
      std::vector<std::uint32_t>& where = completion->ok() && !are_gone ? unreadable : left;
      where.insert(where.end(), without.begin(), without.end());
      std::ranges::sort(left);
      // Gmail leaves some out of many now and then.
      if (asked == 1 && (completion->ok() || are_gone)) left.clear();
      co_return *completion;
    }
    const Fetch* const fetch = std::get_if<Fetch>(&*response);
    if (fetch == nullptr || !fetch->data.uid || fetch->data.sections.empty()) {
      note(*response);
      continue;
    }
    const std::uint32_t uid = *fetch->data.uid;
    const auto behind = std::ranges::upper_bound(left, uid);
    if (behind != left.end()) next = *behind;
    const FetchedSection& section = fetch->data.sections.front();
    const bool streamed = std::exchange(has_large, false);
    const std::string content = std::exchange(large, {});
    const bool whole = is_whole(fetch->data) && section.content != FetchedSection::Content::Nil;
    if (!whole) {
      if (std::erase(left, uid) > 0) without.push_back(uid);
      continue;
    }
    if (std::erase(left, uid) == 0) continue;
    if (streamed) {
      if (content.size() != section.size) {
        unreadable.push_back(uid);
        continue;
      }
      const std::function<void()> look = [&] { on_content(uid, content); };
      co_await environment_.loop.blocking(look);
    } else {
      std::string scratch;
      on_content(uid, section.value(scratch));
    }
  }
}

net::Task<std::string> Mailbox::read_literal(std::uint64_t size, bool wanted) {
  std::string content;
  if (wanted) content.reserve(size);
  upstream_.begin_literal();
  while (size > 0) {
    const std::string_view part = upstream_.literal_input(size);
    if (part.empty()) {
      co_await upstream_.more(environment_.loop.after(limits::kUpstreamReply));
      continue;
    }
    if (wanted) content.append(part);
    size -= part.size();
    upstream_.take_literal(part.size());
  }
  upstream_.end_literal();
  co_return content;
}

}  // namespace privet::imap
