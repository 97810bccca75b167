#include "certs/authority.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace privet::certs {
namespace {

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Certificate read(const std::string& pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> in(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  return {PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr), X509_free};
}

bool verifies(const std::string& leaf, const std::string& authority) {
  const std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> trusted(X509_STORE_new(), X509_STORE_free);
  X509_STORE_add_cert(trusted.get(), read(authority).get());
  const Certificate certificate = read(leaf);
  const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> check(X509_STORE_CTX_new(),
                                                                              X509_STORE_CTX_free);
  X509_STORE_CTX_init(check.get(), trusted.get(), certificate.get(), nullptr);
  X509_STORE_CTX_set_purpose(check.get(), X509_PURPOSE_SSL_SERVER);
  return X509_verify_cert(check.get()) == 1;
}

TEST(Authority, IssuesWhatItsCertificateVerifies) {
  const Authority ours = Authority::make("Ours", 1), other = Authority::make("Other", 1);
  const PemPair leaf = ours.issue({"a.test"}, 1);
  EXPECT_TRUE(verifies(leaf.certificate, ours.certificate()));
  EXPECT_FALSE(verifies(leaf.certificate, other.certificate()));
}

TEST(Authority, PutsEveryNameIntoTheCertificate) {
  const PemPair leaf =
      Authority::make("Ours", 1).issue({"a.test", "127.0.0.1", "::1", "b.test,DNS:evil.test"}, 1);
  const Certificate certificate = read(leaf.certificate);
  EXPECT_EQ(X509_check_host(certificate.get(), "a.test", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_ip_asc(certificate.get(), "127.0.0.1", 0), 1);
  EXPECT_EQ(X509_check_ip_asc(certificate.get(), "::1", 0), 1);
  EXPECT_EQ(X509_check_host(certificate.get(), "evil.test", 0, 0, nullptr), 0)
      << "a name adds no other entry";
}

TEST(Authority, IsGoneAfterItsDays) {
  const Certificate leaf = read(Authority::make("Ours", 1).issue({"a.test"}, 1).certificate);
  int days = 0, seconds = 0;
  ASSERT_EQ(ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(leaf.get())), 1);
  EXPECT_LE(days, 1);
  EXPECT_GE(days * 86400 + seconds, 86000);
}

}  // namespace
}  // namespace privet::certs
