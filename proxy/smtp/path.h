// The paths of MAIL and RCPT (RFC 5321 4.1.2, RFC 6531 3.3) by an allow-list. Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace privet::smtp {

/// Why a path is refused, if it is.
enum class PathFault {
  None,
  Syntax,   ///< no local@domain, a part empty or too long, a character that has no place there
  Routing,  ///< asks for a way: source route, "%", "!" or "@" in the local part, or a host by its number
};

/// Checks a path without its angle brackets; the empty one is the caller's to allow.
PathFault check_path(std::string_view path);

/// Where the ">" of a path stands in `text`, which begins behind its "<"; one in a quoted string does not
/// count. npos when there is none.
std::size_t find_path_end(std::string_view text);

/// An argument of EHLO or HELO: a domain or an address literal. Nothing but characters of names (an
/// underscore is let pass: Windows sends it), at most 255 of them.
bool is_client_name(std::string_view name);

}  // namespace privet::smtp
