// The commands with more than simple arguments: those that name messages (RFC 3501 6.4.4 to 6.4.8, RFC 4315,
// RFC 6851, RFC 7162) in message_command.cc, LIST and LSUB (RFC 3501 6.3.8, RFC 5258, RFC 5819, RFC 6154) in
// list_command.cc. Pure; for command.cc alone.
#pragma once

#include <expected>

#include "proxy/imap/command.h"
#include "proxy/imap/command_reader.h"

namespace privet::imap {

using ReadBody = std::expected<CommandBody, Refusal>;

// Each reads what follows the command's name; what is left then is too much.
ReadBody read_search_command(CommandReader& reader, bool uid);
ReadBody read_fetch_command(CommandReader& reader, bool uid);
ReadBody read_store_command(CommandReader& reader, bool uid);
ReadBody read_copy_command(CommandReader& reader, bool uid);
ReadBody read_move_command(CommandReader& reader, bool uid);
ReadBody read_expunge_command(CommandReader& reader, bool uid);
ReadBody read_list_command(CommandReader& reader);
ReadBody read_lsub_command(CommandReader& reader);

}  // namespace privet::imap
