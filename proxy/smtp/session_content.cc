// DATA. Without a CRM recipient content streams through as it comes; with one it is held, and
// session_split.cc goes on with it.
#include <algorithm>
#include <string>
#include <utility>

#include "mime/ascii.h"
#include "proxy/limits.h"
#include "proxy/log.h"
#include "proxy/smtp/content.h"
#include "proxy/smtp/envelope_rules.h"
#include "proxy/smtp/session.h"

namespace privet::smtp {

namespace {

const Reply kGoAhead{354, "", "End data with <CR><LF>.<CR><LF>"};
const Reply kTooLarge{552, "5.3.4", "The message is larger than may be sent"};
const Reply kLoop{554, "5.4.6", "Too many hops, this message goes in circles"};

}  // namespace

std::optional<Reply> Session::refusal_of(ContentFault fault, std::uint64_t size,
                                         const HopCounter& hops) const {
  switch (fault) {
    case ContentFault::BareCr:
      return Reply{550, "5.5.2", "The message holds a bare CR; lines must end with CRLF"};
    case ContentFault::BareLf:
      return Reply{550, "5.5.2", "The message holds a bare LF; lines must end with CRLF"};
    case ContentFault::Nul:
      return Reply{550, "5.6.0", "The message holds a NUL"};
    case ContentFault::None:
      break;
  }
  if (size > environment_.message_size) return kTooLarge;
  if (hops.too_many()) return kLoop;
  return std::nullopt;
}

net::Task<Reply> Session::data() {
  junk_ = 0;
  content_began_ = environment_.loop.now();
  const bool for_crm = !transaction_->envelope.crm_recipients.empty();
  Reply reply = for_crm ? co_await hold_content() : co_await stream_through();
  note_transaction(reply);
  transaction_.reset();
  co_return reply;
}

void Session::note_transaction(const Reply& reply) const {
  log::event(log::Level::Info, "transaction",
             {{"session", id_},
              {"transaction", std::to_string(transactions_)},
              {"tenant", tenant_->name},
              {"people", std::to_string(transaction_ ? transaction_->people_accepted : 0)},
              {"upstream_reply", std::to_string(reply.code)}});
}

Reply Session::answer_each(const Reply& reply) {
  return answer_each(reply, std::vector<Reply>(transaction_ ? transaction_->crm.size() : 0, reply));
}

Reply Session::answer_each(const Reply& people, const std::vector<Reply>& crm) {
  if (!listening_.lmtp || transaction_ == nullptr) return people;
  Reply last = people;
  bool first = true;
  for (const std::size_t recipient : transaction_->accepted) {
    if (!std::exchange(first, false)) client_.put(to_wire(with_enhanced_code(last)));
    last = recipient == kPerson ? people : crm[recipient];
  }
  return last;
}

net::Task<Reply> Session::stream_through() {
  const Reply go_ahead = co_await upstream_->execute({.verb = Verb::Data});
  if (!go_ahead.intermediate()) {
    co_await reset();
    co_return go_ahead;
  }
  client_.put(to_wire(go_ahead));
  transaction_->open_upstream = false;
  ContentDecoder decoder(ContentDecoder::Form::Wire);
  HopCounter hops;
  std::optional<Reply> refusal;
  while (true) {
    const std::size_t taken = decoder.feed(client_.input(), [&](std::string_view piece) {
      hops.add(piece);
      upstream_->put_content(piece);
    });
    client_.consume(taken);
    if (!refusal) {
      refusal = refusal_of(decoder.fault(), decoder.size(), hops);
      // What went out already is discarded by the upstream, because its end never comes.
      if (refusal) upstream_->abandon();
    }
    if (decoder.done()) break;
    co_await upstream_->drained();
    // What came while the upstream was slow may be the last there is to come.
    if (client_.input().empty()) co_await await_content(decoder.size());
  }
  if (refusal) co_return answer_each(*refusal);
  past_dot_ = true;
  const Reply reply = co_await upstream_->finish_content();
  past_dot_ = false;
  co_return answer_each(reply);
}

net::Task<void> Session::await_content(std::uint64_t so_far) {
  const bool endless = so_far > environment_.message_size + limits::kOversize;
  net::Input more = net::Input::TimedOut;
  // A client that drips is as good as a silent one, and holds as much.
  const auto earned = std::chrono::milliseconds(so_far * 1000 / limits::kContentRate);
  const net::Deadline slowest =
      content_began_ + static_cast<net::Deadline>((limits::kContentBlock + earned).count());
  const net::Deadline deadline = std::min(environment_.loop.after(limits::kContentBlock), slowest);
  if (!endless) more = co_await client_.fill(deadline);
  if (more == net::Input::Bytes) co_return;
  if (more != net::Input::End) {
    client_.put(to_wire(more == net::Input::Interrupted
                            ? Reply{421, "4.3.2", "Shutting down, try again later"}
                        : endless ? Reply{421, "4.7.0", "Far more content than may be sent"}
                                  : Reply{421, "4.4.2", "Content stopped coming"}));
    co_await client_.finish(environment_.loop.after(limits::kFarewell));
  }
  throw net::StreamError(net::StreamFault::Closed, "content did not come to its end");
}

net::Task<std::optional<Reply>> Session::read_content(ContentBuffer& content) {
  ContentDecoder decoder(ContentDecoder::Form::Decoded);
  HopCounter hops;
  std::optional<Reply> refusal;
  while (true) {
    const auto keep = [&](std::string_view piece) {
      hops.add(piece);
      if (!refusal) content.append(piece);
    };
    const std::size_t taken = decoder.feed(client_.input(), keep);
    client_.consume(taken);
    if (!refusal) refusal = refusal_of(decoder.fault(), decoder.size(), hops);
    if (decoder.done()) co_return refusal;
    co_await await_content(decoder.size());
  }
}

}  // namespace privet::smtp
