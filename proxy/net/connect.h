// Connecting to an upstream: name resolution on the thread pool, then each address in turn.
#pragma once

#include <cstdint>
#include <string>

#include "proxy/net/loop.h"
#include "proxy/net/stream.h"
#include "proxy/net/task.h"

namespace privet::net {

/// A connected stream. StreamError (Connect or TimedOut) when no address answers by the deadline.
Task<Stream> connect(Loop& loop, std::string host, std::uint16_t port, Deadline deadline);

}  // namespace privet::net
