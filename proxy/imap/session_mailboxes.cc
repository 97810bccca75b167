// Which mailboxes there are, what is in them, and which one is open (RFC 9051 6.3, RFC 2342, RFC 3691).
#include <algorithm>

#include "mime/ascii.h"
#include "proxy/imap/flag_change.h"
#include "proxy/imap/listing.h"
#include "proxy/imap/mailbox_name.h"
#include "proxy/imap/refusal.h"
#include "proxy/imap/section.h"
#include "proxy/imap/session.h"
#include "proxy/imap/write.h"
#include "proxy/limits.h"
#include "proxy/log.h"

namespace privet::imap {

namespace {

constexpr std::string_view kNotNow = "NO [UNAVAILABLE] The mailbox is not available, try again later";

}  // namespace

Owner Session::owner() const {
  return {.policy = policy_, .tenant = tenant_, .account = user_, .scope = tenant_->view_of(user_)};
}

net::Task<void> Session::learn_folders() {
  std::vector<List> listed;
  const Upstream::Note note = [&](const Response& response) {
    if (const List* const list = std::get_if<List>(&response); list != nullptr && !list->subscribed) {
      List kept = *list;
      // Only these matter, and the frame that the views point into is about to go.
      kept.attributes.clear();
      for (const std::string_view attribute : list->attributes)
        kept.attributes.push_back(lasting_attribute(attribute));
      listed.push_back(std::move(kept));
    } else if (mailbox_) {
      mailbox_->note(response);
    }
  };
  const imap::Namespace spaces = co_await namespaces();
  std::vector<std::string> foreign;
  for (const auto* others : {&spaces.other, &spaces.shared}) {
    for (const imap::Namespace::Entry& each : *others)
      foreign.push_back(decode_mailbox(each.prefix).value_or(each.prefix));
  }
  const Capabilities& has = upstream_->capabilities();
  // Some tell what a folder is for only if they are asked.
  const bool asks = has.special_use && has.list_extended;
  const Completion done = co_await upstream_->run(
      asks ? Words("LIST \"\" \"*\" RETURN (SPECIAL-USE)") : Words("LIST \"\" \"*\""), note);
  if (!done.ok()) throw UpstreamError("refused LIST");
  folders_ = visible_folders(std::move(listed), tenant_->view_of(user_), foreign);
  knows_folders_ = true;
}

const Folder* Session::find_folder(const std::string& name) const {
  const std::string wanted = is_inbox(name) ? std::string(kInbox) : name;
  const auto found = std::ranges::find_if(
      folders_, [&](const Folder& folder) { return folder.allowed && folder.name == wanted; });
  return found == folders_.end() ? nullptr : &*found;
}

net::Task<imap::Namespace> Session::namespaces() {
  imap::Namespace said;
  if (!upstream_->capabilities().name_space) co_return said;
  const Upstream::Note note = [&](const Response& response) {
    if (const imap::Namespace* const spaces = std::get_if<imap::Namespace>(&response)) {
      said = *spaces;
    } else if (mailbox_) {
      mailbox_->note(response);
    }
  };
  co_await upstream_->run("NAMESPACE", note);
  co_return said;
}

net::Task<void> Session::handle(Tag tag, const command::Namespace&) {
  // Other users' and shared mailboxes are not shown. What stands before personal ones is the upstream's.
  const imap::Namespace spaces = co_await namespaces();
  if (spaces.personal.empty() && folders_.empty()) co_await learn_folders();  // for their delimiter
  const bool told = !spaces.personal.empty();
  const std::string prefix = told ? spaces.personal.front().prefix : "";
  const char delimiter = told               ? spaces.personal.front().delimiter
                         : folders_.empty() ? '/'
                                            : folders_.front().delimiter;
  std::string line;
  Writer writer(line, LiteralForm::Response);
  writer.words("* NAMESPACE ((").string(prefix).words(" ");
  line += quoted_delimiter(delimiter) + ")) NIL NIL\r\n";
  client_.put(line);
  say(tag, "OK Namespace completed");
}

net::Task<Upstream*> Session::another_upstream() {
  if (!mailbox_) co_return upstream_.get();
  const bool left_alone = environment_.loop.now() >= other_used_until_;
  other_used_until_ = environment_.loop.after(limits::kImapWord);
  if (other_upstream_ && left_alone) {
    // For longer than the upstream likes, maybe.
    try {
      co_await other_upstream_->run("NOOP", nullptr);
    } catch (const UpstreamError&) {
      other_upstream_.reset();
    }
  }
  if (!other_upstream_) {
    auto fresh = std::make_unique<Upstream>(environment_);
    opening_ = fresh.get();
    struct Opening {
      ~Opening() { session.opening_ = nullptr; }
      Session& session;
    } const while_here{*this};
    const bool open = co_await fresh->open(*tenant_);
    if (!open) co_return nullptr;
    const LoginResult result = co_await fresh->log_in(credentials_);
    if (result.kind != LoginResult::Kind::Ok) throw UpstreamError(result.cause);
    other_upstream_ = std::move(fresh);
  }
  co_return other_upstream_.get();
}

bool Session::offers(const std::vector<command::StatusItem>& items) const {
  return offers_condstore() || std::ranges::find(items, command::StatusItem::HighestModSeq) == items.end();
}

net::Task<void> Session::handle(Tag tag, const command::Status& status) {
  if (!offers(status.items)) {
    say(tag, "BAD Unknown STATUS item");
    co_return;
  }
  const Folder* const folder = co_await learn_folder(status.mailbox);
  if (folder == nullptr) {
    say(tag, kNoSuchMailbox);
    co_return;
  }
  const auto line = co_await status_of(*folder, status.items, Mailbox::kAll, keep_awake());
  if (line) client_.put(*line);
  if (mailbox_) co_await tell_changes(true);
  say(tag, line ? "OK Status completed" : kNotNow);
}

net::Task<std::optional<std::string>> Session::status_of(const Folder& folder,
                                                         const std::vector<command::StatusItem>& items,
                                                         std::size_t most, std::function<void()> tell) {
  if (mailbox_ && mailbox_->name() == folder.wire) co_return co_await status_in(*mailbox_, items);
  while (true) {
    const bool used_before = other_upstream_ != nullptr;
    try {
      Upstream* const upstream = co_await another_upstream();
      if (upstream == nullptr) co_return std::nullopt;
      Mailbox mailbox(environment_, *upstream, owner());
      const Mailbox::Opened result = co_await mailbox.open(folder.wire, tell, Mailbox::Access::Read, most);
      if (result != Mailbox::Opened::Yes) co_return std::nullopt;
      mailbox.take_exists();
      co_return co_await status_in(mailbox, items);
    } catch (const UpstreamError& error) {
      if (!mailbox_) throw;
      // The mailbox that is open has a connection of its own, and need not end with this one.
      log::event(log::Level::Warning, "mailbox not read for STATUS",
                 {{"session", id_}, {"tenant", tenant_->name}, {"cause", error.what()}});
    }
    other_upstream_.reset();
    if (!used_before || environment_.draining) co_return std::nullopt;
  }
}

net::Task<std::optional<std::string>> Session::status_in(Mailbox& mailbox,
                                                         const std::vector<command::StatusItem>& items) {
  const auto wants = [&](command::StatusItem item) { return std::ranges::find(items, item) != items.end(); };
  if (wants(command::StatusItem::HighestModSeq)) {
    use_condstore();
    if (&mailbox != mailbox_.get()) {
      co_await mailbox.settle_modseq();
    } else {
      co_await mailbox.refresh_modseq();
      co_await tell_changes(true);
    }
  }
  std::size_t unseen = 0;
  if (wants(command::StatusItem::Unseen)) {
    const auto uids = co_await mailbox.search("UNSEEN");
    if (!uids) co_return std::nullopt;
    unseen = bits_of_uids(mailbox.view(), *uids).count();
  }
  std::uint64_t size = 0;
  if (wants(command::StatusItem::Size)) {
    const View& view = mailbox.view();
    const auto add = [&](std::uint32_t uid, const FetchData& data) {
      const auto note = view.note(uid);
      if (note && data.rfc822_size) size += redacted_size(*data.rfc822_size, note->size_change);
    };
    const bool answered =
        co_await mailbox.ask_each(view.uids(Bitmap(view.exists(), true)), "(UID RFC822.SIZE)", add);
    if (!answered) co_return std::nullopt;
  }
  std::string line = "* STATUS ";
  Writer writer(line, LiteralForm::Response);
  writer.astring(mailbox.name()).words(" (");
  bool first = true;
  const auto put = [&](command::StatusItem item, Words name, std::uint64_t value) {
    if (!wants(item)) return;
    if (!std::exchange(first, false)) writer.words(" ");
    writer.words(name).words(" ").number(value);
  };
  put(command::StatusItem::Messages, "MESSAGES", mailbox.view().exists());
  put(command::StatusItem::Recent, "RECENT", 0);
  put(command::StatusItem::UidNext, "UIDNEXT", mailbox.view().uid_next());
  put(command::StatusItem::UidValidity, "UIDVALIDITY", mailbox.state().uid_validity);
  put(command::StatusItem::Unseen, "UNSEEN", unseen);
  put(command::StatusItem::Size, "SIZE", size);
  put(command::StatusItem::HighestModSeq, "HIGHESTMODSEQ",
      mailbox.has_modseq() ? mailbox.highest_modseq() : 0);
  writer.words(")").end();
  co_return line;
}

std::function<void()> Session::keep_awake() {
  // Clients close a connection on which they hear nothing for a minute or two.
  return [this, next_word = environment_.loop.after(limits::kImapWord)]() mutable {
    if (environment_.loop.now() < next_word) return;
    next_word = environment_.loop.after(limits::kImapWord);
    say_untagged("OK Still preparing the mailbox");
    client_.flush();
  };
}

net::Task<void> Session::handle(Tag tag, const command::Select& select) {
  if (select.condstore && !offers_condstore()) {
    say(tag, "BAD CONDSTORE is not offered");
    co_return;
  }
  if (mailbox_) say_untagged("OK [CLOSED] Previous mailbox closed");
  mailbox_.reset();
  state_ = State::LoggedIn;
  const Folder* const folder = co_await learn_folder(select.mailbox);
  if (folder == nullptr) {
    say(tag, kNoSuchMailbox);
    co_return;
  }
  auto mailbox = std::make_unique<Mailbox>(environment_, *upstream_, owner());
  const auto access = may_write() && !select.examine ? Mailbox::Access::Write : Mailbox::Access::Read;
  const Mailbox::Opened opened = co_await mailbox->open(folder->wire, keep_awake(), access);
  if (opened != Mailbox::Opened::Yes) {
    say(tag, opened == Mailbox::Opened::Missing ? kNoSuchMailbox : kNotNow);
    co_return;
  }
  if (offers_condstore()) co_await mailbox->settle_modseq();
  mailbox_ = std::move(mailbox);
  state_ = State::Selected;
  condstore_ = condstore_ || select.condstore;
  const std::uint32_t exists = mailbox_->take_exists().value_or(mailbox_->view().exists());
  co_await learn_keywords();
  say_flags();
  if (!mailbox_->writable()) say_untagged("OK [PERMANENTFLAGS ()] No flags can be changed");
  say_untagged(std::to_string(exists) + " EXISTS");
  say_untagged("0 RECENT");
  const auto unseen = co_await mailbox_->search("UNSEEN");
  if (unseen) {
    const Bitmap bits = bits_of_uids(mailbox_->view(), *unseen);
    if (bits.count() > 0) say_untagged("OK [UNSEEN " + std::to_string(bits.next(0) + 1) + "] First unseen");
  }
  say_untagged("OK [UIDVALIDITY " + std::to_string(mailbox_->state().uid_validity) + "] UIDs valid");
  say_untagged("OK [UIDNEXT " + std::to_string(mailbox_->view().uid_next()) + "] Predicted next UID");
  if (offers_condstore()) say_highest_modseq();
  say(tag, (mailbox_->writable() ? "OK [READ-WRITE] " : "OK [READ-ONLY] ") +
               std::string(select.examine ? "Examine" : "Select") + " completed");
}

net::Task<void> Session::learn_keywords() {
  keywords_ = Keywords();
  // A keyword that only hidden messages have would tell of them.
  const std::vector<std::string> all = mailbox_->keywords();  // more may come while we ask
  for (const std::string_view keyword : all) {
    if (mime::equals_ignoring_case(keyword, kPrivateKeyword)) continue;
    std::string criteria;
    Writer(criteria, upstream_->literal_form()).words("KEYWORD ").astring(keyword);
    const auto uids = co_await mailbox_->search(std::move(criteria));
    if (uids && bits_of_uids(mailbox_->view(), *uids).count() > 0) keywords_.learn({&keyword, 1});
  }
}

void Session::say_flags() {
  std::vector<std::string_view> flags(kSystemFlags.begin(), kSystemFlags.end());
  flags.insert(flags.end(), keywords_.all().begin(), keywords_.all().end());
  std::string line;
  Writer(line, LiteralForm::Response).words("* FLAGS ").flags(flags).end();
  client_.put(line);
  if (!mailbox_->writable()) return;
  const std::vector<std::string> permanent = permanent_flags(mailbox_->permanent_flags(), keywords_.all());
  const std::vector<std::string_view> said(permanent.begin(), permanent.end());
  line.clear();
  Writer(line, LiteralForm::Response).words("* OK [PERMANENTFLAGS ").flags(said).words("] Limited").end();
  client_.put(line);
}

void Session::announce_keywords(std::span<const std::string_view> flags) {
  // Within an answer nothing can be said; the next one that shows the keyword comes behind it.
  if (!in_answer_ && keywords_.learn(flags)) say_flags();
}

net::Task<void> Session::handle(Tag tag, const command::Unselect&) {
  mailbox_.reset();
  state_ = State::LoggedIn;
  say(tag, "OK Unselect completed");
  co_return;
}

}  // namespace privet::imap
