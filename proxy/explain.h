// `privet explain`: what each side would get of one message, and why. Calls the very split() that `serve`
// calls.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "mime/envelope.h"
#include "policy/policy.h"

namespace privet {

/// What explain prints.
enum class ExplainForm { Text, Json, Copy };

/// A message as it is sent, as it lies in a mailbox, or both.
struct ExplainRequest {
  std::string reverse_path;
  std::vector<std::string> recipients;  ///< people and CRM addresses mixed, as a mail client would name them
  std::string mailbox;                  ///< login of the person in whose mailbox it lies; empty: anybody's
  std::string content;
  ExplainForm form = ExplainForm::Text;
};

/// Writes the explanation to `out`; Copy writes the (first) CRM copy alone, byte for byte. Returns the exit
/// status: 0 when a copy is sent, 3 when every copy is withheld or no recipient is a CRM address; where there
/// is no recipient or the tenant has no upstream.smtp, 0 when the mail sync sees the message, else 3.
int explain(const policy::Policy& policy, const policy::Tenant& tenant, const ExplainRequest& request,
            std::ostream& out);

}  // namespace privet
