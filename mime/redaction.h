// Redaction: the header a CRM may see, made from the header the sender wrote. The body is never copied or
// changed.
//
// Promise: of the result's fields only those on the allow-list remain (Date, From, Sender, Reply-To, To, Cc,
// Subject, Message-ID, In-Reply-To, References, MIME-Version, Content-*, Importance, Priority, X-Priority,
// Auto-Submitted); address fields name nobody for whom `strip` is true, their display names and comments gone
// with them; untouched fields keep their bytes, but for what tidied() takes out. X-Privet-Verdict and
// Sensitivity come first. Bcc, Resent-*, Received, signatures and inbound Sensitivity
// and X-Privet-* fields never remain. What cannot be understood is an error, so that the copy is withheld.
// Running redact on its own result changes nothing more.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mime/header.h"
#include "mime/inspection.h"
#include "mime/result.h"

namespace privet::mime {

/// What to remove and which mark to set.
struct Redaction {
  AddressTest strip;          ///< true: this address must not be in the result (From is never stripped)
  std::string verdict;        ///< value of X-Privet-Verdict
  bool mark_private = false;  ///< adds "Sensitivity: Private"
  std::string message_id;     ///< "<id@domain>" to insert where the content has no Message-ID; empty: none is
};

/// One thing redact() did, for `explain`: names the field and what happened, never an address.
struct Change {
  std::string field;  ///< "Cc"
  std::string what;   ///< "1 address removed"
};

struct Redacted {
  std::string header;     ///< new header section, empty line included
  std::string_view body;  ///< the content's own body bytes
  std::vector<Change> changes;
  AddressKeys stripped;  ///< keys of the addresses that were removed, Bcc included, but never From's
  bool inserted_message_id = false;
};

/// Addresses a message names as its parties: From, Sender, Reply-To, To, Cc, Bcc and Resent-*, in field
/// order.
struct HeaderParties {
  std::vector<AddrSpec> from;
  std::vector<AddrSpec> others;  ///< every other party
  std::vector<AddrSpec> to;      ///< To and Cc only (also in `others`)
};
/// Error when any of these fields is unsure, when From is missing, repeated or names more than one address,
/// or when a field that may stand once (Subject, Date, Message-ID, In-Reply-To, References, Auto-Submitted,
/// MIME-Version, Content-*) is repeated: two readers could read it differently. Repeated To and Cc are fine:
/// all of them are read and redacted.
Result<HeaderParties> header_parties(const Header& header);

Result<Redacted> redact(const Header& header, const Redaction& redaction);

}  // namespace privet::mime
