// EHLO keywords: what an upstream announced, and what the client may be told (RFC 5321 4.1.1.1). An
// allow-list, pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "proxy/sasl.h"
#include "proxy/smtp/reply.h"

namespace privet::smtp {

/// LIMITS (RFC 9422 4); 0 where none is announced.
struct SessionLimits {
  std::uint32_t rcpt_max = 0;         ///< RCPT commands of one transaction
  std::uint32_t mail_max = 0;         ///< transactions of one session
  std::uint32_t rcpt_domain_max = 0;  ///< domains among the recipients of one session
  bool operator==(const SessionLimits&) const = default;
};

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
  bool chunking = false;
  bool require_tls = false;
  bool mt_priority = false;
  std::string mt_priority_profile = {};  ///< of A-Z, 0-9 and "-"; mostly empty
  SessionLimits limits = {};
  std::uint8_t mechanisms = 0;  ///< set of Mechanism
  bool scram_plus = false;      ///< SCRAM with channel binding, which cannot pass a proxy, is there too
  bool xclient = false;         ///< of our own announcement only
  bool xforward = false;        ///< so

  bool offers(Mechanism mechanism) const { return (mechanisms & static_cast<std::uint8_t>(mechanism)) != 0; }
  bool operator==(const Extensions&) const = default;
};

/// Reads an upstream's EHLO reply. Unknown keywords are forgotten; "AUTH=PLAIN LOGIN" of old servers is read
/// too.
Extensions parse_ehlo_reply(const Reply& reply);

/// What of the announcement does not come from the upstream.
struct Offer {
  std::uint64_t own_size_limit = 0;    ///< 0: none
  bool upstream_tls_verified = false;  ///< under TLS with a certificate that was checked: REQUIRETLS can hold
  bool chunking = false;               ///< BDAT is read here
  bool scram = false;                  ///< logins of several messages are relayed
  bool lmtp = false;                   ///< an LHLO reply: no AUTH
  bool xclient = false;                ///< to this peer
  bool xforward = false;               ///< to this peer
};

/// What the client is told: PIPELINING, ENHANCEDSTATUSCODES, SIZE and CHUNKING (never BINARYMIME) are ours;
/// 8BITMIME, SMTPUTF8 (only with 8BITMIME), DSN, MT-PRIORITY and REQUIRETLS only where the upstream has them;
/// PLAIN and LOGIN both where the upstream has one of them (transcoded), the bearer mechanisms where it has
/// them, SCRAM where it has no "-PLUS" of it (RFC 5802 6: a client that can bind channels would be refused);
/// STARTTLS never taken from the upstream. SIZE is the smaller limit, its headroom taken off. LIMITS are the
/// upstream's, with room for a copy: half of MAILMAX, and one domain less; RCPTMAX at most ours.
Extensions announce(const Extensions& upstream, const Offer& offer);

/// What two upstreams both can: for a listener whose tenant is not known yet. Give it what was announced for
/// each: a PLAIN and a LOGIN upstream share a mechanism only through announce().
Extensions intersect(const Extensions& a, const Extensions& b);

/// The EHLO or LHLO reply: "250-hostname", then a line each.
Reply ehlo_reply(std::string_view hostname, const Extensions& announced);

}  // namespace privet::smtp
