// The parts of a tenant file about people and about what a CRM's mail sync may see: `view` and `people`. Used
// by tenant_file.cc.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "policy/policy.h"
#include "policy/schema.h"

namespace privet::policy {

/// `view`: folders, since, write.
ViewScope read_view(const YamlNode& node, const std::string& file, std::optional<Error>& error);

/// `people`: a map from mail address to settings, by AddrSpec::key. An address of no domain of `tenant` is
/// refused.
std::map<std::string, Person, std::less<>> read_people(const YamlNode& node, const std::string& file,
                                                       const Tenant& tenant, std::optional<Error>& error);

}  // namespace privet::policy
