#include "certs/authority.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <array>
#include <utility>

namespace privet::certs {

namespace {

using Key = std::shared_ptr<EVP_PKEY>;
using Certificate = std::shared_ptr<X509>;

constexpr long kSecondsPerDay = 24L * 60 * 60;
constexpr int kSerialBytes = 16;  // CA/Browser Forum baseline: at least 64 bits of randomness

Key make_key() {
  return Key(EVP_EC_gen("P-256"), EVP_PKEY_free);
}

// Subject, validity, serial and key; the issuer and the signature are the caller's.
Certificate make_certificate(const Key& key, const std::string& common_name, int days) {
  Certificate certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), X509_VERSION_3);
  std::array<unsigned char, kSerialBytes> serial{};
  RAND_bytes(serial.data(), serial.size());
  serial[0] &= 0x7f;  // positive
  BIGNUM* number = BN_bin2bn(serial.data(), serial.size(), nullptr);
  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate.get()));
  BN_free(number);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kSecondsPerDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kSecondsPerDay * days);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
  return certificate;
}

void add_extension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

// Built as structures, not as configuration text, so that no name can add another entry.
void add_names(X509* certificate, const std::vector<std::string>& names) {
  GENERAL_NAMES* list = GENERAL_NAMES_new();
  for (const std::string& name : names) {
    GENERAL_NAME* entry = GENERAL_NAME_new();
    if (ASN1_OCTET_STRING* address = a2i_IPADDRESS(name.c_str())) {
      GENERAL_NAME_set0_value(entry, GEN_IPADD, address);
    } else {
      ASN1_IA5STRING* text = ASN1_IA5STRING_new();
      ASN1_STRING_set(text, name.data(), static_cast<int>(name.size()));
      GENERAL_NAME_set0_value(entry, GEN_DNS, text);
    }
    sk_GENERAL_NAME_push(list, entry);
  }
  X509_add1_ext_i2d(certificate, NID_subject_alt_name, list, 0, X509V3_ADD_DEFAULT);
  GENERAL_NAMES_free(list);
}

template <class Write>
std::string to_pem(Write&& write) {
  BIO* memory = BIO_new(BIO_s_mem());
  write(memory);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory, &bytes);
  std::string text(bytes, static_cast<std::size_t>(size));
  BIO_free(memory);
  return text;
}

}  // namespace

Authority::Authority(std::shared_ptr<evp_pkey_st> key, std::shared_ptr<x509_st> certificate)
    : key_(std::move(key)), certificate_(std::move(certificate)) {}

Authority Authority::make(const std::string& common_name, int days) {
  Key key = make_key();
  Certificate certificate = make_certificate(key, common_name, days);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
  add_extension(certificate.get(), certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate.get(), certificate.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(certificate.get(), certificate.get(), NID_subject_key_identifier, "hash");
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  return {std::move(key), std::move(certificate)};
}

PemPair Authority::issue(const std::vector<std::string>& names, int days) const {
  const Key key = make_key();
  const Certificate leaf = make_certificate(key, names.empty() ? "localhost" : names.front(), days);
  X509_set_issuer_name(leaf.get(), X509_get_subject_name(certificate_.get()));
  add_extension(leaf.get(), certificate_.get(), NID_basic_constraints, "critical,CA:FALSE");
  add_extension(leaf.get(), certificate_.get(), NID_key_usage, "critical,digitalSignature");
  add_extension(leaf.get(), certificate_.get(), NID_ext_key_usage, "serverAuth");
  add_extension(leaf.get(), certificate_.get(), NID_authority_key_identifier, "keyid");
  add_names(leaf.get(), names);
  X509_sign(leaf.get(), key_.get(), EVP_sha256());
  return {.certificate = to_pem([&](BIO* out) { PEM_write_bio_X509(out, leaf.get()); }) + certificate(),
          .key = to_pem([&](BIO* out) {
            PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

std::string Authority::certificate() const {
  return to_pem([&](BIO* out) { PEM_write_bio_X509(out, certificate_.get()); });
}

}  // namespace privet::certs
