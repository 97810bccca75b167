// What a client hears that may not or cannot have what it asks for. Never the upstream's words: they may name
// what it must not see. Pure.
#pragma once

#include <string>
#include <string_view>

namespace privet::imap {

inline constexpr std::string_view kReadOnly = "NO [NOPERM] This view is read-only";
/// For what does not exist and what may not be seen.
inline constexpr std::string_view kNoSuchMailbox = "NO [NONEXISTENT] Mailbox does not exist";
inline constexpr std::string_view kTryCreate = "NO [TRYCREATE] Mailbox does not exist";
inline constexpr std::string_view kMailboxExists = "NO [ALREADYEXISTS] Mailbox exists already";
inline constexpr std::string_view kFixedFolders = "NO [NOPERM] Folders cannot be changed through this view";
inline constexpr std::string_view kTooManyFlags = "NO [LIMIT] Too many flags";
inline constexpr std::string_view kInvalidSet = "BAD Invalid messageset";

/// "NO [OVERQUOTA] …" for a command that the upstream refused with this code (upper case, or empty). A
/// mailbox that went meanwhile is one that does not exist.
std::string refusal_for_client(std::string_view code);

}  // namespace privet::imap
