// Digests as lower-case hex (SHA-256, FIPS 180-4; HMAC, RFC 2104). Pure.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace privet::spool {

/// SHA-256 of bytes that come in pieces.
class Sha256 {
 public:
  Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  ~Sha256();

  void add(std::string_view bytes);
  /// Once, at the end.
  std::string hex();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

/// HMAC-SHA256 of `bytes` under `key`.
std::string hmac_hex(std::string_view key, std::string_view bytes);

}  // namespace privet::spool
