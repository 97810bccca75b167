// A file in the spool, torn or foreign: what is read of it stays inside it, may stand in SMTP commands and in
// lines of the log, and reads the same when written again.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "proxy/limits.h"
#include "proxy/spool/record.h"

namespace {

using namespace privet::spool;

void require(bool holds) {
  if (!holds) __builtin_trap();
}

/// A fuzzer does not find a SHA-256: gives the bytes behind its first line the digest and the size they need.
std::string with_digests(std::string_view bytes) {
  const std::size_t head_size = bytes.find("}\n");
  if (head_size == std::string_view::npos) return std::string(bytes);
  const std::string_view head = bytes.substr(0, head_size + 2);
  const std::string_view content = bytes.substr(head.size());
  return "privet-copy 1 " + std::to_string(head.size()) + " " + sha256_hex(head) + " " +
         std::to_string(content.size()) + " " + sha256_hex(content) + "\n" + std::string(bytes);
}

void check(std::string_view file) {
  const auto parsed = parse_record(file, true);
  // Without the content's digest at least as much is a copy.
  require(!parsed || parse_record(file, false));
  if (!parsed) return;
  require(parsed->content_offset <= file.size() &&
          parsed->content_size <= file.size() - parsed->content_offset);
  require(is_id(parsed->record.id));
  for (const std::string& text :
       {parsed->record.recipient, parsed->record.reverse_path, parsed->record.mail_parameters,
        parsed->record.rcpt_parameters, parsed->record.tenant, parsed->record.rule}) {
    for (const char c : text) require(static_cast<unsigned char>(c) >= ' ' && c != '\x7f');
  }
  std::string again = write_head(parsed->record, parsed->content_size, parsed->content_sha256);
  // A head may be written with fewer blanks than we take for it.
  if (again.size() > privet::limits::kSpoolHead) return;
  again += file.substr(parsed->content_offset, parsed->content_size);
  for (const Event& event : parsed->events) {
    const std::string line = write_event(event);
    require(line.find('\n') == line.size() - 1);
    again += line;
  }
  const auto reread = parse_record(again, true);
  require(reread && reread->record == parsed->record && reread->events == parsed->events);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check(bytes);
  check(with_digests(bytes));
  parse_events(bytes);
  return 0;
}
