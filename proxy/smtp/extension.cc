#include "proxy/smtp/extension.h"

#include <array>
#include <charconv>

#include "proxy/limits.h"
#include "proxy/smtp/sasl.h"
#include "proxy/smtp/text.h"

namespace privet::smtp {
namespace {

constexpr std::array kOfferOrder{Mechanism::Plain, Mechanism::Login, Mechanism::XOauth2,
                                 Mechanism::OauthBearer};
constexpr std::uint8_t kWithPassword =
    static_cast<std::uint8_t>(Mechanism::Plain) | static_cast<std::uint8_t>(Mechanism::Login);

std::uint8_t parse_mechanisms(std::string_view names) {
  std::uint8_t mechanisms = 0;
  while (!names.empty()) {
    const auto mechanism = find_mechanism(to_upper(take_until(names, ' ')));
    if (mechanism) mechanisms |= static_cast<std::uint8_t>(*mechanism);
  }
  return mechanisms;
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
    extensions.mechanisms |= parse_mechanisms(arguments);
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
  }
}

/// The smaller of two limits of which 0 is none.
std::uint64_t smaller_limit(std::uint64_t a, std::uint64_t b) {
  return a == 0 || (b != 0 && b < a) ? b : a;
}

}  // namespace

Extensions parse_ehlo_reply(const Reply& reply) {
  Extensions extensions;
  std::string_view rest = reply.text;
  take_until(rest, '\n');  // the upstream's name
  while (!rest.empty()) read_line(take_until(rest, '\n'), extensions);
  return extensions;
}

Extensions announce(const Extensions& upstream, std::uint64_t own_size_limit) {
  Extensions announced{.pipelining = true,
                       .eight_bit_mime = upstream.eight_bit_mime,
                       .smtp_utf8 = upstream.smtp_utf8 && upstream.eight_bit_mime,
                       .enhanced_status_codes = true,
                       .dsn = upstream.dsn,
                       .size = true,
                       .mechanisms = upstream.mechanisms};
  const std::uint64_t limit = smaller_limit(own_size_limit, upstream.size_limit);
  if (limit > 0) announced.size_limit = limit > limits::kSizeHeadroom ? limit - limits::kSizeHeadroom : 1;
  if ((announced.mechanisms & kWithPassword) != 0) announced.mechanisms |= kWithPassword;
  return announced;
}

Extensions intersect(const Extensions& a, const Extensions& b) {
  return {.pipelining = a.pipelining && b.pipelining,
          .eight_bit_mime = a.eight_bit_mime && b.eight_bit_mime,
          .smtp_utf8 = a.smtp_utf8 && b.smtp_utf8,
          .enhanced_status_codes = a.enhanced_status_codes && b.enhanced_status_codes,
          .dsn = a.dsn && b.dsn,
          .start_tls = a.start_tls && b.start_tls,
          .size = a.size && b.size,
          .size_limit = smaller_limit(a.size_limit, b.size_limit),
          .mechanisms = static_cast<std::uint8_t>(a.mechanisms & b.mechanisms)};
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
  return {.code = 250, .enhanced = {}, .text = std::move(text)};
}

}  // namespace privet::smtp
