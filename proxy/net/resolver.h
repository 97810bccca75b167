// Names to addresses and services to hosts, by c-ares on one loop: no thread waits. What /etc/hosts says
// comes first. The system's configuration is read anew whenever a lookup begins after a rest.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "proxy/net/loop.h"
#include "proxy/net/task.h"

namespace privet::net {

/// One SRV record (RFC 2782).
struct Service {
  std::string target;  ///< in lower case, without the dot at its end
  std::uint16_t port = 0;
  std::uint16_t priority = 0;
  std::uint16_t weight = 0;

  bool operator==(const Service&) const = default;
};

/// In the order to try: lowest priority first; among equals by chance, the more weight the more often.
std::vector<Service> in_order(std::vector<Service> services, std::mt19937& chance);

class Resolver {
 public:
  /// `servers` ("127.0.0.1:5353", several with commas) are for tests; else the system's are asked.
  explicit Resolver(Loop& loop, std::string servers = "");
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  /// Nobody may wait any more.
  ~Resolver();
  /// The one that belongs to the loop.
  static Resolver& of(Loop& loop);

  struct Impl;

 private:
  friend class Lookup;
  Impl* impl_;
};

/// What one coroutine asks a resolver, one question at a time. All fail with StreamError, Connect or
/// TimedOut, whose text says what failed.
class Lookup {
 public:
  explicit Lookup(Resolver& resolver);
  Lookup(const Lookup&) = delete;
  Lookup& operator=(const Lookup&) = delete;
  ~Lookup();

  /// Every address of `host`, with `port`; an IP literal is its own address.
  Task<std::vector<sockaddr_storage>> addresses(std::string host, std::uint16_t port, Deadline deadline);
  /// The SRV records of `name` ("_submissions._tcp.acme.example") in the order to try. Having none, or only
  /// one that says that there is no such service (RFC 2782: target "."), is a failure.
  Task<std::vector<Service>> services(std::string name, Deadline deadline);
  /// From outside the coroutine: what it waits for fails now.
  void cancel();

  struct Query;

 private:
  Resolver::Impl* resolver_;
  std::shared_ptr<Query> query_;
};

}  // namespace privet::net
