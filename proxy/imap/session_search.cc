// SEARCH (RFC 9051 6.4.4): the upstream answers leaves, the tree is evaluated here on what the client would
// see.
#include <algorithm>

#include "mime/structure.h"
#include "proxy/imap/header_search.h"
#include "proxy/imap/search_write.h"
#include "proxy/imap/section.h"
#include "proxy/imap/session.h"
#include "proxy/imap/write.h"
#include "proxy/limits.h"

namespace privet::imap {

namespace {

/// Keys of extensions that are not announced. As deep as a tree may be (limits::kImapSearchDepth).
bool uses_unoffered(const SearchKey& key) {
  using Kind = SearchKey::Kind;
  return key.kind == Kind::ModSeq || key.kind == Kind::Older || key.kind == Kind::Younger ||
         std::ranges::any_of(key.children, uses_unoffered);
}

}  // namespace

net::Task<void> Session::handle(Tag tag, const command::Search& search) {
  if (search.program.result || uses_unoffered(search.program.key)) {
    say(tag, "BAD Unknown search key");
    co_return;
  }
  // What a redacted message says differs from the original in its header; parts are hidden where they would.
  const SearchPlan plan(search.program.key,
                        {.from = true, .subject = true, .body = false, .keyword = kPrivateKeyword});
  const auto scope = plan.scope(mailbox_->view());
  std::vector<Bitmap> answers;
  if (scope) {
    for (const SearchLeaf& leaf : plan.leaves()) {
      auto answer = co_await answer_leaf(leaf, *scope);
      if (!answer) {
        say(tag, "NO [UNAVAILABLE] The mail server could not search");
        co_return;
      }
      answers.push_back(*std::move(answer));
    }
  }
  const Numbering numbering = search.uid ? Numbering::Uid : Numbering::Number;
  std::string line = "* SEARCH";
  if (scope) {
    for (const std::uint32_t number :
         found(mailbox_->view(), plan.evaluate(mailbox_->view(), answers), numbering))
      line += " " + std::to_string(number);
  }
  client_.put(line + "\r\n");
  co_await tell_changes(search.uid);
  say(tag, "OK Search completed");
}

net::Task<std::optional<Bitmap>> Session::answer_leaf(const SearchLeaf& leaf, Range scope) {
  const View& view = mailbox_->view();
  switch (leaf.kind) {
    case SearchLeaf::Kind::Local:
      co_return Bitmap();
    case SearchLeaf::Kind::Keyword: {
      Bitmap marked(view.exists());
      for (const Message& message : view.messages({1, std::max(view.exists(), 1U)})) {
        if (view.note(message.uid).value_or(Note{}).marked_private) marked.set(message.number - 1);
      }
      co_return marked;
    }
    case SearchLeaf::Kind::Upstream:
      co_return co_await ask_upstream(leaf, scope);
    case SearchLeaf::Kind::Sensitive:
      break;
  }
  const SearchKey& key = *leaf.keys.front();
  if (key.kind == SearchKey::Kind::Larger || key.kind == SearchKey::Kind::Smaller)
    co_return co_await compare_sizes(key);
  Bitmap bits(view.exists());
  if (key.kind == SearchKey::Kind::Text) {
    // Its other half: what is found in the real header must not count.
    SearchKey body = key;
    body.kind = SearchKey::Kind::Body;
    const SearchLeaf in_body{.kind = SearchLeaf::Kind::Upstream, .keys = {&body}};
    auto found_in_body = co_await ask_upstream(in_body, scope);
    if (!found_in_body) co_return std::nullopt;
    bits = *std::move(found_in_body);
  }
  co_await add_matching_headers(key, bits);
  if (key.kind == SearchKey::Kind::Text) {
    const bool answered = co_await add_matching_parts(key, scope, bits);
    if (!answered) co_return std::nullopt;
  }
  co_return bits;
}

/// TEXT also finds what stands in the headers of parts and of nested messages. The upstream finds that too,
/// but not without what stands in the real header of the message: where only that is left to decide, the
/// message is looked into.
net::Task<bool> Session::add_matching_parts(const SearchKey& key, Range scope, Bitmap& bits) {
  const SearchLeaf anywhere{.kind = SearchLeaf::Kind::Upstream, .keys = {&key}};
  auto candidates = co_await ask_upstream(anywhere, scope);
  if (!candidates) co_return false;
  *candidates -= bits;
  std::vector<std::uint32_t> uids = mailbox_->view().uids(*candidates);
  const HeaderPredicate predicate(key);
  co_await mailbox_->for_each_content(std::move(uids), [&](std::uint32_t uid, std::string_view content) {
    const auto structure = mime::parse_structure(content);
    const auto number = mailbox_->view().number(uid);
    if (!structure || !number) return;
    for (const mime::Part& part : std::span(structure->parts).subspan(1)) {
      std::string header;
      for (const mime::Field& field : part.header.fields()) header += field.raw;
      if (predicate.matches(header + "\r\n")) bits.set(*number - 1);
    }
  });
  co_return true;
}

net::Task<std::optional<Bitmap>> Session::ask_upstream(const SearchLeaf& leaf, Range scope) {
  std::string command;
  Writer writer(command, upstream_->literal_form());
  write_search(writer, leaf, scope, upstream_->capabilities().esearch);
  const std::vector<std::size_t> waits(writer.waits().begin(), writer.waits().end());
  const auto uids = co_await mailbox_->ask(std::move(command), waits);
  if (!uids) co_return std::nullopt;
  co_return bits_of_uids(mailbox_->view(), *uids);
}

net::Task<void> Session::add_matching_headers(const SearchKey& key, Bitmap& bits) {
  const HeaderPredicate predicate(key);
  const std::vector<Message> all = mailbox_->view().messages({1, std::max(mailbox_->view().exists(), 1U)});
  std::span<const Message> rest(all);
  while (!rest.empty()) {
    const auto some = rest.first(std::min(rest.size(), limits::kImapFetchTogether));
    rest = rest.subspan(some.size());
    std::vector<std::uint32_t> uids;
    for (const Message& message : some) uids.push_back(message.uid);
    const std::vector<std::string> headers = co_await mailbox_->headers(std::move(uids));
    for (std::size_t i = 0; i < some.size(); ++i) {
      if (predicate.matches(headers[i])) bits.set(some[i].number - 1);
    }
  }
}

net::Task<std::optional<Bitmap>> Session::compare_sizes(const SearchKey& key) {
  const View& view = mailbox_->view();
  Bitmap bits(view.exists());
  const std::vector<Message> all = view.messages({1, std::max(view.exists(), 1U)});
  std::vector<std::uint32_t> uids;
  for (const Message& message : all) uids.push_back(message.uid);
  std::span<const std::uint32_t> rest(uids);
  while (!rest.empty()) {
    const std::size_t now = fitting(rest, limits::kImapCommandSent / 2);
    std::string tag = upstream_->next_tag();
    std::string command;
    Writer writer(command, upstream_->literal_form());
    writer.tag(tag).words(" UID FETCH ").set(rest.first(now)).words(" (UID RFC822.SIZE)").end();
    rest = rest.subspan(now);
    co_await upstream_->send(command);
    const Completion done = co_await upstream_->complete(std::move(tag), [&](const Response& response) {
      const imap::Fetch* const fetch = std::get_if<imap::Fetch>(&response);
      const auto uid = fetch == nullptr ? std::nullopt : fetch->data.uid;
      const auto number = uid ? view.number(*uid) : std::nullopt;
      const auto note = uid ? view.note(*uid) : std::nullopt;
      if (!number || !note || !fetch->data.rfc822_size) return mailbox_->note(response);
      const std::uint64_t size = redacted_size(*fetch->data.rfc822_size, note->size_change);
      if (key.kind == SearchKey::Kind::Larger ? size > key.number : size < key.number) bits.set(*number - 1);
    });
    if (!done.ok()) co_return std::nullopt;
  }
  co_return bits;
}

}  // namespace privet::imap
