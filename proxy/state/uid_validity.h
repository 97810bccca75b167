// Which UIDVALIDITY a mailbox is shown with: pure rules. It is the upstream's until the view needs one of its
// own, and then always a greater one: some clients ignore a change that is not (RFC 9051 2.3.1.1 asks for
// "greater" only where UIDs are not kept apart otherwise, but their authors read it so).
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>

namespace privet::state {

namespace internal {
inline std::optional<std::uint32_t> as_uid_validity(std::int64_t value) {
  if (value > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  return static_cast<std::uint32_t>(value);
}
}  // namespace internal

/// Of a mailbox that nothing is known of. `floor` is 0, or at least as great as all that were shown of a
/// mailbox that has been lost, unless that had the upstream's own. Nothing where there is none left.
inline std::optional<std::uint32_t> first_uid_validity(std::uint32_t real, std::int64_t floor) {
  // An upstream without a UIDVALIDITY counts as 0, which may not be shown.
  if (floor == 0) return std::max(real, 1u);
  return internal::as_uid_validity(std::max(std::int64_t{real} + 1, floor));
}

/// The next one of a mailbox that is shown with `shown`. Nothing where there is none left.
inline std::optional<std::uint32_t> next_uid_validity(std::uint32_t shown, std::uint32_t real) {
  return internal::as_uid_validity(std::max(std::int64_t{shown} + 1, std::int64_t{real}));
}

}  // namespace privet::state
