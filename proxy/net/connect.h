// Connecting to a host: its name by the resolver, then each address in turn.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proxy/net/loop.h"
#include "proxy/net/resolver.h"
#include "proxy/net/stream.h"
#include "proxy/net/task.h"

namespace privet::net {

/// Makes one connection at a time.
class Connector {
 public:
  explicit Connector(Loop& loop) : Connector(loop, Resolver::of(loop)) {}
  Connector(Loop& loop, Resolver& resolver) : loop_(loop), lookup_(resolver) {}

  /// A connected stream. StreamError (Connect or TimedOut), which says what failed, when no address answers
  /// by the deadline.
  Task<Stream> connect(std::string host, std::uint16_t port, Deadline deadline);
  /// Where the service is: its SRV records in the order to try (Lookup::services).
  Task<std::vector<Service>> services(std::string name, Deadline deadline);
  /// From outside the coroutine: what it waits for fails now, and everything after it.
  void cancel();

 private:
  Loop& loop_;
  Lookup lookup_;
  Stream stream_;  // being connected
  bool cancelled_ = false;
};

/// The same for who need not cancel it.
Task<Stream> connect(Loop& loop, std::string host, std::uint16_t port, Deadline deadline);

}  // namespace privet::net
