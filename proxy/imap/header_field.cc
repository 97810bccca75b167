#include "proxy/imap/header_field.h"

#include <algorithm>
#include <optional>

#include "mime/ascii.h"
#include "proxy/limits.h"

namespace privet::imap {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

/// Cuts one line off `text`, line end included.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end == std::string_view::npos ? text.size() : end + 1);
  text.remove_prefix(line.size());
  return line;
}

std::string_view without_end(std::string_view line) {
  if (!line.ends_with('\n')) return line;
  line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

HeaderField make_field(std::string_view raw, std::string_view first_line) {
  HeaderField field{.raw = raw, .name = {}, .middle = {}, .value = without_end(raw)};
  const std::size_t colon = first_line.find(':');
  if (colon == std::string_view::npos) return field;
  std::size_t name_end = colon;
  while (name_end > 0 && is_blank(raw[name_end - 1])) --name_end;
  if (name_end > limits::kImapFieldName) return field;
  const std::size_t begin = colon + (colon + 1 < first_line.size() && is_blank(raw[colon + 1]) ? 2 : 1);
  field.name = raw.substr(0, name_end);
  field.middle = raw.substr(name_end, begin - name_end);
  field.value.remove_prefix(begin);
  return field;
}

}  // namespace

bool HeaderField::is(std::string_view other) const {
  return mime::equals_ignoring_case(name, other);
}

std::vector<HeaderField> read_fields(std::string_view section) {
  std::vector<HeaderField> fields;
  while (!section.empty()) {
    const std::string_view whole = section;
    const std::string_view first = without_end(take_line(section));
    if (first.empty()) break;
    while (!section.empty() && is_blank(section.front())) take_line(section);
    fields.push_back(make_field(whole.substr(0, whole.size() - section.size()), first));
  }
  return fields;
}

std::string folded_value(const HeaderField& field) {
  std::string_view rest = field.value;
  const std::string_view first = without_end(take_line(rest));
  const std::size_t text = first.find_first_not_of(mime::kBlanks);
  // One blank is in `middle` already, so that a line of blanks only keeps what it has here.
  std::string value(text == std::string_view::npos ? first : first.substr(text));
  while (!rest.empty()) {
    value += '\n';
    value += without_end(take_line(rest));
  }
  return value;
}

std::string unfolded_value(const HeaderField& field) {
  std::string_view rest = field.value;
  std::string value(without_end(take_line(rest)));
  while (!rest.empty()) {
    const std::string_view line = without_end(take_line(rest));
    value += ' ';
    value += line.substr(1);
  }
  return value;
}

}  // namespace privet::imap
