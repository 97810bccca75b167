// Which messages of a view a client means by a set (RFC 9051 2.3.1, 9 sequence-set), and which an upstream
// meant by its UIDs.
//
// Promise: what is hidden is answered like what does not exist. Selections are ranges of the client's
// numbers, ascending and apart, and hold until those change.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "proxy/imap/bitmap.h"
#include "proxy/imap/sequence_set.h"
#include "proxy/imap/view.h"

namespace privet::imap {

enum class Numbering : std::uint8_t { Number, Uid };

using Selection = std::vector<Range>;

/// For FETCH, STORE, COPY: nullopt is BAD, a number beyond EXISTS ("*" too where there is no message). UIDs
/// that the client cannot see are left out. "*" is the last message, among UIDs of an empty view uid_next().
std::optional<Selection> resolve(const View& view, const SequenceSet& set, Numbering numbering);

/// For SEARCH: numbers beyond EXISTS are left out too.
Selection clip(const View& view, const SequenceSet& set, Numbering numbering);

std::size_t count(const Selection& selection);  ///< of messages

/// View::messages and View::upstream_ranges of the whole selection. The second is empty, no set at all, when
/// nothing can be served: then there is nothing to ask.
std::vector<Message> messages(const View& view, const Selection& selection);
SequenceSet upstream_set(const View& view, const Selection& selection);

std::vector<std::uint32_t> uids_of(std::span<const Message> messages);

/// Bit 0 is number 1.
Bitmap bits(const View& view, const Selection& selection);
/// What an upstream found, in any order, without what is leaving or not known to the client.
Bitmap bits_of_uids(const View& view, std::span<const std::uint32_t> uids);
Bitmap bits_of_uids(const View& view, std::span<const Range> uids);

}  // namespace privet::imap
