// DATA. Without a CRM recipient content streams through as it comes; with one it is held, split, and sent:
// the original first, the CRM's copies behind it on the same upstream session once the original was accepted.
#include <algorithm>
#include <random>
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

std::optional<Reply> fault_reply(ContentFault fault) {
  switch (fault) {
    case ContentFault::None:
      return std::nullopt;
    case ContentFault::BareCr:
      return Reply{550, "5.5.2", "The message holds a bare CR; lines must end with CRLF"};
    case ContentFault::BareLf:
      return Reply{550, "5.5.2", "The message holds a bare LF; lines must end with CRLF"};
    case ContentFault::Nul:
      break;
  }
  return Reply{550, "5.6.0", "The message holds a NUL"};
}

std::string random_hex() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::random_device random;
  std::string text;
  for (int word = 0; word < 4; ++word) {
    std::random_device::result_type bits = random();
    for (int digit = 0; digit < 8; ++digit, bits >>= 4) text += kDigits[bits & 0xf];
  }
  return text;
}

}  // namespace

net::Task<Reply> Session::data() {
  junk_ = 0;
  const bool split = !transaction_->envelope.crm_recipients.empty();
  const Reply reply = split ? co_await split_content() : co_await stream_through();
  log::event(log::Level::Info, "transaction",
             {{"session", id_},
              {"transaction", std::to_string(transactions_)},
              {"tenant", tenant_->name},
              {"people", std::to_string(transaction_ ? transaction_->people_accepted : 0)},
              {"upstream_reply", std::to_string(reply.code)}});
  transaction_.reset();
  co_return reply;
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
  std::optional<Reply> refusal;
  while (true) {
    const std::size_t taken =
        decoder.feed(client_.input(), [this](std::string_view piece) { upstream_->put_content(piece); });
    client_.consume(taken);
    if (!refusal) {
      refusal = fault_reply(decoder.fault());
      if (!refusal && decoder.size() > environment_.message_size) refusal = kTooLarge;
      // What went out already is discarded by the upstream, because its end never comes.
      if (refusal) upstream_->abandon();
    }
    if (decoder.done()) break;
    co_await upstream_->drained();
    co_await await_content(decoder.size());
  }
  if (refusal) co_return *refusal;
  co_return co_await upstream_->finish_content();
}

net::Task<void> Session::await_content(std::uint64_t so_far) {
  const bool endless = so_far > environment_.message_size + limits::kOversize;
  net::Input more = net::Input::TimedOut;
  if (!endless) more = co_await client_.fill(environment_.loop.after(limits::kContentBlock));
  if (more == net::Input::Bytes) co_return;
  upstream_->abandon();
  if (more == net::Input::TimedOut) {
    client_.put(to_wire(endless ? Reply{421, "4.7.0", "Far more content than may be sent"}
                                : Reply{421, "4.4.2", "Content stopped coming"}));
    co_await client_.finish(environment_.loop.after(limits::kFarewell));
  }
  throw net::StreamError(net::StreamFault::Closed, "content did not come to its end");
}

net::Task<std::optional<Reply>> Session::read_content(ContentBuffer& content) {
  ContentDecoder decoder(ContentDecoder::Form::Decoded);
  std::optional<Reply> refusal;
  while (true) {
    const auto keep = [&](std::string_view piece) {
      if (!refusal) content.append(piece);
    };
    const std::size_t taken = decoder.feed(client_.input(), keep);
    client_.consume(taken);
    if (!refusal) refusal = fault_reply(decoder.fault());
    if (!refusal && decoder.size() > environment_.message_size) refusal = kTooLarge;
    if (decoder.done()) co_return refusal;
    co_await await_content(decoder.size());
  }
}

net::Task<Reply> Session::split_content() {
  const mime::Envelope& envelope = transaction_->envelope;
  if (!envelope.recipients.empty() && transaction_->people_accepted == 0) {
    // The CRM must not record a mail that nobody got.
    co_await reset();
    co_return Reply{554, "5.5.1", "No valid recipients"};
  }
  client_.put(to_wire(kGoAhead));
  auto outgoing = std::make_unique<Outgoing>(environment_.content_folder);
  std::optional<Reply> refusal = co_await read_content(outgoing->content);
  const std::string_view content = outgoing->content.bytes();
  if (!outgoing->content.disk_error().empty()) {
    log::event(log::Level::Error, "content kept in memory",
               {{"session", id_}, {"cause", outgoing->content.disk_error()}});
  }
  if (refusal) {
    co_await reset();
    co_return *refusal;
  }
  const std::string message_id = "<" + random_hex() + "@" + environment_.hostname + ">";
  const auto split = [&] { outgoing->split = policy::split(*tenant_, envelope, content, message_id); };
  if (content.size() > limits::kSplitOnLoop) {
    co_await environment_.loop.blocking(split);
  } else {
    split();
  }
  outgoing->mail = transaction_->mail;
  for (const policy::CrmCopy& copy : outgoing->split.copies) {
    if (copy.withheld()) log_copy(copy, nullptr);
  }
  const Reply reply = envelope.recipients.empty()
                          ? co_await send_first_copy(*outgoing)
                          : co_await transmit(outgoing->split.direct_prefix, content, {});
  if (reply.positive()) outgoing_ = std::move(outgoing);
  co_return reply;
}

net::Task<Reply> Session::transmit(std::string_view prefix, std::string_view header, std::string_view body) {
  const Reply go_ahead = co_await upstream_->execute({.verb = Verb::Data});
  if (!go_ahead.intermediate()) {
    co_await end_upstream_transaction();
    co_return go_ahead;
  }
  if (transaction_) transaction_->open_upstream = false;
  ContentEncoder encoder;
  std::string wire;
  for (std::string_view rest : {prefix, header, body}) {
    while (!rest.empty() && !upstream_->lost()) {
      wire.clear();
      encoder.encode(rest.substr(0, limits::kReadScratch), wire);
      rest.remove_prefix(std::min(rest.size(), limits::kReadScratch));
      upstream_->put_content(wire);
      co_await upstream_->drained();
    }
  }
  // The decoder saw to it that content ends in CRLF, so the encoder holds nothing back.
  co_return co_await upstream_->finish_content();
}

net::Task<Reply> Session::send_first_copy(Outgoing& outgoing) {
  // Nobody but the CRM was named: its copy is the transaction, and the client sees the upstream's answer to
  // it.
  while (outgoing.next < outgoing.split.copies.size()) {
    const policy::CrmCopy& copy = outgoing.split.copies[outgoing.next++];
    if (copy.withheld()) continue;
    Reply reply = co_await upstream_->execute({.verb = Verb::Rcpt, .argument = copy.recipient});
    if (reply.positive()) {
      reply = co_await transmit({}, copy.header, outgoing.split.body);
    } else {
      co_await reset();
    }
    log_copy(copy, &reply);
    co_return reply;
  }
  co_await reset();
  co_return Reply{250, "2.0.0", "Ok, withheld from the CRM"};
}

net::Task<void> Session::deliver_copies() {
  client_.flush();
  const std::unique_ptr<Outgoing> outgoing = std::move(outgoing_);
  while (outgoing->next < outgoing->split.copies.size()) {
    const policy::CrmCopy& copy = outgoing->split.copies[outgoing->next++];
    if (copy.withheld()) continue;
    const Reply reply = co_await send_copy(*outgoing, copy);
    log_copy(copy, &reply);
  }
}

net::Task<Reply> Session::send_copy(Outgoing& outgoing, const policy::CrmCopy& copy) {
  const CopyTraits traits{.size = copy.header.size() + outgoing.split.body.size(),
                          .eight_bit_header = std::ranges::any_of(copy.header, mime::is_8bit),
                          .non_ascii_recipient = std::ranges::any_of(copy.recipient, mime::is_8bit)};
  const auto mail = copy_mail(outgoing.mail, traits, upstream_->extensions());
  if (!mail) co_return mail.error();
  Reply reply = co_await upstream_->execute(*mail);
  if (!reply.positive()) co_return reply;
  reply = co_await upstream_->execute({.verb = Verb::Rcpt, .argument = copy.recipient});
  if (reply.positive()) co_return co_await transmit({}, copy.header, outgoing.split.body);
  co_await end_upstream_transaction();
  co_return reply;
}

void Session::log_copy(const policy::CrmCopy& copy, const Reply* reply) const {
  const bool failed = reply != nullptr && !reply->positive();
  const log::Level level = copy.alert ? log::Level::Warning : failed ? log::Level::Error : log::Level::Info;
  log::event(level,
             reply == nullptr ? "copy withheld"
             : failed         ? "copy failed"
                              : "copy sent",
             {{"session", id_},
              {"transaction", std::to_string(transactions_)},
              {"tenant", tenant_->name},
              {"verdict", std::string(policy::to_string(copy.decision.verdict))},
              {"rule", copy.decision.rule},
              {"upstream_reply",
               reply == nullptr ? "none" : std::to_string(reply->code) + " " + log::loggable(reply->text)}});
}

}  // namespace privet::smtp
