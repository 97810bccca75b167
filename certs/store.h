// The certificates Privet shows to clients: PEM pairs of one folder, chosen by SNI (RFC 6066 3), with a
// default.
//
// A pair is NAME.pem (chain and key in one file) or NAME.crt with NAME.key. A pair serves the DNS names in
// its certificate, wildcards included. The default, for clients without SNI or with a name nobody has, is
// "default", else the first by file name. TLS 1.2 or newer, no renegotiation.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "mime/result.h"

struct ssl_ctx_st;

namespace privet::certs {

class Store {
 public:
  /// Loads every pair of `folder`. Errors name the file: unreadable, key does not fit, no pair at all.
  static Result<std::shared_ptr<const Store>> load(const std::string& folder);

  /// The context for a new server-side session; the certificate is chosen during its handshake. Lives as long
  /// as the store.
  ssl_ctx_st* context() const { return default_.get(); }
  /// The context for a server name: exact, then "*.rest", then the default.
  ssl_ctx_st* find(std::string_view server_name) const;

 private:
  using Context = std::shared_ptr<ssl_ctx_st>;
  Context default_;
  std::map<std::string, Context, std::less<>> by_name_;
};

}  // namespace privet::certs
