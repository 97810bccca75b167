#include "policy/network.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <span>

namespace privet::policy {

namespace {

constexpr std::array<unsigned char, 12> kMapped = {0, 0, 0, 0, 0,    0,
                                                   0, 0, 0, 0, 0xff, 0xff};  // RFC 4291 2.5.5.2

bool bit(const AddressBytes& bytes, std::size_t index) {
  return (bytes[index / 8] >> (7 - index % 8) & 1) != 0;
}

}  // namespace

std::size_t read_address(std::string_view text, AddressBytes& bytes) {
  const std::string literal(text);
  if (inet_pton(AF_INET, literal.c_str(), bytes.data()) == 1) return 4;
  if (inet_pton(AF_INET6, literal.c_str(), bytes.data()) != 1) return 0;
  if (!std::ranges::equal(kMapped, std::span(bytes).first(kMapped.size()))) return 16;
  std::ranges::rotate(bytes, bytes.begin() + kMapped.size());
  return 4;
}

Result<Network> Network::parse(std::string_view text) {
  Network network;
  const std::size_t slash = text.find('/');
  network.size_ = read_address(text.substr(0, slash), network.bytes_);
  const std::string_view length = slash == std::string_view::npos ? "" : text.substr(slash + 1);
  const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), network.bits_);
  const bool number = error == std::errc{} && end == length.data() + length.size() && !length.empty();
  if (number && network.size_ == 4 && text.contains(':')) {
    constexpr unsigned kMappedBits = kMapped.size() * 8;
    if (network.bits_ < kMappedBits) return failure("expected an IPv4 network as in 10.0.0.0/8");
    network.bits_ -= kMappedBits;
  }
  if (network.size_ == 0 || !number || network.bits_ > network.size_ * 8) {
    return failure("expected a network such as 10.0.0.0/8 or fd00::/8");
  }
  if (network.bits_ == 0) return failure("expected a network smaller than the whole internet");
  for (std::size_t i = network.bits_; i < network.size_ * 8; ++i) {
    if (bit(network.bytes_, i)) {
      return failure("bits are set behind /" + std::to_string(network.bits_) + ", expected zeros there");
    }
  }
  return network;
}

bool Network::contains(const std::string& address) const {
  AddressBytes bytes{};
  if (read_address(address, bytes) != size_) return false;
  for (std::size_t i = 0; i < bits_; ++i) {
    if (bit(bytes, i) != bit(bytes_, i)) return false;
  }
  return true;
}

bool is_address_literal(const std::string& text) {
  AddressBytes bytes{};
  return read_address(text, bytes) != 0;
}

bool is_loopback_literal(const std::string& address) {
  AddressBytes bytes{};
  const std::size_t size = read_address(address, bytes);
  if (size == 4) return bytes[0] == 127;
  return size == 16 && bytes[15] == 1 &&
         std::all_of(bytes.begin(), bytes.end() - 1, [](auto each) { return each == 0; });
}

}  // namespace privet::policy
