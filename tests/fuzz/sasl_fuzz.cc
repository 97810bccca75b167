// Logins: what is read is clean, bearer and SCRAM messages stay as they are, PLAIN is written as it was read,
// base64 has one form only. The first byte of the input chooses the mechanism.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proxy/sasl.h"
#include "proxy/text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace privet;
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (const auto bytes = base64_decode(input); bytes && base64_encode(*bytes) != input) __builtin_trap();
  if (base64_decode(base64_encode(input)) != input) __builtin_trap();

  constexpr std::array kMechanisms{Mechanism::Plain,       Mechanism::Login,     Mechanism::XOauth2,
                                   Mechanism::OauthBearer, Mechanism::ScramSha1, Mechanism::ScramSha256,
                                   Mechanism::ScramSha512};
  const Mechanism mechanism = kMechanisms[data[0] % kMechanisms.size()];
  if (mechanism == Mechanism::Login) {
    std::string_view password = input;
    const std::string_view login = take_until(password, ' ');
    const auto credentials = login_credentials(login, password);
    if (!credentials) return 0;
    const auto again = parse_credentials(Mechanism::Plain, plain_message(*credentials).reveal());
    if (!again || again->login != login || again->password.reveal() != password) __builtin_trap();
    return 0;
  }
  const auto credentials = parse_credentials(mechanism, input);
  if (!credentials) return 0;
  if (credentials->login.empty() || !is_clean_utf8(credentials->login)) __builtin_trap();
  const Secret& whole = credentials->message;
  if (mechanism == Mechanism::Plain ? plain_message(*credentials).reveal() != input
                                    : whole.reveal() != input) {
    __builtin_trap();
  }
  return 0;
}
