#include "mime/header.h"

#include <algorithm>
#include <string>
#include <utility>

#include "mime/ascii.h"
#include "mime/limits.h"

namespace privet::mime {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

bool is_name_character(char c) {
  return c > ' ' && c <= '~' && c != ':';
}

std::unexpected<Error> refuse(std::string what, int line) {
  return std::unexpected(Error{.what = std::move(what), .line = line, .column = 1});
}

// The line that `rest` begins with, CRLF included.
Result<std::string_view> next_line(std::string_view rest, int number) {
  const std::string_view window = rest.substr(0, limits::kHeaderBytes + 1);
  const std::size_t end = window.find('\n');
  const std::string_view line = window.substr(0, end == std::string_view::npos ? end : end + 1);
  if (line.find('\0') != std::string_view::npos) return refuse("header holds a NUL byte", number);
  const std::size_t cr = line.find('\r');
  if (cr != std::string_view::npos && cr + 2 != line.size() && cr + 1 != line.size()) {
    return refuse("header holds a CR without LF", number);
  }
  if (end == std::string_view::npos) {
    return refuse(window.size() < rest.size() ? "header section is too long" : "header ends within a line",
                  number);
  }
  if (cr == std::string_view::npos) return refuse("header holds an LF without CR", number);
  return line;
}

Result<Field> make_field(std::string_view raw, int line) {
  const std::size_t colon = raw.find(':');
  if (colon == std::string_view::npos) return refuse("header line is no field: it has no colon", line);
  std::string_view name = raw.substr(0, colon);
  name = name.substr(0, name.find_last_not_of(kBlanks) + 1);
  if (name.empty() || !std::ranges::all_of(name, is_name_character)) {
    return refuse("header line is no field: its name is not printable ASCII", line);
  }
  return Field{.raw = raw, .name = name, .value = raw.substr(colon + 1, raw.size() - colon - 3)};
}

}  // namespace

bool Field::is(std::string_view other) const {
  return equals_ignoring_case(name, other);
}

std::string tidied(std::string_view raw) {
  const std::size_t colon = std::min(raw.find(':'), raw.size());
  std::string result(raw.substr(0, raw.substr(0, colon).find_last_not_of(kBlanks) + 1));
  raw.remove_prefix(colon);
  std::string blanks;  // of lines that hold nothing else: they lead the next line
  for (bool first = true; !raw.empty(); first = false) {
    const std::size_t feed = raw.find('\n');
    const std::string_view line = raw.substr(0, feed == raw.npos ? feed : feed + 1);
    raw.remove_prefix(line.size());
    if (!first && trim(line).empty()) {
      blanks += line.substr(0, line.find_first_not_of(kBlanks));
    } else {
      result += blanks;
      result += line;
      blanks.clear();
    }
  }
  return result;
}

Result<Header> Header::parse(std::string_view content) {
  Header header;
  std::size_t at = 0;
  int number = 0;
  while (at < content.size()) {
    const int first = ++number;
    Result<std::string_view> line = next_line(content.substr(at), number);
    if (!line) return std::unexpected(line.error());
    if (*line == "\r\n") {
      at += line->size();
      break;
    }
    if (is_blank(line->front()))
      return refuse("header begins with a blank: a folded line without a field", first);
    std::size_t end = at + line->size();
    while (end < content.size() && is_blank(content[end])) {
      line = next_line(content.substr(end), ++number);
      if (!line) return std::unexpected(line.error());
      end += line->size();
      if (end - at > limits::kFieldBytes) break;
    }
    if (end - at > limits::kFieldBytes) return refuse("header field is too long", first);
    if (end > limits::kHeaderBytes) return refuse("header section is too long", first);
    if (header.fields_.size() == limits::kHeaderFields) return refuse("header has too many fields", first);
    const Result<Field> field = make_field(content.substr(at, end - at), first);
    if (!field) return std::unexpected(field.error());
    header.fields_.push_back(*field);
    at = end;
  }
  header.body_ = content.substr(at);
  return header;
}

const Field* Header::find(std::string_view name) const {
  const auto field = std::ranges::find_if(fields_, [&](const Field& f) { return f.is(name); });
  return field == fields_.end() ? nullptr : &*field;
}

std::size_t Header::count(std::string_view name) const {
  return static_cast<std::size_t>(std::ranges::count_if(fields_, [&](const Field& f) { return f.is(name); }));
}

}  // namespace privet::mime
