// Base64 without any laxness (RFC 4648 4): two readers of one SASL message must not see two things. Mail's
// base64, which has to be read as it comes, is mime's.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace privet {

/// nullopt for any other character, missing padding or unused bits that are not zero. Leaves no copy of its
/// result behind.
std::optional<std::string> base64_decode(std::string_view text);
std::string base64_encode(std::string_view bytes);

}  // namespace privet
