// What a load balancer says about the connection in front of its first byte (PROXY protocol, versions 1 and
// 2). Pure; whom to believe is the caller's to decide.
//
// Promise: nothing behind the header is looked at, and whatever is not exactly a header is refused, so that
// no client can be taken for another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace privet {

struct ProxyHeader {
  bool local = false;  ///< the balancer's own connection, or of no known family: the peer is as connected
  std::string source = {};  ///< IP literal of the client as inet_ntop writes it; empty when local
  std::uint16_t port = 0;   ///< of the client
  std::size_t size = 0;     ///< octets of the header, to be taken off the input
  bool operator==(const ProxyHeader&) const = default;
};

enum class ProxyHeaderError { NeedMore, Malformed };

/// Reads the header that `input` begins with. NeedMore is only said of what can still become one, and of at
/// most limits::kProxyHeader octets. Checksums and other TLVs of version 2 are passed over.
std::expected<ProxyHeader, ProxyHeaderError> parse_proxy_header(std::string_view input);

}  // namespace privet
