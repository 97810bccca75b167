// SEARCH (RFC 9051 6.4.4): the upstream answers leaves, the tree is evaluated here on what the client would
// see.
#include <algorithm>
#include <chrono>
#include <span>

#include "mime/structure.h"
#include "proxy/imap/header_search.h"
#include "proxy/imap/search_write.h"
#include "proxy/imap/section.h"
#include "proxy/imap/session.h"
#include "proxy/imap/write.h"
#include "proxy/limits.h"

namespace privet::imap {

namespace {

/// Those of what was found that a result without ALL and COUNT speaks of (RFC 4731 3.2). Not empty.
std::vector<std::uint32_t> ends_of(const std::vector<std::uint32_t>& uids, const SearchReturn& wanted) {
  std::vector<std::uint32_t> ends;
  if (wanted.min) ends.push_back(uids.front());
  if (wanted.max && (ends.empty() || uids.size() > 1)) ends.push_back(uids.back());
  return ends;
}

}  // namespace

net::Task<void> Session::handle(Tag tag, const command::Search& search) {
  SearchKey key = search.program.key;
  const bool by_modseq = asks_for_modseq(key);
  if (by_modseq) {
    if (!can_use_modseq(tag)) co_return;
    co_await mailbox_->modseq_meant(0);
    key = with_modseq_meant(std::move(key), mailbox_->state().modseq_offset);
  }
  // What a redacted message says differs from the original in its header; parts are hidden where they would.
  const SearchPlan plan(key, {.from = true,
                              .subject = true,
                              .body = false,
                              .age = !upstream_->capabilities().within,
                              .keyword = kPrivateKeyword});
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
  const View& view = mailbox_->view();
  const Bitmap found_bits = scope ? plan.evaluate(view, answers) : Bitmap(view.exists());
  const Numbering numbering = search.uid ? Numbering::Uid : Numbering::Number;
  const SearchReturn* const wanted = search.program.result ? &*search.program.result : nullptr;
  std::optional<std::uint64_t> modseq;
  if (by_modseq) {
    std::vector<std::uint32_t> uids = view.uids(found_bits);
    const bool ends_only = wanted != nullptr && !wanted->all && !wanted->count;
    if (ends_only && !uids.empty()) uids = ends_of(uids, *wanted);
    modseq = co_await greatest_modseq(std::move(uids));
  }
  std::string line;
  Writer writer(line, LiteralForm::Response);
  if (wanted != nullptr) {
    ESearch result = extended_result(view, found_bits, numbering, *wanted);
    result.modseq = modseq;
    write_result(writer, tag, result);
  } else {
    writer.words("* SEARCH");
    for (const std::uint32_t number : found(view, found_bits, numbering)) writer.words(" ").number(number);
    if (modseq) writer.words(" (MODSEQ ").number(*modseq).words(")");
    writer.end();
  }
  client_.put(line);
  co_await tell_changes(search.uid);
  say(tag, completed("Search"));
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
    co_return co_await compare_sizes(key, scope);
  if (key.kind == SearchKey::Kind::Older || key.kind == SearchKey::Kind::Younger)
    co_return co_await compare_ages(key, scope);
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
  co_await add_matching_headers(key, scope, bits);
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

net::Task<void> Session::add_matching_headers(const SearchKey& key, Range scope, Bitmap& bits) {
  const HeaderPredicate predicate(key);
  const std::vector<std::uint32_t> all = within(scope);
  std::span<const std::uint32_t> rest(all);
  while (!rest.empty()) {
    const auto some = rest.first(std::min(rest.size(), limits::kImapFetchTogether));
    const std::vector<std::string> headers = co_await mailbox_->headers({some.begin(), some.end()});
    for (std::size_t i = 0; i < headers.size(); ++i) {
      const auto number = mailbox_->view().number(rest[i]);
      if (number && predicate.matches(headers[i])) bits.set(*number - 1);
    }
    rest = rest.subspan(headers.size());
  }
}

std::vector<std::uint32_t> Session::within(Range scope) const {
  return mailbox_->view().uids(bits_of_uids(mailbox_->view(), std::span<const Range>(&scope, 1)));
}

net::Task<std::optional<Bitmap>> Session::compare_sizes(const SearchKey& key, Range scope) {
  const View& view = mailbox_->view();
  Bitmap bits(view.exists());
  const auto compare = [&](std::uint32_t uid, const FetchData& data) {
    const auto number = view.number(uid);
    const auto note = view.note(uid);
    if (!number || !note || !data.rfc822_size) return;
    const std::uint64_t size = redacted_size(*data.rfc822_size, note->size_change);
    if (key.kind == SearchKey::Kind::Larger ? size > key.number : size < key.number) bits.set(*number - 1);
  };
  const bool answered = co_await mailbox_->ask_each(within(scope), "(UID RFC822.SIZE)", compare);
  if (!answered) co_return std::nullopt;
  co_return bits;
}

/// For an upstream without WITHIN. RFC 5032 3: both hold for a message of exactly this age.
net::Task<std::optional<Bitmap>> Session::compare_ages(const SearchKey& key, Range scope) {
  const View& view = mailbox_->view();
  Bitmap bits(view.exists());
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const std::int64_t edge =
      std::chrono::duration_cast<std::chrono::seconds>(now).count() - static_cast<std::int64_t>(key.number);
  const auto compare = [&](std::uint32_t uid, const FetchData& data) {
    const auto number = view.number(uid);
    const auto date = data.internal_date ? parse_date_time(*data.internal_date) : std::nullopt;
    if (!number || !date) return;
    const std::int64_t arrived = time_of(*date);
    if (key.kind == SearchKey::Kind::Older ? arrived <= edge : arrived >= edge) bits.set(*number - 1);
  };
  const bool answered = co_await mailbox_->ask_each(within(scope), "(UID INTERNALDATE)", compare);
  if (!answered) co_return std::nullopt;
  co_return bits;
}

}  // namespace privet::imap
