#include "proxy/route.h"

#include <algorithm>
#include <utility>

#include "mime/domain.h"

namespace privet {

std::string Host::to_string() const {
  const bool v6 = endpoint.host.find(':') != std::string::npos;
  return (v6 ? "[" + endpoint.host + "]" : endpoint.host) + ":" + std::to_string(endpoint.port);
}

std::vector<Host> hosts_of_services(const std::string& domain, const std::vector<net::Service>& services) {
  std::vector<Host> hosts;
  for (const net::Service& service : services) {
    const bool within = service.target == domain || mime::is_subdomain(service.target, domain);
    hosts.push_back({{service.target, service.port}, within ? service.target : domain});
  }
  return hosts;
}

std::vector<Host> resting_last(std::vector<Host> hosts, const Resting& resting, net::Deadline now) {
  const auto rests = [&](const Host& host) {
    const auto found = resting.find(host.to_string());
    return found != resting.end() && found->second > now;
  };
  std::vector<Host> ordered;
  for (const bool wanted : {false, true}) {
    std::ranges::copy_if(hosts, std::back_inserter(ordered),
                         [&](const Host& host) { return rests(host) == wanted; });
  }
  return ordered;
}

net::Task<std::vector<Host>> find_hosts(net::Connector& connector, const policy::MailServer& where,
                                        std::string_view service, net::Deadline deadline) {
  std::vector<Host> hosts;
  for (const policy::Endpoint& endpoint : where.hosts) hosts.push_back({endpoint, endpoint.host});
  if (where.srv.empty()) co_return hosts;
  const bool implicit = where.tls == policy::TlsMode::Implicit;
  const std::string name = "_" + std::string(service) + (implicit ? "s._tcp." : "._tcp.") + where.srv;
  const std::vector<net::Service> services = co_await connector.services(name, deadline);
  co_return hosts_of_services(where.srv, services);
}

}  // namespace privet
