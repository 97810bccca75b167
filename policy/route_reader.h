// The parts of a tenant file that say where mail goes and where mailboxes are: `upstream` and `copy`. Used by
// tenant_file.cc.
#pragma once

#include <optional>
#include <string>

#include "policy/policy.h"
#include "policy/schema.h"
#include "policy/tenant_file.h"

namespace privet::policy {

/// A tenant file's path, and how to read the files it names.
struct TenantPlace {
  const std::string& file;
  const FileReader& read_file;

  /// A path that the tenant file says, ready to open.
  std::string resolve(const std::string& path) const;
};

/// `smtp`: exactly one of host (one or several, tried in order), srv and maildir.
MailServer read_smtp_upstream(const YamlNode& node, const TenantPlace& place, std::optional<Error>& error);

/// `imap`: exactly one of host and srv.
MailServer read_imap_upstream(const YamlNode& node, const TenantPlace& place, std::optional<Error>& error);

/// `copy`. A password is read from the file or the environment variable that it names; no error shows it.
CopyRoute read_copy_route(const YamlNode& node, const TenantPlace& place, std::optional<Error>& error);

}  // namespace privet::policy
