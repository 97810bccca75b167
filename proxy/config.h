// privet.yaml: the operator's file (design section 3), and everything that is loaded with it. `check` and
// `serve` both come through here, so what checks clean also starts.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "certs/store.h"
#include "mime/result.h"
#include "policy/network.h"
#include "policy/policy.h"
#include "proxy/limits.h"
#include "proxy/log.h"

struct ssl_ctx_st;

namespace privet {

enum class Protocol { Smtp, Lmtp, Imap };
/// As `protocol:` names it.
constexpr std::string_view to_string(Protocol protocol) {
  constexpr std::array<std::string_view, 3> kNames{"smtp", "lmtp", "imap"};
  return kNames.at(static_cast<std::size_t>(protocol));
}

struct ListenerConfig {
  std::string address;
  std::uint16_t port = 0;
  policy::TlsMode tls = policy::TlsMode::StartTls;
  Protocol protocol = Protocol::Smtp;
  std::string tenant;  ///< whose clients connect here; empty: the login, SNI or network says
  std::vector<policy::Network> proxy_protocol;  ///< from these a PROXY header must come first
  std::vector<policy::Network> xclient;         ///< these may say whom they speak for

  bool operator==(const ListenerConfig&) const = default;
};

/// What holds until a restart, whatever a reload says.
struct StartConfig {
  std::vector<ListenerConfig> listeners;
  std::string state;             ///< folder for what must survive or does not fit in memory
  std::uint64_t spool_size = 0;  ///< bytes of copies that wait
  unsigned loops = 0;            ///< event loops, one thread each

  bool operator==(const StartConfig&) const = default;
};

/// One load of the configuration; immutable, shared by all loops.
struct Config : StartConfig {
  std::string hostname;  ///< in greetings and EHLO
  std::size_t sessions = 0;
  std::size_t per_source = 0;               ///< connections of one client address or network
  std::vector<policy::Network> many_users;  ///< where a source is not one user, as in proxy/guard.h
  std::uint64_t message_size = 0;           ///< bytes
  std::chrono::milliseconds patience = limits::kDrain;  ///< for transactions under way at shutdown
  std::chrono::milliseconds disk_patience = limits::kDiskPatience;  ///< for copies to be durable
  log::Level log_level = log::Level::Info;
  bool log_json = false;
  std::shared_ptr<const policy::Policy> policy;
  std::shared_ptr<const certs::Store> certificates;  ///< null when no listener speaks TLS
  std::map<std::string, std::shared_ptr<ssl_ctx_st>, std::less<>>
      client_contexts;  ///< by MailServer::ca_file
  std::vector<Error> warnings;
};

/// Reads privet.yaml, every tenant file, every list they name, certificates and authorities. The first
/// mistake is the error, with file:line:column where there is one. Paths in a file are relative to that file.
Result<std::shared_ptr<const Config>> load_config(const std::string& path);

/// The policy alone, for `explain`: needs no certificate and no port.
Result<std::shared_ptr<const policy::Policy>> load_policy_only(const std::string& path);

/// Config::state alone, for `queue`: reads no tenant file, so that one with a mistake keeps nobody from
/// looking at what waits.
Result<std::string> load_state_only(const std::string& path);

}  // namespace privet
