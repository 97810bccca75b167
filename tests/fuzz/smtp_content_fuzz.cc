// Content: any chunking gives the same; the wire form is the encoding of the decoded one; whatever is encoded
// ends exactly once. The first byte of the input is the length of the chunks.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "proxy/smtp/content.h"
#include "proxy/smtp/hops.h"

namespace {

using namespace privet::smtp;

struct Read {
  std::string content;
  std::size_t taken = 0;
  bool done = false;
  ContentFault fault = ContentFault::None;
  std::uint64_t size = 0;
  bool operator==(const Read&) const = default;
};

Read read(std::string_view wire, ContentDecoder::Form form, std::size_t chunk) {
  ContentDecoder decoder(form);
  Read result;
  while (result.taken < wire.size() && !decoder.done()) {
    const std::string piece(wire.substr(result.taken, chunk));
    result.taken += decoder.feed(piece, [&](std::string_view part) { result.content += part; });
  }
  result.done = decoder.done();
  result.fault = decoder.fault();
  result.size = decoder.size();
  return result;
}

std::string encode(std::string_view content, std::size_t chunk) {
  std::string wire;
  ContentEncoder encoder;
  for (std::size_t at = 0; at < content.size(); at += chunk) encoder.encode(content.substr(at, chunk), wire);
  encoder.finish(wire);
  return wire;
}

std::size_t hops(std::string_view content, std::size_t chunk) {
  HopCounter counter;
  for (std::size_t at = 0; at < content.size(); at += chunk) counter.add(content.substr(at, chunk));
  return counter.hops();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t chunk = data[0] + 1u;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);

  const Read decoded = read(input, ContentDecoder::Form::Decoded, size);
  const Read wire = read(input, ContentDecoder::Form::Wire, size);
  if (read(input, ContentDecoder::Form::Decoded, chunk) != decoded) __builtin_trap();
  if (read(input, ContentDecoder::Form::Wire, chunk) != wire) __builtin_trap();
  if (decoded.fault != wire.fault || decoded.taken != wire.taken || decoded.done != wire.done)
    __builtin_trap();
  if (decoded.done) {
    const std::string_view before_end = input.substr(0, decoded.taken);
    if (before_end != ".\r\n" && !before_end.ends_with("\r\n.\r\n")) __builtin_trap();
    // Nothing in front of it may look like an end, to us.
    if (("\r\n" + std::string(before_end)).find("\r\n.\r\n") != decoded.taken - 3) __builtin_trap();
    if (decoded.fault == ContentFault::None && wire.content + ".\r\n" != encode(decoded.content, chunk)) {
      __builtin_trap();
    }
  }

  if (hops(input, chunk) != hops(input, size)) __builtin_trap();
  const std::string encoded = encode(input, size);
  if (encode(input, chunk) != encoded) __builtin_trap();
  if (("\r\n" + encoded).find("\r\n.\r\n") != encoded.size() - 3) __builtin_trap();
  const Read again = read(encoded, ContentDecoder::Form::Decoded, chunk);
  if (!again.done || again.taken != encoded.size()) __builtin_trap();
  if (again.fault != ContentFault::None && again.fault != ContentFault::Nul) __builtin_trap();
  if (again.fault == ContentFault::None && encode(again.content, size) != encoded) __builtin_trap();
  return 0;
}
