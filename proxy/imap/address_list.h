// Address lists as ENVELOPE and SEARCH show them (RFC 9051 7.5.2): what Dovecot reads, broken lists included,
// so that a redacted message answers as it would from a mailbox that holds it. Not for decisions:
// mime/address.h is.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace privet::imap {

/// One address structure; nullopt is NIL. A group begins with one that has only `mailbox` (its name) and ends
/// with one that has nothing.
struct EnvelopeAddress {
  std::optional<std::string> name;  ///< phrase unquoted, or the last comment; encoded words as written
  std::optional<std::string> route;
  std::optional<std::string> mailbox;
  std::optional<std::string> domain;
};

/// What stands for a part that an address lacks, where NIL would say "group".
inline constexpr std::string_view kMissingMailbox = "MISSING_MAILBOX";
inline constexpr std::string_view kMissingDomain = "MISSING_DOMAIN";
inline constexpr std::string_view kSyntaxError = "SYNTAX_ERROR";
inline constexpr std::string_view kInvalidRoute = "INVALID_ROUTE";

/// Reads the value of an address field, folded or not. NUL becomes U+FFFD. Linear.
std::vector<EnvelopeAddress> read_addresses(std::string_view value);

/// The list as a header would show it: `Name <a@b>, <c@d>`, quoted where need be. This is what FROM, TO, CC
/// and BCC of SEARCH look into.
std::string to_text(const std::vector<EnvelopeAddress>& addresses);

}  // namespace privet::imap
