#include "proxy/imap/capability.h"

#include <algorithm>
#include <array>
#include <utility>

#include "mime/ascii.h"

namespace privet::imap {

namespace {

using Flag = bool Capabilities::*;
constexpr std::array<std::pair<std::string_view, Flag>, 18> kKnown{
    {{"imap4rev1", &Capabilities::imap4rev1},
     {"starttls", &Capabilities::start_tls},
     {"logindisabled", &Capabilities::login_disabled},
     {"sasl-ir", &Capabilities::sasl_ir},
     {"literal-", &Capabilities::literal_minus},
     {"literal+", &Capabilities::literal_plus},
     {"enable", &Capabilities::enable},
     {"condstore", &Capabilities::condstore},
     {"esearch", &Capabilities::esearch},
     {"idle", &Capabilities::idle},
     {"id", &Capabilities::id},
     {"namespace", &Capabilities::name_space},
     {"special-use", &Capabilities::special_use},
     {"list-extended", &Capabilities::list_extended},
     {"unselect", &Capabilities::unselect},
     {"within", &Capabilities::within},
     {"uidplus", &Capabilities::uid_plus},
     {"move", &Capabilities::move}}};
constexpr std::string_view kAuth = "auth=";
constexpr std::array kRelayed{Mechanism::Plain, Mechanism::Login, Mechanism::XOauth2, Mechanism::OauthBearer};

}  // namespace

Capabilities parse_capabilities(std::span<const std::string_view> names) {
  Capabilities found;
  for (const std::string_view name : names) {
    const std::string lower = mime::to_lower(name);
    for (const Mechanism mechanism : kRelayed) {
      if (lower == std::string(kAuth) + mime::to_lower(to_string(mechanism)))
        found.mechanisms |= static_cast<std::uint8_t>(mechanism);
    }
    const auto* const known = std::ranges::find(kKnown, lower, &std::pair<std::string_view, Flag>::first);
    if (known != kKnown.end()) found.*(known->second) = true;
  }
  return found;
}

std::string capabilities_for(const Standing& standing) {
  std::string text = "IMAP4rev1 SASL-IR LITERAL- ID";
  if (standing.in_clear) return text + " STARTTLS LOGINDISABLED";
  if (!standing.logged_in) {
    for (const Mechanism mechanism : kRelayed) {
      if ((standing.mechanisms & static_cast<std::uint8_t>(mechanism)) != 0)
        text.append(" AUTH=").append(to_string(mechanism));
    }
    return text;
  }
  text +=
      " IDLE NAMESPACE CHILDREN UNSELECT SPECIAL-USE ESEARCH WITHIN LIST-EXTENDED LIST-STATUS STATUS=SIZE "
      "ENABLE";
  if (standing.uid_plus) text += " UIDPLUS";
  if (standing.move) text += " MOVE";
  if (standing.condstore) text += " CONDSTORE";
  return text;
}

}  // namespace privet::imap
