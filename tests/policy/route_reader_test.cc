#include "policy/route_reader.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>

#include "tests/policy/support.h"

namespace privet::policy {
namespace {

TEST(RouteReader, ChoosesThePortByTls) {
  const auto smtp = [](const std::string& value) {
    return load("privet: 1\ntenant: a\ndomains: a.example\nupstream: {smtp: {" + value +
                "}}\ncrm: [{profile: generic, addresses: [a@crm.test]}]\n")
        .tenant.smtp.value();
  };
  EXPECT_EQ(smtp("host: mail.a.example").hosts.at(0).port, 587);
  EXPECT_EQ(smtp("host: mail.a.example").tls, TlsMode::StartTls);
  EXPECT_EQ(smtp("host: mail.a.example, tls: implicit").hosts.at(0).port, 465);
  for (const char* loopback : {"localhost", "127.0.0.1", "127.9.9.9", "'::1'"}) {
    EXPECT_EQ(smtp(std::string("tls: none, host: ") + loopback).tls, TlsMode::None);
  }
}

const std::string kWithoutUpstream =
    "privet: 1\ntenant: a\ndomains: a.example\ncrm: [{profile: generic, addresses: [a@crm.test]}]\n";

TEST(RouteReader, TakesSeveralHostsInTheirOrder) {
  const auto hosts = [](const std::string& value) {
    return load(kWithoutUpstream + "upstream: {smtp: {port: 2465, host: " + value + "}}\n")
        .tenant.smtp->hosts;
  };
  EXPECT_EQ(
      hosts("[b.example, 'a.example:2525', 192.0.2.1, '192.0.2.1:25', '2001:db8::1', '[2001:db8::1]:25']"),
      (std::vector<Endpoint>{{"b.example", 2465},
                             {"a.example", 2525},
                             {"192.0.2.1", 2465},
                             {"192.0.2.1", 25},
                             {"2001:db8::1", 2465},
                             {"2001:db8::1", 25}}));
  EXPECT_EQ(hosts("'a.example:2525'"), (std::vector<Endpoint>{{"a.example", 2525}}));
}

TEST(RouteReader, TakesADomainWhoseRecordsNameTheHosts) {
  const MailServer smtp =
      load(kWithoutUpstream + "upstream: {smtp: {srv: BÜCHER.example, tls: implicit}}\n").tenant.smtp.value();
  EXPECT_EQ(smtp.srv, "xn--bcher-kva.example");
  EXPECT_EQ(smtp.tls, TlsMode::Implicit);
  EXPECT_TRUE(smtp.hosts.empty());
}

TEST(RouteReader, KnowsWhatBecomesOfCopiesThatWait) {
  const CopyRoute usual = load(kBase).tenant.copy;
  EXPECT_FALSE(usual.relay);
  EXPECT_TRUE(usual.notify);
  EXPECT_EQ(usual.lifetime, std::chrono::days(3));

  const FileReader reader =
      files({{"tenants/relay.txt", "s3cret word\r\n"}, {"tenants/ca.pem", "-----BEGIN CERTIFICATE-----\n"}});
  const CopyRoute said =
      load(kBase +
               "copy:\n  relay: {host: relay.example, tls: implicit, ca: ca.pem, user: crm, "
               "password: {file: relay.txt}}\n  notify: never\n  expire: 36h\n",
           reader)
          .tenant.copy;
  ASSERT_TRUE(said.relay);
  EXPECT_EQ(said.relay->smtp.hosts, (std::vector<Endpoint>{{"relay.example", 465}}));
  EXPECT_EQ(said.relay->smtp.ca_file, "tenants/ca.pem");
  EXPECT_EQ(said.relay->user, "crm");
  EXPECT_EQ(said.relay->password, "s3cret word");
  EXPECT_FALSE(said.notify);
  EXPECT_EQ(said.lifetime, std::chrono::hours(36));

  const CopyRoute by_address =
      load(kBase + "copy: {relay: {host: localhost, tls: none}, expire: 60m}\n").tenant.copy;
  ASSERT_TRUE(by_address.relay);
  EXPECT_TRUE(by_address.relay->user.empty());
  EXPECT_EQ(by_address.lifetime, std::chrono::hours(1));
}

TEST(RouteReader, TakesThePasswordOutOfTheEnvironment) {
  setenv("PRIVET_TEST_RELAY_PASSWORD", "s3cret", 1);
  const CopyRoute route =
      load(kBase +
           "copy: {relay: {host: r.example, user: crm, password: {env: PRIVET_TEST_RELAY_PASSWORD}}}\n")
          .tenant.copy;
  unsetenv("PRIVET_TEST_RELAY_PASSWORD");
  ASSERT_TRUE(route.relay);
  EXPECT_EQ(route.relay->password, "s3cret");
}

}  // namespace
}  // namespace privet::policy
