#include "proxy/imap/modseq.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace privet::imap {

namespace {

constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();  // RFC 7162 7

}  // namespace

std::uint64_t modseq_seen(std::uint64_t real, std::uint64_t offset) {
  const std::uint64_t most = kLargest - std::min(offset, kLargest);
  return real > most ? kLargest : real + offset;
}

std::uint64_t modseq_meant(std::uint64_t seen, std::uint64_t offset) {
  return seen > offset ? seen - offset : 0;
}

bool asks_for_modseq(const SearchKey& tree) {
  return tree.kind == SearchKey::Kind::ModSeq || std::ranges::any_of(tree.children, asks_for_modseq);
}

SearchKey with_modseq_meant(SearchKey tree, std::uint64_t offset) {
  for (SearchKey& child : tree.children) child = with_modseq_meant(std::move(child), offset);
  if (tree.kind != SearchKey::Kind::ModSeq) return tree;
  tree.number = modseq_meant(tree.number, offset);
  // Every message has one above 0, and not every server takes that for a number.
  return tree.number == 0 ? SearchKey{.kind = SearchKey::Kind::All} : tree;
}

}  // namespace privet::imap
