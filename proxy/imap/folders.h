// Which mailboxes a client may see, and how LIST shows them (RFC 9051 6.3.9, RFC 6154). Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policy/policy.h"
#include "proxy/imap/response.h"

namespace privet::imap {

struct Folder {
  std::string name;  ///< UTF-8
  std::string wire;  ///< as the upstream wrote it
  char delimiter = 0;
  bool selectable = true;
  std::string special_use = {};  ///< "\Sent"; empty for none
  /// The client may select it. A folder that it may not see at all is not in the list.
  bool allowed = true;
  bool vanished = false;      ///< of with_vanished(): there is none, but it is subscribed
  bool has_children = false;  ///< that the client sees
};

/// What of an upstream's LIST may be seen: the allowed folders, and above each of them the parents that lead
/// to it, which cannot be selected. Those are allowed that are on the list of `scope`; without one all are
/// allowed but those for all mail, drafts, flagged and important mail, junk and trash, by what the upstream
/// says or as such folders are called, and those below a prefix of `foreign`, the namespaces of others. Names
/// that cannot be decoded do not exist.
std::vector<Folder> visible_folders(std::vector<List> listed, const policy::ViewScope& scope,
                                    const std::vector<std::string>& foreign = {});

/// `scope.folders` names the mailbox (INBOX in any case).
bool is_on_list(const policy::ViewScope& scope, std::string_view name);

/// `folders` and, sorted among them, the folders on the list of `scope` that do not exist for the client but
/// are `subscribed` (names as the upstream writes them). None without a list: what a folder was for is known
/// only while it is there, so the name of one that is gone may be that of a hidden one.
std::vector<Folder> with_vanished(std::vector<Folder> folders, const std::vector<std::string>& subscribed,
                                  const policy::ViewScope& scope);

/// The attribute, when it is one that visible_folders() looks at, as text that outlives its frame; "" for any
/// other.
std::string_view lasting_attribute(std::string_view attribute);

/// "(\HasNoChildren \Sent)", as LIST shows it; special uses only where `special_use`.
std::string attributes_of(const Folder& folder, bool special_use = true);

}  // namespace privet::imap
