#include "policy/pattern.h"

#include <optional>

#include "mime/ascii.h"
#include "mime/domain.h"

namespace privet::policy {
namespace {

constexpr std::string_view kExpected = "expected local@domain, local+*@domain, *@domain, domain or .domain";

/// A name without a dot is a list's name or a slip far more often than a mail domain.
std::optional<std::string> mail_domain(std::string_view text) {
  auto domain = mime::canonical_domain(text);
  if (domain && domain->find('.') == std::string::npos && !domain->starts_with('[')) return std::nullopt;
  return domain;
}

bool is_plain(char c) {
  return mime::is_alnum(c) || c == '_' || c == '-' || c == '+';
}

/// The common shape of a list entry, which needs no address parser: words and single dots.
bool is_plain_local(std::string_view local) {
  bool dot_allowed = false;
  for (const char c : local) {
    if (c == '.' ? !dot_allowed : !is_plain(c)) return false;
    dot_allowed = c != '.';
  }
  return dot_allowed;
}

}  // namespace

Result<Pattern> Pattern::parse(std::string_view text) {
  const auto refuse = [](std::string_view what) {
    return failure(std::string(what) + ", " + std::string(kExpected));
  };
  if (text.empty()) return refuse("nothing");
  if (text.find_first_of(mime::kWhitespace) != std::string_view::npos &&
      text.find('"') == std::string_view::npos) {
    return refuse("a blank inside an entry");
  }

  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos) {
    const bool below = text.starts_with('.');
    auto domain = mail_domain(below ? text.substr(1) : text);
    if (!domain || domain->starts_with('[')) return refuse("no valid domain");
    return Pattern{below ? Kind::Subdomains : Kind::Domain, "", std::move(*domain)};
  }

  auto domain = mail_domain(text.substr(at + 1));
  if (!domain) return refuse("no valid domain behind the @");
  std::string_view local = text.substr(0, at);
  if (local == "*") return Pattern{Kind::Domain, "", std::move(*domain)};
  const bool any_tag = local.ends_with("+*");
  if (any_tag) local.remove_suffix(2);
  if (local.find('*') != std::string_view::npos) return refuse("a * in the wrong place");
  const Kind kind = any_tag ? Kind::AnyTag : Kind::Exact;
  if (is_plain_local(local)) return Pattern{kind, mime::to_lower(local), std::move(*domain)};

  const auto address = mime::parse_addr_spec(std::string(local) + "@" + *domain);
  if (!address) return refuse("no valid address");
  return Pattern{kind, mime::to_lower(address->local), std::move(*domain)};
}

bool Pattern::matches_exactly(const mime::AddrSpec& address) const {
  const auto other = mime::canonical_domain(address.domain);
  if (!other) return false;
  if (kind == Kind::Subdomains) return mime::is_subdomain(*other, domain);
  if (*other != domain) return false;
  if (kind == Kind::Domain) return true;
  const std::string other_local = mime::to_lower(address.local);
  return kind == Kind::Exact ? other_local == local : other_local.starts_with(local + "+");
}

std::string Pattern::to_string() const {
  switch (kind) {
    case Kind::Exact:
      return local + "@" + domain;
    case Kind::AnyTag:
      return local + "+*@" + domain;
    case Kind::Subdomains:
      return "." + domain;
    case Kind::Domain:
      return domain;
  }
  return domain;
}

}  // namespace privet::policy
