#include "policy/tenant_file.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "mime/ascii.h"
#include "mime/domain.h"
#include "policy/freemail.h"
#include "policy/list_file.h"
#include "policy/network.h"
#include "policy/route_reader.h"
#include "policy/rule_reader.h"
#include "policy/schema.h"
#include "policy/view_reader.h"

namespace privet::policy {
namespace {

constexpr std::size_t kNameBytes = 64;  // names stand in log lines, file names and metrics
constexpr std::string_view kFilePrefix = "file:";
/// Changes whenever this version of Privet decides or redacts differently from the last one.
constexpr std::string_view kRulesVersion = "1";

/// FNV-1a over texts and their lengths. It has to notice changes, not enemies: whoever writes a policy has no
/// need to deceive it.
class Fingerprint {
 public:
  void add(std::string_view text) {
    for (const char c : std::to_string(text.size()) + ":") add(c);
    for (const char c : text) add(c);
  }
  std::uint64_t value() const { return value_; }

 private:
  void add(char c) { value_ = (value_ ^ static_cast<unsigned char>(c)) * 0x100000001b3; }
  std::uint64_t value_ = 0xcbf29ce484222325;
};

bool is_name(std::string_view text, std::string_view extra) {
  return !text.empty() && text.size() <= kNameBytes && std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || mime::is_digit(c) || extra.find(c) != std::string_view::npos;
  });
}

class TenantReader {
 public:
  TenantReader(const std::string& file, const FileReader& read_file)
      : file_(file), read_file_(read_file), place_{file, read_file} {}

  Result<LoadedTenant> read(const YamlNode& root) {
    MapReader reader(root, file_, "a tenant file", error_);
    reader.allow(
        {"privet", "tenant", "domains", "upstream", "crm", "lists", "strip", "default", "rules",
         "trusted_networks", "names", "copy", "view", "people"},
        {"override", "notify", "unknown_person", "auto_copy", "attachments", "signed", "log", "admins"});
    reader.require("privet");
    reader.choice("privet", {"1"});
    read_name(reader);
    read_domains(reader);
    read_host_names(reader);
    read_upstream(reader);
    if (const YamlNode* view = reader.get("view")) tenant_.view = read_view(*view, file_, error_);
    if (const YamlNode* people = reader.get("people"))
      tenant_.people = read_people(*people, file_, tenant_, error_);
    if (const YamlNode* copy = reader.get("copy")) {
      tenant_.copy = read_copy_route(*copy, place_, error_);
      if (!tenant_.smtp) reader.fail(*copy, "'copy' is for mail that is sent, expected 'smtp' in 'upstream'");
    }
    read_crms(reader);
    read_lists(reader);
    tenant_.default_verdict = read_verdict(reader, "default").value_or(Verdict::Private);
    read_strip_and_rules(reader, file_, tenant_, error_, loaded_.warnings);
    read_networks(reader);
    if (error_) return std::unexpected(*std::move(error_));
    return std::move(loaded_);
  }

 private:
  void claim(Claim::Kind kind, std::string text, const YamlNode& node) {
    loaded_.claims.push_back({kind, std::move(text), node.line, node.column});
  }

  /// A list with at least one entry, for keys that must be there.
  std::vector<const YamlNode*> required_strings(MapReader& reader, std::string_view key) {
    const YamlNode* node = reader.require(key);
    auto found = reader.strings(key);
    if (node && found.empty())
      reader.fail(*node, "an empty list as '" + std::string(key) + "', expected an entry");
    return found;
  }

  void read_name(MapReader& reader) {
    const YamlNode* node = reader.require("tenant");
    tenant_.name = reader.string("tenant").value_or("");
    if (!node || !reader.ok()) return;
    if (!is_name(tenant_.name, "-")) {
      reader.fail(*node, in_quotes(tenant_.name) + " as 'tenant', expected 1 to 64 of a-z, 0-9 and -");
    }
    claim(Claim::Kind::Name, tenant_.name, *node);
  }

  void read_domains(MapReader& reader) {
    for (const YamlNode* node : required_strings(reader, "domains")) {
      const auto pattern = Pattern::parse(node->scalar);
      const bool is_domain = pattern && node->scalar.find('@') == std::string::npos;
      if (!is_domain) {
        return reader.fail(*node, in_quotes(node->scalar) +
                                      " in 'domains', expected a mail domain (acme.example) or "
                                      ".domain for all below it");
      }
      if (is_freemail(pattern->domain)) return fail_freemail(reader, *node);
      const bool below = pattern->kind == Pattern::Kind::Subdomains;
      tenant_.domains.push_back((below ? "." : "") + pattern->domain);
      if (std::ranges::count(tenant_.domains, tenant_.domains.back()) > 1) {
        return reader.fail(*node, in_quotes(node->scalar) + " stands in 'domains' twice, expected it once");
      }
      tenant_.internal.add(*pattern);
      claim(Claim::Kind::Domain, tenant_.domains.back(), *node);
    }
  }

  static void fail_freemail(MapReader& reader, const YamlNode& node) {
    reader.fail(node, in_quotes(node.scalar) +
                          " belongs to a public mail provider, expected a domain of your own (single "
                          "people go into lists: internal)");
  }

  void read_upstream(MapReader& reader) {
    const YamlNode* node = reader.require("upstream");
    if (!node) return;
    MapReader upstream(*node, file_, "'upstream'", error_);
    upstream.allow({"smtp", "imap"});
    if (upstream.ok() && upstream.get("smtp") == nullptr && upstream.get("imap") == nullptr)
      upstream.fail(*node, "expected smtp, imap or both in 'upstream'");
    if (const YamlNode* smtp = upstream.get("smtp")) tenant_.smtp = read_smtp_upstream(*smtp, place_, error_);
    if (const YamlNode* imap = upstream.get("imap")) tenant_.imap = read_imap_upstream(*imap, place_, error_);
  }

  /// Names that clients connect to.
  void read_host_names(MapReader& reader) {
    for (const YamlNode* node : reader.strings("names")) {
      const auto name = mime::canonical_domain(node->scalar);
      if (!name || node->scalar.starts_with('[') || is_address_literal(node->scalar)) {
        return reader.fail(*node, in_quotes(node->scalar) +
                                      " in 'names', expected a host name that clients connect to "
                                      "(smtp.acme.example)");
      }
      if (std::ranges::find(tenant_.names, *name) != tenant_.names.end())
        return reader.fail(*node, in_quotes(node->scalar) + " stands in 'names' twice, expected it once");
      tenant_.names.push_back(*name);
      claim(Claim::Kind::HostName, *name, *node);
    }
  }

  void read_crms(MapReader& reader) {
    const YamlNode* node = reader.require("crm");
    if (!node) return;
    if (node->kind != YamlNode::Kind::Sequence || node->items.empty()) {
      const bool empty = node->kind == YamlNode::Kind::Sequence;
      return reader.fail(*node, (empty ? "an empty list" : describe(*node)) +
                                    " as 'crm', expected a list of {profile: …, addresses: […]}");
    }
    for (const YamlNode& item : node->items) {
      MapReader reader_of_crm(item, file_, "'crm'", error_);
      read_crm(reader_of_crm);
    }
  }

  void read_crm(MapReader& reader) {
    reader.allow({"profile", "addresses"}, {"private", "api", "folder"});
    reader.require("profile");
    const auto profile = reader.choice("profile", {"pipedrive", "generic"});
    Crm crm;
    crm.profile = profile == 0u ? "pipedrive" : "generic";
    // A CRM that only reads mailboxes needs no address to send copies to.
    const bool needs_addresses = tenant_.smtp.has_value();
    for (const YamlNode* node :
         needs_addresses ? required_strings(reader, "addresses") : reader.strings("addresses")) {
      const std::string found = in_quotes(node->scalar) + " in 'addresses'";
      const auto pattern = Pattern::parse(node->scalar);
      const bool any_local = pattern && pattern->kind == Pattern::Kind::Domain;
      if (!pattern || node->scalar.find('@') == std::string::npos ||
          (any_local && crm.profile != "generic")) {
        return reader.fail(*node, found + ", expected local@domain or local+*@domain" +
                                      (crm.profile == "generic" ? " or *@domain" : ""));
      }
      if (tenant_.owns_domain(pattern->domain)) {
        return reader.fail(*node, found + " lies in a domain of this tenant, expected the CRM's own address");
      }
      const std::string_view domain = profile_domain(crm.profile);
      if (!domain.empty() && pattern->domain != domain) {
        return reader.fail(*node, found + ", expected an address at " + std::string(domain) +
                                      " (other CRMs: profile: generic)");
      }
      crm.addresses.push_back(*pattern);
      claim(Claim::Kind::CrmAddress, pattern->to_string(), *node);
    }
    tenant_.crms.push_back(std::move(crm));
  }

  void read_lists(MapReader& reader) {
    const YamlNode* node = reader.get("lists");
    if (node) {
      MapReader lists(*node, file_, "'lists'", error_);
      // First, because the others are compared with it.
      read_list(lists, "internal", tenant_.internal);
      for (const YamlEntry& entry : node->entries) {
        if (!is_name(entry.key.scalar, "-_")) {
          lists.fail(entry.key, in_quotes(entry.key.scalar) +
                                    " as a list's name, expected 1 to 64 of a-z, 0-9, - and _");
        }
        if (entry.key.scalar != "internal")
          read_list(lists, entry.key.scalar, tenant_.lists[entry.key.scalar]);
      }
    }
    tenant_.lists["internal"] = tenant_.internal;
    tenant_.lists["blocked"];
  }

  void read_list(MapReader& lists, const std::string& name, List& list) {
    for (const YamlNode* node : lists.strings(name)) {
      bool warned = false;
      const auto add = [&](const std::string& place) {
        return [&, place](const Pattern& pattern, int line, int column) -> std::optional<std::string> {
          if (name == "internal" && pattern.kind == Pattern::Kind::Domain && is_freemail(pattern.domain)) {
            return in_quotes(pattern.domain) +
                   " belongs to a public mail provider, expected single addresses";
          }
          if (name == "customers" && !warned && tenant_.internal.contains({pattern.local, pattern.domain})) {
            warned = true;
            loaded_.warnings.push_back(
                {in_quotes(pattern.to_string()) + " is internal and in 'customers': internal wins", place,
                 line, column});
          }
          list.add(pattern);
          return std::nullopt;
        };
      };
      if (node->scalar.starts_with(kFilePrefix)) {
        const std::string path(mime::trim(std::string_view(node->scalar).substr(kFilePrefix.size())));
        const auto text = path.empty() ? failure("no name behind file:") : read_file_(place_.resolve(path));
        if (!text)
          return lists.fail(*node, "file " + in_quotes(path) + " cannot be read: " + text.error().what);
        if (auto error = read_list_file(*text, place_.resolve(path), add(place_.resolve(path)))) {
          if (lists.ok()) error_ = std::move(error);
          return;
        }
        continue;
      }
      const auto pattern = Pattern::parse(node->scalar);
      if (!pattern) {
        return lists.fail(*node, in_quotes(node->scalar) + ": " + pattern.error().what + " or file:NAME");
      }
      if (auto complaint = add(file_)(*pattern, node->line, node->column))
        return lists.fail(*node, *complaint);
    }
  }

  void read_networks(MapReader& reader) {
    for (const YamlNode* node : reader.strings("trusted_networks")) {
      auto network = Network::parse(node->scalar);
      if (!network) {
        return reader.fail(*node,
                           in_quotes(node->scalar) + " in 'trusted_networks': " + network.error().what);
      }
      if (!tenant_.smtp)
        return reader.fail(*node, "'trusted_networks' is for mail to be sent, expected 'smtp' in 'upstream'");
      tenant_.trusted_networks.push_back(*network);
    }
  }

  const std::string& file_;
  const FileReader& read_file_;
  const TenantPlace place_;
  std::optional<Error> error_;
  LoadedTenant loaded_;
  Tenant& tenant_ = loaded_.tenant;
};

}  // namespace

Result<LoadedTenant> load_tenant(std::string_view text, const std::string& file,
                                 const FileReader& read_file) {
  const auto root = parse_yaml(text, file);
  if (!root) return std::unexpected(root.error());
  Fingerprint epoch;
  epoch.add(kRulesVersion);
  epoch.add(text);
  const FileReader reading = [&](const std::string& path) {
    auto read = read_file(path);
    if (read) epoch.add(*read);
    return read;
  };
  auto loaded = TenantReader(file, reading).read(*root);
  if (loaded) loaded->tenant.epoch = epoch.value();
  return loaded;
}

}  // namespace privet::policy
