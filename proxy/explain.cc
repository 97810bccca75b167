#include "proxy/explain.h"

#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <utility>

#include "policy/split.h"

namespace privet {

namespace {

constexpr int kSent = 0;
constexpr int kWithheld = 3;

// The one message_id is only a stand-in: serve makes a random one.
constexpr std::string_view kStandInMessageId = "<made-when-sent@privet.invalid>";

struct Explanation {
  mime::Envelope envelope;
  bool sends = false;                // there are recipients, and the tenant has a server for mail
  std::vector<std::string> refused;  // CRM addresses that are not this tenant's, and what is no address
  policy::Split split;
  std::optional<policy::CrmCopy> view;  // in a mailbox; where the CRM syncs mailboxes through Privet
  std::string mailbox;                  // whose
  policy::ViewScope scope;              // what else decides there
};

/// What the sync of that mailbox sees of the message, wherever and whenever it arrived.
policy::CrmCopy view_of(const policy::Tenant& tenant, const Explanation& explanation,
                        const std::string& content) {
  if (!explanation.scope.hide) return policy::view(tenant, content, explanation.mailbox);
  policy::CrmCopy hidden;
  hidden.decision = {policy::Verdict::Hide, "nothing of this person's mailboxes is seen"};
  return hidden;
}

Explanation make(const policy::Policy& policy, const policy::Tenant& tenant, const ExplainRequest& request) {
  Explanation result;
  result.envelope.reverse_path = request.reverse_path;
  for (const std::string& recipient : request.recipients) {
    switch (policy.recipient_kind(tenant, recipient)) {
      case policy::RecipientKind::Crm:
        result.envelope.crm_recipients.push_back(recipient);
        break;
      case policy::RecipientKind::Person:
        result.envelope.recipients.push_back(recipient);
        break;
      case policy::RecipientKind::ForeignCrm:
      case policy::RecipientKind::Unreadable:
        result.refused.push_back(recipient);
        break;
    }
  }
  result.split = policy::split(tenant, result.envelope, request.content, kStandInMessageId);
  result.sends = tenant.smtp && !request.recipients.empty();
  result.mailbox = request.mailbox;
  if (!request.mailbox.empty()) result.scope = tenant.view_of(request.mailbox);
  if (tenant.imap) result.view = view_of(tenant, result, request.content);
  return result;
}

void write_header(std::string_view rest, std::ostream& out) {
  while (!rest.empty() && rest != "\r\n") {
    const std::size_t end = rest.find("\r\n");
    out << "  | " << rest.substr(0, end) << "\n";
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 2);
  }
}

void write_refused(const Explanation& explanation, std::ostream& out) {
  for (const std::string& address : explanation.refused)
    out << "Refused: " << address << " is not surely an address, or a CRM address of somebody else.\n";
}

void write_sent(const Explanation& explanation, std::size_t size, std::ostream& out) {
  out << "People: " << explanation.envelope.recipients.size() << " recipient(s) get the original, " << size
      << " bytes";
  out << (explanation.split.direct_prefix.empty() ? " unchanged.\n" : ", with a Message-ID put in front.\n");
  if (explanation.split.copies.empty()) out << "CRM: no CRM address among the recipients, nothing is sent.\n";
  for (const policy::CrmCopy& copy : explanation.split.copies) {
    out << "CRM " << copy.recipient << ": " << policy::to_string(copy.decision.verdict) << " ("
        << copy.decision.rule << ")\n";
    if (copy.withheld()) {
      out << "  withheld: nothing is sent.\n";
      continue;
    }
    for (const mime::Change& change : copy.changes)
      out << "  " << change.field << ": " << change.what << "\n";
    out << "  header of the copy:\n";
    write_header(copy.header, out);
  }
}

void write_scope(const policy::ViewScope& scope, std::ostream& out) {
  if (!scope.folders.empty()) {
    out << "  if it lies in a folder that is seen:";
    for (const std::string& folder : scope.folders) out << " '" << folder << "'";
    out << "\n";
  }
  if (scope.since) {
    const std::chrono::year_month_day day(*scope.since);
    out << "  if it arrived on or after "
        << fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                       static_cast<unsigned>(day.day()))
        << "\n";
  }
}

void write_view(const Explanation& explanation, std::ostream& out) {
  const policy::CrmCopy& view = *explanation.view;
  out << "Mail sync of " << (explanation.mailbox.empty() ? "a mailbox that holds it" : explanation.mailbox)
      << ": " << policy::to_string(view.decision.verdict) << " (" << view.decision.rule << ")\n";
  if (view.withheld()) {
    out << "  hidden: for the CRM there is no such message.\n";
    return;
  }
  write_scope(explanation.scope, out);
  out << "  seen with this header:\n";
  write_header(view.header, out);
}

void write_text(const Explanation& explanation, std::size_t size, std::ostream& out) {
  if (explanation.sends) write_sent(explanation, size, out);
  write_refused(explanation, out);
  if (explanation.view) write_view(explanation, out);
}

void write_json(const Explanation& explanation, std::ostream& out) {
  nlohmann::json json;
  json["people"] = {{"recipients", explanation.envelope.recipients},
                    {"message_id_added", !explanation.split.direct_prefix.empty()}};
  json["refused"] = explanation.refused;
  json["copies"] = nlohmann::json::array();
  for (const policy::CrmCopy& copy : explanation.split.copies) {
    nlohmann::json changes = nlohmann::json::array();
    for (const mime::Change& change : copy.changes)
      changes.push_back({{"field", change.field}, {"what", change.what}});
    json["copies"].push_back({{"recipient", copy.recipient},
                              {"verdict", policy::to_string(copy.decision.verdict)},
                              {"rule", copy.decision.rule},
                              {"withheld", copy.withheld()},
                              {"alert", copy.alert},
                              {"changes", changes},
                              {"header", copy.header}});
  }
  if (explanation.view) {
    json["view"] = {{"verdict", policy::to_string(explanation.view->decision.verdict)},
                    {"rule", explanation.view->decision.rule},
                    {"hidden", explanation.view->withheld()},
                    {"alert", explanation.view->alert},
                    {"header", explanation.view->header}};
  }
  // A header may hold bytes that are no UTF-8; JSON cannot.
  out << json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
}

}  // namespace

int explain(const policy::Policy& policy, const policy::Tenant& tenant, const ExplainRequest& request,
            std::ostream& out) {
  const Explanation explanation = make(policy, tenant, request);
  const policy::CrmCopy* sent = nullptr;
  for (const policy::CrmCopy& copy : explanation.split.copies) {
    if (sent == nullptr && !copy.withheld()) sent = &copy;
  }
  const bool is_seen = explanation.view && !explanation.view->withheld();
  switch (request.form) {
    case ExplainForm::Text:
      write_text(explanation, request.content.size(), out);
      break;
    case ExplainForm::Json:
      write_json(explanation, out);
      break;
    case ExplainForm::Copy:
      if (sent != nullptr) out << sent->header << explanation.split.body;
      break;
  }
  return sent != nullptr || (!explanation.sends && is_seen) ? kSent : kWithheld;
}

}  // namespace privet
