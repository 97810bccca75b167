// Which hosts of an upstream to try, in which order, and whose certificate each must show.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "policy/policy.h"
#include "proxy/net/connect.h"

namespace privet {

struct Host {
  policy::Endpoint endpoint;
  std::string certificate_name;  ///< what its certificate must be for

  /// "mail.acme.example:587", for the log and as a key of Resting.
  std::string to_string() const;
  bool operator==(const Host&) const = default;
};

/// Hosts that failed lately, and until when they come last.
using Resting = std::map<std::string, net::Deadline, std::less<>>;

/// The hosts that SRV records name. A name server may lie, and whoever it sends us to has a certificate of
/// its own: a target outside of the domain must show a certificate for the domain itself (RFC 6186 6).
std::vector<Host> hosts_of_services(const std::string& domain, const std::vector<net::Service>& services);
/// Those that rest behind the others; within both the order stays.
std::vector<Host> resting_last(std::vector<Host> hosts, const Resting& resting, net::Deadline now);

/// The hosts of `where` as it lists them, or as its domain's SRV records do. `service` is "submission" or
/// "imap": _submissions._tcp for implicit TLS (RFC 8314 5.1), else _submission._tcp (RFC 6186 3.1).
/// StreamError when those cannot be had.
net::Task<std::vector<Host>> find_hosts(net::Connector& connector, const policy::MailServer& where,
                                        std::string_view service, net::Deadline deadline);

}  // namespace privet
