#include "certs/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "certs/authority.h"
#include "tests/support/folder.h"

namespace privet::certs {
namespace {

using testing::HasSubstr;

class Store : public testing::Test {
 protected:
  void add(const std::string& file, const std::vector<std::string>& names) const {
    const PemPair pair = authority_.issue(names, 1);
    folder_.write(file, pair.certificate + pair.key);
  }
  Result<std::shared_ptr<const certs::Store>> load() const {
    return certs::Store::load(folder_.path().string());
  }

  testing_support::TemporaryFolder folder_;
  Authority authority_ = Authority::make("Test authority", 1);
};

bool serves(ssl_ctx_st* context, const std::string& name) {
  return X509_check_host(SSL_CTX_get0_certificate(context), name.data(), name.size(), 0, nullptr) == 1;
}

TEST_F(Store, ChoosesByNameThenWildcardThenDefault) {
  add("a.pem", {"mail.acme.test"});
  add("b.pem", {"*.acme.test", "other.test"});
  add("default.pem", {"default.test"});
  const auto store = load();
  ASSERT_TRUE(store) << store.error().to_string();
  EXPECT_TRUE(serves((*store)->find("mail.acme.test"), "mail.acme.test"));
  EXPECT_TRUE(serves((*store)->find("MAIL.Acme.test"), "mail.acme.test")) << "names have no case";
  EXPECT_TRUE(serves((*store)->find("smtp.acme.test"), "other.test"));
  EXPECT_TRUE(serves((*store)->find("other.test"), "other.test"));
  EXPECT_EQ((*store)->find("a.b.acme.test"), (*store)->context()) << "a wildcard stands for one label";
  EXPECT_EQ((*store)->find("acme.test"), (*store)->context());
  EXPECT_EQ((*store)->find(""), (*store)->context());
  EXPECT_TRUE(serves((*store)->context(), "default.test"));
}

TEST_F(Store, TakesTheFirstFileWhenNoneIsCalledDefault) {
  add("b.pem", {"b.test"});
  add("a.pem", {"a.test"});
  const auto store = load();
  ASSERT_TRUE(store);
  EXPECT_TRUE(serves((*store)->context(), "a.test"));
}

TEST_F(Store, TakesCertificateAndKeyFromTwoFiles) {
  const PemPair pair = authority_.issue({"a.test"}, 1);
  folder_.write("a.crt", pair.certificate);
  folder_.write("a.key", pair.key);
  folder_.write("authority.pub", authority_.certificate());
  const auto store = load();
  ASSERT_TRUE(store) << store.error().to_string();
  EXPECT_TRUE(serves((*store)->find("a.test"), "a.test"));
}

TEST_F(Store, NamesTheKeyThatDoesNotFit) {
  folder_.write("a.crt", authority_.issue({"a.test"}, 1).certificate);
  folder_.write("a.key", authority_.issue({"a.test"}, 1).key);
  const auto store = load();
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().file, folder_ / "a.key");
}

TEST_F(Store, NamesTheKeyThatIsMissing) {
  folder_.write("a.crt", authority_.issue({"a.test"}, 1).certificate);
  const auto store = load();
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().file, folder_ / "a.key");
  EXPECT_THAT(store.error().what, HasSubstr("cannot be read: ")) << "not that it is the wrong one";
}

TEST_F(Store, NamesTheFileThatHoldsNoCertificate) {
  add("a.pem", {"a.test"});
  folder_.write("b.pem", "not PEM at all\n");
  const auto store = load();
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().file, folder_ / "b.pem");
}

TEST_F(Store, NamesAFolderWithoutCertificates) {
  const auto empty = load();
  ASSERT_FALSE(empty);
  EXPECT_THAT(empty.error().to_string(), HasSubstr("NAME.pem"));
  EXPECT_EQ(empty.error().file, folder_.path().string());
  const auto missing = certs::Store::load(folder_ / "nowhere");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().file, folder_ / "nowhere");
}

}  // namespace
}  // namespace privet::certs
