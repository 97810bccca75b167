#include "policy/rule_reader.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "policy/fold_case.h"
#include "policy/limits.h"

namespace privet::policy {
namespace {

constexpr auto kConditions =
    std::to_array<std::pair<std::string_view, std::vector<std::string> Rule::*>>({{"any", &Rule::any},
                                                                                  {"all", &Rule::all},
                                                                                  {"only", &Rule::only},
                                                                                  {"from", &Rule::from},
                                                                                  {"to", &Rule::to}});

void read_list_names(MapReader& reader, std::string_view key, const Tenant& tenant,
                     std::vector<std::string>& names) {
  for (const YamlNode* node : reader.strings(key)) {
    if (!tenant.lists.contains(node->scalar)) {
      std::vector<std::string> known;
      for (const auto& [name, list] : tenant.lists) known.push_back(name);
      const std::string hint = suggestion(node->scalar, known);
      reader.fail(*node, "unknown list " + in_quotes(node->scalar) + " in '" + std::string(key) +
                             "', expected a name from 'lists'" + (hint.empty() ? "" : " (" + hint + ")"));
    }
    names.push_back(node->scalar);
  }
}

void read_condition(const YamlNode& node, const std::string& file, const Tenant& tenant, Rule& rule,
                    std::optional<Error>& error) {
  MapReader when(node, file, "'when'", error);
  when.allow({"any", "all", "only", "from", "to", "subject"},
             {"class", "header", "folder", "direction", "size", "attachment"});
  if (when.ok() && node.entries.empty()) {
    when.fail(node, "an empty 'when', expected at least one of: any, all, only, from, to, subject");
  }
  for (const auto& [key, member] : kConditions) read_list_names(when, key, tenant, rule.*member);
  for (const YamlNode* word : when.strings("subject")) rule.subject.push_back(fold_case(word->scalar));
  for (const YamlEntry& entry : node.entries) {
    if (entry.value.kind == YamlNode::Kind::Sequence && entry.value.items.empty()) {
      when.fail(entry.value, "an empty list as '" + entry.key.scalar + "', expected at least one entry");
    }
  }
}

/// Equal for rules that match the same messages by their words.
std::string fingerprint(const Rule& rule) {
  std::string text;
  const auto append = [&](std::string_view name, std::vector<std::string> words) {
    std::ranges::sort(words);
    text += name;
    for (const std::string& word : words) text += '\0' + word;
    text += '\n';
  };
  for (const auto& [key, member] : kConditions) append(key, rule.*member);
  append("subject", rule.subject);
  return text;
}

}  // namespace

std::optional<Verdict> read_verdict(MapReader& reader, std::string_view key) {
  constexpr std::array kVerdicts = {Verdict::Share, Verdict::Private, Verdict::Hide};
  const auto index = reader.choice(key, {"share", "private", "hide"}, {"metadata", "redact"});
  return index ? std::optional(kVerdicts[*index]) : std::nullopt;
}

void read_strip_and_rules(MapReader& reader, const std::string& file, Tenant& tenant,
                          std::optional<Error>& error, std::vector<Error>& warnings) {
  const YamlNode* strip = reader.get("strip");
  if (strip) {
    read_list_names(reader, "strip", tenant, tenant.strip);
  } else {
    tenant.strip = {"internal", "blocked"};
  }

  const YamlNode* rules = reader.get("rules");
  if (rules && rules->kind != YamlNode::Kind::Sequence) {
    reader.fail(*rules, describe(*rules) + " as 'rules', expected a list of {when: …, do: …}");
  }
  if (rules && rules->items.size() > limits::kRulesPerTenant) {
    reader.fail(*rules, "more than " + std::to_string(limits::kRulesPerTenant) + " rules, expected fewer");
  }
  std::map<std::string, std::string> seen;
  for (std::size_t i = 0; rules && reader.ok() && i < rules->items.size(); ++i) {
    Rule rule;
    rule.id = "rule " + std::to_string(i + 1);
    MapReader item(rules->items[i], file, rule.id, error);
    item.allow({"when", "do", "floor"}, {"keep"});
    const YamlNode* when = item.require("when");
    if (when) read_condition(*when, file, tenant, rule, error);
    item.require("do");
    rule.verdict = read_verdict(item, "do").value_or(Verdict::Hide);
    rule.floor = item.boolean("floor").value_or(false);
    if (!item.ok()) return;
    const auto [earlier, first] = seen.emplace(fingerprint(rule), rule.id);
    if (!first) {
      warnings.push_back(
          {rule.id + " can never match: " + earlier->second + " has the same 'when' and stands before it",
           file, when->line, when->column});
    }
    tenant.rules.push_back(std::move(rule));
  }

  const bool shares =
      tenant.default_verdict == Verdict::Share ||
      std::ranges::any_of(tenant.rules, [](const Rule& rule) { return rule.verdict == Verdict::Share; });
  if (reader.ok() && strip && tenant.strip.empty() && shares) {
    warnings.push_back(
        {"nothing is stripped although messages can be shared: the CRM sees colleagues and blocked people, "
         "expected strip: [internal, blocked]",
         file, strip->line, strip->column});
  }
}

}  // namespace privet::policy
