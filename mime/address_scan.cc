#include "mime/address_scan.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "mime/ascii.h"
#include "mime/domain.h"
#include "mime/rendition.h"

namespace privet::mime {
namespace {

constexpr std::size_t kLocalBytes = 64;    // RFC 5321 4.5.3.1.1
constexpr std::size_t kDomainBytes = 255;  // RFC 5321 4.5.3.1.2
constexpr std::size_t kBlanksAround = 8;

bool is_domain_char(char c) {
  return is_alnum(c) || is_8bit(c) || c == '-' || c == '.' || c == '_';
}
bool is_local_char(char c) {
  return is_domain_char(c) || std::string_view("!#$%&'*+/=?^`{|}~").contains(c);
}

/// Several readings of one side of an "@": the longest, and shorter ones where text runs into the address
/// without a blank.
struct Readings {
  std::array<std::string_view, 3> texts{};
  std::size_t count = 0;

  void add(std::string_view text) {
    if (!text.empty() && std::ranges::count(texts, text) == 0) texts[count++] = text;
  }
};

Readings read_domain(std::string_view text, std::size_t at) {
  const std::size_t limit = std::min(text.size(), at + kBlanksAround);
  while (at < limit && kWhitespace.contains(text[at])) ++at;
  Readings readings;
  const std::string_view window = text.substr(at, kDomainBytes);
  if (window.starts_with('[')) {
    readings.add(window.substr(0, std::min(window.find(']'), window.size() - 1) + 1));
    return readings;
  }
  const auto trimmed = [](std::string_view domain) {
    return domain.substr(0, domain.find_last_not_of(".-_") + 1);
  };
  const auto end = std::ranges::find_if_not(window, is_domain_char);
  const std::string_view longest(window.begin(), end);
  readings.add(trimmed(longest));
  readings.add(trimmed({longest.begin(), std::ranges::find_if(longest, is_8bit)}));
  return readings;
}

/// The local part that ends before `at`.
Readings read_local(std::string_view text, std::size_t at) {
  const std::size_t limit = at - std::min(at, kBlanksAround);
  while (at > limit && kWhitespace.contains(text[at - 1])) --at;
  Readings readings;
  std::string_view window = text.substr(at - std::min(at, kLocalBytes), std::min(at, kLocalBytes));
  if (window.ends_with('"')) {
    window.remove_suffix(1);
    const std::size_t open = window.rfind('"');
    if (open != window.npos) readings.add(window.substr(open + 1));
    return readings;
  }
  const auto end = std::ranges::find_if_not(window.rbegin(), window.rend(), is_local_char);
  const std::string_view longest(end.base(), window.end());
  const auto trimmed = [](std::string_view local) {
    const auto begin = std::ranges::find_if(local, [](char c) { return is_alnum(c) || is_8bit(c); });
    return std::string_view(begin, local.end());
  };
  readings.add(trimmed(longest));
  readings.add(trimmed(longest.substr(longest.find_last_of("!#$%&*/=?^`{|}~") + 1)));
  const auto ascii = std::ranges::find_if(longest.rbegin(), longest.rend(), is_8bit);
  readings.add(trimmed({ascii.base(), longest.end()}));
  return readings;
}

/// True where the address may begin or end between `before` and `after`: beside punctuation, and where ASCII
/// meets other letters.
bool is_seam(char before, char after) {
  const auto is_word = [](char c) { return is_alnum(c) || is_8bit(c); };
  return !is_word(before) || !is_word(after) || is_8bit(before) != is_8bit(after);
}

bool is_ascii(std::string_view text) {
  return std::ranges::none_of(text, is_8bit);
}

}  // namespace

bool may_name_somebody(std::string_view text) {
  constexpr std::string_view kOrigins = "@%&\\\xef";  // of an "@": itself, escaped, full-width
  return std::ranges::any_of(kOrigins, [&](char c) { return text.contains(c); });
}

void for_each_address(std::string_view text,
                      const std::function<bool(std::string_view local, std::string_view domain)>& visit) {
  for (std::size_t at = text.find('@'); at != text.npos; at = text.find('@', at + 1)) {
    const Readings domains = read_domain(text, at + 1);
    if (domains.count == 0) continue;
    const Readings locals = read_local(text, at);
    for (std::size_t d = 0; d < domains.count; ++d) {
      for (std::size_t l = 0; l < locals.count; ++l) {
        if (!visit(locals.texts[l], domains.texts[d])) return;
      }
    }
  }
}

AddressMatcher::AddressMatcher(const AddressKeys& keys, AddressTest forbidden, AddressTest visible)
    : keys_(keys), forbidden_(std::move(forbidden)), visible_(std::move(visible)) {
  for (const std::string& key : keys) domains_.insert(key.substr(key.rfind('@') + 1));
}

bool AddressMatcher::is_key_domain(std::string_view domain) {
  if (is_ascii(domain)) return domains_.contains(domain);
  ++examined_;  // as slow as an address
  return domains_.contains(canonical_domain(domain).value_or(std::string(domain)));
}

bool AddressMatcher::is_forbidden(const AddrSpec& address) {
  if (!forbidden_) return false;
  std::string written = address.local + "@" + address.domain;
  if (allowed_.contains(written)) return false;
  if (forbidden_(address)) return true;
  allowed_.insert(std::move(written));
  return false;
}

bool AddressMatcher::is_named(std::string_view local, std::string_view domain) {
  // An ASCII domain is its own canonical form but for case: most text is passed over without asking for it.
  const bool may_be_key = !is_ascii(domain) || domains_.contains(to_lower(domain));
  if (!may_be_key && !forbidden_) return false;
  const AddrSpec address{std::string(local), std::string(domain)};
  return (may_be_key && keys_.contains(address.key())) || is_forbidden(address);
}

bool AddressMatcher::is_glued(std::string_view local, std::string_view domain) {
  const std::string lower = to_lower(domain);
  for (std::size_t end = 1; end <= lower.size(); ++end) {
    if (end < lower.size() && !is_seam(lower[end - 1], lower[end])) continue;
    const std::string_view known = std::string_view(lower).substr(0, end);
    if (exhausted() || !is_key_domain(known)) continue;
    for (std::size_t begin = 0; begin < local.size(); ++begin) {
      if (begin > 0 && !is_seam(local[begin - 1], local[begin])) continue;
      ++examined_;
      if (keys_.contains(AddrSpec{std::string(local.substr(begin)), std::string(known)}.key())) return true;
    }
  }
  return false;
}

bool AddressMatcher::is_literally_in(std::string_view text) {
  for (std::size_t at = text.find('@'); at != text.npos; at = text.find('@', at + 1)) {
    ++examined_;
    if (exhausted()) return false;
    const Readings domains = read_domain(text, at + 1);
    const Readings locals = read_local(text, at);
    if (domains.count == 0 || locals.count == 0) continue;
    bool visible = false;
    for (const std::string_view domain : std::span(domains.texts).first(domains.count)) {
      for (const std::string_view local : std::span(locals.texts).first(locals.count)) {
        if (is_named(local, domain)) return true;
      }
    }
    if (!is_glued(locals.texts.front(), domains.texts.front())) continue;
    for (const std::string_view domain : std::span(domains.texts).first(domains.count)) {
      for (const std::string_view local : std::span(locals.texts).first(locals.count))
        visible |= visible_ && visible_({std::string(local), std::string(domain)});
    }
    if (!visible) return true;
  }
  return false;
}

bool AddressMatcher::is_in(std::string_view text) {
  if (!may_name_somebody(text) || exhausted()) return false;
  if (is_literally_in(text)) return true;
  return !exhausted() && any_rendition(text, [this](std::string_view rendition) {
    return !exhausted() && is_literally_in(rendition);
  });
}

}  // namespace privet::mime
