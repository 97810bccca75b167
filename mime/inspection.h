// Looking for addresses where a CRM would look: decoded header fields, text parts, HTML, calendar, nested
// messages and the quoted header block of a forward. The last gate before a copy leaves.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mime/address.h"
#include "mime/address_scan.h"
#include "mime/result.h"
#include "mime/structure.h"

namespace privet::mime {

/// Every address-looking token of decoded text: each "@" (also full-width, also %40 and &#64; forms) with the
/// local part before it and the domain behind it, blanks and zero-width characters between them skipped. One
/// may be listed several times.
std::vector<AddrSpec> addresses_in_text(std::string_view text);

/// Addresses named by the header block that mail clients quote into a forward or reply ("From: …", "Von: …",
/// "À : …"), by text/calendar ATTENDEE and ORGANIZER, by delivery reports, and by nested messages' headers.
/// Error when a part cannot be inspected: encrypted, TNEF, message/partial, message/external-body, unknown
/// charset or transfer encoding.
Result<std::vector<AddrSpec>> quoted_addresses(const Structure& structure);

/// The self-check: where in `structure` (decoded header fields and inspected parts, of the message and of
/// nested ones) a key of `stripped` is still to be found, or an address that `forbidden` (may be empty) is
/// true for, as words for the log ("header field Subject", "part 2 (text/html)"), or nullopt when nowhere.
/// What else the message's own address fields name is no finding. `forbidden` is not asked about message
/// identifiers, nor about bytes around the parts. Error when it cannot be inspected.
Result<std::optional<std::string>> find_residue(const Structure& structure, const AddressKeys& stripped,
                                                const AddressTest& forbidden = {});

}  // namespace privet::mime
