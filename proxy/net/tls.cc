#include "proxy/net/tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <climits>
#include <cstring>
#include <utility>

#include "mime/ascii.h"

namespace privet::net {

// The BIO under an SSL object: reads what receive() borrowed, writes to output_.
struct TlsBio {
  static int read(BIO* bio, char* buffer, std::size_t size, std::size_t* done) {
    auto* tls = static_cast<Tls*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    std::string_view source = tls->kept_.empty() ? tls->borrowed_ : std::string_view(tls->kept_);
    if (source.empty()) {
      BIO_set_retry_read(bio);
      return 0;
    }
    const std::size_t count = std::min(size, source.size());
    std::memcpy(buffer, source.data(), count);
    if (tls->kept_.empty()) {
      tls->borrowed_.remove_prefix(count);
    } else {
      tls->kept_.erase(0, count);
      if (tls->kept_.empty()) tls->kept_ = std::string();
    }
    *done = count;
    return 1;
  }

  static int write(BIO* bio, const char* bytes, std::size_t size, std::size_t* done) {
    static_cast<Tls*>(BIO_get_data(bio))->output_.append(bytes, size);
    BIO_clear_retry_flags(bio);
    *done = size;
    return 1;
  }

  static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  static int create(BIO* bio) {
    BIO_set_init(bio, 1);
    return 1;
  }

  static BIO_METHOD* method() {
    static BIO_METHOD* const method = [] {
      BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "privet strings");
      BIO_meth_set_read_ex(made, read);
      BIO_meth_set_write_ex(made, write);
      BIO_meth_set_ctrl(made, control);
      BIO_meth_set_create(made, create);
      return made;
    }();
    return method;
  }
};

Tls::Tls(ssl_st* ssl) : ssl_(ssl) {
  BIO* bio = BIO_new(TlsBio::method());
  BIO_set_data(bio, this);
  SSL_set_bio(ssl_, bio, bio);
  SSL_set_mode(ssl_, SSL_MODE_RELEASE_BUFFERS);
}

Tls::~Tls() {
  SSL_free(ssl_);
}

std::unique_ptr<Tls> Tls::server(ssl_ctx_st* context) {
  std::unique_ptr<Tls> tls(new Tls(SSL_new(context)));
  SSL_set_accept_state(tls->ssl_);
  SSL_set_options(tls->ssl_, SSL_OP_CLEANSE_PLAINTEXT);  // clients send passwords
  tls->ticket_due_ = true;
  return tls;
}

std::unique_ptr<Tls> Tls::client(ssl_ctx_st* context, const std::string& host) {
  std::unique_ptr<Tls> tls(new Tls(SSL_new(context)));
  X509_VERIFY_PARAM* const param = SSL_get0_param(tls->ssl_);
  if (X509_VERIFY_PARAM_set1_ip_asc(param, host.c_str()) != 1) {
    ERR_clear_error();
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    X509_VERIFY_PARAM_set1_host(param, host.data(), host.size());
    SSL_set_tlsext_host_name(tls->ssl_, host.c_str());
  }
  SSL_set_connect_state(tls->ssl_);
  return tls;
}

void Tls::receive(std::string_view ciphertext) {
  if (kept_.empty()) {
    borrowed_ = ciphertext;
  } else {
    kept_.append(ciphertext);
  }
}

void Tls::keep() {
  kept_.append(borrowed_);
  borrowed_ = {};
}

Tls::Progress Tls::handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_);
  if (result == 1) return Progress::Done;
  if (SSL_get_error(ssl_, result) == SSL_ERROR_WANT_READ) return Progress::NeedInput;
  record_failure();
  return Progress::Failed;
}

std::size_t Tls::read(char* buffer, std::size_t size) {
  ERR_clear_error();
  std::size_t done = 0;
  const int result = SSL_read_ex(ssl_, buffer, size, &done);
  if (result == 1) return done;
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ:
      break;
    case SSL_ERROR_ZERO_RETURN:
      peer_closed_ = true;
      break;
    default:
      record_failure();
  }
  return 0;
}

void Tls::write(std::string_view plaintext) {
  // A ticket right after the handshake finds the client about to write. One that reads in a thread of its own
  // (Python's imaplib2, as offlineimap has it) then reads and writes at once, and OpenSSL ends its
  // connection.
  if (std::exchange(ticket_due_, false)) SSL_new_session_ticket(ssl_);
  ERR_clear_error();
  std::size_t done = 0;
  // The BIO takes everything, so one call suffices; it fails only when the session is broken.
  if (!plaintext.empty() && SSL_write_ex(ssl_, plaintext.data(), plaintext.size(), &done) != 1)
    record_failure();
}

void Tls::shutdown() {
  ERR_clear_error();
  if (!failed_) SSL_shutdown(ssl_);
}

std::string Tls::server_name() const {
  const char* const name = SSL_get_servername(ssl_, TLSEXT_NAMETYPE_host_name);
  return name == nullptr ? "" : mime::to_lower(name);
}

const char* Tls::version() const {
  return SSL_get_version(ssl_);
}

void Tls::record_failure() {
  failed_ = true;
  const long verify = SSL_get_verify_result(ssl_);
  if (verify != X509_V_OK) {
    error_ = std::string("certificate: ") + X509_verify_cert_error_string(verify);
  } else if (const char* reason = ERR_reason_error_string(ERR_peek_last_error())) {
    error_ = reason;
  } else {
    error_ = "connection closed";
  }
  ERR_clear_error();
}

std::shared_ptr<ssl_ctx_st> make_client_context(const std::string& ca_file, std::string& error) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  ERR_clear_error();
  const int loaded = ca_file.empty() ? SSL_CTX_set_default_verify_paths(context.get())
                                     : SSL_CTX_load_verify_file(context.get(), ca_file.c_str());
  if (loaded != 1) {
    error = "cannot read the certificate authority file " + ca_file;
    ERR_clear_error();
    return nullptr;
  }
  return context;
}

}  // namespace privet::net
