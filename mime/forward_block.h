// The header block that mail programs write above a forwarded or answered text ("From: …", "Von: …", "À :
// …"), and the lines of calendars and delivery reports that name people. CRMs read contacts from them.
#pragma once

#include <string_view>
#include <vector>

#include "mime/address.h"

namespace privet::mime {

/// Appends the addresses of all lines of `text` (one rendition, see rendition.h) that begin with an address
/// field's word in one of the languages known here, after quoting and emphasis, and of the lines that
/// continue them. Stops behind limits::kAddressesPerMessage.
void collect_header_lines(std::string_view text, std::vector<AddrSpec>& found);

/// The same for the ATTENDEE and ORGANIZER lines of an unfolded calendar (RFC 5545 3.8.4).
void collect_calendar_lines(std::string_view text, std::vector<AddrSpec>& found);

}  // namespace privet::mime
