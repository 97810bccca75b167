// A hostile upstream's replies: bounded and printable, and one that was read is read the same when written
// again. The EHLO reply made of it announces only what is read from it again.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proxy/limits.h"
#include "proxy/smtp/extension.h"
#include "proxy/smtp/reply.h"
#include "proxy/text.h"

namespace {

using namespace privet::smtp;

std::optional<Reply> parse(std::string_view wire) {
  ReplyParser parser;
  while (!wire.empty()) {
    std::string_view line = privet::take_until(wire, '\n');
    if (line.ends_with('\r')) line.remove_suffix(1);
    const auto reply = parser.feed(line);
    if (!reply) return std::nullopt;
    if (*reply) return **reply;
  }
  return std::nullopt;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto reply = parse(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!reply) return 0;
  if (reply->code < 200 || reply->code > 599) __builtin_trap();
  if (reply->code != 334 &&
      reply->text.size() > privet::limits::kReplyLines * privet::limits::kReplyLineKept) {
    __builtin_trap();
  }
  for (const char c : reply->text) {
    if (c != '\n' && (c < ' ' || c > '~')) __builtin_trap();
  }

  const std::string wire = to_wire(*reply);
  const auto again = parse(wire);
  if (!again || again->code != reply->code) __builtin_trap();
  // A line that was cut is a little longer with the enhanced code on it, and is cut again.
  if (wire.size() < privet::limits::kReplyLineKept && to_wire(*again) != wire) __builtin_trap();

  const Extensions announced = announce(parse_ehlo_reply(*reply), {.scram = true});
  if (parse_ehlo_reply(ehlo_reply("privet.example", announced)) != announced) __builtin_trap();
  return 0;
}
