// An upstream's responses as values (RFC 9051 7, RFC 3501 7, RFC 4731, RFC 7162, RFC 2971, RFC 2342).
//
// Made for what servers really send: case, extra blanks and unknown items do not matter. Views point into the
// frame's text and die with it. Pure, linear time, no recursion.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "mime/result.h"
#include "proxy/imap/fetch_data.h"
#include "proxy/imap/response_frame.h"
#include "proxy/imap/sequence_set.h"

namespace privet::imap {

/// "+": an upstream waits for a literal, a login's answer or DONE.
struct Continuation {
  std::string_view text;
};

enum class Condition { Ok, No, Bad, Preauth, Bye };

/// "[NAME arguments]". The name as sent: compare it without case.
struct ResponseCode {
  std::string_view name;
  std::string_view arguments;

  bool is(std::string_view other) const;
  /// The only argument, where that is a number: UIDVALIDITY, UIDNEXT, UNSEEN, HIGHESTMODSEQ.
  std::optional<std::uint64_t> number() const;
};

/// OK, NO, BAD, PREAUTH and BYE. A code without its "]" is text.
struct Status {
  std::string_view tag;  ///< empty when untagged
  Condition condition = Condition::Bad;
  std::optional<ResponseCode> code;
  std::string_view text;  ///< for people; never for the client: it may name what it must not see
};

struct Capability {
  std::vector<std::string_view> names;
};

struct Enabled {
  std::vector<std::string_view> names;  ///< iCloud enables and names nothing: look for HIGHESTMODSEQ instead
};

struct Flags {
  std::vector<std::string_view> flags;
};

/// LIST, LSUB and XLIST. Extended data behind the name is left out.
struct List {
  bool subscribed = false;  ///< LSUB
  std::vector<std::string_view> attributes;
  char delimiter = 0;   ///< 0 for NIL
  std::string mailbox;  ///< the bytes as sent, without quotes: modified UTF-7, or what the server took for it
};

struct StatusData {
  std::string mailbox;                                            ///< as in List
  std::vector<std::pair<std::string_view, std::uint64_t>> items;  ///< those with a number, names as sent

  std::optional<std::uint64_t> find(std::string_view name) const;
};

struct Search {
  std::vector<std::uint32_t> numbers;  ///< in the server's order
  std::optional<std::uint64_t> modseq;
};

struct ESearch {
  std::string tag;  ///< empty when there is none
  bool uid = false;
  std::vector<Range> all;  ///< as sent, without stars, first <= last
  std::optional<std::uint32_t> min, max;
  std::optional<std::uint64_t> count, modseq;
};

struct Exists {
  std::uint32_t count = 0;
};
struct Recent {
  std::uint32_t count = 0;
};
struct Expunge {
  std::uint32_t number = 0;
};
struct Vanished {
  bool earlier = false;
  std::vector<Range> uids;  ///< as in ESearch
};

/// Exchange numbers some above EXISTS: `data.uid` is what to trust.
struct Fetch {
  std::uint32_t number = 0;
  FetchData data;
};

struct Id {
  std::vector<std::pair<std::string, std::string>> parameters;  ///< NIL values are empty
};

struct Namespace {
  struct Entry {
    std::string prefix;  ///< as in List
    char delimiter = 0;  ///< 0 for NIL
  };
  std::vector<Entry> personal, other, shared;
};

/// Nothing that is needed, or nothing that is known: to be dropped.
struct Unknown {
  std::string_view name;  ///< may be empty
};

using Response = std::variant<Continuation, Status, Capability, Enabled, Flags, List, StatusData, Search,
                              ESearch, Exists, Recent, Expunge, Vanished, Fetch, Id, Namespace, Unknown>;

/// Errors mean that a response that matters cannot be understood (the numbers of messages would be wrong from
/// here on): the connection is to be closed. They are: number 0 or one above 2^32-1 where a message or a UID
/// is meant, FETCH, SEARCH, ESEARCH, VANISHED, LIST with a broken syntax, a tagged line without condition.
Result<Response> parse_response(const Frame& frame);

/// What a FETCH said up to a literal that is announced (Framing::Literal). The literal is the content of the
/// last section, its `streamed` is set. Nothing when the literal belongs to anything else: its bytes are to
/// be dropped, the response goes on behind them. The UID may come after the literal.
std::optional<Fetch> fetch_before_literal(const Frame& frame);

}  // namespace privet::imap
