#include "proxy/sasl.h"

#include <string.h>

#include <algorithm>
#include <array>
#include <utility>

#include "proxy/text.h"

namespace privet {
namespace {

constexpr std::array<std::pair<Mechanism, std::string_view>, 7> kMechanisms{
    {{Mechanism::Plain, "PLAIN"},
     {Mechanism::Login, "LOGIN"},
     {Mechanism::XOauth2, "XOAUTH2"},
     {Mechanism::OauthBearer, "OAUTHBEARER"},
     {Mechanism::ScramSha1, "SCRAM-SHA-1"},
     {Mechanism::ScramSha256, "SCRAM-SHA-256"},
     {Mechanism::ScramSha512, "SCRAM-SHA-512"}}};
constexpr char kPairEnd = '\x01';  // RFC 7628 3.1 "kvsep"

bool is_login(std::string_view text) {
  return !text.empty() && is_clean_utf8(text);
}

/// "=2C" and "=3D" of RFC 5801 4 "gs2-authzid"; nullopt for any other "=" or a bare comma.
std::optional<std::string> decode_saslname(std::string_view text) {
  std::string name;
  while (!text.empty()) {
    if (text.starts_with("=2C") || text.starts_with("=3D")) {
      name += text.starts_with("=2C") ? ',' : '=';
      text.remove_prefix(3);
    } else if (text.front() == '=' || text.front() == ',') {
      return std::nullopt;
    } else {
      name += text.front();
      text.remove_prefix(1);
    }
  }
  return name;
}

/// The pairs that matter of "key=value^A … ^A"; empty where not given. Unknown keys are passed over (RFC
/// 7628 3.1).
struct Pairs {
  std::string_view user;
  std::string_view auth;
};

std::optional<Pairs> parse_pairs(std::string_view text) {
  Pairs pairs;
  if (!text.ends_with(kPairEnd)) return std::nullopt;
  text.remove_suffix(1);
  while (!text.empty()) {
    if (!text.contains(kPairEnd)) return std::nullopt;
    std::string_view value = take_until(text, kPairEnd);
    if (!value.contains('=')) return std::nullopt;
    const std::string_view key = take_until(value, '=');
    if (key.empty()) return std::nullopt;
    std::string_view* const known = key == "user" ? &pairs.user : key == "auth" ? &pairs.auth : nullptr;
    if (known == nullptr) continue;
    if (!known->empty()) return std::nullopt;
    *known = value;
  }
  return pairs;
}

bool is_bearer(std::string_view auth) {
  if (!equals_ignoring_case(take_until(auth, ' '), "bearer") || auth.empty()) return false;
  return std::ranges::all_of(auth, [](char c) { return c > ' ' && c <= '~'; });
}

std::optional<Credentials> bearer_credentials(Mechanism mechanism, std::string_view login,
                                              std::string_view auth, std::string_view message) {
  if (!is_login(login) || !is_bearer(auth)) return std::nullopt;
  return Credentials{.mechanism = mechanism, .login = std::string(login), .message = Secret(message)};
}

std::optional<Credentials> parse_plain(std::string_view message) {
  if (std::ranges::count(message, '\0') != 2) return std::nullopt;
  const std::string_view authorization = take_until(message, '\0');
  const std::string_view login = take_until(message, '\0');
  if (!is_clean_utf8(authorization) || !is_login(login) || message.empty()) return std::nullopt;
  return Credentials{.mechanism = Mechanism::Plain,
                     .login = std::string(login),
                     .authorization = std::string(authorization),
                     .password = Secret(message)};
}

std::optional<Credentials> parse_xoauth2(std::string_view message) {
  const std::optional<Pairs> pairs = parse_pairs(message);
  if (!pairs) return std::nullopt;
  return bearer_credentials(Mechanism::XOauth2, pairs->user, pairs->auth, message);
}

std::optional<Credentials> parse_oauth_bearer(std::string_view message) {
  // RFC 5801 4 gs2-header without channel binding: "n" or "y", the authorization identity, a comma.
  std::string_view rest = message;
  const std::string_view binding = take_until(rest, ',');
  std::string_view identity = take_until(rest, ',');
  if ((binding != "n" && binding != "y") || !identity.starts_with("a=") || !rest.starts_with(kPairEnd)) {
    return std::nullopt;
  }
  identity.remove_prefix(2);
  const std::optional<std::string> login = decode_saslname(identity);
  const std::optional<Pairs> pairs = parse_pairs(rest.substr(1));
  if (!login || !pairs || !pairs->user.empty()) return std::nullopt;
  return bearer_credentials(Mechanism::OauthBearer, *login, pairs->auth, message);
}

bool is_nonce(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~' && c != ','; });
}

/// RFC 5802 7 "client-first-message" without channel binding; the mandatory extension "m=" is refused, as
/// that section asks of whoever does not know it.
std::optional<Credentials> parse_scram(Mechanism mechanism, std::string_view message) {
  std::string_view rest = message;
  const std::string_view binding = take_until(rest, ',');
  std::string_view identity = take_until(rest, ',');
  std::string_view user = take_until(rest, ',');
  std::string_view nonce = take_until(rest, ',');
  if ((binding != "n" && binding != "y") || !(identity.empty() || identity.starts_with("a=")) ||
      !user.starts_with("n=") || !nonce.starts_with("r=") || !is_nonce(nonce.substr(2)) ||
      !is_clean_utf8(rest)) {
    return std::nullopt;
  }
  identity.remove_prefix(identity.empty() ? 0 : 2);
  const std::optional<std::string> authorization = decode_saslname(identity);
  const std::optional<std::string> login = decode_saslname(user.substr(2));
  if (!authorization || !is_clean_utf8(*authorization) || !login || !is_login(*login)) return std::nullopt;
  return Credentials{
      .mechanism = mechanism, .login = *login, .authorization = *authorization, .message = Secret(message)};
}

}  // namespace

void wipe(std::string& text) {
  text.resize(text.capacity());  // what was once there and longer, too
  explicit_bzero(text.data(), text.size());
  text.clear();
}

Secret::Secret(std::string_view text) : text_(text) {}

Secret::Secret(Secret&& other) noexcept : text_(std::move(other.text_)) {
  wipe(other.text_);  // a short string is copied by a move
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  wipe(text_);
  text_ = std::move(other.text_);
  wipe(other.text_);
  return *this;
}

Secret::~Secret() {
  wipe(text_);
}

std::optional<Mechanism> find_mechanism(std::string_view upper_case_name) {
  const auto found =
      std::ranges::find(kMechanisms, upper_case_name, &decltype(kMechanisms)::value_type::second);
  if (found == kMechanisms.end()) return std::nullopt;
  return found->first;
}

std::string_view to_string(Mechanism mechanism) {
  return std::ranges::find(kMechanisms, mechanism, &decltype(kMechanisms)::value_type::first)->second;
}

bool is_scram(Mechanism mechanism) {
  return mechanism == Mechanism::ScramSha1 || mechanism == Mechanism::ScramSha256 ||
         mechanism == Mechanism::ScramSha512;
}

std::optional<Credentials> parse_credentials(Mechanism mechanism, std::string_view message) {
  switch (mechanism) {
    case Mechanism::Plain:
      return parse_plain(message);
    case Mechanism::XOauth2:
      return parse_xoauth2(message);
    case Mechanism::OauthBearer:
      return parse_oauth_bearer(message);
    case Mechanism::ScramSha1:
    case Mechanism::ScramSha256:
    case Mechanism::ScramSha512:
      return parse_scram(mechanism, message);
    case Mechanism::Login:
      break;  // has two messages
  }
  return std::nullopt;
}

std::optional<Credentials> login_credentials(std::string_view login, std::string_view password) {
  // A NUL would end the password early in the PLAIN message it may be sent in.
  if (!is_login(login) || password.empty() || password.contains('\0')) return std::nullopt;
  return Credentials{
      .mechanism = Mechanism::Login, .login = std::string(login), .password = Secret(password)};
}

Secret plain_message(const Credentials& credentials) {
  std::string message;
  const std::string_view password = credentials.password.reveal();
  message.reserve(credentials.authorization.size() + credentials.login.size() + password.size() + 2);
  message.append(credentials.authorization)
      .append(1, '\0')
      .append(credentials.login)
      .append(1, '\0')
      .append(password);
  Secret secret(message);
  wipe(message);
  return secret;
}

}  // namespace privet
