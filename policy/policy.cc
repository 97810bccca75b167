#include "policy/policy.h"

#include <algorithm>
#include <array>

#include "mime/ascii.h"
#include "mime/domain.h"

namespace privet::policy {
namespace {

struct Profile {
  std::string_view name;
  std::string_view domain;  // empty: any
};
/// What servers take as the end of a user's name, behind which another's stands: Dovecot's and Cyrus'
/// masters, old routes.
constexpr std::string_view kOtherUser = "*%!/\\,;:|= ";
constexpr auto kProfiles = std::to_array<Profile>({{"pipedrive", "pipedrivemail.com"}, {"generic", ""}});

}  // namespace

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::Hide:
      return "hide";
    case Verdict::Private:
      return "private";
    case Verdict::Share:
      return "share";
  }
  return "hide";
}

std::string_view profile_domain(std::string_view profile) {
  const auto found = std::ranges::find(kProfiles, profile, &Profile::name);
  return found == kProfiles.end() ? std::string_view() : found->domain;
}

bool is_at_builtin_crm(const mime::AddrSpec& address) {
  const auto domain = mime::canonical_domain(address.domain);
  return domain && std::ranges::any_of(kProfiles, [&](const Profile& profile) {
           return *domain == profile.domain || mime::is_subdomain(*domain, profile.domain);
         });
}

bool Crm::matches(const mime::AddrSpec& address) const {
  return std::ranges::any_of(addresses,
                             [&](const Pattern& pattern) { return pattern.matches_exactly(address); });
}

const Crm* Tenant::find_crm(const mime::AddrSpec& address) const {
  const auto found = std::ranges::find_if(crms, [&](const Crm& crm) { return crm.matches(address); });
  return found == crms.end() ? nullptr : &*found;
}

bool Tenant::is_in(std::string_view list, std::string_view key) const {
  const auto found = lists.find(list);
  return found != lists.end() && found->second.contains_key(key);
}

bool Tenant::strips(const mime::AddrSpec& address) const {
  const std::string key = address.key();
  return std::ranges::any_of(strip, [&](const std::string& list) { return is_in(list, key); }) ||
         find_crm(address) != nullptr;
}

const Person* Tenant::find_person(std::string_view key) const {
  const auto found = people.find(key);
  return found == people.end() ? nullptr : &found->second;
}

ViewScope Tenant::view_of(std::string_view login) const {
  ViewScope scope = view;
  const auto narrow = [&scope](const Person& person) {
    if (person.folders) scope.folders = *person.folders;
    if (person.since && (!scope.since || *scope.since < *person.since)) scope.since = person.since;
    scope.hide = scope.hide || person.hide;
  };
  if (login.find('@') == std::string_view::npos) {
    // The server knows in which domain: whom of several it means is not known here.
    const std::string start = mime::to_lower(login.substr(0, login.find('+'))) + "@";
    int alike = 0;
    for (const auto& [key, person] : people) {
      if (!key.starts_with(start)) continue;
      narrow(person);
      if (++alike > 1) scope.hide = true;
    }
  } else if (const auto address = mime::parse_addr_spec(login)) {
    if (const Person* const person = find_person(address->key())) narrow(*person);
  }
  // "anna*admin": to the server this may be Anna's mailbox.
  scope.hide = scope.hide || (!people.empty() && login.find_first_of(kOtherUser) != std::string_view::npos);
  scope.write = scope.write && !scope.hide;
  return scope;
}

bool Tenant::owns_domain(std::string_view canonical_domain) const {
  return std::ranges::any_of(domains, [&](std::string_view own) {
    return own.starts_with('.') ? mime::is_subdomain(canonical_domain, own.substr(1))
                                : canonical_domain == own;
  });
}

Policy::Policy(std::vector<Tenant> tenants) : tenants_(std::move(tenants)) {
  for (const Tenant& tenant : tenants_) {
    for (const Crm& crm : tenant.crms) {
      for (const Pattern& pattern : crm.addresses) crm_patterns_[pattern.domain].push_back(pattern);
    }
  }
}

const Tenant* Policy::find(std::string_view name) const {
  const auto found = std::ranges::find(tenants_, name, &Tenant::name);
  return found == tenants_.end() ? nullptr : &*found;
}

const Tenant* Policy::find_by_login(std::string_view login) const {
  const std::size_t at = login.rfind('@');
  if (at == std::string_view::npos) return tenants_.size() == 1 ? &tenants_.front() : nullptr;
  const auto domain = mime::canonical_domain(login.substr(at + 1));
  if (!domain) return nullptr;
  const auto found =
      std::ranges::find_if(tenants_, [&](const Tenant& tenant) { return tenant.owns_domain(*domain); });
  return found == tenants_.end() ? nullptr : &*found;
}

const Tenant* Policy::find_by_name(std::string_view server_name) const {
  const auto name = mime::canonical_domain(server_name);
  if (!name) return nullptr;
  const auto found = std::ranges::find_if(tenants_, [&](const Tenant& tenant) {
    return std::ranges::find(tenant.names, *name) != tenant.names.end();
  });
  return found == tenants_.end() ? nullptr : &*found;
}

const Tenant* Policy::find_trusting(const std::string& client_address) const {
  for (const Tenant& tenant : tenants_) {
    for (const Network& network : tenant.trusted_networks) {
      if (network.contains(client_address)) return &tenant;
    }
  }
  return nullptr;
}

bool Policy::is_foreign_crm(const Tenant& tenant, const mime::AddrSpec& address) const {
  if (tenant.find_crm(address)) return false;
  if (is_at_builtin_crm(address)) return true;
  const auto domain = mime::canonical_domain(address.domain);
  const auto found = domain ? crm_patterns_.find(*domain) : crm_patterns_.end();
  return found != crm_patterns_.end() && std::ranges::any_of(found->second, [&](const Pattern& pattern) {
           return pattern.matches_exactly(address);
         });
}

RecipientKind Policy::recipient_kind(const Tenant& tenant, std::string_view forward_path) const {
  if (mime::equals_ignoring_case(forward_path, "postmaster")) return RecipientKind::Person;  // RFC 5321 4.5.1
  const auto address = mime::parse_addr_spec(forward_path);
  if (!address || !mime::canonical_domain(address->domain)) return RecipientKind::Unreadable;
  if (tenant.find_crm(*address)) return RecipientKind::Crm;
  return is_foreign_crm(tenant, *address) ? RecipientKind::ForeignCrm : RecipientKind::Person;
}

}  // namespace privet::policy
