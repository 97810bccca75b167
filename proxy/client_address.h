// Who a client is, where it comes through a load balancer: the balancer says so in a PROXY header.
#pragma once

#include <optional>
#include <string>

#include "proxy/listening.h"
#include "proxy/net/stream.h"
#include "proxy/net/task.h"

namespace privet {

/// The PROXY header has to come first from this peer.
bool is_proxied(const Listening& listening, const std::string& peer);

/// Reads the header off the stream. The client's address, which is `peer` for the balancer's own connections;
/// nullopt when no header comes before the deadline, or what comes is none.
net::Task<std::optional<std::string>> read_client_address(net::Stream& stream, std::string peer,
                                                          net::Deadline deadline);

}  // namespace privet
