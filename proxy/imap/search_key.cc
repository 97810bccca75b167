#include "proxy/imap/search_key.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>
#include <utility>

#include "mime/ascii.h"
#include "mime/charset.h"
#include "proxy/imap/command_reader.h"
#include "proxy/limits.h"
#include "proxy/text.h"

namespace privet::imap {
namespace {

using Kind = SearchKey::Kind;
using Refused = std::unexpected<Refusal>;

enum class Argument { None, Text, Field, Keyword, Number, Seconds, Date, Set, ModSeq, One, Two };
struct Word {
  std::string_view name;
  Kind kind;
  Argument argument = Argument::None;
  bool negated = false;
};
constexpr std::array<Word, 37> kWords{{{"ALL", Kind::All},
                                       {"ANSWERED", Kind::Answered},
                                       {"BCC", Kind::Bcc, Argument::Text},
                                       {"BEFORE", Kind::Before, Argument::Date},
                                       {"BODY", Kind::Body, Argument::Text},
                                       {"CC", Kind::Cc, Argument::Text},
                                       {"DELETED", Kind::Deleted},
                                       {"DRAFT", Kind::Draft},
                                       {"FLAGGED", Kind::Flagged},
                                       {"FROM", Kind::From, Argument::Text},
                                       {"HEADER", Kind::Header, Argument::Field},
                                       {"KEYWORD", Kind::Keyword, Argument::Keyword},
                                       {"LARGER", Kind::Larger, Argument::Number},
                                       {"MODSEQ", Kind::ModSeq, Argument::ModSeq},
                                       {"NOT", Kind::Not, Argument::One},
                                       {"OLD", Kind::Recent, Argument::None, true},
                                       {"OLDER", Kind::Older, Argument::Seconds},
                                       {"ON", Kind::On, Argument::Date},
                                       {"OR", Kind::Or, Argument::Two},
                                       {"RECENT", Kind::Recent},
                                       {"SEEN", Kind::Seen},
                                       {"SENTBEFORE", Kind::SentBefore, Argument::Date},
                                       {"SENTON", Kind::SentOn, Argument::Date},
                                       {"SENTSINCE", Kind::SentSince, Argument::Date},
                                       {"SINCE", Kind::Since, Argument::Date},
                                       {"SMALLER", Kind::Smaller, Argument::Number},
                                       {"SUBJECT", Kind::Subject, Argument::Text},
                                       {"TEXT", Kind::Text, Argument::Text},
                                       {"TO", Kind::To, Argument::Text},
                                       {"UID", Kind::Uid, Argument::Set},
                                       {"UNANSWERED", Kind::Answered, Argument::None, true},
                                       {"UNDELETED", Kind::Deleted, Argument::None, true},
                                       {"UNDRAFT", Kind::Draft, Argument::None, true},
                                       {"UNFLAGGED", Kind::Flagged, Argument::None, true},
                                       {"UNKEYWORD", Kind::Keyword, Argument::Keyword, true},
                                       {"UNSEEN", Kind::Seen, Argument::None, true},
                                       {"YOUNGER", Kind::Younger, Argument::Seconds}}};
constexpr std::string_view kNew = "NEW";

constexpr std::array<std::pair<std::string_view, bool SearchReturn::*>, 4> kReturns{
    {{"MIN", &SearchReturn::min},
     {"MAX", &SearchReturn::max},
     {"ALL", &SearchReturn::all},
     {"COUNT", &SearchReturn::count}}};

constexpr Refusal kBadCharset{"[BADCHARSET (US-ASCII UTF-8)] Charset not supported", true};
constexpr Refusal kBadReturn{"Invalid SEARCH return option"};
constexpr Refusal kBadKey{"Invalid search key"};
constexpr std::uint64_t kLargestNumber = std::numeric_limits<std::int64_t>::max();  // RFC 7162 7, 9051 9
constexpr std::uint64_t kLargestInterval = std::numeric_limits<std::uint32_t>::max();

bool is_date_char(char c) {
  return mime::is_alnum(c) || c == '-';
}

SearchKey negate(SearchKey key) {
  SearchKey negation{.kind = Kind::Not};
  negation.children.push_back(std::move(key));
  return negation;
}

/// All of `keys`, one at least.
SearchKey all_of(std::vector<SearchKey> keys) {
  if (keys.size() == 1) return std::move(keys.front());
  return {.kind = Kind::And, .children = std::move(keys)};
}

class KeyReader {
 public:
  explicit KeyReader(CommandReader& reader) : reader_(reader) {}

  std::optional<SearchKey> key(std::size_t depth) {
    if (!takes(1, depth)) return std::nullopt;
    if (reader_.peek() == '(') return group(depth);
    if (is_set_char(reader_.peek())) {
      SearchKey key{.kind = Kind::Sequence};
      return set(key) ? std::optional(std::move(key)) : std::nullopt;
    }
    const std::string_view name = reader_.atom();
    if (equals_ignoring_case(name, kNew)) {
      if (!takes(3, depth + 2)) return std::nullopt;
      return all_of({{.kind = Kind::Recent}, negate({.kind = Kind::Seen})});
    }
    const auto* const word = std::ranges::find_if(
        kWords, [&](const Word& known) { return equals_ignoring_case(name, known.name); });
    if (word == kWords.end() || (word->negated && !takes(1, depth + 1))) return std::nullopt;
    SearchKey key{.kind = word->kind};
    if (!argument(word->argument, key, depth)) return std::nullopt;
    return word->negated ? negate(std::move(key)) : std::move(key);
  }

 private:
  /// Counted is what the tree is made of: UNSEEN is NOT and SEEN, NEW is a list of RECENT, NOT and SEEN.
  bool takes(std::size_t keys, std::size_t depth) {
    keys_ += keys;
    return depth <= limits::kImapSearchDepth && keys_ <= limits::kImapSearchKeys;
  }

  std::optional<SearchKey> group(std::size_t depth) {
    std::vector<SearchKey> children;
    const bool read = reader_.list(1, [&] { return child(children, depth); });
    return read ? std::optional(all_of(std::move(children))) : std::nullopt;
  }

  bool child(std::vector<SearchKey>& children, std::size_t depth) {
    auto next = key(depth + 1);
    if (next) children.push_back(*std::move(next));
    return next.has_value();
  }

  bool argument(Argument kind, SearchKey& key, std::size_t depth) {
    if (kind == Argument::None) return true;
    if (!reader_.blank()) return false;
    switch (kind) {
      case Argument::None:
        break;
      case Argument::Text:
        return text(key.text);
      case Argument::Field:
        return text(key.field) && reader_.blank() && text(key.text);
      case Argument::Keyword:
        key.text = reader_.atom();
        return !key.text.empty();
      case Argument::Number:
        return number(key, 0, kLargestNumber);
      case Argument::Seconds:
        return number(key, 1, kLargestInterval);
      case Argument::Date:
        return date(key.date);
      case Argument::Set:
        return set(key);
      case Argument::ModSeq:
        return mod_seq(key);
      case Argument::One:
        return child(key.children, depth);
      case Argument::Two:
        return child(key.children, depth) && reader_.blank() && child(key.children, depth);
    }
    return true;
  }

  bool text(std::string& text) {
    auto read = reader_.astring();
    if (!read || !mime::is_utf8(*read)) return false;
    text = *std::move(read);
    return true;
  }

  bool number(SearchKey& key, std::uint64_t least, std::uint64_t largest) {
    const auto read = reader_.number(largest);
    key.number = read.value_or(0);
    return read && *read >= least;
  }

  bool date(Date& date) {
    const bool quoted = reader_.take('"');
    const auto read = parse_date(reader_.take_while(is_date_char));
    date = read.value_or(Date());
    return read && (!quoted || reader_.take('"'));
  }

  bool set(SearchKey& key) {
    auto read = SequenceSet::parse(reader_.take_while(is_set_char));
    if (read) key.set = *std::move(read);
    return read.has_value();
  }

  /// The metadata item that may stand in front is read and forgotten: one mod-sequence is kept for all of a
  /// message, and RFC 7162 3.1.5 asks to ignore it then.
  bool mod_seq(SearchKey& key) {
    if (reader_.peek() == '"') {
      if (!reader_.string() || !reader_.blank()) return false;
      if (!reader_.word("all") && !reader_.word("priv") && !reader_.word("shared")) return false;
      if (!reader_.blank()) return false;
    }
    return number(key, 0, kLargestNumber);
  }

  CommandReader& reader_;
  std::size_t keys_ = 0;
};

std::optional<SearchReturn> read_return(CommandReader& reader) {
  SearchReturn result;
  bool any = false;
  const auto option = [&] {
    const std::string_view name = reader.atom();
    const auto* const found = std::ranges::find_if(
        kReturns, [&](const auto& known) { return equals_ignoring_case(name, known.first); });
    if (found == kReturns.end()) return false;
    result.*found->second = true;
    any = true;
    return true;
  };
  if (!reader.blank() || !reader.list(0, option)) return std::nullopt;
  if (!any) result.all = true;
  return result;
}

}  // namespace

std::expected<SearchProgram, Refusal> read_search(CommandReader& reader) {
  SearchProgram program;
  if (!reader.blank()) return Refused(kBadKey);
  if (reader.word("RETURN")) {
    program.result = read_return(reader);
    if (!program.result || !reader.blank()) return Refused(kBadReturn);
  }
  if (reader.word("CHARSET")) {
    if (!reader.blank()) return Refused(kBadKey);
    const auto charset = reader.astring();
    if (!charset) return Refused(kBadKey);
    const bool known = equals_ignoring_case(*charset, "UTF-8") || equals_ignoring_case(*charset, "US-ASCII");
    if (!known) return Refused(kBadCharset);
    if (!reader.blank()) return Refused(kBadKey);
  }
  KeyReader keys(reader);
  std::vector<SearchKey> all;
  do {
    auto key = keys.key(0);
    if (!key) return Refused(kBadKey);
    all.push_back(*std::move(key));
  } while (reader.blank());
  program.key = all_of(std::move(all));
  return program;
}

}  // namespace privet::imap
