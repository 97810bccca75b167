#include "tests/support/peer.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace privet::testing_support {

namespace {

// Far above what a busy machine under a sanitizer needs; only a failing test waits that long.
constexpr int kPatienceSeconds = 30;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

void Peer::CloseSocket::operator()(int* socket) const {
  ::close(*socket);
  delete socket;
}

void Peer::FreeSsl::operator()(ssl_st* ssl) const {
  SSL_free(ssl);
}

Peer::Peer(int socket) : socket_(new int(socket)) {
  const timeval patience{.tv_sec = kPatienceSeconds, .tv_usec = 0};
  const int on = 1;
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Peer Peer::connect(std::uint16_t port) {
  Peer peer(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = loopback(port);
  if (::connect(*peer.socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw PeerError(std::string("cannot connect: ") + std::strerror(errno));
  }
  return peer;
}

void Peer::gather() {
  const int on = 1;
  setsockopt(*socket_, IPPROTO_TCP, TCP_CORK, &on, sizeof on);
}

void Peer::send(std::string_view bytes) {
  while (!bytes.empty() && socket_) {
    const std::string_view piece = bytes.substr(0, singly_ ? 1 : bytes.size());
    const int size = static_cast<int>(piece.size());
    const ssize_t sent = ssl_ ? SSL_write(ssl_.get(), piece.data(), size)
                              : ::send(*socket_, piece.data(), piece.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

bool Peer::receive() {
  if (!socket_) return false;
  std::array<char, 4096> buffer{};
  errno = 0;
  const ssize_t count = ssl_ ? SSL_read(ssl_.get(), buffer.data(), buffer.size())
                             : ::recv(*socket_, buffer.data(), buffer.size(), 0);
  if (count > 0) {
    input_.append(buffer.data(), static_cast<std::size_t>(count));
    return true;
  }
  if (errno == EAGAIN) throw PeerError("nothing came for " + std::to_string(kPatienceSeconds) + " s");
  return false;
}

std::optional<std::string> Peer::line() {
  std::size_t end = input_.find("\r\n");
  while (end == std::string::npos) {
    if (!receive()) {
      if (!input_.empty()) throw PeerError("the connection ended within a line");
      return std::nullopt;
    }
    end = input_.find("\r\n");
  }
  std::string text = input_.substr(0, end);
  input_.erase(0, end + 2);
  return text;
}

std::optional<std::string> Peer::content() {
  std::string text;
  while (auto next = line()) {
    if (*next == ".") return text;
    text += next->starts_with('.') ? next->substr(1) : *next;
    text += "\r\n";
  }
  return std::nullopt;
}

bool Peer::has_more() const {
  return !input_.empty() || (ssl_ && SSL_pending(ssl_.get()) > 0);
}

std::string Peer::rest() {
  while (receive()) {
  }
  return std::exchange(input_, {});
}

bool Peer::ends() {
  return input_.empty() && !receive();
}

void Peer::start_tls_client(ssl_ctx_st* context, const std::string& host) {
  ssl_.reset(SSL_new(context));
  SSL_set_fd(ssl_.get(), *socket_);
  SSL_set1_host(ssl_.get(), host.c_str());
  SSL_set_tlsext_host_name(ssl_.get(), host.c_str());
  if (SSL_connect(ssl_.get()) != 1) throw PeerError("TLS handshake as client failed");
  const int off = 0;
  setsockopt(*socket_, IPPROTO_TCP, TCP_CORK, &off, sizeof off);
}

void Peer::start_tls_server(ssl_ctx_st* context) {
  ssl_.reset(SSL_new(context));
  SSL_set_fd(ssl_.get(), *socket_);
  if (SSL_accept(ssl_.get()) != 1) throw PeerError("TLS handshake as server failed");
}

void Peer::close() {
  if (ssl_) SSL_shutdown(ssl_.get());
  ssl_.reset();
  socket_.reset();
}

void Peer::reset() {
  const linger now{.l_onoff = 1, .l_linger = 0};
  setsockopt(*socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ssl_.reset();
  socket_.reset();
}

PeerListener::PeerListener() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (bind(socket_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(socket_, SOMAXCONN) != 0) {
    throw PeerError(std::string("cannot listen: ") + std::strerror(errno));
  }
  getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
}

Peer PeerListener::accept() {
  pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
  if (poll(&waiting, 1, kPatienceSeconds * 1000) != 1) throw PeerError("nobody connected");
  return Peer(::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC));
}

bool Peer::has_input() const {
  pollfd waiting{.fd = *socket_, .events = POLLIN, .revents = 0};
  return !input_.empty() || poll(&waiting, 1, 0) == 1;
}

bool PeerListener::has_caller() const {
  pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
  return poll(&waiting, 1, 0) == 1;
}

bool PeerListener::awaits_caller() const {
  pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
  return poll(&waiting, 1, kPatienceSeconds * 1000) == 1;
}

void PeerListener::close() {
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

}  // namespace privet::testing_support
