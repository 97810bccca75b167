#include "proxy/net/listener.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "proxy/net/stream_impl.h"

namespace privet::net {

struct Listener::Impl {
  explicit Impl(Loop& owner) : loop(owner) {}
  Loop& loop;
  uv_tcp_t tcp;
  OnConnection on_connection;
};

namespace {

std::unexpected<Error> cannot_listen(const std::string& address, std::uint16_t port, const char* why) {
  return failure("cannot listen on " + address + ":" + std::to_string(port) + ": " + why);
}

// A bound socket of our own; libuv 1.44 knows no SO_REUSEPORT.
Result<int> bind_socket(const std::string& address, std::uint16_t port, bool shared) {
  sockaddr_storage where{};
  if (uv_ip4_addr(address.c_str(), port, reinterpret_cast<sockaddr_in*>(&where)) != 0 &&
      uv_ip6_addr(address.c_str(), port, reinterpret_cast<sockaddr_in6*>(&where)) != 0) {
    return cannot_listen(address, port, "not an IP address");
  }
  const int socket = ::socket(where.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket < 0) return cannot_listen(address, port, std::strerror(errno));
  const int on = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (shared) setsockopt(socket, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  const socklen_t size = where.ss_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  if (bind(socket, reinterpret_cast<const sockaddr*>(&where), size) != 0) {
    const int error = errno;
    ::close(socket);
    return cannot_listen(address, port, std::strerror(error));
  }
  return socket;
}

}  // namespace

Result<void> check_free(const std::string& address, std::uint16_t port) {
  const auto socket = bind_socket(address, port, false);
  if (!socket) return std::unexpected(socket.error());
  ::close(*socket);
  return {};
}

Result<Listener> Listener::open(Loop& loop, const std::string& address, std::uint16_t port,
                                OnConnection on_connection) {
  const auto socket = bind_socket(address, port, true);
  if (!socket) return std::unexpected(socket.error());
  auto impl = std::make_unique<Impl>(loop);
  impl->on_connection = std::move(on_connection);
  uv_tcp_init(&loop.impl().uv, &impl->tcp);
  uv_tcp_open(&impl->tcp, *socket);
  impl->tcp.data = impl.get();
  Listener listener(impl.release());
  const int status = uv_listen(reinterpret_cast<uv_stream_t*>(&listener.impl_->tcp), limits::kListenBacklog,
                               [](uv_stream_t* server, int error) {
                                 auto* self = static_cast<Impl*>(server->data);
                                 if (error != 0) return;
                                 auto* accepted = new Stream::Impl(self->loop);
                                 Stream stream(accepted);
                                 if (uv_accept(server, reinterpret_cast<uv_stream_t*>(&accepted->tcp)) != 0)
                                   return;
                                 accepted->open();
                                 self->on_connection(std::move(stream));
                               });
  if (status != 0) return cannot_listen(address, port, uv_strerror(status));
  return listener;
}

Listener::Listener(Listener&& other) noexcept : impl_(std::exchange(other.impl_, nullptr)) {}

Listener::~Listener() {
  if (impl_ == nullptr) return;
  uv_close(reinterpret_cast<uv_handle_t*>(&impl_->tcp),
           [](uv_handle_t* handle) { delete static_cast<Impl*>(handle->data); });
}

std::uint16_t Listener::port() const {
  sockaddr_storage address{};
  int size = sizeof address;
  uv_tcp_getsockname(&impl_->tcp, reinterpret_cast<sockaddr*>(&address), &size);
  const in_port_t port = address.ss_family == AF_INET ? reinterpret_cast<sockaddr_in*>(&address)->sin_port
                                                      : reinterpret_cast<sockaddr_in6*>(&address)->sin6_port;
  return ntohs(port);
}

std::size_t raise_file_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

}  // namespace privet::net
