// decide: the one pure call that turns a message's parties into a verdict.
#pragma once

#include <string>
#include <vector>

#include "mime/address.h"
#include "policy/policy.h"

namespace privet::policy {

/// Everything a rule may look at.
struct Parties {
  mime::AddrSpec sender;               ///< From
  std::vector<mime::AddrSpec> others;  ///< every other party of header and envelope, CRM addresses left out
  std::vector<mime::AddrSpec> to;      ///< To, Cc and envelope recipients, CRM addresses left out
  std::string subject;                 ///< decoded, UTF-8
  bool marked_sensitive = false;       ///< inbound Sensitivity other than Normal
};

struct Decision {
  Verdict verdict = Verdict::Hide;
  std::string rule;  ///< "rule 2", "default", or the fixed rule in words
};

/// Fixed rules first, each of them hide: a party whose address cannot be compared, a sender on a stripped
/// list other than internal, nobody but the sender, parties that are only internal and blocked ("blocked"
/// here: `blocked` and every stripped list). Then the tenant's rules in order, then the default; a sensitive
/// mark lowers share to private.
///
/// Property: adding an internal or blocked party to a message that has another party never raises the
/// verdict, whatever the rules say. Such a party counts for a rule only where the rule does not show more
/// because of it: of all verdicts that the message would get with some of these parties left out, the lowest
/// counts.
Decision decide(const Tenant& tenant, const Parties& parties);

}  // namespace privet::policy
