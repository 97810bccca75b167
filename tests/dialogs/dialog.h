// A .dialog file as values: settings, then steps in the order they happen (README.md explains the language).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace privet::dialogs {

struct Step {
  enum class Kind {
    ClientSends,      // C:
    ClientExpects,    // S:
    UpstreamExpects,  // >U:
    UpstreamSends,    // <U:
    ProxyRestarts,    // P: restarts
    SpoolHolds,       // spool:
  };
  Kind kind = Kind::ClientSends;
  std::string text;
  bool raw = false;  ///< bytes as they stand: no CRLF is added, nothing is an order to the runner
  int line = 0;      ///< in the file, from 1
};

struct Dialog {
  enum class Start { Connected, Greeted, LoggedIn };
  Start start = Start::LoggedIn;
  std::string listener = "none";      ///< tls: of the listener
  std::string listener_more;          ///< what else stands in its entry, as YAML
  bool lmtp = false;                  ///< its protocol
  std::string upstream_tls = "none";  ///< tls: of the upstream
  std::string upstream_ehlo = "PIPELINING 8BITMIME ENHANCEDSTATUSCODES AUTH PLAIN";
  std::string upstream_hosts = "localhost";  ///< several with commas; only 127.0.0.1 listens
  std::string upstream_greeting = "220 mail.test ready";
  std::string certificate_name = "localhost";  ///< of the upstream's certificate
  bool upstream_reachable = true;
  bool upstream_scripted = false;  ///< greeting and EHLO stand in the dialog too
  std::string trusted;             ///< networks whose clients need no login
  bool second_tenant = false;      ///< beta is there too, behind the same upstream
  bool whole_only = false;         ///< depends on what arrives together: not replayed byte by byte
  std::string message_size = "1MiB";
  std::string policy;  ///< YAML of the tenant behind its upstream; empty: the usual one
  std::vector<Step> steps;
};

/// Throws std::runtime_error with the line on a mistake.
Dialog parse_dialog(std::string_view text);

/// True when `text` is `pattern`, in which each "*" stands for anything.
bool matches(std::string_view pattern, std::string_view text);

}  // namespace privet::dialogs
