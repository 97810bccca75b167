// What is accepted is clean and, written anew, is read as the same; what is refused gets a reply of its
// class, and a BDAT that is refused ends the connection. So is what goes to an upstream, which hears nothing
// that it did not announce.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proxy/smtp/command.h"
#include "proxy/smtp/envelope_rules.h"
#include "proxy/text.h"

namespace {

using namespace privet::smtp;

void expect_same_again(const Command& command) {
  const std::string written = to_line(command);
  if (!privet::is_clean_utf8(written)) __builtin_trap();
  if (parse_command(written) != command) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  const auto command = parse_command(line);
  if (!command) {
    if (!command.error().permanent() || command.error().enhanced.empty()) __builtin_trap();
    const bool chunk = privet::equals_ignoring_case(line.substr(0, line.find(' ')), to_string(Verb::Bdat));
    if (chunk != (command.error().code == 521)) __builtin_trap();
    return 0;
  }
  expect_same_again(*command);
  const Extensions all{.eight_bit_mime = true,
                       .smtp_utf8 = true,
                       .dsn = true,
                       .size = true,
                       .require_tls = true,
                       .mt_priority = true};
  const Extensions none;
  for (const Extensions* theirs : {&all, &none}) {
    if (command->verb == Verb::Mail) {
      const Command sent = upstream_mail(*command, *theirs);
      const bool accepted = !check_mail(*command, theirs);
      if (accepted && !theirs->size && !sent.parameters.empty()) __builtin_trap();
      expect_same_again(sent);
      const auto copy = copy_mail(*command, {.envelope_id = "id"}, *theirs);
      if (copy) expect_same_again(*copy);
      if (copy && !theirs->size && !copy->parameters.empty()) __builtin_trap();
    } else if (command->verb == Verb::Rcpt) {
      if (!check_rcpt(*command, &none, nullptr) && !command->parameters.empty()) __builtin_trap();
      expect_same_again(copy_rcpt(*command, *theirs));
    }
  }
  return 0;
}
