// SEARCH in a filtered view: who can answer which key, and what follows for the whole tree (RFC 9051 6.4.4,
// RFC 4731).
//
// Promise: the tree is evaluated here, on what the client would see, so that NOT and OR are exact: NOT TO x
// holds for a message whose real recipient x was taken out. Nothing outside the view is ever found.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "proxy/imap/bitmap.h"
#include "proxy/imap/response.h"
#include "proxy/imap/search_key.h"
#include "proxy/imap/selection.h"
#include "proxy/imap/view.h"

namespace privet::imap {

/// What of a message the policy may change, beyond its recipients.
struct SearchRules {
  bool from = false;
  bool subject = false;
  bool body = false;              ///< messages inside messages
  bool age = false;               ///< not by a policy: the upstream does not know OLDER and YOUNGER
  std::string_view keyword = {};  ///< of the view, "$Private": upstream knows nothing of it. Empty for none
};

/// What one command to the upstream can answer: all of `keys` at once.
struct SearchLeaf {
  enum class Kind : std::uint8_t {
    Local,     ///< answered by the plan itself: ALL, RECENT, numbers and UIDs
    Keyword,   ///< `rules.keyword`: the caller knows which messages have it
    Upstream,  ///< one or more keys, or trees of such
    Sensitive  ///< a single one: upstream's answer, but for redacted messages what holds for those
  };
  Kind kind = Kind::Local;
  std::vector<const SearchKey*> keys = {};
};

/// A tree, made ready. It has to outlive the plan. Keys are sent as they stand (MODSEQ has to be shifted
/// before); a saved result "$" finds nothing. Recursion is as deep as the tree, which parse_command limits.
class SearchPlan {
 public:
  explicit SearchPlan(const SearchKey& tree, const SearchRules& rules = {});

  /// Keys that only the upstream answers stand together in as few leaves as there can be.
  std::span<const SearchLeaf> leaves() const { return leaves_; }

  /// UIDs beyond which nothing can be found: every question to the upstream may be restricted to them.
  /// nullopt when nothing can be found at all.
  std::optional<Range> scope(const View& view) const;

  /// Bit 0 is number 1. `answers` has a bitmap for each leaf, in the same order; of local ones it is ignored.
  /// The view has to be the one of which scope() and bits_of_uids() were asked, its numbers unchanged.
  Bitmap evaluate(const View& view, std::span<const Bitmap> answers) const;

 private:
  enum class Step : std::uint8_t { Leaf, And, Or, Not };

  void plan(const SearchKey& key);
  void plan_children(const SearchKey& key);
  void add_leaf(SearchLeaf leaf);
  bool only_upstream(const SearchKey& key) const;
  SearchLeaf::Kind kind_of(const SearchKey& key) const;

  SearchRules rules_;
  const SearchKey* tree_;
  std::vector<SearchLeaf> leaves_;
  std::vector<Step> steps_;  // postfix; leaves in their order
};

/// What was found, ascending.
std::vector<std::uint32_t> found(const View& view, const Bitmap& bits, Numbering numbering);
/// What RETURN asked for, as RFC 4731 wants it: MIN, MAX and ALL only when something was found. Without tag.
/// Written by write_result().
ESearch extended_result(const View& view, const Bitmap& bits, Numbering numbering,
                        const SearchReturn& wanted);

}  // namespace privet::imap
