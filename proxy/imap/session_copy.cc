// COPY and MOVE (RFC 3501 6.4.7, RFC 6851), and what is told of the UIDs that messages get where they are
// filed (RFC 4315 3).
//
// Promise: of a copy that is hidden where it is filed the client hears nothing; a UID is told only after it
// is classified, and durable.
#include <algorithm>
#include <utility>

#include "proxy/imap/refusal.h"
#include "proxy/imap/session.h"

namespace privet::imap {

net::Task<void> Session::handle(Tag tag, const command::Copy& copy) {
  co_await file(tag, {.uid = copy.uid, .set = copy.set, .mailbox = copy.mailbox});
}

net::Task<void> Session::handle(Tag tag, const command::Move& move) {
  co_await file(tag, {.move = true, .uid = move.uid, .set = move.set, .mailbox = move.mailbox});
}

net::Task<const Folder*> Session::learn_folder(std::string name) {
  if (!knows_folders_ || find_folder(name) == nullptr) co_await learn_folders();
  co_return find_folder(name);
}

net::Task<void> Session::file(Tag tag, Filing filing) {
  if (!may_write() || (filing.move && !mailbox_->writable())) {
    say(tag, kReadOnly);
    co_return;
  }
  if (filing.move && !upstream_->capabilities().move) {
    say(tag, "BAD Unknown command");
    co_return;
  }
  const auto selection =
      resolve(mailbox_->view(), filing.set, filing.uid ? Numbering::Uid : Numbering::Number);
  if (!selection || filing.set.saved) {
    say(tag, kInvalidSet);
    co_return;
  }
  const Folder* const folder = co_await learn_folder(filing.mailbox);
  if (folder == nullptr) {
    say(tag, no_destination(filing.mailbox));
    co_return;
  }
  const std::vector<std::uint32_t> uids = uids_of(messages(mailbox_->view(), *selection));
  if (!filing.uid && uids.size() < count(*selection)) {
    // The client has a number for it still, and must not believe that it was filed (RFC 5530 3).
    say(tag, "NO [EXPUNGEISSUED] Some of the messages are gone");
    co_return;
  }
  if (uids.empty()) {
    say(tag, "OK No messages found");
    co_return;
  }
  std::vector<CopyUid> said;
  const auto learn = [&](std::string_view code, std::string_view arguments) {
    auto read = code == "COPYUID" ? parse_copy_uid(arguments, uids.size()) : std::nullopt;
    if (read) said.push_back(*std::move(read));
  };
  const Upstream::Note note = [&](const Response& response) {
    const imap::Status* const status = std::get_if<imap::Status>(&response);
    if (status != nullptr && status->code && status->code->is("COPYUID"))
      return learn("COPYUID", status->code->arguments);
    mailbox_->note(response);
  };
  const Rest rest = [&](Writer& writer) { writer.words(" ").astring(folder->wire); };
  const std::vector<Completion> done =
      co_await ask_about(filing.move ? Words("MOVE") : Words("COPY"), uids, rest, note);
  for (const Completion& one : done) learn(one.code, one.arguments);
  const std::string code = co_await copy_uid_code(folder->wire, std::move(said));
  if (filing.move) {
    // Before the EXPUNGEs, so that the client knows where the messages went (RFC 6851 4.3).
    if (!code.empty()) say_untagged("OK " + code + " Moved");
    tell_expunges();
  }
  co_await tell_changes(true);
  if (!done.back().ok()) {
    say(tag, refusal_for_client(done.back().code));
  } else if (filing.move) {
    say(tag, "OK Move completed");
  } else {
    say(tag, "OK " + code + (code.empty() ? "" : " ") + "Copy completed");
  }
}

net::Task<std::string> Session::copy_uid_code(std::string wire, std::vector<CopyUid> said) {
  if (said.empty()) co_return "";
  std::unique_ptr<Mailbox> opened;
  const Mailbox* const there = co_await look_into(std::move(wire), opened);
  if (there == nullptr) co_return "";
  CopyUid told{.uid_validity = there->state().uid_validity};
  for (const CopyUid& one : said) {
    if (one.uid_validity != there->state().real_uid_validity) continue;  // another mailbox by now
    for (const CopiedUid& copied : one.copies) {
      if (mailbox_->view().number(copied.from) && there->view().note(copied.to))
        told.copies.push_back(copied);
    }
  }
  co_return format(told);
}

net::Task<Mailbox*> Session::look_into(std::string wire, std::unique_ptr<Mailbox>& opened) {
  if (mailbox_ && mailbox_->name() == wire) {
    const Upstream::Note note = [this](const Response& response) { mailbox_->note(response); };
    // Some servers tell of new messages when they are asked only.
    if (!mailbox_->is_behind()) co_await upstream_->run("NOOP", note);
    if (mailbox_->is_behind()) co_await mailbox_->catch_up();
    co_return mailbox_.get();
  }
  try {
    Upstream* const upstream = co_await another_upstream();
    if (upstream == nullptr) co_return nullptr;
    auto mailbox = std::make_unique<Mailbox>(environment_, *upstream, owner());
    const Mailbox::Opened result = co_await mailbox->open(std::move(wire), keep_awake());
    if (result == Mailbox::Opened::Yes) opened = std::move(mailbox);
    co_return opened.get();
  } catch (const UpstreamError&) {
    // What was asked for is done: better to say nothing of UIDs than to end with it unsaid.
    if (!mailbox_) throw;
  }
  other_upstream_.reset();
  co_return nullptr;
}

}  // namespace privet::imap
