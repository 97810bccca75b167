// The tree of a SEARCH (RFC 3501 6.4.4, RFC 5032 WITHIN, RFC 7162 3.1.5 MODSEQ). An allow-list, pure.
//
// Promise: keys that are the negation or sum of others are read as those: UNSEEN is NOT SEEN, NEW is RECENT
// and NOT SEEN, so whoever evaluates a tree has each fact once.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "proxy/imap/date_time.h"
#include "proxy/imap/sequence_set.h"

namespace privet::imap {

class CommandReader;
struct Refusal;

struct SearchKey {
  enum class Kind : std::uint8_t {
    All,
    Sequence,  ///< `set`, of message numbers
    Uid,       ///< `set`, of UIDs
    Answered,
    Deleted,
    Draft,
    Flagged,
    Recent,
    Seen,
    Keyword,  ///< `text`, as written
    Bcc,      ///< `text` in the next ones: UTF-8 without NUL, may be empty
    Body,
    Cc,
    From,
    Subject,
    Text,
    To,
    Header,      ///< `field` and `text`; an empty text asks whether the field is there
    Before,      ///< `date`, of the internal date
    On,          ///< so
    Since,       ///< so
    SentBefore,  ///< `date`, of the Date field
    SentOn,      ///< so
    SentSince,   ///< so
    Larger,      ///< `number` of octets
    Smaller,     ///< so
    Older,       ///< `number` of seconds, never 0
    Younger,     ///< so
    ModSeq,      ///< `number`, as large or larger
    And,         ///< two or more `children`
    Or,          ///< two `children`
    Not          ///< one of `children`
  };
  Kind kind = Kind::All;
  std::vector<SearchKey> children = {};
  std::string field = {};
  std::string text = {};
  SequenceSet set = {};
  std::uint64_t number = 0;
  Date date = {};

  bool operator==(const SearchKey&) const = default;
};

/// RETURN (...) of ESEARCH (RFC 4731). "RETURN ()" is ALL.
struct SearchReturn {
  bool min = false;
  bool max = false;
  bool all = false;
  bool count = false;
  bool operator==(const SearchReturn&) const = default;
};

struct SearchProgram {
  std::optional<SearchReturn> result = {};  ///< nullopt: the SEARCH answer of old
  SearchKey key = {};
};

/// What follows SEARCH, with its blank. Refuses unknown keys, return options and texts that are not UTF-8,
/// whatever the charset; other charsets than US-ASCII and UTF-8 with NO; above limits::kImapSearchKeys or
/// kImapSearchDepth.
std::expected<SearchProgram, Refusal> read_search(CommandReader& reader);

}  // namespace privet::imap
