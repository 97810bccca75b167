// A throw-away certificate authority for trying out and for tests: P-256 keys, made in memory, gone with
// their folder.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mime/result.h"

struct evp_pkey_st;
struct x509_st;

namespace privet::certs {

/// Certificate and private key as PEM text.
struct PemPair {
  std::string certificate;
  std::string key;
};

class Authority {
 public:
  /// A new self-signed authority, valid for `days`.
  static Authority make(const std::string& common_name, int days);
  /// A leaf for `names` (DNS names and IP literals), signed by this authority.
  PemPair issue(const std::vector<std::string>& names, int days) const;
  /// The authority's own certificate, for clients to trust.
  std::string certificate() const;

 private:
  Authority(std::shared_ptr<evp_pkey_st> key, std::shared_ptr<x509_st> certificate);
  std::shared_ptr<evp_pkey_st> key_;
  std::shared_ptr<x509_st> certificate_;
};

}  // namespace privet::certs
