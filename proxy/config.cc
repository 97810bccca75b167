#include "proxy/config.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <thread>
#include <tuple>
#include <utility>

#include "mime/ascii.h"
#include "policy/network.h"
#include "policy/schema.h"
#include "policy/tenant_file.h"
#include "policy/yaml.h"
#include "proxy/limits.h"
#include "proxy/net/tls.h"

namespace privet {

namespace {

namespace fs = std::filesystem;
using policy::MapReader;
using policy::TlsMode;
using policy::YamlNode;

Result<std::string> read_file(const std::string& path) {
  // A pipe or a device would be waited for without end, a folder cannot be read at all.
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (error) return std::unexpected(Error{.what = error.message(), .file = path});
  if (!fs::is_regular_file(status)) return std::unexpected(Error{.what = "is no regular file", .file = path});
  if (fs::file_size(path, error) > limits::kConfigFile || error) {
    return std::unexpected(Error{.what = "is larger than a configuration can be", .file = path});
  }
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in.is_open()) return std::unexpected(Error{.what = std::strerror(errno), .file = path});
  std::ostringstream text;
  text << in.rdbuf();
  if (in.bad()) return std::unexpected(Error{.what = "cannot be read", .file = path});
  return std::move(text).str();
}

/// True for an IP address, that of a link with its zone.
bool is_address(std::string_view text) {
  policy::AddressBytes bytes{};
  return policy::read_address(text.substr(0, text.find('%')), bytes) > 0;
}

// "1.2.3.4:587" or "[::1]:587".
std::optional<std::pair<std::string, std::uint16_t>> split_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  const bool in_brackets = host.starts_with('[') && host.ends_with(']');
  if (in_brackets) host = host.substr(1, host.size() - 2);
  if (in_brackets != host.contains(':') || !is_address(host)) return std::nullopt;
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return std::pair{std::string(host), port};
}

// "50MiB", "10KiB", "1GiB" or plain bytes.
std::optional<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number == 0 || number > UINT32_MAX) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  constexpr std::array<std::pair<std::string_view, unsigned>, 4> kUnits{
      {{"", 0}, {"KiB", 10}, {"MiB", 20}, {"GiB", 30}}};
  const auto* found = std::ranges::find(kUnits, unit, &std::pair<std::string_view, unsigned>::first);
  if (found == kUnits.end()) return std::nullopt;
  return number << found->second;
}

std::string own_hostname() {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  return name.front() == '\0' ? "localhost" : name.data();
}

bool is_hostname(std::string_view name) {
  constexpr std::size_t kLongest = 255;  // RFC 5321 4.5.3.1.2
  const auto fits = [](char c) { return mime::is_alnum(c) || std::string_view(".-_[]:").contains(c); };
  return !name.empty() && name.size() <= kLongest && std::ranges::all_of(name, fits);
}

// What stands in privet.yaml itself, and the folders it names.
class OperatorFile {
 public:
  explicit OperatorFile(std::string path) : path_(std::move(path)), folder_(fs::path(path_).parent_path()) {}

  Result<void> read(Config& config) {
    const auto text = read_file(path_);
    if (!text) return std::unexpected(text.error());
    const auto tree = policy::parse_yaml(*text, path_);
    if (!tree) return std::unexpected(tree.error());
    MapReader file(*tree, path_, "privet.yaml", error_);
    file.allow({"privet", "hostname", "listen", "certificates", "tenants", "state", "log", "limits"},
               {"admin"});
    file.require("privet");
    file.integer("privet", 1, 1);
    config.hostname = file.string("hostname").value_or(own_hostname());
    // It is written into greetings, EHLO and message ids as it is.
    if (!is_hostname(config.hostname)) {
      file.fail(file.get("hostname") != nullptr ? *file.get("hostname") : *tree,
                "hostname: expected a host name, as in mx.acme.example");
    }
    certificates = relative(file.string("certificates").value_or(""));
    if (file.require("tenants") != nullptr) tenants = relative(file.string("tenants").value_or(""));
    config.state = relative(file.string("state").value_or("state"));
    if (const YamlNode* listen = file.require("listen")) read_listeners(file, *listen, config);
    read_log(file, config);
    read_limits(file, config);
    if (error_) return std::unexpected(*error_);
    return {};
  }

  /// Refuses a listener for a tenant that no file in `tenants` brings.
  Result<void> check_tenants(const policy::Policy& policy) const {
    for (const YamlNode& name : named_tenants_) {
      if (policy.find(name.scalar) != nullptr) continue;
      std::vector<std::string> known;
      for (const policy::Tenant& tenant : policy.tenants()) known.push_back(tenant.name);
      const std::string hint = policy::suggestion(name.scalar, known);
      return std::unexpected(Error{"unknown tenant " + policy::in_quotes(name.scalar) +
                                       ", expected one of the folder 'tenants'" +
                                       (hint.empty() ? "" : " (" + hint + ")"),
                                   path_, name.line, name.column});
    }
    return {};
  }

  std::string tenants;
  std::string certificates;

 private:
  std::string relative(const std::string& path) const {
    return path.empty() ? path : (folder_ / path).lexically_normal().string();
  }

  void read_listeners(MapReader& file, const YamlNode& list, Config& config) {
    if (list.kind != YamlNode::Kind::Sequence || list.items.empty()) {
      file.fail(list, "listen: expected a list of {address, protocol, tls}");
      return;
    }
    for (const YamlNode& item : list.items) {
      MapReader entry(item, path_, "a listener", error_);
      entry.allow({"address", "protocol", "tls", "tenant", "proxy_protocol", "xclient"});
      entry.require("address");
      ListenerConfig listener;
      listener.protocol =
          static_cast<Protocol>(entry
                                    .choice("protocol", {to_string(Protocol::Smtp), to_string(Protocol::Lmtp),
                                                         to_string(Protocol::Imap)})
                                    .value_or(0));
      const auto address = split_address(entry.string("address").value_or(""));
      if (!address) {
        entry.fail(item, "address: expected \"IP:port\", as in \"0.0.0.0:587\" or \"[::1]:587\"");
        return;
      }
      std::tie(listener.address, listener.port) = *address;
      const auto is_same = [&](const ListenerConfig& other) {
        return listener.port != 0 && other.address == listener.address && other.port == listener.port;
      };
      if (std::ranges::any_of(config.listeners, is_same)) {
        entry.fail(item, "address: another listener has it already");
        return;
      }
      const auto tls = entry.choice("tls", {"none", "starttls", "implicit"});
      entry.require("tls");
      listener.tls = static_cast<TlsMode>(tls.value_or(0));
      if (listener.tls == TlsMode::None && !policy::is_loopback_literal(listener.address)) {
        entry.fail(*entry.get("tls"),
                   "tls: none is for loopback addresses only; expected starttls or implicit");
      }
      listener.tenant = entry.string("tenant").value_or("");
      if (entry.ok() && !listener.tenant.empty()) named_tenants_.push_back(*entry.get("tenant"));
      listener.proxy_protocol = read_networks(entry, "proxy_protocol");
      listener.xclient = read_networks(entry, "xclient");
      if (listener.protocol == Protocol::Imap && !listener.xclient.empty())
        entry.fail(*entry.get("xclient"), "xclient: is for protocol smtp or lmtp");
      config.listeners.push_back(std::move(listener));
    }
  }

  static std::vector<policy::Network> read_networks(MapReader& entry, std::string_view key) {
    std::vector<policy::Network> networks;
    for (const YamlNode* node : entry.strings(key)) {
      const auto network = policy::Network::parse(node->scalar);
      if (!network) {
        entry.fail(*node, policy::in_quotes(node->scalar) + " in '" + std::string(key) +
                              "': " + network.error().what);
        break;
      }
      networks.push_back(*network);
    }
    return networks;
  }

  void read_log(MapReader& file, Config& config) {
    const YamlNode* node = file.get("log");
    if (node == nullptr) return;
    MapReader log(*node, path_, "log", error_);
    log.allow({"level", "format"});
    const auto level = log.choice("level", {"debug", "info", "warning", "error", "off"});
    config.log_level = static_cast<log::Level>(level.value_or(static_cast<std::size_t>(log::Level::Info)));
    config.log_json = log.choice("format", {"text", "json"}).value_or(0) == 1;
  }

  void read_limits(MapReader& file, Config& config) {
    config.sessions = limits::kSessions;
    config.per_source = limits::kSessionsPerSource;
    config.message_size = limits::kMessageSize;
    config.spool_size = limits::kSpoolSize;
    config.loops = std::max(1u, std::thread::hardware_concurrency());
    const YamlNode* node = file.get("limits");
    if (node == nullptr) return;
    MapReader limits(*node, path_, "limits", error_);
    limits.allow({"sessions", "per_source", "many_users", "message_size", "spool", "loops"});
    config.sessions = static_cast<std::size_t>(limits.integer("sessions", 1, limits::kMostSessions)
                                                   .value_or(static_cast<std::int64_t>(config.sessions)));
    config.loops =
        static_cast<unsigned>(limits.integer("loops", 1, limits::kMostLoops).value_or(config.loops));
    config.per_source = static_cast<std::size_t>(limits.integer("per_source", 1, limits::kMostSessions)
                                                     .value_or(static_cast<std::int64_t>(config.per_source)));
    config.many_users = read_networks(limits, "many_users");
    config.message_size = read_size(limits, "message_size", config.message_size);
    config.spool_size = read_size(limits, "spool", config.spool_size);
  }

  static std::uint64_t read_size(MapReader& limits, std::string_view key, std::uint64_t usual) {
    const auto size = limits.string(key);
    if (!size) return usual;
    const auto bytes = parse_size(*size);
    if (!bytes) limits.fail(*limits.get(key), std::string(key) + ": expected a size such as 50MiB");
    return bytes.value_or(usual);
  }

  std::string path_;
  fs::path folder_;
  std::vector<YamlNode> named_tenants_;
  std::optional<Error> error_;
};

Result<policy::LoadedPolicy> load_tenants(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> files;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() == ".yaml") files.push_back(it->path().string());
  }
  if (error)
    return std::unexpected(
        Error{.what = "cannot read the tenants' folder: " + error.message(), .file = folder});
  if (files.empty())
    return std::unexpected(Error{.what = "holds no tenant: expected NAME.yaml", .file = folder});
  std::ranges::sort(files);
  std::vector<policy::PolicySource> sources;
  for (const std::string& file : files) {
    auto text = read_file(file);
    if (!text) return std::unexpected(text.error());
    sources.push_back({.file = file, .text = std::move(*text)});
  }
  return policy::load_policy(sources, read_file);
}

Result<void> load_client_contexts(Config& config) {
  for (const policy::Tenant& tenant : config.policy->tenants()) {
    std::vector<const policy::MailServer*> routes;
    if (tenant.smtp) routes.push_back(&*tenant.smtp);
    if (tenant.copy.relay) routes.push_back(&tenant.copy.relay->smtp);
    if (tenant.imap) routes.push_back(&*tenant.imap);
    for (const policy::MailServer* route : routes) {
      if (route->tls == TlsMode::None || config.client_contexts.contains(route->ca_file)) continue;
      std::string why;
      auto context = net::make_client_context(route->ca_file, why);
      if (context == nullptr) return failure("tenant " + tenant.name + ": " + why);
      config.client_contexts.emplace(route->ca_file, std::move(context));
    }
  }
  return {};
}

bool serves(const ListenerConfig& listener, const policy::Tenant& tenant) {
  const bool has_server = listener.protocol == Protocol::Imap ? tenant.imap.has_value()
                          // nobody logs in by LMTP
                          : listener.protocol == Protocol::Lmtp ? !tenant.trusted_networks.empty()
                                                                : tenant.smtp.has_value();
  return has_server && (listener.tenant.empty() || listener.tenant == tenant.name);
}

/// Of listeners that nobody can use, and of tenants who have a server but no listener for it.
void warn_of_loose_ends(Config& config, const std::string& path) {
  for (const ListenerConfig& listener : config.listeners) {
    const bool imap = listener.protocol == Protocol::Imap;
    const auto is_served = [&](const policy::Tenant& tenant) { return serves(listener, tenant); };
    if (std::ranges::any_of(config.policy->tenants(), is_served)) continue;
    config.warnings.push_back({.what = "the listener on " + listener.address + ", port " +
                                       std::to_string(listener.port) +
                                       ", serves nobody: no tenant it is for has " +
                                       (imap                                  ? "upstream.imap"
                                        : listener.protocol == Protocol::Lmtp ? "trusted_networks"
                                                                              : "upstream.smtp"),
                               .file = path});
  }
  if (config.message_size < limits::kSmallMessageSize) {
    config.warnings.push_back({.what = "limits: message_size is " + std::to_string(config.message_size) +
                                       " bytes, larger mail is refused (50MiB is usual)",
                               .file = path});
  }
  const auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  for (const policy::Tenant& tenant : config.policy->tenants()) {
    const auto is_later = [&](const auto& person) { return person.second.since > today; };
    if (tenant.view.since > today || std::ranges::any_of(tenant.people, is_later)) {
      config.warnings.push_back(
          {.what = "tenant " + tenant.name +
                   " has a 'since' that is yet to come: the view hides all mail before it, for good",
           .file = path});
    }
    const auto has_listener = [&](bool imap) {
      return std::ranges::any_of(config.listeners, [&](const ListenerConfig& listener) {
        return (listener.protocol == Protocol::Imap) == imap && serves(listener, tenant);
      });
    };
    for (const bool imap : {false, true}) {
      const bool has_server = imap ? tenant.imap.has_value() : tenant.smtp.has_value();
      if (!has_server || has_listener(imap)) continue;
      config.warnings.push_back({.what = "tenant " + tenant.name + " has upstream." +
                                         (imap ? "imap" : "smtp") + ", but no listener for it",
                                 .file = path});
    }
  }
}

}  // namespace

Result<std::shared_ptr<const Config>> load_config(const std::string& path) {
  auto config = std::make_shared<Config>();
  OperatorFile file(path);
  if (auto read = file.read(*config); !read) return std::unexpected(read.error());
  auto loaded = load_tenants(file.tenants);
  if (!loaded) return std::unexpected(loaded.error());
  config->policy = std::move(loaded->policy);
  config->warnings = std::move(loaded->warnings);
  if (auto known = file.check_tenants(*config->policy); !known) return std::unexpected(known.error());
  warn_of_loose_ends(*config, path);
  if (auto contexts = load_client_contexts(*config); !contexts) return std::unexpected(contexts.error());

  const bool needs_certificate = std::ranges::any_of(
      config->listeners, [](const ListenerConfig& each) { return each.tls != TlsMode::None; });
  if (needs_certificate) {
    if (file.certificates.empty()) {
      return std::unexpected(
          Error{.what = "certificates: is missing, and a listener speaks TLS", .file = path});
    }
    auto store = certs::Store::load(file.certificates);
    if (!store) return std::unexpected(store.error());
    config->certificates = std::move(*store);
  }
  return config;
}

Result<std::shared_ptr<const policy::Policy>> load_policy_only(const std::string& path) {
  Config config;
  OperatorFile file(path);
  if (auto read = file.read(config); !read) return std::unexpected(read.error());
  auto loaded = load_tenants(file.tenants);
  if (!loaded) return std::unexpected(loaded.error());
  return std::move(loaded->policy);
}

Result<std::string> load_state_only(const std::string& path) {
  Config config;
  OperatorFile file(path);
  if (auto read = file.read(config); !read) return std::unexpected(read.error());
  return config.state;
}

}  // namespace privet
