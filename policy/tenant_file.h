// tenants/*.yaml to Tenant, strictly (README.md). Files are read by the caller's function: this folder opens
// none.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mime/result.h"
#include "policy/policy.h"

namespace privet::policy {

/// Reads a file that a tenant names. The path is ready to open: what the tenant file calls "contacts.csv"
/// arrives as "tenants/contacts.csv", relative to where the tenant file's own path is relative to. The error
/// says why it cannot be read.
using FileReader = std::function<Result<std::string>(const std::string& path)>;

/// Something only one tenant may have, and where its file says so.
struct Claim {
  enum class Kind { Name, Domain, HostName, CrmAddress };
  Kind kind = Kind::Name;
  std::string text;  ///< canonical: a name, "domain" or ".domain", a host name, Pattern::to_string()
  int line = 0;
  int column = 0;
};

/// What was read and what its owner should know (each with file:line:column).
struct LoadedTenant {
  Tenant tenant;
  std::vector<Error> warnings;
  std::vector<Claim> claims;
};

/// Compiles one tenant file. `file` is its path: for messages, and paths in it (ca, maildir, file:) are
/// relative to its folder. Maildir and ca come out resolved like that. The first mistake is the error.
Result<LoadedTenant> load_tenant(std::string_view text, const std::string& file, const FileReader& read_file);

/// Compiles the whole policy: refuses two tenants with one name or one host name, and domains or CRM
/// addresses that overlap. `files` are {path, text} in the order to report.
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
