// TLS as bytes in, bytes out (OpenSSL with a BIO of our own on strings that shrink to nothing): no socket, so
// that a test can join two engines in memory. An idle end costs about 14 KiB as server and 18 KiB as client.
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct ssl_ctx_st;
struct ssl_st;

namespace privet::net {

class Tls {
 public:
  enum class Progress { Done, NeedInput, Failed };

  /// Server side of a handshake; the context chooses the certificate by SNI.
  static std::unique_ptr<Tls> server(ssl_ctx_st* context);
  /// Client side; the peer must present a certificate for `host` (a DNS name or IP literal) that the context
  /// trusts.
  static std::unique_ptr<Tls> client(ssl_ctx_st* context, const std::string& host);
  Tls(const Tls&) = delete;
  Tls& operator=(const Tls&) = delete;
  ~Tls();

  /// Ciphertext from the peer; borrowed until keep() or the next call.
  void receive(std::string_view ciphertext);
  /// Copies what was not used yet of the borrowed bytes.
  void keep();

  Progress handshake();
  /// Decrypts into `buffer`; 0 when more ciphertext is needed, the peer closed, or the peer broke the
  /// protocol (failed()).
  std::size_t read(char* buffer, std::size_t size);
  /// Encrypts; the ciphertext is appended to output(). A server's first bytes bring TLS 1.3's one ticket
  /// along.
  void write(std::string_view plaintext);
  /// Says goodbye (close_notify).
  void shutdown();

  /// Ciphertext for the peer; the caller takes it.
  std::string& output() { return output_; }
  bool failed() const { return failed_; }
  /// What the client asked for by SNI, in lower case; "" for none or before the handshake.
  std::string server_name() const;
  bool peer_closed() const { return peer_closed_; }
  /// Why the handshake failed, for the log.
  const std::string& error() const { return error_; }
  /// "TLSv1.3"
  const char* version() const;

 private:
  explicit Tls(ssl_st* ssl);
  friend struct TlsBio;
  void record_failure();

  ssl_st* ssl_;
  std::string_view borrowed_;
  std::string kept_;
  std::string output_;
  std::string error_;
  bool failed_ = false;
  bool peer_closed_ = false;
  bool ticket_due_ = false;
};

/// Contexts for connecting to upstreams: TLS 1.2 or newer, certificates verified against `ca_file` (PEM) or,
/// when that is empty, the system's authorities. nullptr with `error` set when the file cannot be used.
std::shared_ptr<ssl_ctx_st> make_client_context(const std::string& ca_file, std::string& error);

}  // namespace privet::net
