#include "proxy/imap/listing.h"

#include <algorithm>

#include "proxy/imap/mailbox_name.h"
#include "proxy/imap/write.h"

namespace privet::imap {

namespace {

bool is_named(const Folder& folder, std::span<const std::string> names) {
  return std::ranges::any_of(names, [&](const std::string& name) {
    return name == folder.wire || (is_inbox(name) && is_inbox(folder.name));
  });
}

bool is_selected(const command::List& list, const Listed& one) {
  const bool by_subscription = list.lsub || list.select_subscribed;
  if (by_subscription ? !one.subscribed : one.folder->vanished) return false;
  return !list.select_special_use || (one.folder->allowed && !one.folder->special_use.empty());
}

bool is_asked_for(const command::List& list, const Folder& folder) {
  return std::ranges::any_of(list.patterns, [&](const std::string& pattern) {
    // Alone it would ask for the delimiter, among others it is nobody's name.
    return !pattern.empty() &&
           matches_pattern(join_reference(list.reference, pattern), folder.name, folder.delimiter);
  });
}

/// Marks what stands above the folder `at`. Sorted by name, that is in front of it.
void mark_parents(std::vector<Listed>& all, std::size_t at) {
  const Folder& folder = *all[at].folder;
  if (folder.delimiter == kNoDelimiter) return;
  for (std::size_t end = folder.name.rfind(folder.delimiter); end != std::string::npos && end > 0;
       end = folder.name.rfind(folder.delimiter, end - 1)) {
    const auto name_of = [](const Listed& one) -> const std::string& { return one.folder->name; };
    const auto parent = std::ranges::lower_bound(all, folder.name.substr(0, end), {}, name_of);
    if (parent != all.end() && parent->folder->name.size() == end &&
        folder.name.starts_with(name_of(*parent)))
      parent->has_selected_below = true;
  }
}

std::string attributes_of_extended(const command::List& list, const Listed& one) {
  std::string text;
  const auto add = [&](std::string_view attribute) {
    text += text.empty() ? "" : " ";
    text += attribute;
  };
  const Folder& folder = *one.folder;
  if (!folder.allowed) add("\\NonExistent");
  if (one.subscribed && (list.select_subscribed || list.return_subscribed)) add("\\Subscribed");
  if (list.return_children) add(folder.has_children ? "\\HasChildren" : "\\HasNoChildren");
  const bool special_use = list.select_special_use || list.return_special_use;
  if (special_use && folder.allowed && !folder.special_use.empty()) add(folder.special_use);
  return "(" + text + ")";
}

}  // namespace

std::string quoted_delimiter(char delimiter) {
  if (delimiter == kNoDelimiter) return "NIL";
  const std::string escape = delimiter == '\\' || delimiter == '"' ? "\\" : "";
  return "\"" + escape + delimiter + "\"";
}

bool asks_for_subscriptions(const command::List& list) {
  return list.lsub || list.select_subscribed || list.return_subscribed;
}

std::vector<Listed> listed(const command::List& list, std::span<const Folder> folders,
                           std::span<const std::string> subscribed) {
  const bool looks_below = list.lsub || list.select_recursive_match;
  std::vector<Listed> all;
  std::vector<bool> asked_for;
  for (const Folder& folder : folders) {
    const bool counts = folder.allowed || folder.vanished;
    Listed one{.folder = &folder, .subscribed = counts && is_named(folder, subscribed)};
    one.selected = is_selected(list, one);
    all.push_back(one);
    asked_for.push_back(is_asked_for(list, folder));
  }
  if (looks_below) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i].selected && !asked_for[i]) mark_parents(all, i);
    }
  }
  std::vector<Listed> shown;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (asked_for[i] && (all[i].selected || all[i].has_selected_below)) shown.push_back(all[i]);
  }
  return shown;
}

std::string line_of(const command::List& list, const Listed& one) {
  const Folder& folder = *one.folder;
  std::string line = list.lsub ? "* LSUB " : "* LIST ";
  if (list.lsub) {
    line += one.selected ? "()" : "(\\Noselect)";
  } else {
    line += list.extended ? attributes_of_extended(list, one) : attributes_of(folder);
  }
  line += " " + quoted_delimiter(folder.delimiter) + " ";
  Writer writer(line, LiteralForm::Response);
  writer.astring(folder.wire);
  if (list.extended && one.has_selected_below) {
    writer.words(" (\"CHILDINFO\" (");
    if (list.select_subscribed) writer.words("\"SUBSCRIBED\"");
    if (list.select_subscribed && list.select_special_use) writer.words(" ");
    if (list.select_special_use) writer.words("\"SPECIAL-USE\"");
    writer.words("))");
  }
  writer.end();
  return line;
}

}  // namespace privet::imap
