// Domain names as values that can be compared: U-label and A-label of one name are equal, case and one
// trailing dot do not matter, look-alikes stay different (UTS 46 non-transitional through libidn2; RFC 5890,
// RFC 5321 2.3.5).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace privet::mime {

/// The canonical form of `domain`: A-labels, lower case, no trailing dot. Address literals ("[192.0.2.1]")
/// are lower-cased and kept. nullopt for what is no domain: empty label, blank, control character, what IDNA
/// refuses.
std::optional<std::string> canonical_domain(std::string_view domain);

/// True when `domain` lies below `parent` ("sales.acme.example" below "acme.example", never equal). Both
/// canonical.
bool is_subdomain(std::string_view domain, std::string_view parent);

}  // namespace privet::mime
