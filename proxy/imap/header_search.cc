#include "proxy/imap/header_search.h"

#include <algorithm>
#include <functional>

#include "mime/ascii.h"
#include "mime/encoded_word.h"
#include "proxy/imap/address_list.h"
#include "proxy/imap/casemap.h"
#include "proxy/imap/header_field.h"

namespace privet::imap {
namespace {

using Kind = SearchKey::Kind;

constexpr std::string_view kLineEnd = "\r\n";

/// The field that a key looks into; empty for TEXT.
std::string_view field_of(const SearchKey& key) {
  switch (key.kind) {
    case Kind::From:
      return "From";
    case Kind::To:
      return "To";
    case Kind::Cc:
      return "Cc";
    case Kind::Bcc:
      return "Bcc";
    case Kind::Subject:
      return "Subject";
    case Kind::Header:
      return key.field;
    default:
      return {};
  }
}

/// Runs of blanks as one space, none at the beginning.
std::string with_single_blanks(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const bool blank = mime::kBlanks.contains(c);
    if (!blank) result += c;
    if (blank && !result.empty() && !result.ends_with(' ')) result += ' ';
  }
  return result;
}

}  // namespace

bool HeaderPredicate::takes(const SearchKey& key) {
  return key.kind == Kind::Text || !field_of(key).empty();
}

HeaderPredicate::HeaderPredicate(const SearchKey& key)
    : part_(Part::Addresses), field_(field_of(key)), text_(casemap(key.text)) {
  if (key.kind == Kind::Subject) part_ = Part::Phrase;
  if (key.kind == Kind::Header) part_ = Part::Value;
  if (key.kind == Kind::Text) part_ = Part::Everything;
}

bool HeaderPredicate::matches(std::string_view header_section) const {
  if (part_ == Part::Everything && text_.empty()) return true;
  std::string text;
  for (const HeaderField& field : read_fields(header_section)) {
    if (part_ == Part::Everything) {
      text += casemap(field.name);
      text += field.middle;
    } else if (!field.is(field_)) {
      continue;
    } else if (text_.empty()) {
      return true;
    }
    text += searched(field);
    text += kLineEnd;
  }
  const std::boyer_moore_searcher searcher(text_.begin(), text_.end());
  return !text_.empty() && std::search(text.begin(), text.end(), searcher) != text.end();
}

std::string HeaderPredicate::searched(const HeaderField& field) const {
  std::string value = unfolded_value(field);
  if (part_ == Part::Addresses) value = to_text(read_addresses(value));
  if (part_ == Part::Phrase) value = with_single_blanks(value);
  return casemap(mime::decode_header_text(value).text);
}

}  // namespace privet::imap
