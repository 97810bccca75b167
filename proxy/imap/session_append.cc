// APPEND (RFC 3501 6.3.11, RFC 4315 3).
//
// Promise: a message that the view would hide is never stored; what is refused is not held, and what is held
// is counted.
#include <algorithm>
#include <chrono>

#include "policy/split.h"
#include "proxy/imap/flag_change.h"
#include "proxy/imap/refusal.h"
#include "proxy/imap/session.h"
#include "proxy/limits.h"

namespace privet::imap {

namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::sys_days;
using std::chrono::sys_seconds;

/// The mail server says on which day a message came in a time zone that nobody knows here.
constexpr std::chrono::hours kFurthestWest(12);

bool is_surely_since(sys_days since, const std::optional<DateTime>& date) {
  if (!date) return floor<days>(std::chrono::system_clock::now() - kFurthestWest) >= since;
  const sys_days written = std::chrono::year(date->date.year) /
                           std::chrono::month(static_cast<unsigned>(date->date.month)) /
                           std::chrono::day(static_cast<unsigned>(date->date.day));
  const sys_seconds time{std::chrono::seconds(time_of(*date))};
  return written >= since && floor<days>(time - kFurthestWest) >= since;
}

}  // namespace

Session::Incoming::Incoming(Environment& environment, std::uint64_t size)
    : environment(environment), size(size), begun(environment.loop.now()) {
  environment.incoming += size;
  content.reserve(static_cast<std::size_t>(size));
}

Session::Incoming::~Incoming() {
  environment.incoming -= size;
}

net::Deadline Session::Incoming::deadline() const {
  const auto due = std::chrono::seconds(content.size() / limits::kContentRate);
  const net::Deadline average =
      begun + static_cast<net::Deadline>(std::chrono::milliseconds(limits::kContentBlock + due).count());
  return std::min(environment.loop.after(limits::kContentBlock), average);
}

net::Task<void> Session::begin_message() {
  const std::string refusal = co_await refuse_message();
  if (refusal.empty()) {
    if (framer_.waits()) client_.put("+ OK\r\n");
    incoming_ = std::make_unique<Incoming>(environment_, framer_.literal_size());
    framer_.accept();
    co_return;
  }
  // Its octets are not asked for, or dropped where they come all the same.
  const std::string tag(read_tag(framer_.frame()));
  framer_.refuse();
  say(tag.empty() ? "*" : tag, refusal);
}

/// What is to be said instead of "+", before any octet of the message is read; empty when it may come.
net::Task<std::string> Session::refuse_message() {
  if (state_ == State::Greeted) co_return "BAD Log in first";
  if (!may_write()) co_return std::string(kReadOnly);
  const auto command = parse_command(framer_.frame());
  if (!command) co_return "BAD " + std::string(command.error().text);
  const command::Append* const append = std::get_if<command::Append>(&command->body);
  if (append == nullptr) co_return "BAD Unexpected literal";
  if (append->size > environment_.message_size) co_return "NO [TOOBIG] The message is too large";
  if (environment_.incoming > 0 &&
      append->size > limits::kImapIncoming - std::min(environment_.incoming, limits::kImapIncoming))
    co_return "NO [LIMIT] Too much is filed at once, try again later";
  const Folder* const folder = co_await learn_folder(append->mailbox);
  if (folder == nullptr) co_return std::string(no_destination(append->mailbox));
  co_return "";
}

net::Task<void> Session::handle(Tag tag, const command::Append& append) {
  const std::unique_ptr<Incoming> incoming = std::move(incoming_);
  const Folder* const folder = co_await learn_folder(append.mailbox);
  if (!incoming || folder == nullptr) {
    say(tag, no_destination(append.mailbox));
    co_return;
  }
  if (are_too_many(append.flags)) {
    say(tag, kTooManyFlags);
    co_return;
  }
  if (incoming->content.contains('\0')) {
    say(tag, "BAD NUL in a message");
    co_return;
  }
  const bool may = co_await may_be_filed(append, incoming->content);
  if (!may) {
    say(tag, "NO [CANNOT] The rules hide this message");
    co_return;
  }
  const std::string wire = folder->wire;
  const Completion done = co_await append_upstream(append, wire, incoming->content);
  const std::string code = co_await append_uid_code(wire, done);
  if (mailbox_) co_await tell_changes(true);
  say(tag, done.ok() ? "OK " + code + (code.empty() ? "" : " ") + "Append completed"
                     : refusal_for_client(done.code));
}

/// Whether the view would show the message, as far as can be known before it is there.
net::Task<bool> Session::may_be_filed(const command::Append& append, std::string_view content) {
  const policy::ViewScope scope = tenant_->view_of(user_);
  if (scope.since && !is_surely_since(*scope.since, append.date)) co_return false;
  bool withheld = true;
  const std::function<void()> look = [&] { withheld = policy::view(*tenant_, content, user_).withheld(); };
  if (content.size() > limits::kSplitOnLoop) {
    co_await environment_.loop.blocking(look);
  } else {
    look();
  }
  co_return !withheld;
}

net::Task<Completion> Session::append_upstream(const command::Append& append, std::string wire,
                                               std::string_view content) {
  const std::vector<std::string> flags = settable(append.flags);
  const std::vector<std::string_view> said(flags.begin(), flags.end());
  const std::string tag = upstream_->next_tag();
  std::string command;
  Writer writer(command, upstream_->literal_form());
  writer.tag(tag).words(" APPEND ").astring(wire).words(" ");
  if (!said.empty()) writer.flags(said).words(" ");
  if (append.date) writer.date_time(*append.date).words(" ");
  writer.literal_head(content.size());
  const Upstream::Note note = [this](const Response& response) {
    if (mailbox_) mailbox_->note(response);
  };
  co_await upstream_->send(command, writer.waits());
  if (auto refused = co_await upstream_->await_continuation_or(tag, note)) co_return *std::move(refused);
  co_await upstream_->send_content(content);
  upstream_->put_line("");
  co_return co_await upstream_->complete(tag, note);
}

net::Task<std::string> Session::append_uid_code(std::string wire, Completion done) {
  const bool selected = mailbox_ && mailbox_->name() == wire;
  const auto said = done.code == "APPENDUID" ? parse_append_uid(done.arguments) : std::nullopt;
  if (!done.ok() || (!said && !selected)) co_return "";
  std::unique_ptr<Mailbox> opened;
  const Mailbox* const there = co_await look_into(std::move(wire), opened);
  if (!said || there == nullptr || said->uid_validity != there->state().real_uid_validity) co_return "";
  if (!there->view().note(said->uid)) co_return "";
  co_return format(AppendUid{there->state().uid_validity, said->uid});
}

}  // namespace privet::imap
