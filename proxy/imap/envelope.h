// ENVELOPE of a header section (RFC 9051 7.5.2), as Dovecot 2.3 answers it, byte for byte: a redacted message
// must not stand out, and a filtered Dovecot mailbox is what we are compared with.
//
// Promise: balanced parentheses, no CR or LF outside of literals, nothing that is not in the section but for
// what address_list.h puts in place of missing parts. Linear. Never fails.
#pragma once

#include <string>
#include <string_view>

namespace privet::imap {

/// "(date subject from sender reply-to to cc bcc in-reply-to message-id)". Repeated address fields count as
/// one list, of the others the last counts. Sender and Reply-To default to From. Encoded words stay as they
/// are; strings with 8-bit bytes, and some with quotes or backslashes, are literals.
std::string envelope_of(std::string_view header_section);

}  // namespace privet::imap
