// Limits of reading policy files, each with its reason. What exceeds one is an error with file:line:column.
#pragma once

#include <chrono>
#include <cstddef>

namespace privet::policy::limits {

inline constexpr std::size_t kYamlBytes =
    4 * 1024 * 1024;                                // long lists belong into list files, which have no limit
inline constexpr std::size_t kYamlNodes = 200'000;  // bounds memory: a node costs about 150 bytes
inline constexpr std::size_t kYamlDepth = 32;       // the deepest file we know needs 6
inline constexpr std::size_t kRulesPerTenant = 1000;  // every message walks them
inline constexpr std::size_t kQuotedInMessage = 60;   // bytes of a policy file that an error text repeats
inline constexpr std::size_t kSuggestionBytes = 64;   // longer words get no "did you mean"
inline constexpr std::chrono::hours kShortestCopyLife{1};  // below it one restart of a server loses copies
inline constexpr std::chrono::hours kLongestCopyLife{
    720};  // 30 days: nobody wants older mail in a CRM as new

}  // namespace privet::policy::limits
