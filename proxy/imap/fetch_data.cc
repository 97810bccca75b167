#include "proxy/imap/fetch_data.h"

#include <algorithm>
#include <array>

#include "mime/ascii.h"
#include "proxy/imap/response_reader.h"

namespace privet::imap {
namespace {

/// Of the message/... types those that are a report and not a message, or a part of one.
bool is_report(std::string_view subtype) {
  constexpr std::array<std::string_view, 5> kReports{"delivery-status", "disposition-notification",
                                                     "feedback-report", "global-delivery-status",
                                                     "global-disposition-notification"};
  return std::ranges::any_of(
      kReports, [&](std::string_view name) { return mime::equals_ignoring_case(subtype, name); });
}

/// Reads what stands behind the first two strings of a part, and its ")".
bool skip_rest_of_list(ResponseReader& reader) {
  for (;;) {
    reader.skip_blanks();
    if (reader.take(')')) return true;
    if (!reader.value()) return false;
  }
}

}  // namespace

std::string_view FetchedSection::value(std::string& scratch) const {
  if (content == Content::Plain) return bytes;
  if (content != Content::Escaped) return {};
  scratch = unescape(bytes);
  return scratch;
}

bool body_structure_has_message(std::string_view list) {
  ResponseReader reader(Frame{.text = list});
  // Parts stand at the beginning of their multipart's list. As soon as a list says anything else, the rest of
  // it holds no parts; so every list that is open holds parts only, and a count of them is all there is to
  // remember.
  std::size_t open = 0;
  bool multipart = false;
  do {
    reader.skip_blanks();
    if (reader.take('(')) {
      ++open;
      multipart = false;
      continue;
    }
    const std::optional<Value> type = reader.value();
    if (open == 0 || !type || !type->is_string()) return true;
    if (!multipart) {
      const std::optional<Value> subtype = reader.value();
      if (!subtype || !subtype->is_string()) return true;
      if (mime::equals_ignoring_case(type->string(), "message") && !is_report(subtype->string())) return true;
    }
    if (!skip_rest_of_list(reader)) return true;
    --open;
    multipart = true;
  } while (open > 0);
  reader.skip_blanks();
  return !reader.at_end();
}

}  // namespace privet::imap
