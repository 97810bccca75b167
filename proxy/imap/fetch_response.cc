#include "proxy/imap/fetch_response.h"

#include <algorithm>
#include <array>
#include <limits>

#include "mime/ascii.h"

namespace privet::imap {
namespace {

using mime::equals_ignoring_case;

struct Item {
  std::string_view name;
  std::optional<std::string_view> spec;
  std::optional<std::uint64_t> origin;
};

std::optional<Item> read_item(ResponseReader& reader) {
  Item item{.name = reader.word()};
  if (item.name.empty()) return std::nullopt;
  if (reader.peek() != '[') return item;
  item.spec = reader.bracketed();
  if (!item.spec) return std::nullopt;
  std::string_view origin = reader.word();
  if (origin.empty()) return item;
  if (!origin.starts_with('<')) return std::nullopt;
  origin.remove_prefix(1);
  // Some servers echo "<0.100>" as it was asked for.
  item.origin = parse_number(origin.substr(0, origin.find_first_of(".>")));
  return item;
}

bool is_section(const Item& item) {
  constexpr std::array<std::string_view, 3> kWithSpec{"BODY", "BODY.PEEK", "BINARY"};
  constexpr std::array<std::string_view, 3> kWithout{"RFC822", "RFC822.HEADER", "RFC822.TEXT"};
  return std::ranges::any_of(item.spec ? kWithSpec : kWithout,
                             [&](std::string_view name) { return equals_ignoring_case(item.name, name); });
}

FetchedSection section_of(const Item& item, const Value& value) {
  using Content = FetchedSection::Content;
  FetchedSection section{.item = item.name, .spec = item.spec.value_or(""), .origin = item.origin};
  if (value.kind == Value::Kind::Nil) return section;
  section.bytes = value.bytes;
  section.size = value.streamed + (value.escaped ? unescape(value.bytes).size() : value.bytes.size());
  section.content = value.streamed > 0 ? Content::Streamed
                    : value.escaped    ? Content::Escaped
                                       : Content::Plain;
  return section;
}

std::vector<std::string_view> flags_of(const Value& list) {
  std::vector<std::string_view> flags;
  ResponseReader reader(Frame{.text = list.bytes});
  while (const std::optional<Value> flag = reader.value()) flags.push_back(flag->raw);
  return flags;
}

std::optional<std::uint64_t> number_of(const Value& value) {
  return parse_number(mime::trim(value.bytes));
}

/// False when the item makes the whole response worthless. An item whose value is of no use, or has a hole,
/// is left out, whatever the response said of it before.
bool assign(FetchData& data, const Item& item, const Value& value) {
  const auto is = [&](std::string_view name) { return equals_ignoring_case(item.name, name); };
  const bool whole = value.streamed == 0;
  const auto number = [&] { return whole ? number_of(value) : std::nullopt; };
  const std::optional<std::string_view> list =
      whole && value.kind == Value::Kind::List ? std::optional(value.raw) : std::nullopt;
  if (is_section(item)) {
    if (value.kind != Value::Kind::List) data.sections.push_back(section_of(item, value));
  } else if (item.spec) {
    return true;
  } else if (is("UID")) {
    const std::optional<std::uint64_t> uid = number();
    if (!uid || *uid == 0 || *uid > std::numeric_limits<std::uint32_t>::max()) return false;
    data.uid = static_cast<std::uint32_t>(*uid);
  } else if (is("FLAGS")) {
    data.flags = list ? std::optional(flags_of(value)) : std::nullopt;
  } else if (is("MODSEQ")) {
    data.modseq = number();
  } else if (is("RFC822.SIZE")) {
    data.rfc822_size = number();
  } else if (is("INTERNALDATE")) {
    data.internal_date = whole && value.is_string() ? std::optional(value.bytes) : std::nullopt;
  } else if (is("ENVELOPE")) {
    data.envelope = list;
  } else if (is("BODYSTRUCTURE")) {
    data.body_structure = list;
  } else if (is("BODY")) {
    data.body = list;
  }
  return true;
}

}  // namespace

Result<void> parse_fetch_data(ResponseReader& reader, bool up_to_literal, FetchData& data) {
  reader.skip_blanks();
  if (!reader.take('(')) return failure("a FETCH response without a list of items");
  for (;;) {
    reader.skip_blanks();
    if (reader.take(')')) return {};
    const std::optional<Item> item = read_item(reader);
    if (!item) return failure("a FETCH response has something else where an item's name is expected");
    reader.skip_blanks();
    if (reader.peek() == ')') continue;
    const std::optional<Value> value = reader.value();
    if (!value) return failure("the value of a FETCH item does not end, or is nested too deep");
    if (!assign(data, *item, *value)) return failure("a FETCH response gives a UID that is no UID");
    if (up_to_literal && reader.at_end() && value->streamed > 0 && is_section(*item)) return {};
  }
}

}  // namespace privet::imap
