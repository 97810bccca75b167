// What LIST and LSUB say of the folders that a client may see (RFC 9051 6.3.9, RFC 3501 6.3.9; RFC 5258, RFC
// 6154). Pure.
//
// Promise: only what visible_folders() gave is ever named, counted or hinted at: a hidden folder is no child,
// and no subscription to one shows.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "proxy/imap/command.h"
#include "proxy/imap/folders.h"

namespace privet::imap {

/// A folder that a LIST shows.
struct Listed {
  const Folder* folder = nullptr;
  bool selected = true;  ///< it is what was asked for; false: only something below it is
  bool subscribed = false;
  bool has_selected_below = false;  ///< CHILDINFO: something below is, and does not show by itself
};

/// Needs to be known for this command: what LSUB says.
bool asks_for_subscriptions(const command::List& list);

/// What the command shows of `folders`, in their order. `subscribed`: names as the upstream writes them.
/// Nothing where only the delimiter is asked for. Takes time |folders| * |patterns| * (|name| * |pattern|).
std::vector<Listed> listed(const command::List& list, std::span<const Folder> folders,
                           std::span<const std::string> subscribed);

/// "* LIST (\HasNoChildren) "/" Sent" and its end.
std::string line_of(const command::List& list, const Listed& one);

/// "/" in quotes, or NIL.
std::string quoted_delimiter(char delimiter);

}  // namespace privet::imap
