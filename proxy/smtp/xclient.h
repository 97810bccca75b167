// What a trusted relay in front of us tells about the client (Postfix XCLIENT_README, XFORWARD_README). Pure.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/smtp/parameter.h"
#include "proxy/smtp/reply.h"

namespace privet::smtp {

enum class AttributeOwner { Xclient, Xforward };

/// What stands in the EHLO reply behind the keyword, for peers that may use it.
inline constexpr std::string_view kXclientAttributes =
    "NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT REVERSE_NAME";
inline constexpr std::string_view kXforwardAttributes = "NAME ADDR PORT PROTO HELO IDENT SOURCE";

/// Values of attributes that the relay does not know, or not now.
inline constexpr std::string_view kUnavailable = "[UNAVAILABLE]";
inline constexpr std::string_view kTemporarilyUnavailable = "[TEMPUNAVAIL]";

/// Reads what follows the verb: one attribute at least. Keywords in upper case; values decoded from xtext and
/// checked, so without any control; PROTO and SOURCE in upper case, addresses as inet_ntop writes them, those
/// of IPv6 behind "IPV6:"; or one of the two values above. The error is 501 5.5.4: unknown attribute, one
/// given twice, or a value that it cannot have.
std::expected<std::vector<Parameter>, Reply> parse_attributes(AttributeOwner owner, std::string_view text);

/// The IP literal in a value of ADDR or DESTADDR as other code writes it, without "IPV6:"; empty when it is
/// not available.
std::string_view address_literal(std::string_view value);

}  // namespace privet::smtp
