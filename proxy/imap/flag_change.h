// Which flags a client may change, and how (RFC 3501 2.3.2, 6.4.6, 7.2.6). Pure.
//
// Promise: what the view hides or adds is never touched: "FLAGS (...)" takes away what the client can see,
// nothing else, and the view's own keyword (fetch_plan.h) is neither set nor taken.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/imap/command.h"

namespace privet::imap {

/// All that a client has names for, beside keywords (RFC 3501 2.3.2).
inline constexpr std::array<std::string_view, 5> kSystemFlags{"\\Answered", "\\Flagged", "\\Deleted",
                                                              "\\Seen", "\\Draft"};

/// More than limits::kImapFlags octets.
bool are_too_many(std::span<const std::string> flags);

/// The flags that a client may set, as it wrote them.
std::vector<std::string> settable(std::span<const std::string> flags);

/// What to tell the upstream: first to add, then to take away; either may be empty.
struct FlagChange {
  std::vector<std::string> add = {};
  std::vector<std::string> remove = {};
  bool operator==(const FlagChange&) const = default;
};

/// `present`: the flags that some of the messages has upstream; needed where flags are replaced.
FlagChange flag_change(const command::Store& store, std::span<const std::string> present);

/// What the client is told of PERMANENTFLAGS. `said`: what the upstream said, in parentheses, or nothing,
/// which means all. `keywords`: those that the client sees.
std::vector<std::string> permanent_flags(std::optional<std::string_view> said,
                                         std::span<const std::string> keywords);

}  // namespace privet::imap
