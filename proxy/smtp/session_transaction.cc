// MAIL and RCPT. A pipelined group goes to the upstream in one write; replies come back in the client's
// order, those given here among those given there (RFC 2920).
#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "proxy/limits.h"
#include "proxy/smtp/envelope_rules.h"
#include "proxy/smtp/session.h"
#include "proxy/text.h"

namespace privet::smtp {

net::Task<void> Session::enqueue(Command command) {
  Pending pending{.command = std::move(command)};
  // Behind a MAIL that is not answered yet, order is judged when the answers are.
  const bool behind_mail = !pending_.empty() && pending_.front().command.verb == Verb::Mail;
  if (!behind_mail) pending.local = sequence_.local_answer(pending.command);
  if (!pending.local && pending.command.verb == Verb::Mail) {
    pending.local = co_await ensure_upstream();
    if (!pending.local) pending.local = begin_transaction(pending.command);
  } else if (!pending.local && sequence_.recipients() + pending_.size() >= limits::kRecipients) {
    pending.local = Reply{452, "4.5.3", "Too many recipients"};
  }
  // A MAIL that was refused here opens nothing: only an older transaction could take the recipient.
  if (!pending.local && behind_mail && pending_.front().local) {
    pending.local = sequence_.local_answer(pending.command);
  }
  if (!pending.local && pending.command.verb == Verb::Rcpt) pending.local = check_parameters(pending.command);
  if (!pending.local && pending.command.verb == Verb::Rcpt) {
    const policy::RecipientKind kind = policy_->recipient_kind(*tenant_, pending.command.argument);
    pending.crm = kind == policy::RecipientKind::Crm;
    if (kind == policy::RecipientKind::ForeignCrm) {
      pending.local = Reply{550, "5.7.1", "This CRM address does not belong to your organisation"};
    } else if (kind == policy::RecipientKind::Unreadable) {
      pending.local = Reply{501, "5.1.3", "Bad recipient address syntax"};
    }
  }
  if (!pending.local && !pending.crm) upstream_->put(pending.command);
  pending_.push_back(std::move(pending));
}

std::optional<Reply> Session::begin_transaction(Command& mail) {
  if (environment_.draining) return Reply{421, "4.3.2", "Shutting down, try again later"};
  if (policy_ != environment_.policy) {
    // A reload came in between: this transaction and the next follow the new policy.
    const policy::Tenant* const tenant = user_.empty() ? environment_.policy->find_trusting(client_address_)
                                                       : environment_.policy->find_by_login(user_);
    // Whoever is not let in any more, or belongs elsewhere, has to begin anew; so has this mail, with another
    // server.
    if (tenant == nullptr || tenant->name != tenant_->name || tenant->smtp != tenant_->smtp) return kChanged;
    policy_ = environment_.policy;
    tenant_ = tenant;
  }
  auto refusal = check_parameters(mail);
  if (!refusal) mail = upstream_mail(std::move(mail), upstream_->extensions());
  return refusal;
}

std::optional<Reply> Session::check_parameters(const Command& command) const {
  const Extensions ours = announced();
  const Extensions* const offered = sequence_.extended() ? &ours : nullptr;
  if (command.verb == Verb::Mail) return check_mail(command, offered);
  const Command* mail = transaction_ != nullptr ? &transaction_->mail : nullptr;
  if (mail == nullptr && !pending_.empty()) mail = &pending_.front().command;
  return check_rcpt(command, offered, mail);
}

bool Session::group_goes_on() const {
  constexpr std::string_view kRcpt = "RCPT";
  const std::string_view next = client_.input();
  if (upstream_ == nullptr || !upstream_->extensions().pipelining ||
      next.find('\n') == std::string_view::npos)
    return false;
  return std::ranges::equal(next.substr(0, kRcpt.size()), kRcpt,
                            [](char a, char b) { return (a & ~0x20) == b; });
}

net::Task<Next> Session::settle() {
  Next next = Next::Continue;
  std::size_t answered = 0;
  while (answered < pending_.size() && next != Next::Close) {
    Pending& pending = pending_[answered++];
    const bool local = pending.local.has_value();
    const Reply reply = local ? *pending.local : co_await resolve(pending);
    next = local ? refuse(reply) : say(pending.command.verb, reply);
  }
  // What is left the upstream still has to answer.
  std::vector<Pending> left(std::make_move_iterator(pending_.begin() + static_cast<std::ptrdiff_t>(answered)),
                            std::make_move_iterator(pending_.end()));
  pending_ = std::move(left);
  co_return next;
}

net::Task<Reply> Session::resolve(Pending& pending) {
  if (pending.crm) co_return accept_crm_recipient(pending.command);
  const Reply reply = co_await upstream_->reply();
  if (pending.command.verb == Verb::Mail) {
    if (reply.positive()) {
      transaction_ = std::make_unique<Transaction>();
      transaction_->envelope.reverse_path = pending.command.argument;
      transaction_->mail = std::move(pending.command);
      transaction_->open_upstream = true;
      ++transactions_;
    }
  } else if (transaction_ != nullptr) {
    // Refused people are parties of the message too: the CRM does not learn of them either.
    transaction_->envelope.recipients.push_back(pending.command.argument);
    if (reply.positive()) {
      ++transaction_->people_accepted;
      transaction_->accepted.push_back(kPerson);
    }
  }
  co_return reply;
}

Reply Session::accept_crm_recipient(const Command& rcpt) {
  if (const auto out_of_order = sequence_.local_answer(rcpt)) return *out_of_order;
  auto& recipients = transaction_->envelope.crm_recipients;
  const auto known = std::ranges::find_if(
      recipients, [&](const std::string& each) { return equals_ignoring_case(each, rcpt.argument); });
  if (known != recipients.end()) {
    transaction_->accepted.push_back(static_cast<std::size_t>(known - recipients.begin()));
    return {250, "2.1.5", "Ok"};
  }
  const auto refused =
      environment_.bad_recipients->find(tenant_->name, rcpt.argument, environment_.loop.now());
  if (refused) return *refused;
  if (!environment_.spool->accepts()) return {452, "4.3.1", "No room for a copy to the CRM now"};
  transaction_->accepted.push_back(recipients.size());
  recipients.push_back(rcpt.argument);
  transaction_->crm.push_back(rcpt);
  return {250, "2.1.5", "Ok"};
}

}  // namespace privet::smtp
