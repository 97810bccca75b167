#include "certs/store.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

namespace privet::certs {

namespace {

namespace fs = std::filesystem;

std::string lower(std::string_view name) {
  std::string result(name);
  std::ranges::transform(result, result.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

int choose_certificate(SSL* ssl, int*, void* store) {
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (name != nullptr) SSL_set_SSL_CTX(ssl, static_cast<const Store*>(store)->find(name));
  return SSL_TLSEXT_ERR_OK;
}

std::shared_ptr<SSL_CTX> make_context() {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(),
                      SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  // None with the handshake: net::Tls sends one with the first reply.
  SSL_CTX_set_num_tickets(context.get(), 0);
  return context;
}

/// What went wrong with this file: the system's word where it could not be read at all.
Error why(const std::string& file, std::string otherwise) {
  const unsigned long first = ERR_peek_error();
  const bool system = ERR_GET_LIB(first) == ERR_LIB_SYS;
  ERR_clear_error();
  if (system) otherwise = "cannot be read: " + std::generic_category().message(ERR_GET_REASON(first));
  return {.what = std::move(otherwise), .file = file};
}

Result<std::shared_ptr<SSL_CTX>> load_pair(const std::string& certificate, const std::string& key) {
  auto context = make_context();
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str()) != 1) {
    return std::unexpected(why(certificate, "holds no certificate that can be read"));
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return std::unexpected(why(key, "holds no private key for its certificate"));
  }
  return context;
}

std::vector<std::string> names_in(SSL_CTX* context) {
  std::vector<std::string> names;
  X509* certificate = SSL_CTX_get0_certificate(context);
  auto* alternatives =
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(alternatives); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(alternatives, i);
    if (name->type != GEN_DNS) continue;
    const auto* bytes = reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName));
    names.push_back(lower({bytes, static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName))}));
  }
  GENERAL_NAMES_free(alternatives);
  return names;
}

}  // namespace

Result<std::shared_ptr<const Store>> Store::load(const std::string& folder) {
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const auto extension = it->path().extension();
    if (extension == ".pem" || extension == ".crt") files.push_back(it->path());
  }
  if (error)
    return std::unexpected(Error{.what = "cannot read the folder: " + error.message(), .file = folder});
  std::ranges::sort(files);

  auto store = std::make_shared<Store>();
  for (const fs::path& file : files) {
    const fs::path key = file.extension() == ".pem" ? file : fs::path(file).replace_extension(".key");
    auto context = load_pair(file.string(), key.string());
    if (!context) return std::unexpected(context.error());
    for (const std::string& name : names_in(context->get())) store->by_name_.emplace(name, *context);
    if (!store->default_ || file.stem() == "default") store->default_ = *context;
  }
  if (!store->default_) {
    return std::unexpected(
        Error{.what = "holds no certificate: expected NAME.pem, or NAME.crt with NAME.key", .file = folder});
  }
  SSL_CTX_set_tlsext_servername_callback(store->default_.get(), choose_certificate);
  SSL_CTX_set_tlsext_servername_arg(store->default_.get(), store.get());
  return store;
}

ssl_ctx_st* Store::find(std::string_view server_name) const {
  const std::string name = lower(server_name);
  auto found = by_name_.find(name);
  if (found == by_name_.end()) {
    const std::size_t dot = name.find('.');
    if (dot != std::string::npos) found = by_name_.find("*" + name.substr(dot));
  }
  return found == by_name_.end() ? default_.get() : found->second.get();
}

}  // namespace privet::certs
