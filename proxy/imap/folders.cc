#include "proxy/imap/folders.h"

#include <algorithm>
#include <array>

#include "mime/ascii.h"
#include "proxy/imap/mailbox_name.h"

namespace privet::imap {

namespace {

constexpr std::array<std::string_view, 8> kSpecialUses{"\\All",  "\\Archive", "\\Drafts",    "\\Flagged",
                                                       "\\Junk", "\\Sent",    "\\Important", "\\Trash"};
constexpr std::array<std::string_view, 2> kNotSelectable{"\\Noselect", "\\NonExistent"};
/// Views of other folders, and what was never sent or is thrown away.
constexpr std::array<std::string_view, 6> kNotShown{"\\All",  "\\Drafts",    "\\Flagged",
                                                    "\\Junk", "\\Important", "\\Trash"};

/// The same, where nobody says which they are: names in lower case.
constexpr std::array<std::string_view, 24> kNamesNotShown{"all mail",
                                                          "alle nachrichten",
                                                          "borradores",
                                                          "brouillons",
                                                          "bulk mail",
                                                          "corbeille",
                                                          "courrier indésirable",
                                                          "deleted items",
                                                          "deleted messages",
                                                          "draft",
                                                          "drafts",
                                                          "entwürfe",
                                                          "gelöschte elemente",
                                                          "gelöschte objekte",
                                                          "junk",
                                                          "junk e-mail",
                                                          "junk email",
                                                          "junk-e-mail",
                                                          "papelera",
                                                          "papierkorb",
                                                          "spam",
                                                          "spamverdacht",
                                                          "trash",
                                                          "unerwünscht"};

bool is_named_for_nobody(const Folder& folder) {
  const std::size_t level =
      folder.delimiter == kNoDelimiter ? std::string::npos : folder.name.rfind(folder.delimiter);
  const std::string name = mime::to_lower(folder.name.substr(level == std::string::npos ? 0 : level + 1));
  return folder.special_use.empty() && std::ranges::find(kNamesNotShown, name) != kNamesNotShown.end();
}

bool is_foreign(const Folder& folder, const std::vector<std::string>& foreign) {
  return std::ranges::any_of(foreign, [&](const std::string& prefix) {
    // "Users/" is the namespace of others, and so is "Users" itself.
    const bool above = folder.delimiter != kNoDelimiter && folder.name + folder.delimiter == prefix;
    return !prefix.empty() && (above || folder.name.starts_with(prefix));
  });
}

Folder folder_of(List listed, std::string name) {
  Folder folder{.name = std::move(name), .wire = std::move(listed.mailbox), .delimiter = listed.delimiter};
  // Clients look for it as it is written in the RFC, and every server takes it like that.
  if (folder.name == kInbox) folder.wire = kInbox;
  for (const std::string_view attribute : listed.attributes) {
    if (std::ranges::find(kNotSelectable, attribute) != kNotSelectable.end()) folder.selectable = false;
    if (std::ranges::find(kSpecialUses, attribute) != kSpecialUses.end()) folder.special_use = attribute;
  }
  return folder;
}

bool is_allowed(const Folder& folder, const policy::ViewScope& scope,
                const std::vector<std::string>& foreign) {
  if (!folder.selectable) return false;
  if (scope.folders.empty()) {
    const bool shown = std::ranges::find(kNotShown, folder.special_use) == kNotShown.end();
    return folder.name == kInbox || (shown && !is_named_for_nobody(folder) && !is_foreign(folder, foreign));
  }
  return is_on_list(scope, folder.name);
}

bool is_below(const Folder& folder, const Folder& parent) {
  return parent.delimiter != kNoDelimiter && folder.name.size() > parent.name.size() + 1 &&
         folder.name.starts_with(parent.name) && folder.name[parent.name.size()] == parent.delimiter;
}

}  // namespace

std::string_view lasting_attribute(std::string_view attribute) {
  const auto is_it = [&](std::string_view known) { return mime::equals_ignoring_case(known, attribute); };
  if (const auto* use = std::ranges::find_if(kSpecialUses, is_it); use != kSpecialUses.end()) return *use;
  if (const auto* use = std::ranges::find_if(kNotSelectable, is_it); use != kNotSelectable.end()) return *use;
  return "";
}

std::vector<Folder> visible_folders(std::vector<List> listed, const policy::ViewScope& scope,
                                    const std::vector<std::string>& foreign) {
  std::vector<Folder> all;
  for (List& one : listed) {
    auto name = decode_mailbox(one.mailbox);
    if (!name || name->empty()) continue;
    Folder folder = folder_of(std::move(one), *std::move(name));
    folder.allowed = is_allowed(folder, scope, foreign);
    all.push_back(std::move(folder));
  }
  // Sorted by name, everything below a folder follows it but for names in between; parents are found by
  // walking back.
  std::ranges::sort(all, {}, &Folder::name);
  const auto repeated = std::ranges::unique(all, {}, &Folder::name);
  all.erase(repeated.begin(), repeated.end());
  std::vector<bool> leads(all.size(), false);
  for (const Folder& folder : all) {
    if (!folder.allowed || folder.delimiter == kNoDelimiter) continue;
    for (std::size_t end = folder.name.rfind(folder.delimiter); end != std::string::npos && end > 0;
         end = folder.name.rfind(folder.delimiter, end - 1)) {
      const auto parent = std::ranges::lower_bound(all, folder.name.substr(0, end), {}, &Folder::name);
      if (parent != all.end() && is_below(folder, *parent))
        leads[static_cast<std::size_t>(parent - all.begin())] = true;
    }
  }
  std::vector<Folder> visible;
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].has_children = leads[i];
    if (all[i].allowed || leads[i]) visible.push_back(std::move(all[i]));
  }
  return visible;
}

bool is_on_list(const policy::ViewScope& scope, std::string_view name) {
  return std::ranges::any_of(scope.folders, [&](const std::string& listed) {
    return listed == name || (is_inbox(listed) && is_inbox(name));
  });
}

std::vector<Folder> with_vanished(std::vector<Folder> folders, const std::vector<std::string>& subscribed,
                                  const policy::ViewScope& scope) {
  const char delimiter = folders.empty() ? '/' : folders.front().delimiter;
  for (const std::string& wire : subscribed) {
    auto name = decode_mailbox(wire);
    if (!name || !is_on_list(scope, *name)) continue;
    const auto at = std::ranges::lower_bound(folders, *name, {}, &Folder::name);
    if (at != folders.end() && at->name == *name) continue;
    folders.insert(at, {.name = *std::move(name),
                        .wire = wire,
                        .delimiter = delimiter,
                        .selectable = false,
                        .allowed = false,
                        .vanished = true});
  }
  return folders;
}

std::string attributes_of(const Folder& folder, bool special_use) {
  std::string text = folder.allowed ? "(" : "(\\Noselect ";
  text += folder.has_children ? "\\HasChildren" : "\\HasNoChildren";
  if (special_use && folder.allowed && !folder.special_use.empty()) text += " " + folder.special_use;
  return text + ")";
}

}  // namespace privet::imap
