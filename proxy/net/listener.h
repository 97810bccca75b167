// A listening TCP socket of one loop. SO_REUSEPORT lets every loop have its own on the same port; the kernel
// spreads connections.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "mime/result.h"
#include "proxy/net/loop.h"
#include "proxy/net/stream.h"

namespace privet::net {

class Listener {
 public:
  using OnConnection = std::function<void(Stream)>;

  /// Binds and listens on "address" (IPv4 or IPv6 literal) and `port`, 0 for any free one. The error names
  /// both.
  static Result<Listener> open(Loop& loop, const std::string& address, std::uint16_t port,
                               OnConnection on_connection);
  Listener(Listener&& other) noexcept;
  Listener& operator=(Listener&&) = delete;
  Listener(const Listener&) = delete;
  /// Stops accepting. On the loop's thread.
  ~Listener();

  std::uint16_t port() const;

 private:
  struct Impl;
  explicit Listener(Impl* impl) : impl_(impl) {}
  Impl* impl_;
};

/// Error when somebody listens on that place already. Needed once before open(): SO_REUSEPORT would let a
/// second server of the same user take half of the connections without a word.
Result<void> check_free(const std::string& address, std::uint16_t port);

/// Raises the limit of open files to the most this process may have, and returns it.
std::size_t raise_file_limit();

}  // namespace privet::net
