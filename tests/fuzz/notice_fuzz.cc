// make_notice: whatever an upstream answered and a copy's header says, a notice has its own fields and its
// three parts only, lines that every server takes, and the header as it was.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mime/notice.h"
#include "mime/structure.h"
#include "mime/transfer_encoding.h"

namespace {

// A line of the input each, the copy's header behind them.
std::string take_line(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  std::string line(rest.substr(0, end));
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return line;
}

void check(std::string_view notice, const std::string& quoted, bool ascii) {
  using namespace privet::mime;
  const auto structure = parse_structure(notice);
  if (!structure || structure->parts.size() != 4) __builtin_trap();
  const std::size_t fields = structure->parts.front().header.fields().size();
  if (fields != 8 && fields != 10) __builtin_trap();  // with a thread or without
  const Part& last = structure->parts.back();
  const bool encoded = last.header.find("Content-Transfer-Encoding") != nullptr;
  const std::string body = encoded ? decode_quoted_printable(last.body).value_or("") : std::string(last.body);
  if (body != quoted) __builtin_trap();
  if (ascii && std::ranges::any_of(notice, [](char c) { return (c & 0x80) != 0; })) __builtin_trap();
  while (!notice.empty()) {
    const std::size_t end = notice.find("\r\n");
    if (end > 998 ||
        notice.substr(0, end).find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos)
      __builtin_trap();
    notice.remove_prefix(end + 2);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace privet::mime;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  NoticeFacts facts{.from = "privet@acme.test",
                    .to = take_line(rest),
                    .date = "Mon, 5 Jan 2026 09:00:00 +0000",
                    .message_id = "<n1.4711@mx.acme.test>",
                    .reporting_mta = "mx.acme.test",
                    .copy_id = "01jh2",
                    .recipient = take_line(rest),
                    .reply = take_line(rest),
                    .copy_header = rest};
  const auto notice = make_notice(facts);
  const auto header = Header::parse(facts.copy_header);
  if (!notice) return 0;
  if (!header) __builtin_trap();
  std::string quoted;
  for (const Field& field : header->fields()) quoted += field.raw;
  const bool ascii = std::ranges::none_of(facts.to, [](char c) { return (c & 0x80) != 0; });
  check(*notice, quoted, ascii);
  may_notify(*header, facts.to);
  return 0;
}
