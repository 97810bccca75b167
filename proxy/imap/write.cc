#include "proxy/imap/write.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "mime/ascii.h"
#include "proxy/imap/command_reader.h"
#include "proxy/imap/response_reader.h"
#include "proxy/limits.h"

namespace privet::imap {
namespace {

bool is_printable(char c) {
  return c >= ' ' && c <= '~';
}

bool is_flag(std::string_view flag) {
  if (flag == "\\*") return true;
  if (flag.starts_with('\\')) flag.remove_prefix(1);
  return !flag.empty() && std::ranges::all_of(flag, [](char c) { return is_atom_char(c); });
}

/// Fewer than RFC 9051 allows: "]" and "+" of it confuse some, and NIL is nothing.
bool is_plain_atom(std::string_view bytes) {
  const auto is_plain = [](char c) { return mime::is_alnum(c) || c == '.' || c == '-' || c == '_'; };
  return !bytes.empty() && std::ranges::all_of(bytes, is_plain) && !mime::equals_ignoring_case(bytes, "NIL");
}

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits;  // of 2^64-1
  const char* const end = std::to_chars(digits.begin(), digits.end(), number).ptr;
  out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

/// How many of `numbers` the first run has.
std::size_t run_of(std::span<const std::uint32_t> numbers) {
  std::size_t length = 1;
  while (length < numbers.size() && numbers[length] == numbers[length - 1] + 1) ++length;
  return length;
}

void append_run(std::string& out, std::span<const std::uint32_t> run) {
  append_number(out, run.front());
  if (run.size() == 1) return;
  out += ':';
  append_number(out, run.back());
}

std::string_view name_of(SectionText text) {
  switch (text) {
    case SectionText::All:
      return "";
    case SectionText::Header:
      return "HEADER";
    case SectionText::HeaderFields:
      return "HEADER.FIELDS";
    case SectionText::HeaderFieldsNot:
      return "HEADER.FIELDS.NOT";
    case SectionText::Text:
      return "TEXT";
    case SectionText::Mime:
      return "MIME";
  }
  return "";
}

}  // namespace

Writer& Writer::words(Words words) {
  out_ += words.text();
  return *this;
}

Writer& Writer::tag(std::string_view tag) {
  const auto belongs = [](char c) { return is_astring_char(c) && c != '+'; };
  out_ += !tag.empty() && std::ranges::all_of(tag, belongs) ? tag : "*";
  return *this;
}

Writer& Writer::number(std::uint64_t number) {
  append_number(out_, number);
  return *this;
}

Writer& Writer::text(std::string_view text) {
  for (const char c : text) out_ += is_printable(c) ? c : '?';
  return *this;
}

Writer& Writer::astring(std::string_view bytes) {
  if (!is_plain_atom(bytes) || bytes.size() > limits::kImapQuoted) return string(bytes);
  out_ += bytes;
  return *this;
}

Writer& Writer::string(std::string_view bytes) {
  if (bytes.size() > limits::kImapQuoted || !std::ranges::all_of(bytes, is_printable)) return literal(bytes);
  out_ += '"';
  for (const char c : bytes) {
    if (c == '"' || c == '\\') out_ += '\\';
    out_ += c;
  }
  out_ += '"';
  return *this;
}

Writer& Writer::nstring(std::optional<std::string_view> bytes) {
  return bytes ? string(*bytes) : words("NIL");
}

Writer& Writer::literal(std::string_view bytes) {
  const bool response = form_ == LiteralForm::Response;
  const bool at_once = form_ == LiteralForm::Plus ||
                       (form_ == LiteralForm::Minus && bytes.size() <= limits::kImapLiteralMinus);
  out_ += '{';
  append_number(out_, bytes.size());
  out_ += at_once ? "+}\r\n" : "}\r\n";
  if (!response && !at_once) waits_.push_back(out_.size());
  const auto begin = static_cast<std::ptrdiff_t>(out_.size());
  out_ += bytes;
  if (!response) std::replace(out_.begin() + begin, out_.end(), '\0', '?');
  return *this;
}

Writer& Writer::literal_head(std::uint64_t size) {
  out_ += '{';
  append_number(out_, size);
  out_ += "}\r\n";
  return *this;
}

Writer& Writer::flags(std::span<const std::string_view> flags) {
  out_ += '(';
  bool first = true;
  for (const std::string_view flag : flags) {
    if (!is_flag(flag)) continue;
    if (!std::exchange(first, false)) out_ += ' ';
    out_ += flag;
  }
  out_ += ')';
  return *this;
}

Writer& Writer::set(std::span<const std::uint32_t> numbers) {
  for (bool first = true; !numbers.empty(); first = false) {
    const std::size_t run = run_of(numbers);
    if (!first) out_ += ',';
    append_run(out_, numbers.first(run));
    numbers = numbers.subspan(run);
  }
  return *this;
}

Writer& Writer::date(const Date& date) {
  out_ += to_string(date);
  return *this;
}

Writer& Writer::date_time(const DateTime& time) {
  return string(to_string(time));
}

Writer& Writer::section(const Section& section) {
  bool first = true;
  for (const std::uint32_t part : section.part) {
    if (!std::exchange(first, false)) out_ += '.';
    append_number(out_, part);
  }
  const std::string_view name = name_of(section.text);
  if (!first && !name.empty()) out_ += '.';
  out_ += name;
  if (section.text != SectionText::HeaderFields && section.text != SectionText::HeaderFieldsNot) return *this;
  std::string_view before = " (";
  for (const std::string& field : section.fields) {
    out_ += std::exchange(before, " ");
    astring(field);
  }
  out_ += ')';
  return *this;
}

Writer& Writer::expression(std::string_view expression) {
  while (!expression.empty()) {
    constexpr std::string_view kNever("\r\n\0", 3);
    const std::size_t plain = std::min(expression.find_first_of(kNever), expression.size());
    const std::string_view line = expression.substr(0, plain);
    out_ += line;
    expression.remove_prefix(plain);
    if (expression.empty()) break;
    const std::optional<AnnouncedLiteral> literal =
        expression.starts_with("\r\n") ? literal_at_end(line) : std::nullopt;
    const bool whole = literal && !literal->impossible && literal->size <= expression.size() - 2;
    const std::size_t taken = whole ? static_cast<std::size_t>(literal->size) + 2 : 1;
    out_ += whole ? expression.substr(0, taken) : "?";
    expression.remove_prefix(taken);
  }
  return *this;
}

Writer& Writer::end() {
  out_ += "\r\n";
  return *this;
}

std::size_t fitting(std::span<const std::uint32_t> numbers, std::size_t room) {
  std::string run;
  std::size_t count = 0;
  while (count < numbers.size()) {
    const auto rest = numbers.subspan(count);
    const std::size_t length = run_of(rest);
    run = count > 0 ? "," : "";
    append_run(run, rest.first(length));
    if (run.size() > room) break;
    room -= run.size();
    count += length;
  }
  return std::max<std::size_t>(count, std::min<std::size_t>(numbers.size(), 1));
}

}  // namespace privet::imap
