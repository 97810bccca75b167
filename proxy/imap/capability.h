// Capabilities (RFC 9051 7.2.2): what an upstream has, as far as it is used, and what the client is told. An
// allow-list, pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "proxy/sasl.h"

namespace privet::imap {

/// What an upstream announced.
struct Capabilities {
  bool imap4rev1 = false;
  bool start_tls = false;
  bool login_disabled = false;
  bool sasl_ir = false;
  bool literal_minus = false;
  bool literal_plus = false;
  bool enable = false;
  bool condstore = false;
  bool esearch = false;
  bool idle = false;
  bool id = false;
  bool name_space = false;
  bool special_use = false;
  bool list_extended = false;
  bool unselect = false;
  bool within = false;
  bool uid_plus = false;
  bool move = false;
  std::uint8_t mechanisms = 0;  ///< set of Mechanism

  bool offers(Mechanism mechanism) const { return (mechanisms & static_cast<std::uint8_t>(mechanism)) != 0; }
  bool operator==(const Capabilities&) const = default;
};

Capabilities parse_capabilities(std::span<const std::string_view> names);

/// Where a client stands when it asks.
struct Standing {
  bool in_clear = false;  ///< TLS has to come first
  bool logged_in = false;
  std::uint8_t mechanisms = 0;  ///< before login: what can be relayed
  bool uid_plus = false;        ///< after login: may be used
  bool move = false;            ///< the same
  bool condstore = false;       ///< after login: the upstream has it
};

/// "IMAP4rev1 SASL-IR …": constant for each standing, never what the upstream said.
std::string capabilities_for(const Standing& standing);

}  // namespace privet::imap
