// A proxy in front of a ScriptedUpstream, with one tenant, and a client that talks to it.
#pragma once

#include <memory>
#include <string>

#include "tests/support/server.h"
#include "tests/support/upstream.h"

namespace privet::testing_support {

/// A client's end: whole replies instead of lines.
class Client : public Peer {
 public:
  explicit Client(std::uint16_t port) : Peer(Peer::connect(port)) {}
  /// All lines of the next reply; "" when the connection ended.
  std::string reply() {
    std::string text;
    while (auto next = line()) {
      text += *next + "\n";
      if (next->size() < 4 || (*next)[3] == ' ') break;
    }
    return text;
  }
  std::string say(std::string_view bytes) {
    send(bytes);
    return reply();
  }
};

inline constexpr std::string_view kEhlo = "EHLO client.test\r\n";
inline constexpr std::string_view kLogin =
    "AUTH PLAIN AGFubmFAYWNtZS50ZXN0AHNlY3JldA==\r\n";  // anna@acme.test, secret
inline constexpr std::string_view kPerson = "buyer@bigco.test";
inline constexpr std::string_view kCrm = "acme@pipedrivemail.com";

class Proxied {
 public:
  /// `limits`: of privet.yaml; `tls`: the upstream speaks it from the first byte; `listener`: more of its
  /// entry.
  explicit Proxied(const std::string& limits = "loops: 1", bool tls = false, const std::string& listener = "")
      : certificates_(make_certificates(folder_)),
        upstream_(tls ? certificates_->context() : nullptr),
        server_(std::make_unique<RunningServer>(configure(limits, tls, listener))) {}

  ScriptedUpstream& upstream() { return upstream_; }
  /// Greeted and logged in.
  Client client() const {
    Client client(server_->port());
    client.reply();
    client.say(kEhlo);
    client.say(kLogin);
    return client;
  }
  std::uint16_t port() const { return server_->port(); }
  /// All sessions end, and with them their connections to the upstream.
  void end() { server_->end(); }

 private:
  static std::shared_ptr<const certs::Store> make_certificates(const TemporaryFolder& folder) {
    write_certificates(folder, {"localhost"});
    return certs::Store::load(folder / "certificates").value();
  }

  std::shared_ptr<const Config> configure(const std::string& limits, bool tls,
                                          const std::string& listener) const {
    folder_.write("tenants/acme.yaml",
                  "privet: 1\ntenant: acme\ndomains: [acme.test]\nupstream: {smtp: {host: localhost, port: " +
                      std::to_string(upstream_.port()) +
                      (tls ? ", tls: implicit, ca: ../authority.pem" : ", tls: none") +
                      "}}\ncrm: [{profile: pipedrive, addresses: [acme@pipedrivemail.com]}]\n");
    folder_.write("privet.yaml",
                  "privet: 1\nhostname: mx.test\ntenants: tenants\nlog: {level: \"off\"}\n"
                  "limits: {" +
                      limits + "}\nlisten: [{address: \"127.0.0.1:0\", tls: none" + listener + "}]\n");
    auto config = load_config(folder_ / "privet.yaml");
    if (!config) throw std::runtime_error(config.error().to_string());
    return *config;
  }

  TemporaryFolder folder_;
  std::shared_ptr<const certs::Store> certificates_;
  ScriptedUpstream upstream_;
  std::unique_ptr<RunningServer> server_;
};

}  // namespace privet::testing_support
