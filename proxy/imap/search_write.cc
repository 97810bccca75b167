#include "proxy/imap/search_write.h"

#include <algorithm>
#include <string_view>

#include "proxy/imap/command_reader.h"

namespace privet::imap {
namespace {

using Kind = SearchKey::Kind;

enum class Argument { None, Atom, Text, FieldAndText, Date, Number };

struct Form {
  Kind kind;
  Words name;
  Argument argument = Argument::None;
};

constexpr Form kForms[] = {
    {Kind::Answered, "ANSWERED"},
    {Kind::Deleted, "DELETED"},
    {Kind::Draft, "DRAFT"},
    {Kind::Flagged, "FLAGGED"},
    {Kind::Seen, "SEEN"},
    {Kind::Keyword, "KEYWORD", Argument::Atom},
    {Kind::Bcc, "BCC", Argument::Text},
    {Kind::Body, "BODY", Argument::Text},
    {Kind::Cc, "CC", Argument::Text},
    {Kind::From, "FROM", Argument::Text},
    {Kind::Subject, "SUBJECT", Argument::Text},
    {Kind::Text, "TEXT", Argument::Text},
    {Kind::To, "TO", Argument::Text},
    {Kind::Header, "HEADER", Argument::FieldAndText},
    {Kind::Before, "BEFORE", Argument::Date},
    {Kind::On, "ON", Argument::Date},
    {Kind::Since, "SINCE", Argument::Date},
    {Kind::SentBefore, "SENTBEFORE", Argument::Date},
    {Kind::SentOn, "SENTON", Argument::Date},
    {Kind::SentSince, "SENTSINCE", Argument::Date},
    {Kind::Larger, "LARGER", Argument::Number},
    {Kind::Smaller, "SMALLER", Argument::Number},
    {Kind::Older, "OLDER", Argument::Number},
    {Kind::Younger, "YOUNGER", Argument::Number},
    {Kind::ModSeq, "MODSEQ", Argument::Number},
    {Kind::Or, "OR"},
    {Kind::Not, "NOT"},
};

bool is_ascii(const SearchKey& key) {
  const auto plain = [](std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  };
  return plain(key.text) && plain(key.field) && std::ranges::all_of(key.children, is_ascii);
}

void write_argument(Writer& writer, const SearchKey& key, Argument argument) {
  if (argument == Argument::FieldAndText) writer.words(" ").astring(key.field);
  if (argument == Argument::None) return;
  writer.words(" ");
  if (argument == Argument::Date) {
    writer.date(key.date);
  } else if (argument == Argument::Number) {
    writer.number(key.number);
  } else if (argument == Argument::Atom && std::ranges::all_of(key.text, is_atom_char)) {
    writer.text(key.text);  // astring() would quote some, and a flag may not be quoted
  } else {
    writer.astring(key.text);
  }
}

void write_key(Writer& writer, const SearchKey& key) {
  const auto* const form = std::ranges::find(kForms, key.kind, &Form::kind);
  if (form != std::end(kForms)) {
    writer.words(form->name);
    write_argument(writer, key, form->argument);
    for (const SearchKey& child : key.children) {
      writer.words(" ");
      write_key(writer, child);
    }
    return;
  }
  for (std::size_t i = 0; i < key.children.size(); ++i) {
    writer.words(i == 0 ? Words("(") : Words(" "));
    write_key(writer, key.children[i]);
  }
  writer.words(key.children.empty() ? Words("ALL") : Words(")"));
}

}  // namespace

void write_search(Writer& writer, const SearchLeaf& leaf, Range scope, bool extended) {
  writer.words("UID SEARCH ");
  if (extended) writer.words("RETURN (ALL) ");
  if (!std::ranges::all_of(leaf.keys, [](const SearchKey* key) { return is_ascii(*key); }))
    writer.words("CHARSET UTF-8 ");
  writer.words("UID ").number(scope.first);
  if (scope.last != scope.first) writer.words(":").number(scope.last);
  for (const SearchKey* key : leaf.keys) {
    writer.words(" ");
    write_key(writer, *key);
  }
}

void write_result(Writer& writer, std::string_view tag, const ESearch& result) {
  writer.words("* ESEARCH (TAG ").string(tag).words(")");
  if (result.uid) writer.words(" UID");
  if (result.min) writer.words(" MIN ").number(*result.min);
  if (result.max) writer.words(" MAX ").number(*result.max);
  if (result.count) writer.words(" COUNT ").number(*result.count);
  if (!result.all.empty()) writer.words(" ALL ").text(format_set({.ranges = result.all}));
  if (result.modseq) writer.words(" MODSEQ ").number(*result.modseq);
  writer.end();
}

}  // namespace privet::imap
