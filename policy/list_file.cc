#include "policy/list_file.h"

#include <algorithm>
#include <array>
#include <vector>

#include "mime/ascii.h"
#include "policy/schema.h"

namespace privet::policy {
namespace {

constexpr auto kMailHeaders = std::to_array<std::string_view>(
    {"email", "e-mail", "mail", "email address", "e-mail address", "email-adresse", "e-mail-adresse"});

bool is_mail_header(std::string_view cell) {
  return std::ranges::find(kMailHeaders, mime::to_lower(mime::trim(cell))) != kMailHeaders.end();
}

int characters(std::string_view text) {
  return static_cast<int>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

/// The first line that says something, to tell CSV from a plain list.
std::string_view first_line(std::string_view text) {
  while (!text.empty()) {
    const std::string_view line = mime::trim(text.substr(0, text.find('\n')));
    if (!line.empty() && !line.starts_with('#')) return line;
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  }
  return {};
}

bool has_mail_column(std::string_view header, char separator) {
  for (;;) {
    const std::size_t end = header.find(separator);
    if (is_mail_header(mime::trim(mime::trim(header.substr(0, end)), "\""))) return true;
    if (end == std::string_view::npos) return false;
    header.remove_prefix(end + 1);
  }
}

class ListFileReader {
 public:
  ListFileReader(std::string_view text, const std::string& file, const EntrySink& sink)
      : text_(text), file_(file), sink_(sink) {}

  std::optional<Error> read_lines() {
    int line = 0;
    for (std::size_t begin = 0; begin < text_.size();) {
      const std::size_t end = std::min(text_.find('\n', begin), text_.size());
      std::string_view entry = text_.substr(begin, end - begin);
      ++line;
      for (std::size_t hash = entry.find('#'); hash != std::string_view::npos;
           hash = entry.find('#', hash + 1)) {
        // A "#" inside a local part is a letter like any other.
        if (hash == 0 || mime::kBlanks.find(entry[hash - 1]) != std::string_view::npos)
          entry = entry.substr(0, hash);
      }
      entry = mime::trim(entry);
      if (!entry.empty()) {
        if (auto error = take(entry, line, begin, entry.data() - text_.data())) return error;
      }
      begin = end + 1;
    }
    return std::nullopt;
  }

  std::optional<Error> read_csv(char separator) {
    std::vector<bool> is_mail_column;
    bool in_header = true;
    std::size_t column = 0;
    while (next_ < text_.size()) {
      const int line = line_;
      const std::size_t line_begin = line_begin_;
      const std::size_t begin = next_;
      if (!read_cell(separator))
        return at(line, line_begin, begin, "an unterminated quote, expected its end");
      const std::string_view cell = mime::trim(cell_);
      if (in_header) {
        is_mail_column.push_back(is_mail_header(cell));
      } else if (column < is_mail_column.size() && is_mail_column[column] && !cell.empty()) {
        if (auto error = take_contact(cell, line, line_begin, begin)) return error;
      }
      ++column;
      if (!row_ended_) continue;
      if (in_header && std::ranges::find(is_mail_column, true) == is_mail_column.end()) {
        return at(
            line, line_begin, line_begin,
            "no e-mail column, expected one with the header 'email' (or one entry a line, without , and ;)");
      }
      in_header = false;
      column = 0;
    }
    return std::nullopt;
  }

 private:
  /// Reads one CSV cell (RFC 4180) into `cell_` and moves behind its separator; false for an unterminated
  /// quote.
  bool read_cell(char separator) {
    cell_.clear();
    row_ended_ = false;
    bool quoted = next_ < text_.size() && text_[next_] == '"';
    if (quoted) ++next_;
    while (next_ < text_.size()) {
      const char c = text_[next_++];
      if (c == '\n') {
        ++line_;
        line_begin_ = next_;
      }
      if (quoted && c == '"') {
        if (next_ < text_.size() && text_[next_] == '"') {
          cell_ += text_[next_++];
        } else {
          quoted = false;
        }
      } else if (!quoted && (c == separator || c == '\n')) {
        row_ended_ = c == '\n';
        return true;
      } else {
        cell_ += c;
      }
    }
    row_ended_ = true;
    return !quoted;
  }

  std::optional<Error> take_contact(std::string_view cell, int line, std::size_t line_begin,
                                    std::size_t position) {
    const auto pattern = Pattern::parse(cell);
    if (pattern && pattern->kind == Pattern::Kind::Exact) return take(cell, line, line_begin, position);
    return at(line, line_begin, position,
              in_quotes(cell) + " in the e-mail column, expected one address (local@domain)");
  }

  std::optional<Error> take(std::string_view entry, int line, std::size_t line_begin,
                            std::ptrdiff_t position) {
    return take(entry, line, line_begin, static_cast<std::size_t>(position));
  }
  std::optional<Error> take(std::string_view entry, int line, std::size_t line_begin, std::size_t position) {
    const auto pattern = Pattern::parse(entry);
    if (!pattern) return at(line, line_begin, position, in_quotes(entry) + ": " + pattern.error().what);
    const int column = characters(text_.substr(line_begin, position - line_begin)) + 1;
    if (auto complaint = sink_(*pattern, line, column)) return at(line, line_begin, position, *complaint);
    return std::nullopt;
  }

  Error at(int line, std::size_t line_begin, std::size_t position, std::string what) const {
    return {std::move(what), file_, line, characters(text_.substr(line_begin, position - line_begin)) + 1};
  }

  std::string_view text_;
  const std::string& file_;
  const EntrySink& sink_;
  std::size_t next_ = 0;
  std::size_t line_begin_ = 0;
  int line_ = 1;
  std::string cell_;
  bool row_ended_ = false;
};

}  // namespace

std::optional<Error> read_list_file(std::string_view text, const std::string& file, const EntrySink& sink) {
  if (text.starts_with("\uFEFF")) text.remove_prefix(3);
  const std::string_view first = first_line(text);
  ListFileReader reader(text, file, sink);
  if (has_mail_column(first, ';')) return reader.read_csv(';');
  // A line with a separator is no entry: it gets the error for CSV.
  if (has_mail_column(first, ',') || first.find_first_of(",;") != std::string_view::npos)
    return reader.read_csv(',');
  return reader.read_lines();
}

}  // namespace privet::policy
