#include "policy/view_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include "mime/domain.h"

namespace privet::policy {
namespace {

/// "2026-01-31".
std::optional<std::chrono::sys_days> parse_date(std::string_view text) {
  constexpr std::string_view kForm = "0000-00-00";
  const auto fits = [](char c, char form) { return form == '0' ? c >= '0' && c <= '9' : c == form; };
  if (text.size() != kForm.size() || !std::ranges::equal(text, kForm, fits)) return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t digits) {
    int value = 0;
    std::from_chars(text.data() + at, text.data() + at + digits, value);
    return value;
  };
  const std::chrono::year_month_day date{std::chrono::year(number(0, 4)),
                                         std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                         std::chrono::day(static_cast<unsigned>(number(8, 2)))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

std::optional<std::chrono::sys_days> read_date(MapReader& reader, std::string_view key) {
  const auto text = reader.string(key);
  if (!text) return std::nullopt;
  const auto date = parse_date(*text);
  if (!date) {
    reader.fail(*reader.get(key),
                in_quotes(*text) + " as '" + std::string(key) + "', expected a date (2026-01-31)");
  }
  return date;
}

std::vector<std::string> read_folders(MapReader& reader) {
  std::vector<std::string> folders;
  for (const YamlNode* node : reader.strings("folders")) {
    if (node->scalar.empty())
      reader.fail(*node, "an empty name in 'folders', expected a folder (INBOX, Sent)");
    if (std::ranges::find(folders, node->scalar) != folders.end())
      reader.fail(*node, in_quotes(node->scalar) + " stands in 'folders' twice, expected it once");
    folders.push_back(node->scalar);
  }
  const YamlNode* const list = reader.get("folders");
  if (list != nullptr && folders.empty())
    reader.fail(*list, "an empty list as 'folders', expected a folder (do: hide shows none)");
  return folders;
}

}  // namespace

ViewScope read_view(const YamlNode& node, const std::string& file, std::optional<Error>& error) {
  MapReader reader(node, file, "'view'", error);
  reader.allow({"folders", "since", "write"});
  ViewScope view;
  view.folders = read_folders(reader);
  view.since = read_date(reader, "since");
  view.write = reader.boolean("write").value_or(false);
  return view;
}

std::map<std::string, Person, std::less<>> read_people(const YamlNode& node, const std::string& file,
                                                       const Tenant& tenant, std::optional<Error>& error) {
  std::map<std::string, Person, std::less<>> people;
  MapReader whole(node, file, "'people'", error);
  if (node.kind != YamlNode::Kind::Map) {
    whole.fail(node,
               describe(node) + " as 'people', expected a map: {anna@acme.example: {folders: [INBOX]}}");
    return people;
  }
  for (const YamlEntry& entry : node.entries) {
    const std::string found = in_quotes(entry.key.scalar) + " in 'people'";
    const auto address = mime::parse_addr_spec(entry.key.scalar);
    const auto domain = address ? mime::canonical_domain(address->domain) : std::nullopt;
    if (!domain || !tenant.owns_domain(*domain)) {
      whole.fail(entry.key, found + ", expected a mail address of one of the tenant's domains");
      return people;
    }
    MapReader reader(entry.value, file, found, error);
    reader.allow({"folders", "since", "do", "everywhere"}, {"also", "blocked", "until", "default"});
    Person person;
    if (reader.get("folders") != nullptr) person.folders = read_folders(reader);
    person.since = read_date(reader, "since");
    person.hide = reader.choice("do", {"hide"}).has_value();
    person.everywhere = reader.boolean("everywhere").value_or(false);
    if (person.everywhere && !person.hide)
      reader.fail(*reader.get("everywhere"), "'everywhere' without 'do: hide', expected both");
    if (!people.emplace(address->key(), std::move(person)).second)
      whole.fail(entry.key, found + " is there already, in another spelling");
  }
  return people;
}

}  // namespace privet::policy
