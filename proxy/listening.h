// How a listener treats its clients; the same for as long as it listens.
#pragma once

#include <string>
#include <vector>

#include "policy/network.h"
#include "policy/policy.h"

namespace privet {

struct Listening {
  policy::TlsMode tls = policy::TlsMode::StartTls;
  bool lmtp = false;
  bool imap = false;
  std::string tenant;                           ///< whose clients connect here; empty: see Session
  std::vector<policy::Network> proxy_protocol;  ///< from these a PROXY header must come first
  std::vector<policy::Network> xclient;         ///< these may say whom they speak for
};

}  // namespace privet
