// Mail domains that anybody can have an address at. As a tenant's own domain one would make strangers
// internal.
#pragma once

#include <string_view>

namespace privet::policy {

/// True for a public mail provider's domain, its national ones included ("yahoo.de", "gmx.net").
bool is_freemail(std::string_view canonical_domain);

}  // namespace privet::policy
