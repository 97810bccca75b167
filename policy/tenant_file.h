// tenants/*.yaml to Tenant, strictly (design section 3). Files are read by the caller's function: this folder opens none.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mime/result.h"
#include "policy/policy.h"

namespace privet::policy {

/// Reads a file a tenant names ("contacts.csv"), relative to the tenant's own file. The error says why it cannot be read.
using FileReader = std::function<Result<std::string>(const std::string& path)>;

/// What was read and what its owner should know (each with file:line:column).
struct LoadedTenant {
  Tenant tenant;
  std::vector<Error> warnings;
};

/// Compiles one tenant file. `file` is for messages. The first mistake is the error.
Result<LoadedTenant> load_tenant(std::string_view text, const std::string& file, const FileReader& read_file);

/// Compiles the whole policy: refuses two tenants with one name, one domain or one CRM address.
/// `files` are {path, text} in the order to report.
struct PolicySource {
  std::string file;
  std::string text;
};
struct LoadedPolicy {
  std::shared_ptr<const Policy> policy;
  std::vector<Error> warnings;
};
Result<LoadedPolicy> load_policy(const std::vector<PolicySource>& files, const FileReader& read_file);

}  // namespace privet::policy
