// split: one transaction in, what each side gets out. Pure; `serve` and `explain` both call it, so they
// agree.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mime/envelope.h"
#include "mime/redaction.h"
#include "policy/decision.h"
#include "policy/policy.h"

namespace privet::policy {

/// The rendition for one CRM address.
struct CrmCopy {
  std::string recipient;  ///< byte-exact as the client named it
  Decision decision;      ///< verdict and the rule that decided; Hide: nothing is sent
  std::string header;     ///< redacted header section with its empty line; empty when withheld
  std::vector<mime::Change> changes;
  /// The self-check found a stripped address, the content could not be inspected, or it is no CRM address of
  /// the tenant.
  bool alert = false;

  bool withheld() const { return decision.verdict == Verdict::Hide; }
};

struct Split {
  std::string
      direct_prefix;  ///< bytes to put before the original: a Message-ID field when it had none, else empty
  std::string_view body;  ///< the content's own body, common to all copies; empty when it was not parsed
  std::vector<CrmCopy> copies;  ///< one per CRM recipient, in the client's order
};

/// What the CRM's mail sync may see of a message in the mailbox of `owner` (a login, or empty where it is not
/// known): the verdict and the header that a copy of it gets, so that both agree (CRMs merge them by
/// Message-ID). The owner's own address may stand in the body, as an author's may: a customer's reply quotes
/// it, and the sync has it for its login. One on a stripped list other than `internal` may not.
/// `recipient` stays empty; no Message-ID is made up.
CrmCopy view(const Tenant& tenant, std::string_view content, std::string_view owner);

/// Whether a header that the sync has seen of a message may go on being seen under the rules of `tenant`:
/// false when its message is hidden now, or when it names somebody who is stripped now. What rules would show
/// more stays as it was, since nothing of a message that was seen may ever change (RFC 9051 2.3.1.1).
bool may_stay(const Tenant& tenant, std::string_view seen_header, const CrmCopy& now);

/// Never fails: what cannot be parsed, inspected or decided yields copies with verdict Hide. Of the
/// sender's addresses only the one in From stays, for nobody has verified the reverse path; a blocked one
/// hides. `message_id` ("<…@…>", fresh and random) is used only where the content has none and at least one
/// copy goes out.
Split split(const Tenant& tenant, const mime::Envelope& envelope, std::string_view content,
            std::string_view message_id);

}  // namespace privet::policy
