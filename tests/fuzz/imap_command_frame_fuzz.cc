// Any chunking gives the same commands, none is longer than the limits, and a command alone is cut as it was
// among others. The first byte of the input is the length of the chunks, the second decides what is accepted.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "proxy/imap/command_frame.h"

namespace {

using namespace privet::imap;
using Event = CommandFramer::Event;

constexpr CommandFramer::Limits kLimits{.line = 100, .literals = 40};
constexpr std::size_t kLargestFrame = 100 + 40 + 2 * 100;  // a CRLF behind each announcement

void expect_alone(std::string_view frame) {
  CommandFramer framer(kLimits);
  const std::string line = std::string(frame) + "\r\n";
  std::string_view rest = line;
  while (!rest.empty()) {
    const auto step = framer.feed(rest);
    rest.remove_prefix(step.used);
    if (step.event == Event::Literal) framer.accept();
    if (step.event == Event::Message) return;
    if (step.event == Event::Command && (framer.frame() != frame || !rest.empty())) __builtin_trap();
    if (step.event == Event::Refused || step.event == Event::Broken) __builtin_trap();
  }
}

/// Everything that a session would see, as one text.
std::string run(std::string_view bytes, std::size_t chunk, std::uint8_t decisions) {
  CommandFramer framer(kLimits);
  std::string seen;
  std::size_t asked = 0;
  const auto decide = [&] {
    const bool accept = (decisions >> asked++ % 7 & 1) != 0;
    seen += std::to_string(framer.literal_size()) + (framer.waits() ? "w" : "c") + (accept ? "+" : "-");
    accept ? framer.accept() : framer.refuse();
  };
  if ((decisions & 0x80) != 0) framer.expect_line();
  bool plain = (decisions & 0x80) != 0;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::string_view piece = bytes.substr(at, chunk);
    const auto step = framer.feed(piece);
    if (step.used > piece.size()) __builtin_trap();
    if (framer.frame().size() > kLargestFrame) __builtin_trap();
    at += step.used;
    switch (step.event) {
      case Event::NeedMore:
        if (step.used != piece.size()) __builtin_trap();
        break;
      case Event::Octets:
        if (step.used == 0) __builtin_trap();
        for (const char c : piece.substr(0, step.used)) seen.append("o").append(1, c);
        break;
      case Event::Command:
        seen.append("[").append(framer.frame()).append("]");
        if (!plain) expect_alone(framer.frame());
        plain = false;
        break;
      case Event::Literal:
      case Event::Message:
        decide();
        break;
      case Event::Refused:
        seen.append("R").append(framer.refusal()).append(framer.frame());
        plain = false;
        break;
      case Event::Broken:
        return seen.append("B").append(framer.refusal());
    }
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::size_t chunk = data[0] + 1u;
  if (run(bytes, chunk, data[1]) != run(bytes, bytes.size() + 1, data[1])) __builtin_trap();
  return 0;
}
