// MODSEQ values (RFC 7162) between an upstream and a client: the client's are greater by the view's offset,
// which grows where the view changes and the upstream does not know. Pure.
//
// Promise: what a client has not seen is never below the value it gives: an offset that has grown since means
// that it hears of some messages again, not that it misses one.
#pragma once

#include <cstdint>

#include "proxy/imap/search_key.h"

namespace privet::imap {

/// As the client hears the upstream's value.
std::uint64_t modseq_seen(std::uint64_t real, std::uint64_t offset);
/// What the client's value means to the upstream; 0: below all.
std::uint64_t modseq_meant(std::uint64_t seen, std::uint64_t offset);

/// Whether a tree asks for MODSEQ. Recursion as deep as the tree, as in the next one.
bool asks_for_modseq(const SearchKey& tree);
/// The same for an upstream.
SearchKey with_modseq_meant(SearchKey tree, std::uint64_t offset);

}  // namespace privet::imap
