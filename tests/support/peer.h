// One end of a TCP connection as a test plays it: blocking, with a hard limit on every wait, in clear or
// under TLS.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

struct ssl_ctx_st;
struct ssl_st;

namespace privet::testing_support {

/// Nothing came in time, or TLS failed.
class PeerError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Peer {
 public:
  explicit Peer(int socket);
  /// To a port on 127.0.0.1; throws PeerError when refused.
  static Peer connect(std::uint16_t port);
  Peer(Peer&&) noexcept = default;
  Peer& operator=(Peer&&) noexcept = default;

  /// From now on every byte leaves in a send of its own.
  void send_bytes_singly() { singly_ = true; }
  /// Until TLS is on, what is sent leaves together (after 200 ms at the latest).
  void gather();
  /// A peer that has gone is no error: the next read tells.
  void send(std::string_view bytes);
  /// The next line without its CRLF; nullopt when the connection ended.
  std::optional<std::string> line();
  /// Content up to the final dot, dots removed; nullopt when the connection ended before it.
  std::optional<std::string> content();
  /// True when bytes were read behind the last line.
  bool has_more() const;
  /// True when something has come that was not read.
  bool has_input() const;
  /// Everything until the connection ends.
  std::string rest();
  /// True when the connection ends before anything else comes.
  bool ends();

  void start_tls_client(ssl_ctx_st* context, const std::string& host);
  void start_tls_server(ssl_ctx_st* context);
  void close();
  /// Closes with a reset instead of an orderly end.
  void reset();

 private:
  struct CloseSocket {
    void operator()(int* socket) const;
  };
  struct FreeSsl {
    void operator()(ssl_st* ssl) const;
  };

  bool receive();

  std::unique_ptr<int, CloseSocket> socket_;
  std::unique_ptr<ssl_st, FreeSsl> ssl_;
  std::string input_;
  bool singly_ = false;
};

/// A listening socket on 127.0.0.1 with a port of its own.
class PeerListener {
 public:
  PeerListener();
  PeerListener(const PeerListener&) = delete;
  PeerListener& operator=(const PeerListener&) = delete;
  ~PeerListener() { close(); }
  std::uint16_t port() const { return port_; }
  Peer accept();
  /// True when somebody waits to be accepted.
  bool has_caller() const;
  /// The same, after some patience.
  bool awaits_caller() const;
  void close();

 private:
  int socket_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace privet::testing_support
