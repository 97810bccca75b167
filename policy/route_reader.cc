#include "policy/route_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <utility>

#include "mime/domain.h"
#include "policy/limits.h"
#include "policy/network.h"

namespace privet::policy {
namespace {

/// Where a service listens where nobody says otherwise.
struct Ports {
  std::uint16_t usual;
  std::uint16_t implicit_tls;
};
constexpr Ports kSubmission{587, 465};
constexpr Ports kImap{143, 993};

template <class Number>
std::optional<Number> whole_number(std::string_view digits) {
  Number number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

bool is_host_name(std::string_view text) {
  return !text.starts_with('[') && mime::canonical_domain(text);
}

/// "mail.acme.example", "192.0.2.1", "2001:db8::1", each with ":port" (then "[2001:db8::1]:port").
std::optional<Endpoint> parse_endpoint(const std::string& text, std::uint16_t usual_port) {
  if (is_address_literal(text) || is_host_name(text)) return Endpoint{text, usual_port};
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  std::string host = text.substr(0, colon);
  const auto port = whole_number<std::uint16_t>(std::string_view(text).substr(colon + 1));
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  const bool is_host =
      bracketed ? is_address_literal(host) && host.find(':') != std::string::npos
                : host.find(':') == std::string::npos && (is_address_literal(host) || is_host_name(host));
  if (!is_host || !port || *port == 0) return std::nullopt;
  return Endpoint{std::move(host), *port};
}

bool is_loopback(const Endpoint& endpoint) {
  return endpoint.host == "localhost" || is_loopback_literal(endpoint.host);
}

/// "90m", "12h", "3d".
std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const auto number = whole_number<std::uint32_t>(text.substr(0, text.size() - 1));
  if (!number) return std::nullopt;
  switch (text.back()) {
    case 'm':
      return std::chrono::minutes(*number);
    case 'h':
      return std::chrono::hours(*number);
    case 'd':
      return std::chrono::days(*number);
    default:
      return std::nullopt;
  }
}

void read_ca(MapReader& smtp, const TenantPlace& place, MailServer& upstream) {
  const auto path = smtp.string("ca");
  if (!path) return;
  upstream.ca_file = place.resolve(*path);
  const YamlNode& node = *smtp.get("ca");
  const auto text = place.read_file(upstream.ca_file);
  if (!text) return smtp.fail(node, "file " + in_quotes(*path) + " cannot be read: " + text.error().what);
  if (text->find("-----BEGIN CERTIFICATE-----") == std::string::npos) {
    smtp.fail(node, "no certificate in " + in_quotes(*path) + ", expected a PEM file");
  }
}

void read_hosts(MapReader& smtp, MailServer& upstream, const Ports& ports) {
  const std::uint16_t usual = upstream.tls == TlsMode::Implicit ? ports.implicit_tls : ports.usual;
  const auto port = static_cast<std::uint16_t>(smtp.integer("port", 1, 65535).value_or(usual));
  for (const YamlNode* node : smtp.strings("host")) {
    const std::string found = in_quotes(node->scalar) + " as 'host'";
    auto endpoint = parse_endpoint(node->scalar, port);
    if (!endpoint) {
      return smtp.fail(*node,
                       found + ", expected a host name or an IP address, and :port where it has its own");
    }
    if (std::ranges::find(upstream.hosts, *endpoint) != upstream.hosts.end()) {
      return smtp.fail(*node, found + " stands there twice, expected it once");
    }
    upstream.hosts.push_back(*std::move(endpoint));
  }
  if (smtp.ok() && upstream.hosts.empty())
    smtp.fail(*smtp.get("host"), "an empty list as 'host', expected a host name");
}

void read_srv(MapReader& smtp, MailServer& upstream) {
  const std::string domain = smtp.string("srv").value_or("");
  if (!smtp.ok()) return;
  const YamlNode& node = *smtp.get("srv");
  if (!is_host_name(domain) || is_address_literal(domain))
    return smtp.fail(node, in_quotes(domain) + " as 'srv', expected a mail domain (acme.example)");
  if (const YamlNode* port = smtp.get("port"))
    return smtp.fail(*port, "'port' beside 'srv', expected it only with 'host': the records name the port");
  upstream.srv = *mime::canonical_domain(domain);
}

void read_server(MapReader& smtp, const TenantPlace& place, MailServer& upstream, const Ports& ports) {
  constexpr std::array kModes = {TlsMode::StartTls, TlsMode::Implicit, TlsMode::None};
  upstream.tls = kModes[smtp.choice("tls", {"starttls", "implicit", "none"}).value_or(0)];
  if (smtp.get("srv")) {
    read_srv(smtp, upstream);
  } else if (smtp.ok()) {
    read_hosts(smtp, upstream, ports);
  }
  if (smtp.ok() && upstream.tls == TlsMode::None &&
      !(upstream.srv.empty() && std::ranges::all_of(upstream.hosts, is_loopback))) {
    smtp.fail(*smtp.get("tls"),
              "'none' as 'tls' for a host on the network, expected starttls or implicit (none is for "
              "localhost, 127.0.0.0/8 and ::1)");
  }
  read_ca(smtp, place, upstream);
}

/// The text behind {file: NAME} or {env: NAME}, one line. Messages name the place, never what stands there.
std::string read_secret(MapReader& reader, const std::string& key, const TenantPlace& place,
                        std::optional<Error>& error) {
  const YamlNode* node = reader.require(key);
  if (!node) return "";
  const std::string name = "'" + key + "'";
  if (node->kind != YamlNode::Kind::Map) {
    reader.fail(*node, "something else as " + name +
                           ", expected {file: NAME} or {env: NAME}: no secret stands in this file");
    return "";
  }
  MapReader secret(*node, place.file, name, error);
  secret.allow({"file", "env"});
  const auto file = secret.string("file"), variable = secret.string("env");
  if (secret.ok() && file.has_value() == variable.has_value())
    secret.fail(*node, "expected exactly one of file and env in " + name);
  if (!secret.ok()) return "";
  const YamlNode& where = *secret.get(file ? "file" : "env");
  const std::string source =
      file ? "file " + in_quotes(*file) : "environment variable " + in_quotes(*variable);
  std::string text;
  if (file) {
    auto read = place.read_file(place.resolve(*file));
    if (!read) secret.fail(where, source + " cannot be read: " + read.error().what);
    if (read) text = *std::move(read);
  } else if (const char* const value = std::getenv(variable->c_str())) {
    text = value;
  }
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  if (text.empty()) secret.fail(where, source + " for " + name + " is empty or not there");
  if (text.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
    secret.fail(where, source + " for " + name + " holds more than one line, expected only the password");
  return secret.ok() ? text : "";
}

Relay read_relay(const YamlNode& node, const TenantPlace& place, std::optional<Error>& error) {
  MapReader reader(node, place.file, "'relay'", error);
  reader.allow({"host", "srv", "port", "tls", "ca", "user", "password"});
  Relay relay;
  if (reader.ok() && (reader.get("host") != nullptr) == (reader.get("srv") != nullptr))
    reader.fail(node, "expected exactly one of host and srv in 'relay'");
  read_server(reader, place, relay.smtp, kSubmission);
  if (reader.get("user") || reader.get("password")) {
    reader.require("user");
    relay.user = reader.string("user").value_or("");
    relay.password = read_secret(reader, "password", place, error);
  }
  return relay;
}

}  // namespace

std::string TenantPlace::resolve(const std::string& path) const {
  return (std::filesystem::path(file).parent_path() / path).lexically_normal().string();
}

MailServer read_smtp_upstream(const YamlNode& node, const TenantPlace& place, std::optional<Error>& error) {
  MailServer upstream;
  MapReader smtp(node, place.file, "'smtp'", error);
  smtp.allow({"host", "srv", "port", "tls", "ca", "maildir"});
  const int ways =
      (smtp.get("host") != nullptr) + (smtp.get("srv") != nullptr) + (smtp.get("maildir") != nullptr);
  if (ways != 1) smtp.fail(node, "expected exactly one of host, srv and maildir in 'smtp'");
  const auto maildir = smtp.string("maildir");
  if (!maildir) {
    read_server(smtp, place, upstream, kSubmission);
    return upstream;
  }
  for (const std::string_view network_key : {"port", "tls", "ca"}) {
    if (const YamlNode* useless = smtp.get(network_key))
      smtp.fail(*useless,
                in_quotes(network_key) + " beside 'maildir', expected it only with 'host' or 'srv'");
  }
  upstream.maildir = place.resolve(*maildir);
  return upstream;
}

MailServer read_imap_upstream(const YamlNode& node, const TenantPlace& place, std::optional<Error>& error) {
  MailServer upstream;
  MapReader imap(node, place.file, "'imap'", error);
  imap.allow({"host", "srv", "port", "tls", "ca"});
  if (imap.ok() && (imap.get("host") != nullptr) == (imap.get("srv") != nullptr))
    imap.fail(node, "expected exactly one of host and srv in 'imap'");
  read_server(imap, place, upstream, kImap);
  return upstream;
}

CopyRoute read_copy_route(const YamlNode& node, const TenantPlace& place, std::optional<Error>& error) {
  CopyRoute route;
  MapReader copy(node, place.file, "'copy'", error);
  copy.allow({"relay", "notify", "expire"});
  if (const YamlNode* relay = copy.get("relay")) route.relay = read_relay(*relay, place, error);
  route.notify = copy.choice("notify", {"sender", "never"}).value_or(0) == 0;
  if (const auto expire = copy.string("expire")) {
    const auto lifetime = parse_duration(*expire);
    if (!lifetime || *lifetime < limits::kShortestCopyLife || *lifetime > limits::kLongestCopyLife) {
      copy.fail(*copy.get("expire"),
                in_quotes(*expire) + " as 'expire', expected a time from 1h to 30d (units m, h, d)");
    }
    route.lifetime = lifetime.value_or(route.lifetime);
  }
  return route;
}

}  // namespace privet::policy
