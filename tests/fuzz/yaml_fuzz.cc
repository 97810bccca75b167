// Policy files as strangers to YAML write them: parse_yaml, and what a tenant file makes of the tree. The
// part behind the first line "%%%" is the list file that every `file:` entry reads.
//
// Properties: every error has a place inside the text and a reason; a tree keeps the limits and has no key
// twice; a tenant that loads names only lists it has, loads again to the same, and its CRM addresses are its
// own.
#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "policy/limits.h"
#include "policy/tenant_file.h"
#include "policy/yaml.h"

namespace {

using privet::policy::YamlNode;

void require(bool holds) {
  if (!holds) __builtin_trap();
}

int lines_in(std::string_view text) {
  return static_cast<int>(std::ranges::count(text, '\n')) + 1;
}

void check_error(const privet::Error& error, std::string_view text) {
  require(!error.what.empty() && !error.file.empty());
  require(error.line >= 1 && error.column >= 1);
  require(error.line <= lines_in(text));
  require(error.column <= static_cast<int>(text.size()) + 1);
}

void check_tree(const YamlNode& node, std::string_view text, std::size_t depth) {
  require(depth <= privet::policy::limits::kYamlDepth);
  require(node.line >= 1 && node.line <= lines_in(text) && node.column >= 1);
  require(node.items.empty() || node.kind == YamlNode::Kind::Sequence);
  require(node.entries.empty() || node.kind == YamlNode::Kind::Map);
  for (const YamlNode& item : node.items) check_tree(item, text, depth + 1);
  std::set<std::string> keys;
  for (const auto& [key, value] : node.entries) {
    require(key.kind == YamlNode::Kind::Scalar && keys.insert(key.scalar).second);
    check_tree(value, text, depth + 1);
  }
}

void check_tenant(const privet::policy::LoadedTenant& loaded) {
  const privet::policy::Tenant& tenant = loaded.tenant;
  require(!tenant.name.empty() && !tenant.domains.empty() && !tenant.crms.empty());
  require(tenant.smtp || tenant.imap);
  if (tenant.smtp)
    require(!tenant.smtp->hosts.empty() + !tenant.smtp->srv.empty() + !tenant.smtp->maildir.empty() == 1);
  require(!tenant.copy.relay || tenant.copy.relay->smtp.maildir.empty());
  for (const std::string& list : tenant.strip) require(tenant.lists.contains(list));
  for (const auto& rule : tenant.rules) {
    for (const auto* names : {&rule.any, &rule.all, &rule.only, &rule.from, &rule.to}) {
      for (const std::string& name : *names) require(tenant.lists.contains(name));
    }
    require(!rule.any.empty() || !rule.all.empty() || !rule.only.empty() || !rule.from.empty() ||
            !rule.to.empty() || !rule.subject.empty());
  }
  for (const auto& crm : tenant.crms) {
    require(!crm.addresses.empty() || !tenant.smtp);
    for (const auto& pattern : crm.addresses) {
      require(!tenant.owns_domain(pattern.domain));
      const std::string local =
          pattern.kind == privet::policy::Pattern::Kind::AnyTag ? pattern.local + "+x" : pattern.local;
      require(tenant.find_crm({local, pattern.domain}) != nullptr);
    }
  }
  for (const auto& warning : loaded.warnings) require(warning.line >= 1 && !warning.what.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::string_view kSeparator = "\n%%%\n";
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t separator = input.find(kSeparator);
  const std::string_view text = input.substr(0, separator);
  const std::string list(separator == std::string_view::npos ? ""
                                                             : input.substr(separator + kSeparator.size()));

  const auto root = privet::policy::parse_yaml(text, "t.yaml");
  if (!root) {
    check_error(root.error(), text);
    return 0;
  }
  check_tree(*root, text, 0);

  const auto read = [&](const std::string& path) -> privet::Result<std::string> {
    if (path.ends_with("none")) return privet::failure("no such file");
    return list;
  };
  const auto loaded = privet::policy::load_tenant(text, "t.yaml", read);
  const auto again = privet::policy::load_policy({{"t.yaml", std::string(text)}}, read);
  require(loaded.has_value() == again.has_value());
  if (!loaded) {
    check_error(loaded.error(), loaded.error().file == "t.yaml" ? text : list);
    require(again.error().to_string() == loaded.error().to_string());
    return 0;
  }
  check_tenant(*loaded);
  require(again->policy->tenants().front().lists.size() == loaded->tenant.lists.size());
  return 0;
}
