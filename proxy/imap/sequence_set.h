// Sets of message numbers and UIDs as a client writes them (RFC 3501 9 sequence-set, RFC 5182 "$"). Pure.
//
// Promise: a set keeps what was written, in its order; only resolve() says which numbers it means.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace privet::imap {

inline constexpr std::uint32_t kStar = 0;  ///< "*", the largest number in use; no number is 0

/// "7", "3:1", "5:*". Either end may be the larger one.
struct Range {
  std::uint32_t first = kStar;
  std::uint32_t last = kStar;
  bool operator==(const Range&) const = default;
};

struct SequenceSet {
  std::vector<Range> ranges = {};
  bool saved = false;  ///< "$", the last saved result; without ranges then

  /// nullopt for 0, for numbers above 4294967295 and for whatever is not such a set. Unordered and repeated
  /// ranges ("3:1,1,2:1") are legal.
  static std::optional<SequenceSet> parse(std::string_view text);

  /// The same numbers ascending, without overlap or neighbours, first <= last, without stars. `star` is what
  /// "*" stands for; 0 where nothing is in use: ranges with a star are empty then. "$" is not resolved.
  std::vector<Range> resolve(std::uint32_t star) const;

  /// The largest number written, 0 when there are only stars: message numbers beyond EXISTS are BAD.
  std::uint32_t largest() const;

  bool operator==(const SequenceSet&) const = default;
};

/// Whether `number` is in what resolve() gave. Logarithmic.
bool contains(std::span<const Range> resolved, std::uint32_t number);

/// "1:5,7" for strictly ascending numbers; empty for none, which is no sequence set.
std::string format_set(std::span<const std::uint32_t> sorted);
/// The set as its client could have written it.
std::string format_set(const SequenceSet& set);

}  // namespace privet::imap
