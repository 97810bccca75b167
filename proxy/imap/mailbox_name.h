// Names of mailboxes: modified UTF-7 as they go over the wire, UTF-8 inside (RFC 3501 5.1, 5.1.3, 6.3.8).
// Pure.
//
// Promise: a name has one spelling on the wire, so that two spellings never pass a list of allowed names as
// two mailboxes: decode(encode(x)) == x and encode(decode(y)) == y, but for the case of INBOX.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace privet::imap {

inline constexpr std::string_view kInbox = "INBOX";
inline constexpr char kNoDelimiter = '\0';  ///< of a server without hierarchy

/// "INBOX" in any case.
bool is_inbox(std::string_view name);

/// UTF-8 of a name or LIST pattern; INBOX in upper case. nullopt for bytes outside printable ASCII, base64
/// that is wrong, says what could stand as it is, or follows other base64 at once, for characters that are
/// none or control (C0, DEL, C1), and above limits::kImapMailboxName octets. The empty name is right.
std::optional<std::string> decode_mailbox(std::string_view wire);

/// The one spelling of `name`. nullopt where decode_mailbox() would not have given it.
std::optional<std::string> encode_mailbox(std::string_view name);

/// Whether a LIST `pattern` (decoded, the reference before it) means `name`: "*" is anything, "%" anything
/// without `delimiter`; case does not matter for INBOX. Takes time |pattern| * |name| at most.
bool matches_pattern(std::string_view pattern, std::string_view name, char delimiter);

/// The pattern that a LIST with a reference means: one behind the other, as Dovecot reads it. RFC 3501 6.3.8
/// leaves that to the server.
std::string join_reference(std::string_view reference, std::string_view pattern);

}  // namespace privet::imap
