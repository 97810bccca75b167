#include "proxy/spool/record.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <utility>

#include "proxy/limits.h"
#include "proxy/spool/digest.h"

namespace privet::spool {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kMagic = "privet-copy";
constexpr std::string_view kFormat = "1";
constexpr std::size_t kDigest = 64;  // hex digits of a SHA-256
constexpr std::size_t kCheck = 8;    // of them in an event's line
constexpr std::size_t kId = 40;

constexpr std::array<std::pair<Event::What, std::string_view>, 4> kEvents = {{
    {Event::What::Tried, "tried"},
    {Event::What::Maybe, "maybe"},
    {Event::What::Held, "held"},
    {Event::What::Released, "released"},
}};

// The texts of a record, with their names in the file.
constexpr std::array<std::pair<const char*, std::string Record::*>, 10> kTexts = {{
    {"id", &Record::id},
    {"tenant", &Record::tenant},
    {"user", &Record::user},
    {"reverse_path", &Record::reverse_path},
    {"recipient", &Record::recipient},
    {"mail_parameters", &Record::mail_parameters},
    {"rcpt_parameters", &Record::rcpt_parameters},
    {"verdict", &Record::verdict},
    {"rule", &Record::rule},
    {"key", &Record::key},
}};

bool is_control(char c) {
  return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
}

bool is_hex_digest(std::string_view text) {
  return text.size() == kDigest && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

/// Cuts the next word off `line`; empty at its end.
std::string_view take_word(std::string_view& line) {
  const std::size_t blank = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, blank);
  line.remove_prefix(std::min(blank + 1, line.size()));
  return word;
}

std::string one_line(std::string_view text) {
  std::string line(text.substr(0, limits::kReplyLineKept));
  std::ranges::replace_if(line, is_control, ' ');
  return line;
}

std::optional<Event> parse_event(std::string_view line) {
  const std::string_view what = take_word(line);
  const std::string_view check = take_word(line);
  const auto known = std::ranges::find(kEvents, what, [](const auto& row) { return row.second; });
  if (known == kEvents.end()) return std::nullopt;
  if (sha256_hex(std::string(what) + " " + std::string(line)).substr(0, kCheck) != check) return std::nullopt;
  Event event{.what = known->first};
  if (!read_number(take_word(line), event.time)) return std::nullopt;
  event.text = one_line(line);
  return event;
}

Result<Record> parse_json(std::string_view text) {
  const Json object = Json::parse(text, nullptr, false);
  if (!object.is_object()) return failure("its head is no JSON object");
  Record record;
  for (const auto& [name, member] : kTexts) {
    const auto found = object.find(name);
    const auto* const value = found == object.end() ? nullptr : found->get_ptr<const std::string*>();
    if (value == nullptr) return failure(std::string("its head has no text \"") + name + "\"");
    // They are written into SMTP commands and lines of the log.
    if (std::ranges::any_of(*value, is_control)) {
      return failure(std::string("a control character in \"") + name + "\" of its head");
    }
    record.*member = *value;
  }
  for (const auto& [name, member] : {std::pair{"created", &Record::created}, {"expires", &Record::expires}}) {
    const auto found = object.find(name);
    const auto* const value =
        found == object.end() ? nullptr : found->get_ptr<const Json::number_integer_t*>();
    if (value == nullptr || *value < 0) return failure(std::string("its head has no time \"") + name + "\"");
    record.*member = *value;
  }
  const auto notify = object.find("notify");
  if (notify == object.end() || !notify->is_boolean()) return failure("its head does not say \"notify\"");
  record.notify = notify->get<bool>();
  const auto kind = object.find("kind");
  if (kind == object.end() || (*kind != "copy" && *kind != "notice")) {
    return failure("its head does not say whether it is a copy or a notice");
  }
  record.kind = *kind == "copy" ? Kind::Copy : Kind::Notice;
  if (!is_id(record.id)) return failure("the id in its head is none");
  return record;
}

}  // namespace

std::string write_head(const Record& record, std::uint64_t content_size,
                       std::string_view content_sha256_hex) {
  Json object;
  object["kind"] = record.kind == Kind::Copy ? "copy" : "notice";
  for (const auto& [name, member] : kTexts) object[name] = record.*member;
  object["notify"] = record.notify;
  object["created"] = record.created;
  object["expires"] = record.expires;
  const std::string json = object.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
  return std::string(kMagic) + " " + std::string(kFormat) + " " + std::to_string(json.size()) + " " +
         sha256_hex(json) + " " + std::to_string(content_size) + " " + std::string(content_sha256_hex) +
         "\n" + json;
}

std::string write_event(const Event& event) {
  const auto row = std::ranges::find(kEvents, event.what, [](const auto& known) { return known.first; });
  const std::string what(row->second);
  const std::string rest = std::to_string(event.time) + " " + one_line(event.text);
  return what + " " + sha256_hex(what + " " + rest).substr(0, kCheck) + " " + rest + "\n";
}

Result<Parsed> parse_head(std::string_view beginning, std::uint64_t file_size) {
  if (beginning.empty()) return failure("it is empty");
  const std::size_t line_end = beginning.substr(0, limits::kReplyLineKept).find('\n');
  std::string_view line = beginning.substr(0, line_end);
  if (line_end == std::string_view::npos || take_word(line) != kMagic) {
    return failure("it is no copy");
  }
  if (take_word(line) != kFormat) return failure("its format is not known here");
  std::size_t head_size = 0;
  Parsed parsed;
  const bool sized = read_number(take_word(line), head_size);
  const std::string_view head_digest = take_word(line);
  if (!sized || !is_hex_digest(head_digest) || !read_number(take_word(line), parsed.content_size) ||
      !is_hex_digest(line)) {
    return failure("its first line does not check");
  }
  parsed.content_sha256 = line;
  beginning.remove_prefix(line_end + 1);
  if (head_size > beginning.size()) return failure("its head is torn");
  const std::string_view json = beginning.substr(0, head_size);
  if (sha256_hex(json) != head_digest) return failure("its head does not check");
  parsed.content_offset = line_end + 1 + head_size;
  if (parsed.content_size > file_size - std::min(parsed.content_offset, file_size)) {
    return failure("its content is torn");
  }
  Result<Record> record = parse_json(json);
  if (!record) return std::unexpected(record.error());
  parsed.record = std::move(*record);
  return parsed;
}

std::vector<Event> parse_events(std::string_view tail) {
  std::vector<Event> events;
  for (std::size_t end = tail.find('\n'); end != std::string_view::npos; end = tail.find('\n')) {
    if (std::optional<Event> event = parse_event(tail.substr(0, end))) events.push_back(std::move(*event));
    tail.remove_prefix(end + 1);
  }
  return events;
}

Result<Parsed> parse_record(std::string_view file, bool check_content) {
  Result<Parsed> parsed = parse_head(file.substr(0, limits::kSpoolHead), file.size());
  if (!parsed) return parsed;
  const auto offset = static_cast<std::size_t>(parsed->content_offset);
  const auto size = static_cast<std::size_t>(parsed->content_size);
  if (check_content && sha256_hex(file.substr(offset, size)) != parsed->content_sha256) {
    return failure("its content does not check");
  }
  parsed->events = parse_events(file.substr(offset + size, limits::kSpoolTail));
  return parsed;
}

std::string sha256_hex(std::string_view bytes) {
  Sha256 digest;
  digest.add(bytes);
  return digest.hex();
}

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= kId &&
         text.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") ==
             std::string_view::npos;
}

}  // namespace privet::spool
