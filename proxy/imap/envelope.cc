#include "proxy/imap/envelope.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <optional>
#include <vector>

#include "mime/ascii.h"
#include "mime/charset.h"
#include "proxy/imap/address_list.h"
#include "proxy/imap/header_field.h"

namespace privet::imap {
namespace {

constexpr std::ptrdiff_t kEscapesInQuotes = 4;  // from the fifth on, Dovecot takes a literal

void append_literal(std::string& out, std::string_view text) {
  out += '{' + std::to_string(text.size()) + "}\r\n";
  out += text;
}

bool is_quoted_special(char c) {
  return c == '"' || c == '\\';
}

void append_nstring(std::string& out, const std::optional<std::string>& text) {
  if (!text) {
    out += "NIL";
    return;
  }
  const auto needs_literal = [](char c) { return c == '\r' || c == '\n' || mime::is_8bit(c); };
  if (std::ranges::any_of(*text, needs_literal) ||
      std::ranges::count_if(*text, is_quoted_special) > kEscapesInQuotes) {
    append_literal(out, *text);
    return;
  }
  out += '"';
  for (const char c : *text) {
    if (is_quoted_special(c)) out += '\\';
    out += c;
  }
  out += '"';
}

/// Text for people (Subject, display names): runs of blanks are one space, none at the ends; what cannot
/// stand in quotes as it is becomes a literal.
void append_text(std::string& out, std::string_view text) {
  std::string clean;
  for (const char c : text) {
    if (!mime::kWhitespace.contains(c)) {
      clean += c;
    } else if (!clean.empty() && !clean.ends_with(' ')) {
      clean += ' ';
    }
  }
  if (clean.ends_with(' ')) clean.pop_back();
  const auto needs_literal = [](char c) { return is_quoted_special(c) || mime::is_8bit(c); };
  if (clean.empty() || (clean == text && std::ranges::none_of(clean, needs_literal))) {
    out += '"' + clean + '"';
  } else {
    append_literal(out, clean);
  }
}

/// Without line ends, and a space where a line does not begin with a blank.
std::string in_one_line(std::string_view text) {
  std::string line;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r' && text[i] != '\n') {
      line += text[i];
    } else if (i + 1 < text.size() && !mime::kWhitespace.contains(text[i + 1])) {
      line += ' ';
    }
  }
  return line;
}

std::string without_nul(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '\0') {
      result += mime::kReplacement;
    } else {
      result += c;
    }
  }
  return result;
}

void append_addresses(std::string& out, const std::vector<EnvelopeAddress>& addresses) {
  if (addresses.empty()) {
    out += "NIL";
    return;
  }
  out += '(';
  for (const EnvelopeAddress& address : addresses) {
    out += '(';
    if (address.name) {
      append_text(out, *address.name);
    } else {
      out += "NIL";
    }
    for (const auto& part : {&address.route, &address.mailbox, &address.domain}) {
      out += ' ';
      append_nstring(out, *part);
    }
    out += ')';
  }
  out += ')';
}

}  // namespace

std::string envelope_of(std::string_view header_section) {
  enum { kFrom, kSender, kReplyTo, kTo, kCc, kBcc, kAddressFields };
  constexpr std::array<std::string_view, kAddressFields> kNames{"From", "Sender", "Reply-To",
                                                                "To",   "Cc",     "Bcc"};
  std::array<std::vector<EnvelopeAddress>, kAddressFields> lists;
  std::optional<std::string> date;
  std::optional<std::string> subject;
  std::optional<std::string> in_reply_to;
  std::optional<std::string> message_id;
  for (const HeaderField& field : read_fields(header_section)) {
    for (std::size_t i = 0; i < kNames.size(); ++i) {
      if (field.is(kNames[i]))
        std::ranges::move(read_addresses(folded_value(field)), std::back_inserter(lists[i]));
    }
    if (field.is("Date")) date = in_one_line(without_nul(folded_value(field)));
    if (field.is("Subject")) subject = without_nul(folded_value(field));
    if (field.is("In-Reply-To")) in_reply_to = in_one_line(without_nul(folded_value(field)));
    if (field.is("Message-ID")) message_id = in_one_line(without_nul(folded_value(field)));
  }
  if (lists[kSender].empty()) lists[kSender] = lists[kFrom];
  if (lists[kReplyTo].empty()) lists[kReplyTo] = lists[kFrom];

  std::string out = "(";
  append_nstring(out, date);
  out += ' ';
  if (subject) {
    append_text(out, *subject);
  } else {
    out += "NIL";
  }
  for (const auto& list : lists) {
    out += ' ';
    append_addresses(out, list);
  }
  for (const auto& id : {&in_reply_to, &message_id}) {
    out += ' ';
    append_nstring(out, *id);
  }
  return out + ')';
}

}  // namespace privet::imap
