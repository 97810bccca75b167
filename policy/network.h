// IP networks in CIDR notation (RFC 4632, RFC 4291 2.3).
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "mime/result.h"

namespace privet::policy {

using AddressBytes = std::array<unsigned char, 16>;

/// Bytes of an IP literal, in `bytes` from the first on: 4, 16, or 0 when it is none. An IPv4-mapped IPv6
/// address is the IPv4 address it stands for.
std::size_t read_address(std::string_view text, AddressBytes& bytes);

class Network {
 public:
  /// "10.0.0.0/8" or "fd00::/8". Errors: no network, bits set behind the prefix, or /0, which would be
  /// everybody.
  static Result<Network> parse(std::string_view text);
  /// True when the IP literal `address` lies in it; IPv4-mapped IPv6 addresses count as IPv4.
  bool contains(const std::string& address) const;
  bool operator==(const Network&) const = default;

 private:
  AddressBytes bytes_{};
  std::size_t size_ = 0;  // 4 or 16
  unsigned bits_ = 0;
};

/// True for an IPv4 or IPv6 literal.
bool is_address_literal(const std::string& text);
/// True for an IP literal of this machine alone (127.0.0.0/8, ::1).
bool is_loopback_literal(const std::string& address);

}  // namespace privet::policy
