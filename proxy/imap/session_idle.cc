// IDLE (RFC 2177): the session waits for its client and for the upstream at once. What comes and is hidden
// gives the client no byte.
#include <algorithm>

#include "mime/ascii.h"
#include "proxy/imap/session.h"
#include "proxy/limits.h"

namespace privet::imap {

net::Task<void> Session::handle(Tag tag, const command::Idle&) {
  client_.put("+ idling\r\n");
  client_.flush();
  framer_.expect_line();
  const net::Deadline end = command_deadline();
  while (true) {
    const CommandFramer::Step step = framer_.feed(client_.input());
    client_.consume(step.used);
    if (step.event == CommandFramer::Event::Command) {
      const bool done = mime::equals_ignoring_case(framer_.frame(), "DONE");
      if (mailbox_) co_await tell_changes(true);
      say(tag, done ? "OK Idle completed" : "BAD Expected DONE");
      co_return;
    }
    if (step.event != CommandFramer::Event::NeedMore) {
      say_untagged(std::string("BYE ").append(framer_.refusal()));
      break;
    }
    if (environment_.loop.now() >= end) {
      say_untagged("BYE Nothing was heard for too long");
      break;
    }
    const bool goes_on = co_await wait_for_both();
    if (!goes_on) break;
    if (mailbox_) co_await tell_changes(true);
    client_.flush();  // the next wait is for the upstream
  }
  state_ = State::Leaving;
}

net::Task<bool> Session::wait_for_both() {
  const bool pushed = mailbox_ != nullptr && upstream_->capabilities().idle;
  const Upstream::Note note = [this](const Response& response) { mailbox_->note(response); };
  std::string tag;
  bool news = false;
  if (pushed) {
    tag = upstream_->next_tag();
    upstream_->put(tag, "IDLE");
    const Upstream::Note until_ready = [&](const Response& response) { mailbox_->note(response); };
    co_await upstream_->await_continuation(until_ready);
    while (auto received = upstream_->poll()) {
      const auto response = parse_response(received->frame);
      if (received->literal || !response) throw UpstreamError("said what cannot be understood while idle");
      mailbox_->note(*response);
    }
    news = mailbox_->is_behind() || mailbox_->has_flag_changes() || mailbox_->view().expunges_due();
  }
  net::Input input = net::Input::Bytes;
  // What the client said while the upstream was asked is there already, and nothing would announce it.
  if (!news && !environment_.draining && client_.input().empty()) {
    // Whatever happens to the client's stream, nobody may be left waiting for the upstream's.
    struct Watch {
      ~Watch() {
        if (session.watching_) session.upstream_->interrupt();
      }
      Session& session;
    } const watch{*this};
    if (pushed) environment_.loop.spawn(watch_upstream());
    idle_ = true;
    const auto patience = pushed || mailbox_ == nullptr ? limits::kImapWord : limits::kImapPoll;
    input = co_await client_.fill(environment_.loop.after(patience));
    idle_ = false;
  }
  if (pushed) {
    upstream_->put_line("DONE");
    co_await upstream_->complete(std::move(tag), note);
  } else if (mailbox_ != nullptr && input == net::Input::TimedOut) {
    co_await upstream_->run("NOOP", note);
  }
  if (environment_.draining) {
    say_untagged("BYE [UNAVAILABLE] Shutting down, try again later");
    co_return false;
  }
  const bool stays = co_await keep_to_rules();
  if (!stays) co_return false;
  if (pushed && input == net::Input::TimedOut) say_untagged("OK Still here");
  co_return input != net::Input::End;
}

net::Task<void> Session::watch_upstream() {
  watching_ = true;
  co_await upstream_->watch();
  watching_ = false;
  client_.interrupt();  // the session goes on within it, and may end: nothing follows
}

}  // namespace privet::imap
