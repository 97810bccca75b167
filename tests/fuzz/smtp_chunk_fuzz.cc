// Chunks: any cutting gives the same; what is given is what came, and where nothing was wrong it is made of
// CRLF lines that, written on, end exactly once. The first byte of the input is the length of the pieces.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "proxy/smtp/chunk.h"

namespace {

using namespace privet::smtp;

struct Read {
  std::string content;
  ContentFault fault = ContentFault::None;
  bool ends_in_crlf = false;
  std::uint64_t size = 0;
  bool operator==(const Read&) const = default;
};

Read read(std::string_view octets, std::size_t length) {
  ChunkDecoder decoder;
  Read result;
  for (std::size_t at = 0; at < octets.size(); at += length) {
    const std::string piece(octets.substr(at, length));
    decoder.feed(piece, [&](std::string_view part) { result.content += part; });
  }
  decoder.finish();
  result.fault = decoder.fault();
  result.ends_in_crlf = decoder.ends_in_crlf();
  result.size = decoder.size();
  return result;
}

/// Whether a reader that looks at one byte after the other finds anything wrong.
bool is_faulty(std::string_view octets) {
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const bool after_cr = i > 0 && octets[i - 1] == '\r';
    if (octets[i] == '\0' || after_cr != (octets[i] == '\n')) return true;
  }
  return octets.ends_with('\r');
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t length = data[0] + 1u;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Read whole = read(input, size);
  if (read(input, length) != whole || whole.size != input.size()) __builtin_trap();
  if (!input.starts_with(whole.content)) __builtin_trap();
  if ((whole.fault != ContentFault::None) != is_faulty(input)) __builtin_trap();
  if (whole.fault != ContentFault::None) return 0;

  if (whole.content != input) __builtin_trap();
  if (whole.ends_in_crlf != (input.empty() || input.ends_with("\r\n"))) __builtin_trap();
  std::string wire;
  ContentEncoder encoder;
  encoder.encode(whole.content, wire);
  encoder.finish(wire);
  std::string content;
  ContentDecoder decoder(ContentDecoder::Form::Decoded);
  if (decoder.feed(wire, [&](std::string_view part) { content += part; }) != wire.size()) __builtin_trap();
  const std::string_view end = whole.ends_in_crlf ? "" : "\r\n";
  if (!decoder.done() || content != std::string(input) + std::string(end)) __builtin_trap();
  return 0;
}
