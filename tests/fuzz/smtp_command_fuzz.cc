// What is accepted is clean and, written anew, is read as the same; what is refused gets a reply of its
// class.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proxy/smtp/command.h"
#include "proxy/smtp/text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace privet::smtp;
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  const auto command = parse_command(line);
  if (!command) {
    if (!command.error().permanent() || command.error().enhanced.empty()) __builtin_trap();
    return 0;
  }
  const std::string written = to_line(*command);
  if (!is_clean_utf8(written)) __builtin_trap();
  if (parse_command(written) != command) __builtin_trap();
  return 0;
}
