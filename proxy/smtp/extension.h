// EHLO keywords: what an upstream announced, and what the client may be told (RFC 5321 4.1.1.1). An
// allow-list, pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "proxy/smtp/reply.h"

namespace privet::smtp {

/// SASL mechanisms that can be relayed, as bits of one set.
enum class Mechanism : std::uint8_t { Plain = 1, Login = 2, XOauth2 = 4, OauthBearer = 8 };

/// What one side announces.
struct Extensions {
  bool pipelining = false;
  bool eight_bit_mime = false;
  bool smtp_utf8 = false;
  bool enhanced_status_codes = false;
  bool dsn = false;
  bool start_tls = false;
  bool size = false;
  std::uint64_t size_limit = 0;  ///< 0: no fixed limit
  std::uint8_t mechanisms = 0;   ///< set of Mechanism

  bool offers(Mechanism mechanism) const { return (mechanisms & static_cast<std::uint8_t>(mechanism)) != 0; }
  bool operator==(const Extensions&) const = default;
};

/// Reads an upstream's EHLO reply. Unknown keywords are forgotten; "AUTH=PLAIN LOGIN" of old servers is read
/// too.
Extensions parse_ehlo_reply(const Reply& reply);

/// What the client is told: PIPELINING, ENHANCEDSTATUSCODES and SIZE are ours; 8BITMIME, SMTPUTF8 (only with
/// 8BITMIME) and DSN only where the upstream has them; PLAIN and LOGIN both where the upstream has one of
/// them (transcoded), the bearer mechanisms where it has them; STARTTLS never taken from the upstream. SIZE
/// is the smaller limit, its headroom taken off.
Extensions announce(const Extensions& upstream, std::uint64_t own_size_limit);

/// What two upstreams both can: for a listener whose tenant is not known yet. Give it what was announced for
/// each: a PLAIN and a LOGIN upstream share a mechanism only through announce().
Extensions intersect(const Extensions& a, const Extensions& b);

/// The EHLO reply: "250-hostname", then a line each.
Reply ehlo_reply(std::string_view hostname, const Extensions& announced);

}  // namespace privet::smtp
