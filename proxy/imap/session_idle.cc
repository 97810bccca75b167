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
  // At its own pace: one that anything began anew would tell when something hidden came.
  net::Deadline next_word = environment_.loop.after(limits::kImapWord);
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
    const bool goes_on = co_await wait_for_both(std::min(next_word, end));
    if (!goes_on) break;
    if (environment_.loop.now() >= next_word) {
      say_untagged("OK Still here");
      next_word = environment_.loop.after(limits::kImapWord);
    }
    if (mailbox_) co_await tell_changes(true);
    client_.flush();  // the next wait is for the upstream
  }
  state_ = State::Leaving;
}

net::Task<bool> Session::wait_for_both(net::Deadline until) {
  bool pushed = mailbox_ != nullptr && upstream_idles_ && upstream_->capabilities().idle;
  const Upstream::Note note = [this](const Response& response) { mailbox_->note(response); };
  std::string tag;
  bool news = false;
  if (pushed) {
    tag = upstream_->next_tag();
    upstream_->put(tag, "IDLE");
    const Upstream::Note until_ready = [&](const Response& response) { mailbox_->note(response); };
    const auto refused = co_await upstream_->await_continuation_or(tag, until_ready);
    pushed = upstream_idles_ = !refused;  // else it is asked from time to time
  }
  if (pushed) {
    while (auto received = upstream_->poll()) {
      const auto response = parse_response(received->frame);
      if (received->literal || !response) throw UpstreamError("said what cannot be understood while idle");
      mailbox_->note(*response);
    }
    // What may not be told behind half a line of the client's is no news: it would be asked about without
    // end.
    const bool expunges = mailbox_->view().expunges_due() && framer_.between_commands();
    news = mailbox_->is_behind() || mailbox_->has_flag_changes() || expunges;
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
    const bool polls = !pushed && mailbox_ != nullptr;
    input =
        co_await client_.fill(polls ? std::min(until, environment_.loop.after(limits::kImapPoll)) : until);
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
  co_return input != net::Input::End;
}

net::Task<void> Session::watch_upstream() {
  watching_ = true;
  co_await upstream_->watch();
  watching_ = false;
  client_.interrupt();  // the session goes on within it, and may end: nothing follows
}

}  // namespace privet::imap
