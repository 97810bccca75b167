// load_policy: all tenants' files together, and what they may not share.
#include <map>
#include <utility>

#include "policy/tenant_file.h"

namespace privet::policy {
namespace {

using ClaimKey = std::pair<Claim::Kind, std::string>;

/// Every wider claim that would cover this one: parent domains of a domain; tag and domain wildcards of a CRM
/// address.
std::vector<std::string> covering(const Claim& claim) {
  std::vector<std::string> wider;
  const std::string& text = claim.text;
  const std::size_t at = text.find_last_of('@');
  if (claim.kind == Claim::Kind::CrmAddress && at != std::string::npos) {
    for (std::size_t plus = text.find('+'); plus < at; plus = text.find('+', plus + 1)) {
      wider.push_back(text.substr(0, plus) + "+*" + text.substr(at));
    }
    wider.push_back(text.substr(at + 1));
  }
  if (claim.kind == Claim::Kind::Domain) {
    for (std::size_t dot = text.find('.', 1); dot != std::string::npos; dot = text.find('.', dot + 1)) {
      wider.push_back(text.substr(dot));
    }
  }
  return wider;
}

std::string describe(const Claim& claim) {
  switch (claim.kind) {
    case Claim::Kind::Name:
      return "tenant '" + claim.text + "'";
    case Claim::Kind::Domain:
      return "domain '" + claim.text + "'";
    case Claim::Kind::HostName:
      return "host name '" + claim.text + "'";
    case Claim::Kind::CrmAddress:
      return "CRM address '" + claim.text + "'";
  }
  return "";
}

}  // namespace

Result<LoadedPolicy> load_policy(const std::vector<PolicySource>& files, const FileReader& read_file) {
  LoadedPolicy loaded;
  std::vector<Tenant> tenants;
  std::vector<std::vector<Claim>> claims;
  std::map<ClaimKey, std::size_t> owners;
  const auto clash = [&](std::size_t file, const Claim& claim, std::size_t owner) {
    return std::unexpected(
        Error{describe(claim) + " belongs to " + files[owner].file + " already, expected it in one tenant",
              files[file].file, claim.line, claim.column});
  };
  for (std::size_t i = 0; i < files.size(); ++i) {
    auto tenant = load_tenant(files[i].text, files[i].file, read_file);
    if (!tenant) return std::unexpected(std::move(tenant.error()));
    for (const Claim& claim : tenant->claims) {
      const auto [owner, first] = owners.emplace(ClaimKey{claim.kind, claim.text}, i);
      if (!first && owner->second != i) return clash(i, claim, owner->second);
    }
    claims.push_back(std::move(tenant->claims));
    tenants.push_back(std::move(tenant->tenant));
    loaded.warnings.insert(loaded.warnings.end(), tenant->warnings.begin(), tenant->warnings.end());
  }
  // Only now, since a wider claim may stand in a later file.
  for (std::size_t i = 0; i < files.size(); ++i) {
    for (const Claim& claim : claims[i]) {
      for (std::string& wider : covering(claim)) {
        const auto owner = owners.find(ClaimKey{claim.kind, std::move(wider)});
        if (owner != owners.end() && owner->second != i) return clash(i, claim, owner->second);
      }
    }
  }
  loaded.policy = std::make_shared<const Policy>(std::move(tenants));
  return loaded;
}

}  // namespace privet::policy
