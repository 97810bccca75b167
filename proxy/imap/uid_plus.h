// The response codes of UIDPLUS (RFC 4315 3): which UIDs messages got that were filed. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace privet::imap {

/// [APPENDUID uid_validity uid]. Nothing is 0.
struct AppendUid {
  std::uint32_t uid_validity = 0;
  std::uint32_t uid = 0;
  bool operator==(const AppendUid&) const = default;
};

/// A message and its copy.
struct CopiedUid {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  bool operator==(const CopiedUid&) const = default;
};

/// [COPYUID uid_validity from to].
struct CopyUid {
  std::uint32_t uid_validity = 0;
  std::vector<CopiedUid> copies = {};  ///< in the server's order, at least one
  bool operator==(const CopyUid&) const = default;
};

/// What stands behind APPENDUID. nullopt for more than one UID, too.
std::optional<AppendUid> parse_append_uid(std::string_view arguments);

/// What stands behind COPYUID. nullopt where both sets are not of the same size, or of more than `most`.
std::optional<CopyUid> parse_copy_uid(std::string_view arguments, std::size_t most);

/// "[APPENDUID 38505 3955]"
std::string format(const AppendUid& code);
/// "[COPYUID 38505 304,319:320 3956:3958]", the copies in their order; empty without any.
std::string format(const CopyUid& code);

}  // namespace privet::imap
