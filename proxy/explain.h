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

/// Writes the explanation of `content` to `out`; Copy writes the (first) CRM copy alone, byte for byte.
/// Returns the exit status: 0 when a copy is sent, 3 when every copy is withheld or no recipient is a CRM
/// address; where the tenant has no upstream.smtp, 0 when the mail sync sees the message, else 3.
/// `recipients` may hold people and CRM addresses mixed, as a mail client would name them.
int explain(const policy::Policy& policy, const policy::Tenant& tenant, const std::string& reverse_path,
            const std::vector<std::string>& recipients, const std::string& content, ExplainForm form,
            std::ostream& out);

}  // namespace privet
