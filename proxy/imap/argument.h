// Arguments that several commands share, each read with the blank before it (RFC 3501 9). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/imap/command.h"
#include "proxy/imap/command_reader.h"
#include "proxy/imap/sequence_set.h"

namespace privet::imap {

/// As in namespace command; nullopt where there is no string.
std::optional<std::string> read_mailbox(CommandReader& reader);
/// Message numbers or UIDs.
std::optional<SequenceSet> read_set(CommandReader& reader);
/// A list of flags; `bare`: also one or more without parentheses, to the end. nullopt for system flags that a
/// client cannot set, \Recent among them.
std::optional<std::vector<std::string>> read_flags(CommandReader& reader, bool bare);
/// "(" items ")", one at least; each is kept once.
std::optional<std::vector<command::StatusItem>> read_status_items(CommandReader& reader);
/// "(" name blank number ")", the number 1 to 2^63-1, or from `least` on.
std::optional<std::uint64_t> read_modifier(CommandReader& reader, std::string_view name, std::uint64_t least);

}  // namespace privet::imap
