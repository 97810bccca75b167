// SASL messages that can be relayed (RFC 4616, RFC 5802, RFC 7628, draft LOGIN, Google/Microsoft XOAUTH2):
// read for the login name, written anew for the upstream. Pure. Secrets are wiped when they go out of scope
// and have no way into a log.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/base64.h"

namespace privet {

/// SASL mechanisms that can be relayed, as bits of one set.
enum class Mechanism : std::uint8_t {
  Plain = 1,
  Login = 2,
  XOauth2 = 4,
  OauthBearer = 8,
  ScramSha1 = 16,
  ScramSha256 = 32,
  ScramSha512 = 64
};

/// A string whose bytes are overwritten on destruction; move only, no operator<<, no implicit conversion.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view text);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();
  std::string_view reveal() const { return text_; }
  bool empty() const { return text_.empty(); }

 private:
  std::string text_;
};
/// Overwrites the bytes (the optimiser may not drop it) and empties the string.
void wipe(std::string& text);

/// What a client sent to log in.
struct Credentials {
  Mechanism mechanism = Mechanism::Plain;
  std::string login;               ///< authentication identity: "anna@acme.com"
  std::string authorization = {};  ///< authorization identity of PLAIN and SCRAM; mostly empty
  Secret password = {};            ///< PLAIN and LOGIN
  Secret message = {};  ///< bearer and SCRAM: the client's first message, decoded, relayed as it is
};

std::optional<Mechanism> find_mechanism(std::string_view upper_case_name);
std::string_view to_string(Mechanism mechanism);
bool is_scram(Mechanism mechanism);

/// Reads a decoded client message of PLAIN ("authzid NUL authcid NUL password"), XOAUTH2 ("user=… ^A
/// auth=Bearer … ^A^A") OAUTHBEARER ("n,a=…,^A auth=Bearer …^A^A") or SCRAM ("n,,n=…,r=…"). nullopt when
/// malformed, bound to a channel, with a pair given twice, without a login or secret, or with a login that is
/// not clean UTF-8.
std::optional<Credentials> parse_credentials(Mechanism mechanism, std::string_view message);
/// LOGIN's two answers, decoded.
std::optional<Credentials> login_credentials(std::string_view login, std::string_view password);

/// The decoded message of PLAIN for these credentials.
Secret plain_message(const Credentials& credentials);

}  // namespace privet
