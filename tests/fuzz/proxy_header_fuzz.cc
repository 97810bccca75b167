// The PROXY header: what was once refused or read stays so with more input, nothing behind the header changes
// it, and what is said of the client is an address.
#include <arpa/inet.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proxy/limits.h"
#include "proxy/proxy_header.h"

namespace {

using namespace privet;

bool is_address(const std::string& text) {
  std::array<unsigned char, 16> bytes{};
  return inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 ||
         inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto header = parse_proxy_header(input);
  bool decided = false;
  for (std::size_t length = 0; length <= input.size() && length <= limits::kProxyHeader; ++length) {
    const auto part = parse_proxy_header(input.substr(0, length));
    const bool waits = !part && part.error() == ProxyHeaderError::NeedMore;
    if (waits && (decided || length >= limits::kProxyHeader)) __builtin_trap();
    if (!waits && part != header) __builtin_trap();
    decided = decided || !waits;
  }
  if (!header) return 0;
  if (header->size == 0 || header->size > input.size() || header->size > limits::kProxyHeader) {
    __builtin_trap();
  }
  if (parse_proxy_header(input.substr(0, header->size)) != header) __builtin_trap();
  if (header->local != header->source.empty()) __builtin_trap();
  if (!header->local && !is_address(header->source)) __builtin_trap();
  return 0;
}
