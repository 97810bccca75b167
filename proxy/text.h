// Text from a peer that may be shown and written anew: UTF-8 without anything that moves a terminal or a
// reader. Pure.
#pragma once

#include <string>
#include <string_view>

#include "mime/ascii.h"

namespace privet {

/// Valid UTF-8 (RFC 3629) without control characters (C0, DEL, C1), line separators or marks and overrides of
/// direction.
bool is_clean_utf8(std::string_view text);

using mime::equals_ignoring_case;
using mime::is_alnum;

/// Upper case of the ASCII letters; other bytes stay.
std::string to_upper(std::string_view text);

/// Removes and returns what stands before the first `separator`, which is removed too; all of `rest` when
/// there is none.
std::string_view take_until(std::string_view& rest, char separator);
/// Without blanks (space, tab) at its ends; a CR there stays, and is refused later.
std::string_view trim_blanks(std::string_view text);

}  // namespace privet
