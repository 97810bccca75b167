#include "proxy/proxy_header.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "proxy/limits.h"
#include "proxy/text.h"

namespace privet {
namespace {

using Result = std::expected<ProxyHeader, ProxyHeaderError>;
constexpr std::unexpected kMalformed(ProxyHeaderError::Malformed);
constexpr std::unexpected kNeedMore(ProxyHeaderError::NeedMore);

constexpr std::string_view kText = "PROXY ";                     // 2.1
constexpr std::size_t kLongestText = 107;                        // 2.1, its CRLF included
constexpr std::string_view kBinary{"\r\n\r\n\0\r\nQUIT\n", 12};  // 2.2
constexpr std::size_t kBinaryHead = 16;

bool begin_alike(std::string_view a, std::string_view b) {
  const std::size_t both = std::min(a.size(), b.size());
  return a.substr(0, both) == b.substr(0, both);
}

/// 0 when `text` is no literal of this family; `bytes` gets it in network order.
bool read_address(int family, std::string_view text, unsigned char* bytes) {
  return !text.contains('\0') && inet_pton(family, std::string(text).c_str(), bytes) == 1;
}

std::string write_address(int family, const void* bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const char* const written = inet_ntop(family, bytes, text.data(), text.size());
  return written == nullptr ? std::string() : written;
}

std::optional<std::uint16_t> read_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool leading_zero = text.size() > 1 && text.front() == '0';
  if (leading_zero || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

Result parse_text(std::string_view input) {
  const std::size_t end = input.substr(0, kLongestText).find_first_of("\r\n");
  if (end == std::string_view::npos) {
    if (input.size() >= kLongestText) return kMalformed;
    return kNeedMore;
  }
  if (input[end] == '\n' || end + 2 > kLongestText) return kMalformed;
  if (end + 1 == input.size()) return kNeedMore;
  if (input[end + 1] != '\n') return kMalformed;

  std::string_view rest = input.substr(kText.size(), end - kText.size());
  const std::string_view protocol = take_until(rest, ' ');
  if (protocol == "UNKNOWN") return ProxyHeader{.local = true, .size = end + 2};
  if (protocol != "TCP4" && protocol != "TCP6") return kMalformed;
  const int family = protocol == "TCP4" ? AF_INET : AF_INET6;
  std::array<unsigned char, sizeof(in6_addr)> source{};
  std::array<unsigned char, sizeof(in6_addr)> destination{};
  const bool addresses = read_address(family, take_until(rest, ' '), source.data()) &&
                         read_address(family, take_until(rest, ' '), destination.data());
  const std::optional<std::uint16_t> port = read_port(take_until(rest, ' '));
  if (!addresses || !port || !read_port(rest)) return kMalformed;
  return ProxyHeader{.source = write_address(family, source.data()), .port = *port, .size = end + 2};
}

std::uint16_t read_number(std::string_view two) {
  return static_cast<std::uint16_t>(static_cast<unsigned char>(two[0]) << 8 |
                                    static_cast<unsigned char>(two[1]));
}

Result parse_binary(std::string_view input) {
  constexpr char kLocal = 0x20;  // version and command
  constexpr char kProxied = 0x21;
  constexpr char kTcp4 = 0x11;  // family and transport
  constexpr char kTcp6 = 0x21;
  constexpr std::array<char, 5> kOthers{0x00, 0x12, 0x22, 0x31, 0x32};  // unspecified, UDP, Unix
  constexpr std::size_t kPorts = 4;

  if (input.size() > kBinary.size() && input[12] != kLocal && input[12] != kProxied) return kMalformed;
  if (input.size() < kBinaryHead) return kNeedMore;
  const std::size_t size = kBinaryHead + read_number(input.substr(14));
  if (size > limits::kProxyHeader) return kMalformed;
  const char family = input[13];
  const bool six = family == kTcp6;
  const std::size_t address = six ? sizeof(in6_addr) : sizeof(in_addr);
  const bool local = input[12] == kLocal || std::ranges::find(kOthers, family) != kOthers.end();
  if (!local && ((!six && family != kTcp4) || size < kBinaryHead + 2 * address + kPorts)) return kMalformed;
  if (input.size() < size) return kNeedMore;
  if (local) return ProxyHeader{.local = true, .size = size};
  const std::string_view addresses = input.substr(kBinaryHead);
  return ProxyHeader{.source = write_address(six ? AF_INET6 : AF_INET, addresses.data()),
                     .port = read_number(addresses.substr(2 * address)),
                     .size = size};
}

}  // namespace

std::expected<ProxyHeader, ProxyHeaderError> parse_proxy_header(std::string_view input) {
  const bool text = begin_alike(input, kText);
  if (!text && !begin_alike(input, kBinary)) return kMalformed;
  if (input.size() < (text ? kText.size() : kBinary.size())) return kNeedMore;
  return text ? parse_text(input) : parse_binary(input);
}

}  // namespace privet
