// The part of a tenant file that names lists: `strip` and `rules`. Used by tenant_file.cc.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "policy/policy.h"
#include "policy/schema.h"

namespace privet::policy {

/// `default`, `do`: share | private | hide.
std::optional<Verdict> read_verdict(MapReader& reader, std::string_view key);

/// Fills tenant.strip and tenant.rules from the tenant's map; tenant.lists and default_verdict must be there
/// already. Warns of rules that can never match and of nothing stripped from what is shared.
void read_strip_and_rules(MapReader& reader, const std::string& file, Tenant& tenant,
                          std::optional<Error>& error, std::vector<Error>& warnings);

}  // namespace privet::policy
