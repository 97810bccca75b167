// The split for LMTP (RFC 2033): a reply for each recipient, so that the CRM's copy has its own true status
// and whoever sent it tries it again. Nothing is kept here.
#include <string>
#include <utility>
#include <vector>

#include "proxy/smtp/session.h"

namespace privet::smtp {

net::Task<Reply> Session::submit_to_each(std::shared_ptr<Outgoing> message) {
  Reply people{250, "2.0.0", "Ok"};
  if (transaction_->envelope.recipients.empty()) {
    co_await end_transaction(*upstream_);
  } else {
    Preparations none;
    const Pieces original{.parts = {message->split.direct_prefix, message->content.bytes()},
                          .mapped = message->content.is_mapped()};
    people = co_await transmit(original, std::nullopt, none);
    past_dot_ = false;
  }
  std::vector<Reply> crm;
  for (std::size_t i = 0; i < message->split.copies.size(); ++i) {
    const policy::CrmCopy& copy = message->split.copies[i];
    Reply reply = people;
    if (people.positive() && copy.withheld()) {
      reply = {250, "2.0.0", "Ok, withheld from the CRM"};
    } else if (people.positive()) {
      const OwedCopy owed{
          .record = record_of(*message, i), .content = pieces(*message, copy), .keep = message, .events = {}};
      const Outcome outcome = co_await try_owed(*upstream_, owed, Way::OwnSession);
      log_outcome(owed, outcome);
      reply = outcome.reply;
    }
    crm.push_back(std::move(reply));
  }
  co_return answer_each(people, crm);
}

}  // namespace privet::smtp
