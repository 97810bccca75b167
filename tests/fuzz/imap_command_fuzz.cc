// What is accepted and written again is read as the same, and what a client wrote comes back in an answer as
// one line. What is refused is answered with our words and the client's tag, or none.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "proxy/imap/command.h"
#include "tests/support/imap_command.h"

namespace {

using namespace privet::imap;

bool is_line(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view frame(reinterpret_cast<const char*>(data), size);
  const auto command = parse_command(frame);
  if (!command) {
    if (!is_line(command.error().text) || !is_line(command.error().tag)) __builtin_trap();
    if (command.error().tag != "*" && command.error().tag != read_tag(frame)) __builtin_trap();
    return 0;
  }
  if (command->tag != read_tag(frame)) __builtin_trap();
  const std::string written = test::write(*command);
  const auto again = parse_command(written);
  if (!again || test::write(*again) != written) __builtin_trap();
  if (const auto* fetch = std::get_if<command::Fetch>(&command->body)) {
    for (const FetchItem& item : fetch->items) {
      if (!is_line(item.answer_name())) __builtin_trap();
    }
    const auto resolved = fetch->set.resolve(7);
    for (std::size_t i = 0; i < resolved.size(); ++i) {
      if (resolved[i].first == 0 || resolved[i].first > resolved[i].last) __builtin_trap();
      if (i > 0 && resolved[i].first - 1 <= resolved[i - 1].last) __builtin_trap();
    }
  }
  return 0;
}
