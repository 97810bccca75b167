#include "proxy/imap/fetch_item.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "mime/ascii.h"
#include "mime/limits.h"
#include "proxy/imap/command_reader.h"
#include "proxy/limits.h"
#include "proxy/text.h"

namespace privet::imap {
namespace {

using Kind = FetchItem::Kind;

struct Name {
  std::string_view name;
  Kind kind;
};
constexpr std::array<Name, 11> kNames{{{"UID", Kind::Uid},
                                       {"FLAGS", Kind::Flags},
                                       {"INTERNALDATE", Kind::InternalDate},
                                       {"RFC822.SIZE", Kind::Rfc822Size},
                                       {"ENVELOPE", Kind::Envelope},
                                       {"BODY", Kind::Body},
                                       {"BODYSTRUCTURE", Kind::BodyStructure},
                                       {"RFC822", Kind::Rfc822},
                                       {"RFC822.HEADER", Kind::Rfc822Header},
                                       {"RFC822.TEXT", Kind::Rfc822Text},
                                       {"MODSEQ", Kind::ModSeq}}};
constexpr std::string_view kRfc822Peek = "RFC822.PEEK";
constexpr std::string_view kBodyPeek = "BODY.PEEK";

constexpr std::array kFast{Kind::Flags, Kind::InternalDate, Kind::Rfc822Size};
constexpr std::array kAll{Kind::Flags, Kind::InternalDate, Kind::Rfc822Size, Kind::Envelope};
constexpr std::array kFull{Kind::Flags, Kind::InternalDate, Kind::Rfc822Size, Kind::Envelope, Kind::Body};

constexpr std::array<std::pair<std::string_view, SectionText>, 5> kTexts{
    {{"HEADER", SectionText::Header},
     {"HEADER.FIELDS", SectionText::HeaderFields},
     {"HEADER.FIELDS.NOT", SectionText::HeaderFieldsNot},
     {"TEXT", SectionText::Text},
     {"MIME", SectionText::Mime}}};

constexpr std::uint64_t kLargestPart = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t kLargestOffset = std::numeric_limits<std::int64_t>::max();  // RFC 9051 9 number64

bool is_name_char(char c) {
  return mime::is_alnum(c) || c == '.' || c == '-';
}

bool is_field_char(char c) {
  return c > ' ' && c <= '~';
}

/// "1.2." before a text, "1.2" alone; a dot at the end of what is taken asks for more.
bool read_part(CommandReader& reader, Section& section) {
  bool dot = false;
  while (mime::is_digit(reader.peek())) {
    const bool zero = reader.peek() == '0';
    const auto number = reader.number(kLargestPart);
    if (!number || zero || section.part.size() == mime::limits::kMimeDepth) return false;
    section.part.push_back(static_cast<std::uint32_t>(*number));
    dot = reader.take('.');
    if (!dot) break;
  }
  return dot || section.part.empty() || reader.peek() == ']';
}

/// A name that came as a literal is echoed as a quoted string: in the middle of an answer nobody expects one.
bool read_field(CommandReader& reader, Section& section) {
  const std::string_view before = reader.rest();
  const bool literal = reader.peek() == '{';
  auto field = reader.astring();
  if (!field || field->empty() || !std::ranges::all_of(*field, is_field_char)) return false;
  if (section.spec.back() != '(') section.spec += ' ';
  if (!literal) {
    section.spec += before.substr(0, before.size() - reader.rest().size());
  } else {
    section.spec += '"';
    for (const char c : *field) {
      if (c == '"' || c == '\\') section.spec += '\\';
      section.spec += c;
    }
    section.spec += '"';
  }
  section.fields.push_back(*std::move(field));
  return true;
}

bool read_text(CommandReader& reader, Section& section) {
  const std::string_view name = reader.take_while(is_name_char);
  const auto* const found = std::ranges::find_if(
      kTexts, [&](const auto& text) { return mime::equals_ignoring_case(name, text.first); });
  if (found == kTexts.end() || (found->second == SectionText::Mime && section.part.empty())) return false;
  section.text = found->second;
  section.spec += name;
  if (section.text != SectionText::HeaderFields && section.text != SectionText::HeaderFieldsNot) return true;
  if (!reader.blank()) return false;
  section.spec += " (";
  if (!reader.list(1, [&] { return read_field(reader, section); })) return false;
  section.spec += ')';
  return true;
}

std::optional<Section> read_section(CommandReader& reader) {
  Section section;
  const std::string_view before = reader.rest();
  if (!read_part(reader, section)) return std::nullopt;
  section.spec = before.substr(0, before.size() - reader.rest().size());
  if (section.spec.ends_with('.') || (section.spec.empty() && reader.peek() != ']')) {
    if (!read_text(reader, section)) return std::nullopt;
  }
  if (!reader.take(']')) return std::nullopt;
  return section;
}

bool read_partial(CommandReader& reader, std::optional<Partial>& partial) {
  if (!reader.take('<')) return true;
  const auto origin = reader.number(kLargestOffset);
  if (!origin || !reader.take('.')) return false;
  const auto count = reader.number(kLargestOffset);
  if (!count || *count == 0 || !reader.take('>')) return false;
  partial = Partial{*origin, *count};
  return true;
}

std::optional<FetchItem> read_item(CommandReader& reader) {
  const std::string_view name = reader.take_while(is_name_char);
  if (reader.take('[')) {
    FetchItem item{.kind = Kind::Section, .peek = equals_ignoring_case(name, kBodyPeek)};
    if (!item.peek && !equals_ignoring_case(name, "BODY")) return std::nullopt;
    auto section = read_section(reader);
    if (!section || !read_partial(reader, item.partial)) return std::nullopt;
    item.section = *std::move(section);
    return item;
  }
  if (equals_ignoring_case(name, kRfc822Peek)) return FetchItem{.kind = Kind::Rfc822, .peek = true};
  const auto* const found =
      std::ranges::find_if(kNames, [&](const Name& known) { return equals_ignoring_case(name, known.name); });
  if (found == kNames.end()) return std::nullopt;
  return FetchItem{.kind = found->kind};
}

template <std::size_t N>
std::vector<FetchItem> expand(const std::array<Kind, N>& kinds) {
  std::vector<FetchItem> items;
  for (const Kind kind : kinds) items.push_back({.kind = kind});
  return items;
}

}  // namespace

bool FetchItem::sets_seen() const {
  return !peek && (kind == Kind::Section || kind == Kind::Rfc822 || kind == Kind::Rfc822Text);
}

std::string FetchItem::answer_name() const {
  if (kind != Kind::Section) return std::string(std::ranges::find(kNames, kind, &Name::kind)->name);
  const std::string origin = partial ? "<" + std::to_string(partial->origin) + ">" : "";
  return "BODY[" + section.spec + "]" + origin;
}

std::optional<std::vector<FetchItem>> read_fetch_items(CommandReader& reader) {
  if (reader.word("ALL")) return expand(kAll);
  if (reader.word("FAST")) return expand(kFast);
  if (reader.word("FULL")) return expand(kFull);
  std::vector<FetchItem> items;
  const auto read_one = [&] {
    auto item = read_item(reader);
    if (!item || items.size() == limits::kImapFetchItems) return false;
    items.push_back(*std::move(item));
    return true;
  };
  const bool read = reader.peek() == '(' ? reader.list(1, read_one) : read_one();
  return read ? std::optional(std::move(items)) : std::nullopt;
}

}  // namespace privet::imap
