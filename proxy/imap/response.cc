#include "proxy/imap/response.h"

#include <algorithm>
#include <array>
#include <limits>

#include "mime/ascii.h"
#include "proxy/imap/fetch_response.h"
#include "proxy/imap/response_reader.h"

namespace privet::imap {
namespace {

using mime::equals_ignoring_case;

constexpr std::uint64_t kLargestNumber = std::numeric_limits<std::uint32_t>::max();

std::optional<Condition> condition_of(std::string_view word) {
  struct Row {
    std::string_view name;
    Condition condition;
  };
  constexpr std::array<Row, 5> kRows{{{"OK", Condition::Ok},
                                      {"NO", Condition::No},
                                      {"BAD", Condition::Bad},
                                      {"PREAUTH", Condition::Preauth},
                                      {"BYE", Condition::Bye}}};
  const auto* const row =
      std::ranges::find_if(kRows, [&](const Row& each) { return equals_ignoring_case(word, each.name); });
  return row == kRows.end() ? std::nullopt : std::optional(row->condition);
}

std::optional<std::uint32_t> parse_message_number(std::string_view text) {
  const std::optional<std::uint64_t> number = parse_number(text);
  if (!number || *number == 0 || *number > kLargestNumber) return std::nullopt;
  return static_cast<std::uint32_t>(*number);
}

/// "1:3,5" without stars; "3:1" is "1:3".
std::optional<std::vector<Range>> parse_ranges(std::string_view text) {
  std::vector<Range> ranges;
  for (bool more = true; more;) {
    const std::size_t comma = text.find(',');
    more = comma != std::string_view::npos;
    const std::string_view part = text.substr(0, comma);
    const std::size_t colon = part.find(':');
    const std::optional<std::uint32_t> first = parse_message_number(part.substr(0, colon));
    const std::optional<std::uint32_t> last =
        colon == std::string_view::npos ? first : parse_message_number(part.substr(colon + 1));
    if (!first || !last) return std::nullopt;
    ranges.push_back({std::min(*first, *last), std::max(*first, *last)});
    if (more) text.remove_prefix(comma + 1);
  }
  return ranges;
}

std::vector<std::string_view> words_of(ResponseReader& reader) {
  std::vector<std::string_view> words;
  while (const std::optional<Value> word = reader.value()) words.push_back(word->raw);
  return words;
}

std::vector<std::string_view> words_of(const Value& list) {
  ResponseReader reader(Frame{.text = list.bytes});
  return words_of(reader);
}

bool ends_here(ResponseReader& reader) {
  reader.skip_blanks();
  return reader.at_end();
}

/// The hierarchy delimiter; 0 for NIL.
std::optional<char> delimiter_of(const Value& value) {
  if (value.kind == Value::Kind::Nil) return '\0';
  const std::string text = value.string();
  if (value.kind == Value::Kind::List || text.size() > 1) return std::nullopt;
  return text.empty() ? '\0' : text.front();
}

/// A mailbox's or namespace's name; a mailbox may be called NIL.
std::optional<std::string> name_of(const Value& value) {
  if (value.kind == Value::Kind::List || value.streamed > 0) return std::nullopt;
  return value.kind == Value::Kind::Nil ? std::string(value.raw) : value.string();
}

Status status_of(std::string_view tag, Condition condition, std::string_view rest) {
  Status status{.tag = tag, .condition = condition};
  const std::size_t end = rest.find(']');
  if (rest.starts_with('[') && end != std::string_view::npos) {
    std::string_view inside = rest.substr(1, end - 1);
    const std::string_view name = take_word(inside);
    status.code = ResponseCode{name, mime::trim(inside, " ")};
    rest.remove_prefix(end + 1);
  }
  status.text = mime::trim(rest, " ");
  return status;
}

Response list_of(ResponseReader& reader, std::string_view word) {
  const std::optional<Value> attributes = reader.value();
  const std::optional<Value> delimiter = attributes ? reader.value() : std::nullopt;
  const std::optional<Value> mailbox = delimiter ? reader.value() : std::nullopt;
  if (!mailbox || attributes->kind != Value::Kind::List) return Unknown{word};
  const std::optional<char> separator = delimiter_of(*delimiter);
  std::optional<std::string> name = name_of(*mailbox);
  // An unquoted name with a blank in it would be taken for another mailbox.
  reader.skip_blanks();
  if (!separator || !name || (!reader.at_end() && reader.peek() != '(')) return Unknown{word};
  return List{.subscribed = equals_ignoring_case(word, "LSUB"),
              .attributes = words_of(*attributes),
              .delimiter = *separator,
              .mailbox = *std::move(name)};
}

Response status_data_of(ResponseReader& reader, std::string_view word) {
  const std::optional<Value> mailbox = reader.value();
  const std::optional<Value> items = mailbox ? reader.value() : std::nullopt;
  if (!items || items->kind != Value::Kind::List) return Unknown{word};
  std::optional<std::string> name = name_of(*mailbox);
  if (!name) return Unknown{word};
  StatusData data{.mailbox = *std::move(name)};
  ResponseReader inside(Frame{.text = items->bytes});
  while (const std::optional<Value> item = inside.value()) {
    const std::optional<Value> value = inside.value();
    if (!value) break;
    if (const auto number = parse_number(mime::trim(value->bytes)))
      data.items.emplace_back(item->bytes, *number);
  }
  return data;
}

/// "MODSEQ n" as it stands in "(MODSEQ n)".
std::optional<std::uint64_t> modseq_of(std::string_view inside) {
  return equals_ignoring_case(take_word(inside), "MODSEQ") ? parse_number(take_word(inside)) : std::nullopt;
}

Result<Response> search_of(ResponseReader& reader) {
  Search search;
  while (const std::optional<Value> value = reader.value()) {
    if (value->kind == Value::Kind::List) {
      search.modseq = modseq_of(value->bytes);
      continue;
    }
    const std::optional<std::uint32_t> number = parse_message_number(value->raw);
    if (!number) return failure("a SEARCH response has a number that is none");
    search.numbers.push_back(*number);
  }
  if (!reader.at_end()) return failure("a SEARCH response has something else among its numbers");
  return search;
}

bool assign(ESearch& search, std::string_view name, const Value& value) {
  const auto is = [name](std::string_view other) { return equals_ignoring_case(name, other); };
  if (is("ALL")) {
    std::optional<std::vector<Range>> all = parse_ranges(value.raw);
    if (all) search.all = *std::move(all);
    return all.has_value();
  }
  if (is("MIN")) return (search.min = parse_message_number(value.raw)).has_value();
  if (is("MAX")) return (search.max = parse_message_number(value.raw)).has_value();
  if (is("COUNT")) return (search.count = parse_number(value.raw)).has_value();
  if (is("MODSEQ")) return (search.modseq = parse_number(value.raw)).has_value();
  return true;
}

Result<Response> esearch_of(ResponseReader& reader) {
  ESearch search;
  reader.skip_blanks();
  if (reader.peek() == '(') {
    const std::optional<Value> correlator = reader.value();
    if (!correlator) return failure("an ESEARCH response's correlator does not end");
    ResponseReader inside(Frame{.text = correlator->bytes});
    const std::optional<Value> name = inside.value();
    const std::optional<Value> tag = name ? inside.value() : std::nullopt;
    if (tag && equals_ignoring_case(name->raw, "TAG")) search.tag = tag->string();
  }
  while (const std::optional<Value> name = reader.value()) {
    if (equals_ignoring_case(name->raw, "UID")) {
      search.uid = true;
      continue;
    }
    const std::optional<Value> value = reader.value();
    if (!value || !assign(search, name->raw, *value))
      return failure("an ESEARCH response has a value that is none");
  }
  if (!reader.at_end()) return failure("an ESEARCH response has something else where an item is expected");
  return search;
}

Result<Response> vanished_of(ResponseReader& reader) {
  Vanished vanished;
  std::optional<Value> value = reader.value();
  if (value && value->kind == Value::Kind::List) {
    vanished.earlier = equals_ignoring_case(mime::trim(value->bytes), "EARLIER");
    value = reader.value();
  }
  std::optional<std::vector<Range>> uids = value ? parse_ranges(value->raw) : std::nullopt;
  if (!uids || !ends_here(reader)) return failure("a VANISHED response without a set of UIDs");
  vanished.uids = *std::move(uids);
  return vanished;
}

Response id_of(ResponseReader& reader, std::string_view word) {
  const std::optional<Value> list = reader.value();
  if (!list) return Unknown{word};
  Id id;
  ResponseReader inside(Frame{.text = list->kind == Value::Kind::List ? list->bytes : ""});
  while (const std::optional<Value> name = inside.value()) {
    const std::optional<Value> value = inside.value();
    if (!value) break;
    id.parameters.emplace_back(name->string(), value->is_string() ? value->string() : "");
  }
  return id;
}

std::optional<std::vector<Namespace::Entry>> namespaces_of(const std::optional<Value>& value) {
  std::vector<Namespace::Entry> entries;
  if (!value) return std::nullopt;
  if (value->kind == Value::Kind::Nil) return entries;
  if (value->kind != Value::Kind::List || value->streamed > 0) return std::nullopt;
  ResponseReader inside(Frame{.text = value->bytes});
  while (const std::optional<Value> entry = inside.value()) {
    ResponseReader pair(Frame{.text = entry->bytes});
    const std::optional<Value> prefix = pair.value();
    const std::optional<Value> delimiter = prefix ? pair.value() : std::nullopt;
    if (!delimiter || entry->kind != Value::Kind::List) return std::nullopt;
    std::optional<std::string> name = name_of(*prefix);
    const std::optional<char> separator = delimiter_of(*delimiter);
    if (!name || !separator) return std::nullopt;
    entries.push_back({*std::move(name), *separator});
  }
  return entries;
}

Response namespace_of(ResponseReader& reader, std::string_view word) {
  auto personal = namespaces_of(reader.value());
  auto other = namespaces_of(reader.value());
  auto shared = namespaces_of(reader.value());
  if (!personal || !other || !shared) return Unknown{word};
  return Namespace{*std::move(personal), *std::move(other), *std::move(shared)};
}

Result<Response> fetch_of(std::uint32_t number, ResponseReader& reader) {
  // Filled where it is returned: of these there are as many as messages.
  Result<Response> response(Fetch{.number = number, .data = {}});
  const Result<void> read = parse_fetch_data(reader, false, std::get<Fetch>(*response).data);
  if (!read) {
    response = std::unexpected(read.error());
  } else if (!ends_here(reader)) {
    response = failure("a FETCH response goes on behind its items");
  }
  return response;
}

/// "* number WORD ...".
Result<Response> numbered(std::string_view digits, ResponseReader& reader) {
  reader.skip_blanks();
  const std::string_view word = reader.word();
  const auto is = [word](std::string_view name) { return equals_ignoring_case(word, name); };
  const bool counts = is("EXISTS") || is("RECENT");
  if (!counts && !is("EXPUNGE") && !is("FETCH")) return Unknown{word};
  const std::optional<std::uint64_t> number = parse_number(digits);
  if (!number || *number > kLargestNumber || (*number == 0 && !counts)) {
    return failure("a response names a message by a number that is none");
  }
  const auto value = static_cast<std::uint32_t>(*number);
  if (is("EXISTS")) return Exists{value};
  if (is("RECENT")) return Recent{value};
  if (is("EXPUNGE")) return Expunge{value};
  return fetch_of(value, reader);
}

Result<Response> untagged(ResponseReader& reader) {
  reader.skip_blanks();
  const std::string_view word = reader.word();
  if (!word.empty() && std::ranges::all_of(word, mime::is_digit)) return numbered(word, reader);
  const auto is = [word](std::string_view name) { return equals_ignoring_case(word, name); };
  if (is("CAPABILITY")) return Capability{words_of(reader)};
  if (is("ENABLED")) return Enabled{words_of(reader)};
  if (is("SEARCH")) return search_of(reader);
  if (is("ESEARCH")) return esearch_of(reader);
  if (is("VANISHED")) return vanished_of(reader);
  if (is("LIST") || is("LSUB") || is("XLIST")) return list_of(reader, word);
  if (is("STATUS")) return status_data_of(reader, word);
  if (is("ID")) return id_of(reader, word);
  if (is("NAMESPACE")) return namespace_of(reader, word);
  if (is("FLAGS")) {
    const std::optional<Value> list = reader.value();
    if (list && list->kind == Value::Kind::List) return Flags{words_of(*list)};
  }
  return Unknown{word};
}

}  // namespace

bool ResponseCode::is(std::string_view other) const {
  return equals_ignoring_case(name, other);
}

std::optional<std::uint64_t> ResponseCode::number() const {
  return parse_number(arguments);
}

std::optional<std::uint64_t> StatusData::find(std::string_view name) const {
  const auto item = std::ranges::find_if(
      items, [name](const auto& each) { return equals_ignoring_case(each.first, name); });
  return item == items.end() ? std::nullopt : std::optional(item->second);
}

Result<Response> parse_response(const Frame& frame) {
  std::string_view rest = frame.text;
  if (rest.empty()) return Unknown{};
  if (rest.starts_with('+')) return Continuation{mime::trim(rest.substr(1), " ")};
  const std::string_view tag = take_word(rest);
  const bool tagged = tag != "*";
  const std::string_view behind_tag = rest;
  if (const std::optional<Condition> condition = condition_of(take_word(rest))) {
    return status_of(tagged ? tag : "", *condition, rest);
  }
  if (tagged) return failure("a response is neither untagged nor says how a command ended");
  ResponseReader reader(frame, static_cast<std::size_t>(behind_tag.data() - frame.text.data()));
  return untagged(reader);
}

std::optional<Fetch> fetch_before_literal(const Frame& frame) {
  std::string_view rest = frame.text;
  if (take_word(rest) != "*") return std::nullopt;
  const std::optional<std::uint32_t> number = parse_message_number(take_word(rest));
  if (!number || !equals_ignoring_case(take_word(rest), "FETCH")) return std::nullopt;
  ResponseReader reader(frame, static_cast<std::size_t>(rest.data() - frame.text.data()));
  Fetch fetch{.number = *number, .data = {}};
  if (!parse_fetch_data(reader, true, fetch.data) || !reader.at_end() || fetch.data.sections.empty())
    return std::nullopt;
  return fetch;
}

}  // namespace privet::imap
