// The split protocol (field rules 2.2): PREPARE the copies on disk while the original travels, end the
// original, COMMIT what it became, answer, and send the copies behind it on the same upstream session.
//
// Promise: the client's answer is the upstream's own about the real recipients; a 250 means that every copy
// due is durable; no copy goes out unless the original was accepted.
#include <algorithm>
#include <semaphore>
#include <string>
#include <utility>

#include "mime/ascii.h"
#include "mime/header.h"
#include "mime/notice.h"
#include "proxy/limits.h"
#include "proxy/log.h"
#include "proxy/smtp/errand.h"
#include "proxy/smtp/random.h"
#include "proxy/smtp/session.h"
#include "proxy/spool/digest.h"
#include "proxy/spool/pages.h"

namespace privet::smtp {

namespace {

const Reply kGoAhead{354, "", "End data with <CR><LF>.<CR><LF>"};
const Reply kNotDurable{452, "4.3.1", "A copy cannot be kept safe now, try again later"};
const Reply kDiskHangs{451, "4.3.2", "A copy takes too long to be kept safe, try again later"};
const Reply kClientLeft{451, "4.4.2", "The client left before the message was sent"};

// Nobody but the CRM is named: its copy is the transaction itself.
constexpr std::size_t kNone = static_cast<std::size_t>(-1);

bool is_to_be_settled(const spool::Prepared& copy) {
  return copy.state == spool::State::Prepared || copy.state == spool::State::InDoubt;
}

// Relays and mailing programs add these on the way: the same message sent again must still be known.
bool is_trace(const mime::Field& field) {
  return field.is("Received") || field.is("Return-Path") || field.is("Delivered-To");
}

void fingerprint(Outgoing& message, std::string_view content, std::string_view reverse_path) {
  const auto header = mime::Header::parse(content);
  if (!header) return;
  std::string kept;
  for (const mime::Field& field : header->fields()) {
    if (!is_trace(field)) kept.append(field.raw);
  }
  spool::Sha256 digest;
  digest.add(kept);
  spool::in_windows(header->body(), message.content.is_mapped(), limits::kForgetPages,
                    [&](std::string_view window) { digest.add(window); });
  message.content_digest = digest.hex();
  message.may_notify = mime::may_notify(*header, reverse_path);
  if (const mime::Field* field = header->find("Message-ID")) message.message_id = mime::trim(field->value);
}

std::string join(const std::vector<Parameter>& parameters) {
  std::string text;
  for (const Parameter& each : parameters) {
    text.append(text.empty() ? "" : " ").append(each.keyword);
    if (!each.value.empty()) text.append("=").append(each.value);
  }
  return text;
}

// Those of the sender's parameters that copy_mail() asks for.
std::string copy_parameters(const Command& mail) {
  std::vector<Parameter> kept;
  for (const Parameter& each : mail.parameters) {
    if (each.keyword == "BODY" || each.keyword == "SMTPUTF8" || each.keyword == "REQUIRETLS")
      kept.push_back(each);
  }
  return join(kept);
}

}  // namespace

net::Task<Reply> Session::hold_content() {
  if (transaction_->nobody_got_it()) {
    co_await reset();
    co_return Reply{554, "5.5.1", "No valid recipients"};
  }
  client_.put(to_wire(kGoAhead));
  const auto message = std::make_shared<Outgoing>(environment_.content_folder);
  const std::optional<Reply> refusal = co_await read_content(message->content);
  if (!refusal) co_return co_await send_held(message);
  const Reply answer = answer_each(*refusal);
  co_await reset();
  co_return answer;
}

net::Task<Reply> Session::send_held(std::shared_ptr<Outgoing> message) {
  const std::string_view content = message->content.bytes();
  if (!message->content.disk_error().empty()) {
    log::event(log::Level::Error, "content kept in memory",
               {{"session", id_}, {"cause", message->content.disk_error()}});
  }
  if (transaction_->envelope.crm_recipients.empty()) {
    Preparations none;
    const Pieces whole{.parts = {content}, .mapped = message->content.is_mapped()};
    const Reply reply = co_await transmit(whole, std::nullopt, none);
    past_dot_ = false;
    co_return answer_each(reply);
  }
  co_await split(*message);
  if (listening_.lmtp) co_return co_await submit_to_each(message);
  co_return co_await submit(message);
}

net::Task<void> Session::split(Outgoing& message) {
  const std::string_view content = message.content.bytes();
  const std::string message_id = "<" + random_hex() + "@" + environment_.hostname + ">";
  static std::counting_semaphore<limits::kLargeSplits> large(limits::kLargeSplits);
  const auto work = [&] {
    message.split = policy::split(*tenant_, transaction_->envelope, content, message_id);
    fingerprint(message, content, transaction_->envelope.reverse_path);
  };
  const auto work_on_pool = [&] {
    const bool mapped = message.content.is_mapped();
    if (mapped) large.acquire();
    work();
    message.content.forget_pages();
    if (mapped) large.release();
  };
  if (content.size() > limits::kSplitOnLoop) {
    co_await environment_.loop.blocking(work_on_pool);
  } else {
    work();
  }
  for (const policy::CrmCopy& copy : message.split.copies) {
    if (copy.withheld()) log_withheld(copy);
  }
}

net::Task<Reply> Session::submit(std::shared_ptr<Outgoing> message) {
  const std::vector<policy::CrmCopy>& copies = message->split.copies;
  Pieces content{.parts = {message->split.direct_prefix, message->content.bytes()},
                 .mapped = message->content.is_mapped()};
  std::size_t sent_itself = kNone;
  if (transaction_->envelope.recipients.empty()) {
    const auto first = std::ranges::find(copies, false, &policy::CrmCopy::withheld);
    if (first == copies.end()) {
      co_await reset();
      co_return Reply{250, "2.0.0", "Ok, withheld from the CRM"};
    }
    const Reply reply = co_await upstream_->execute({.verb = Verb::Rcpt, .argument = first->recipient});
    if (!reply.positive()) {
      co_await reset();
      co_return reply;
    }
    sent_itself = static_cast<std::size_t>(first - copies.begin());
    content = pieces(*message, *first);
  }
  Preparations prepared;
  std::optional<PrepareTicket> ticket;
  std::vector<spool::Draft> due = drafts(message, sent_itself, prepared);
  if (!due.empty()) ticket.emplace(environment_.spool->prepare(environment_.loop, std::move(due)));

  const Reply reply = co_await transmit(content, std::move(ticket), prepared);
  if (sent_itself != kNone && reply.positive()) {
    log::event(log::Level::Info, "copy sent",
               {{"session", id_},
                {"tenant", tenant_->name},
                {"verdict", std::string(policy::to_string(copies[sent_itself].decision.verdict))},
                {"rule", copies[sent_itself].decision.rule},
                {"upstream_reply", std::to_string(reply.code) + " " + log::loggable(reply.text)}});
  }
  co_await settle_copies(message, reply, std::move(prepared));
  past_dot_ = false;
  co_return reply;
}

net::Task<Reply> Session::transmit(Pieces content, std::optional<PrepareTicket> ticket,
                                   Preparations& prepared) {
  const net::Deadline durable_by = environment_.loop.after(environment_.disk_patience);
  const Reply go_ahead = co_await upstream_->execute({.verb = Verb::Data});
  const bool open = go_ahead.intermediate();
  if (open) transaction_->open_upstream = false;
  if (open) co_await put_encoded(*upstream_, content);
  std::optional<Reply> refusal;
  if (ticket) {
    const auto results = co_await prepare_by(durable_by, *std::move(ticket));
    if (results && *results) {
      take(prepared, **results);
    } else {
      const std::string cause = results ? results->error().to_string() : "the disk does not answer";
      log::event(log::Level::Error, "copy not durable, original refused",
                 {{"session", id_}, {"tenant", tenant_->name}, {"cause", cause}});
      prepared.clear();
      refusal = results ? kNotDurable : kDiskHangs;
    }
  }
  if (!open) {
    co_await end_transaction(*upstream_);
    co_return go_ahead;
  }
  if (!refusal && client_.peer_gone()) refusal = kClientLeft;
  if (refusal) {
    upstream_->abandon();  // without its dot the original is discarded there
    co_return *refusal;
  }
  past_dot_ = true;
  co_return co_await upstream_->finish_content();
}

net::Task<std::optional<Session::PrepareResult>> Session::prepare_by(net::Deadline deadline,
                                                                     PrepareTicket ticket) {
  const auto abort_late = [spool = environment_.spool](PrepareResult late) {
    std::vector<std::string> ids;
    for (const spool::Prepared& each : late.value_or(std::vector<spool::Prepared>())) {
      if (is_to_be_settled(each)) ids.push_back(each.id);
    }
    spool->abort(std::move(ids));
  };
  return within<PrepareResult>(environment_, deadline, std::move(ticket), abort_late);
}

std::vector<spool::Draft> Session::drafts(const std::shared_ptr<Outgoing>& message, std::size_t sent_itself,
                                          Preparations& prepared) const {
  std::vector<spool::Draft> drafts;
  const auto& copies = message->split.copies;
  for (std::size_t i = 0; i < copies.size(); ++i) {
    if (copies[i].withheld() || i == sent_itself) continue;
    spool::Record record = record_of(*message, i);
    record.key = environment_.spool->key_for(tenant_->name, user_, copies[i].recipient, message->message_id,
                                             message->content_digest);
    prepared.push_back({.record = record, .copy = i});
    drafts.push_back({.record = std::move(record),
                      .header = copies[i].header,
                      .body = message->split.body,
                      .keep = message,
                      .mapped = message->content.is_mapped()});
  }
  return drafts;
}

spool::Record Session::record_of(const Outgoing& message, std::size_t which) const {
  const policy::CrmCopy& copy = message.split.copies[which];
  const std::string* notify = transaction_->crm[which].parameter("NOTIFY");
  const spool::Time now = environment_.spool->now();
  return {.tenant = tenant_->name,
          .user = user_,
          .reverse_path = transaction_->mail.argument,
          .recipient = copy.recipient,
          .mail_parameters = copy_parameters(transaction_->mail),
          .rcpt_parameters = notify != nullptr      ? "NOTIFY=" + *notify
                             : tenant_->copy.notify ? ""
                                                    : "NOTIFY=NEVER",
          .verdict = std::string(policy::to_string(copy.decision.verdict)),
          .rule = copy.decision.rule,
          .notify = message.may_notify && tenant_->copy.notify,
          .created = now,
          .expires = now + tenant_->copy.lifetime.count()};
}

void Session::take(Preparations& prepared, const std::vector<spool::Prepared>& results) {
  for (std::size_t i = 0; i < results.size(); ++i) {
    prepared[i].record.id = results[i].id;
    prepared[i].claimed = results[i].claimed;
  }
  // What is left is the CRM's already, or owed to it: this message came before.
  for (std::size_t i = results.size(); i-- > 0;) {
    if (is_to_be_settled(results[i])) continue;
    log::event(log::Level::Info, "copy known already",
               {{"copy", results[i].id}, {"state", std::string(spool::to_string(results[i].state))}});
    prepared.erase(prepared.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

net::Task<void> Session::settle_copies(const std::shared_ptr<Outgoing>& message, const Reply& reply,
                                       Preparations prepared) {
  if (prepared.empty()) co_return;
  std::vector<std::string> ids;
  for (const Preparation& each : prepared) ids.push_back(each.record.id);
  switch (fate_of(*upstream_, reply)) {
    case Fate::Delivered: {
      auto ticket = environment_.spool->commit(environment_.loop, ids);
      const net::Deadline durable_by = environment_.loop.after(environment_.disk_patience);
      const auto committed = co_await within<bool>(environment_, durable_by, std::move(ticket), [](bool) {});
      const bool durable = committed.value_or(false);
      // The original is delivered: a 4xx now would double it (F13).
      if (!durable) log::event(log::Level::Error, "copies not durable, sent from memory", {{"session", id_}});
      deliver(message, std::move(prepared));
      break;
    }
    case Fate::Unknown:
      environment_.spool->leave_in_doubt(ids);
      log::event(log::Level::Warning, "copies in doubt",
                 {{"session", id_}, {"tenant", tenant_->name}, {"copies", std::to_string(ids.size())}});
      break;
    case Fate::Later:
    case Fate::Never:
      environment_.spool->abort(ids);
      break;
  }
}

void Session::deliver(const std::shared_ptr<Outgoing>& message, Preparations prepared) {
  if (delivery_ == nullptr)
    delivery_ = std::make_unique<Delivery>(environment_, *upstream_, tenant_->name, user_);
  for (Preparation& each : prepared) {
    if (!each.claimed) continue;
    delivery_->add({.record = std::move(each.record),
                    .content = pieces(*message, message->split.copies[each.copy]),
                    .keep = message,
                    .events = {}});
  }
}

void Session::start_delivery() {
  if (delivery_ == nullptr)
    delivery_ = std::make_unique<Delivery>(environment_, *upstream_, tenant_->name, user_);
  delivery_->start();
}

void Session::log_withheld(const policy::CrmCopy& copy) const {
  log::event(copy.alert ? log::Level::Warning : log::Level::Info, "copy withheld",
             {{"session", id_},
              {"transaction", std::to_string(transactions_)},
              {"tenant", tenant_->name},
              {"verdict", std::string(policy::to_string(copy.decision.verdict))},
              {"rule", copy.decision.rule},
              {"upstream_reply", "none"}});
}

}  // namespace privet::smtp
