// Text from a peer that may be shown and written anew: UTF-8 without anything that moves a terminal or a
// reader. Pure.
#pragma once

#include <string>
#include <string_view>

namespace privet::smtp {

/// Valid UTF-8 (RFC 3629) without control characters (C0, DEL, C1), line separators or marks and overrides of
/// direction.
bool is_clean_utf8(std::string_view text);

bool is_alphanumeric(char c);  ///< ASCII only, whatever the locale
std::string upper_case(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);

/// Removes and returns what stands before the first `separator`, which is removed too; all of `rest` when
/// there is none.
std::string_view take_until(std::string_view& rest, char separator);
/// Without blanks (space, tab) at its ends.
std::string_view trim(std::string_view text);

}  // namespace privet::smtp
