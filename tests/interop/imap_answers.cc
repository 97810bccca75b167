// Prints what proxy/imap answers about a message with the header section on stdin, for rendition_test.py.
//
// Each argument is one question of words with tabs between them; each answer is a line "NOTE SIZE", then SIZE
// bytes and a line end.
//   ENVELOPE
//   FETCH BODYSTRUCTURE KIND PART TEXT FIELDS PARTIAL   KIND: SECTION or RFC822.*; "-" where there is none.
//   The note says
//       what is needed: h (header), t (text; "t:ORIGIN.COUNT" a range of it), i (the item as it is), s
//       (size), - (nothing)
//   SEARCH KEY FIELD TEXT                               the note is yes or no
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/imap/envelope.h"
#include "proxy/imap/header_search.h"
#include "proxy/imap/rendition.h"
#include "proxy/imap/section.h"

namespace privet::imap {
namespace {

struct Answer {
  std::string note;
  std::string bytes = {};
};

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    if (c == separator) {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  return words;
}

template <class Number>
Number number(std::string_view text) {
  Number value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

FetchItem item_of(const std::vector<std::string>& words) {
  static const std::map<std::string_view, FetchItem::Kind> kKinds{
      {"SECTION", FetchItem::Kind::Section},
      {"RFC822", FetchItem::Kind::Rfc822},
      {"RFC822.HEADER", FetchItem::Kind::Rfc822Header},
      {"RFC822.TEXT", FetchItem::Kind::Rfc822Text},
      {"RFC822.SIZE", FetchItem::Kind::Rfc822Size}};
  static const std::map<std::string_view, SectionText> kTexts{
      {"-", SectionText::All},
      {"HEADER", SectionText::Header},
      {"HEADER.FIELDS", SectionText::HeaderFields},
      {"HEADER.FIELDS.NOT", SectionText::HeaderFieldsNot},
      {"TEXT", SectionText::Text},
      {"MIME", SectionText::Mime}};
  FetchItem item;
  item.kind = kKinds.at(words.at(2));
  item.section.text = kTexts.at(words.at(4));
  if (words.at(3) != "-") {
    for (const std::string& part : split(words[3], '.'))
      item.section.part.push_back(number<std::uint32_t>(part));
  }
  if (words.at(5) != "-") item.section.fields = split(words[5], ' ');
  if (words.at(6) != "-") {
    const std::vector<std::string> range = split(words[6], '.');
    item.partial = Partial{number<std::uint64_t>(range.at(0)), number<std::uint64_t>(range.at(1))};
  }
  return item;
}

Answer fetch(std::string_view header, const std::vector<std::string>& words) {
  const FetchItem item = item_of(words);
  const Need need = need_of(item, root_of(words.at(1)));
  Answer answer;
  if (need.header && need.text) {
    const StreamRange range = stream_range(header, item.partial);
    answer = {"h", std::string(range.header)};
    if (range.text) answer.note += "t";
    if (range.text_partial)
      answer.note +=
          ":" + std::to_string(range.text_partial->origin) + "." + std::to_string(range.text_partial->count);
  } else if (need.header) {
    Section section = item.section;
    if (item.kind == FetchItem::Kind::Rfc822Header) section.text = SectionText::Header;
    std::string scratch;
    answer = {"h", std::string(partial_of(header_section(header, section, scratch), item.partial))};
  } else {
    answer.note = need.text ? "t" : need.item ? "i" : need.size ? "s" : "-";
  }
  return answer;
}

Answer search(std::string_view header, const std::vector<std::string>& words) {
  static const std::map<std::string_view, SearchKey::Kind> kKinds{
      {"FROM", SearchKey::Kind::From},       {"TO", SearchKey::Kind::To},
      {"CC", SearchKey::Kind::Cc},           {"BCC", SearchKey::Kind::Bcc},
      {"SUBJECT", SearchKey::Kind::Subject}, {"HEADER", SearchKey::Kind::Header},
      {"TEXT", SearchKey::Kind::Text}};
  SearchKey key;
  key.kind = kKinds.at(words.at(1));
  key.field = words.at(2);
  key.text = words.at(3);
  return {HeaderPredicate(key).matches(header) ? "yes" : "no"};
}

Answer answer_to(std::string_view header, const std::string& question) {
  const std::vector<std::string> words = split(question, '\t');
  if (words[0] == "ENVELOPE") return {"h", envelope_of(header)};
  return words[0] == "FETCH" ? fetch(header, words) : search(header, words);
}

}  // namespace
}  // namespace privet::imap

int main(int argc, char** argv) {
  const std::string header{std::istreambuf_iterator<char>(std::cin), {}};
  for (int i = 1; i < argc; ++i) {
    const privet::imap::Answer answer = privet::imap::answer_to(header, argv[i]);
    std::cout << answer.note << ' ' << answer.bytes.size() << '\n' << answer.bytes << '\n';
  }
  return 0;
}
