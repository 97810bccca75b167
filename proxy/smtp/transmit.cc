#include "proxy/smtp/transmit.h"

#include <string>
#include <utility>

#include "proxy/limits.h"
#include "proxy/smtp/content.h"
#include "proxy/spool/pages.h"

namespace privet::smtp {

namespace {

bool is_about_session(const Reply& reply) {
  constexpr int kBadSequence = 503, kLoginRequired = 530;
  return reply.code == kBadSequence || reply.code == kLoginRequired;
}

}  // namespace

net::Task<void> put_encoded(Upstream& upstream, Pieces pieces) {
  ContentEncoder encoder;
  std::string wire;
  std::size_t collected = 0;  // not sent yet: the end of the content leaves together with its dot
  for (const std::string_view part : pieces.parts) {
    const bool mapped = pieces.mapped && part.size() > limits::kForgetPages;
    std::size_t forgotten = 0;
    for (std::size_t sent = 0; sent < part.size() && !upstream.lost();) {
      const std::string_view block = part.substr(sent, limits::kReadScratch);
      wire.clear();
      encoder.encode(block, wire);
      sent += block.size();
      upstream.put_content(wire);
      collected += wire.size();
      if (collected < limits::kSendAtOnce) continue;
      collected = 0;
      co_await upstream.drained();
      if (mapped && sent - forgotten >= limits::kForgetPages) {
        spool::give_back(part.substr(forgotten, sent - forgotten));
        forgotten = sent;
      }
    }
  }
  // The decoder saw to it that content ends in CRLF, so the encoder holds nothing back.
}

Fate fate_of(const Upstream& upstream, const Reply& reply) {
  if (reply.positive()) return Fate::Delivered;
  if (upstream.in_doubt()) return Fate::Unknown;
  return reply.permanent() ? Fate::Never : Fate::Later;
}

net::Task<Outcome> send_message(Upstream& upstream, Command mail, Command rcpt, Pieces content) {
  Outcome outcome;
  const bool together = upstream.extensions().pipelining;
  upstream.put(mail);
  if (together) upstream.put(rcpt);
  outcome.reply = co_await upstream.reply();
  const bool begun = outcome.reply.positive();
  bool accepted = false;
  if (begun || together) {
    if (!together) upstream.put(rcpt);
    Reply reply = co_await upstream.reply();
    accepted = begun && reply.positive();
    outcome.recipient_refused = begun && reply.permanent();
    if (begun) outcome.reply = std::move(reply);
  }
  if (accepted) outcome.reply = co_await upstream.execute({.verb = Verb::Data});
  if (accepted && outcome.reply.intermediate()) {
    co_await put_encoded(upstream, content);
    outcome.reply = co_await upstream.finish_content();
  } else if (begun) {
    co_await end_transaction(upstream);
  }
  outcome.fate = fate_of(upstream, outcome.reply);
  // About the session, not about this message: another one may do better.
  if (!begun && is_about_session(outcome.reply)) outcome.fate = Fate::Later;
  co_return outcome;
}

net::Task<Reply> end_transaction(Upstream& upstream) {
  Reply reply = co_await upstream.execute({.verb = Verb::Rset});
  if (reply.positive()) co_return reply;
  upstream.abandon();
  // Whoever asked for it: the transaction is over all the same.
  co_return Reply{250, "2.0.0", "Ok"};
}

}  // namespace privet::smtp
