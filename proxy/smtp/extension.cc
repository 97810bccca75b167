#include "proxy/smtp/extension.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "proxy/limits.h"
#include "proxy/sasl.h"
#include "proxy/smtp/xclient.h"
#include "proxy/text.h"

namespace privet::smtp {
namespace {

constexpr std::array kOfferOrder{Mechanism::Plain,       Mechanism::Login,     Mechanism::XOauth2,
                                 Mechanism::OauthBearer, Mechanism::ScramSha1, Mechanism::ScramSha256,
                                 Mechanism::ScramSha512};
constexpr std::uint8_t kWithPassword =
    static_cast<std::uint8_t>(Mechanism::Plain) | static_cast<std::uint8_t>(Mechanism::Login);
constexpr std::uint8_t kScram = static_cast<std::uint8_t>(Mechanism::ScramSha1) |
                                static_cast<std::uint8_t>(Mechanism::ScramSha256) |
                                static_cast<std::uint8_t>(Mechanism::ScramSha512);
constexpr std::size_t kLimitDigits = 6;  // RFC 9422 4

void read_mechanisms(std::string_view names, Extensions& extensions) {
  while (!names.empty()) {
    const std::string name = to_upper(take_until(names, ' '));
    const auto mechanism = find_mechanism(name);
    if (mechanism) extensions.mechanisms |= static_cast<std::uint8_t>(*mechanism);
    if (name.starts_with("SCRAM-") && name.ends_with("-PLUS")) extensions.scram_plus = true;
  }
}

/// What is not written as RFC 9422 4 has it is no limit; the upstream will say so when it is reached.
void read_limits(std::string_view pairs, SessionLimits& limits) {
  while (!pairs.empty()) {
    std::string_view text = take_until(pairs, ' ');
    const std::string name = to_upper(take_until(text, '='));
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.size() > kLimitDigits || error != std::errc() || end != text.data() + text.size()) continue;
    if (name == "RCPTMAX") limits.rcpt_max = value;
    if (name == "MAILMAX") limits.mail_max = value;
    if (name == "RCPTDOMAINMAX") limits.rcpt_domain_max = value;
  }
}

std::string read_profile(std::string_view text) {
  std::string name = to_upper(text);
  const bool plain = std::ranges::all_of(name, [](char c) { return is_alnum(c) || c == '-'; });
  return plain ? name : std::string();
}

/// 0, no fixed limit, for what is no number: the upstream will then say so when a message is too large for
/// it.
std::uint64_t parse_size(std::string_view text) {
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  return error == std::errc() && end == text.data() + text.size() ? size : 0;
}

void read_line(std::string_view line, Extensions& extensions) {
  std::string_view arguments = trim_blanks(line);
  const bool old_auth = equals_ignoring_case(arguments.substr(0, 5), "AUTH=");
  const std::string keyword = to_upper(take_until(arguments, old_auth ? '=' : ' '));
  arguments = trim_blanks(arguments);
  if (keyword == "AUTH") {
    read_mechanisms(arguments, extensions);
  } else if (keyword == "SIZE") {
    extensions.size = true;
    extensions.size_limit = parse_size(arguments);
  } else if (keyword == "PIPELINING") {
    extensions.pipelining = true;
  } else if (keyword == "8BITMIME") {
    extensions.eight_bit_mime = true;
  } else if (keyword == "SMTPUTF8") {
    extensions.smtp_utf8 = true;
  } else if (keyword == "ENHANCEDSTATUSCODES") {
    extensions.enhanced_status_codes = true;
  } else if (keyword == "DSN") {
    extensions.dsn = true;
  } else if (keyword == "STARTTLS") {
    extensions.start_tls = true;
  } else if (keyword == "CHUNKING") {
    extensions.chunking = true;
  } else if (keyword == "REQUIRETLS") {
    extensions.require_tls = true;
  } else if (keyword == "MT-PRIORITY") {
    extensions.mt_priority = true;
    extensions.mt_priority_profile = read_profile(arguments);
  } else if (keyword == "LIMITS") {
    read_limits(arguments, extensions.limits);
  }
}

/// The smaller of two limits of which 0 is none.
template <class Limit>
Limit smaller_limit(Limit a, Limit b) {
  return a == 0 || (b != 0 && b < a) ? b : a;
}

void append_limit(std::string& text, std::string_view name, std::uint32_t value) {
  if (value > 0) text.append(" ").append(name).append("=").append(std::to_string(value));
}

SessionLimits announce_limits(const SessionLimits& upstream) {
  const auto at_least_one = [](std::uint32_t announced, std::uint32_t of) {
    return of == 0 ? 0 : std::max<std::uint32_t>(announced, 1);
  };
  return {.rcpt_max = std::min<std::uint32_t>(upstream.rcpt_max, limits::kRecipients),
          .mail_max = at_least_one(upstream.mail_max / 2, upstream.mail_max),
          .rcpt_domain_max = at_least_one(upstream.rcpt_domain_max - 1, upstream.rcpt_domain_max)};
}

}  // namespace

Extensions parse_ehlo_reply(const Reply& reply) {
  Extensions extensions;
  std::string_view rest = reply.text;
  take_until(rest, '\n');  // the upstream's name
  while (!rest.empty()) read_line(take_until(rest, '\n'), extensions);
  return extensions;
}

Extensions announce(const Extensions& upstream, const Offer& offer) {
  Extensions announced{.pipelining = true,
                       .eight_bit_mime = upstream.eight_bit_mime,
                       .smtp_utf8 = upstream.smtp_utf8 && upstream.eight_bit_mime,
                       .enhanced_status_codes = true,
                       .dsn = upstream.dsn,
                       .size = true,
                       .chunking = offer.chunking,
                       .require_tls = upstream.require_tls && offer.upstream_tls_verified,
                       .mt_priority = upstream.mt_priority,
                       .mt_priority_profile = upstream.mt_priority_profile,
                       .limits = announce_limits(upstream.limits),
                       .mechanisms = upstream.mechanisms,
                       .xclient = offer.xclient,
                       .xforward = offer.xforward};
  const std::uint64_t limit = smaller_limit(offer.own_size_limit, upstream.size_limit);
  if (limit > 0) announced.size_limit = limit > limits::kSizeHeadroom ? limit - limits::kSizeHeadroom : 1;
  if ((announced.mechanisms & kWithPassword) != 0) announced.mechanisms |= kWithPassword;
  if (!offer.scram || upstream.scram_plus) announced.mechanisms &= static_cast<std::uint8_t>(~kScram);
  if (offer.lmtp) announced.mechanisms = 0;
  return announced;
}

Extensions intersect(const Extensions& a, const Extensions& b) {
  const bool same_priorities =
      a.mt_priority && b.mt_priority && a.mt_priority_profile == b.mt_priority_profile;
  return {.pipelining = a.pipelining && b.pipelining,
          .eight_bit_mime = a.eight_bit_mime && b.eight_bit_mime,
          .smtp_utf8 = a.smtp_utf8 && b.smtp_utf8,
          .enhanced_status_codes = a.enhanced_status_codes && b.enhanced_status_codes,
          .dsn = a.dsn && b.dsn,
          .start_tls = a.start_tls && b.start_tls,
          .size = a.size && b.size,
          .size_limit = smaller_limit(a.size_limit, b.size_limit),
          .chunking = a.chunking && b.chunking,
          .require_tls = a.require_tls && b.require_tls,
          .mt_priority = same_priorities,
          .mt_priority_profile = same_priorities ? a.mt_priority_profile : std::string(),
          .limits = {.rcpt_max = smaller_limit(a.limits.rcpt_max, b.limits.rcpt_max),
                     .mail_max = smaller_limit(a.limits.mail_max, b.limits.mail_max),
                     .rcpt_domain_max = smaller_limit(a.limits.rcpt_domain_max, b.limits.rcpt_domain_max)},
          .mechanisms = static_cast<std::uint8_t>(a.mechanisms & b.mechanisms),
          .scram_plus = a.scram_plus || b.scram_plus,
          .xclient = a.xclient && b.xclient,
          .xforward = a.xforward && b.xforward};
}

Reply ehlo_reply(std::string_view hostname, const Extensions& announced) {
  std::string text(hostname);
  if (announced.pipelining) text += "\nPIPELINING";
  if (announced.size) text += "\nSIZE " + std::to_string(announced.size_limit);
  if (announced.start_tls) text += "\nSTARTTLS";
  if (announced.mechanisms != 0) text += "\nAUTH";
  for (const Mechanism mechanism : kOfferOrder) {
    if (announced.offers(mechanism)) text.append(" ").append(to_string(mechanism));
  }
  if (announced.enhanced_status_codes) text += "\nENHANCEDSTATUSCODES";
  if (announced.eight_bit_mime) text += "\n8BITMIME";
  if (announced.dsn) text += "\nDSN";
  if (announced.smtp_utf8) text += "\nSMTPUTF8";
  if (announced.chunking) text += "\nCHUNKING";
  if (announced.require_tls) text += "\nREQUIRETLS";
  if (announced.mt_priority) text += "\nMT-PRIORITY";
  if (!announced.mt_priority_profile.empty()) text += " " + announced.mt_priority_profile;
  if (announced.limits != SessionLimits()) text += "\nLIMITS";
  append_limit(text, "RCPTMAX", announced.limits.rcpt_max);
  append_limit(text, "MAILMAX", announced.limits.mail_max);
  append_limit(text, "RCPTDOMAINMAX", announced.limits.rcpt_domain_max);
  if (announced.xclient) text.append("\nXCLIENT ").append(kXclientAttributes);
  if (announced.xforward) text.append("\nXFORWARD ").append(kXforwardAttributes);
  return {.code = 250, .enhanced = {}, .text = std::move(text)};
}

}  // namespace privet::smtp
