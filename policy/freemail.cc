#include "policy/freemail.h"

#include <algorithm>
#include <array>

namespace privet::policy {
namespace {

/// First labels of providers with one domain per country: label.TLD and label.co.TLD.
constexpr auto kFamilies =
    std::to_array<std::string_view>({"gmx", "hotmail", "hushmail", "live", "outlook", "rediffmail",
                                     "rocketmail", "yahoo", "yandex", "ymail"});

constexpr auto kDomains = std::to_array<std::string_view>(
    {"126.com",       "163.com",        "aol.com",      "aol.de",         "arcor.de",     "att.net",
     "bk.ru",         "bluewin.ch",     "comcast.net",  "email.de",       "fastmail.com", "fastmail.fm",
     "free.fr",       "freenet.de",     "gmail.com",    "googlemail.com", "icloud.com",   "inbox.ru",
     "laposte.net",   "libero.it",      "list.ru",      "mac.com",        "mail.com",     "mail.de",
     "mail.ru",       "mailbox.org",    "me.com",       "msn.com",        "naver.com",    "o2.pl",
     "online.de",     "orange.fr",      "passport.com", "pm.me",          "posteo.de",    "proton.me",
     "protonmail.ch", "protonmail.com", "qq.com",       "rambler.ru",     "riseup.net",   "sbcglobal.net",
     "seznam.cz",     "sfr.fr",         "t-online.de",  "tuta.com",       "tuta.io",      "tutanota.com",
     "tutanota.de",   "verizon.net",    "wanadoo.fr",   "web.de",         "wp.pl",        "zoho.com",
     "zohomail.com"});
static_assert(std::ranges::is_sorted(kDomains) && std::ranges::is_sorted(kFamilies));

}  // namespace

bool is_freemail(std::string_view canonical_domain) {
  if (std::ranges::binary_search(kDomains, canonical_domain)) return true;
  const std::size_t dot = canonical_domain.find('.');
  if (dot == std::string_view::npos ||
      !std::ranges::binary_search(kFamilies, canonical_domain.substr(0, dot))) {
    return false;
  }
  const std::string_view rest = canonical_domain.substr(dot + 1);
  return rest.find('.') == std::string_view::npos || rest.starts_with("co.") || rest.starts_with("com.");
}

}  // namespace privet::policy
