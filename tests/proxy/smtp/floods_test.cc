// Connections of one source, and guessed passwords, as a stranger sees them: through a balancer, because
// loopback is never too many. The arithmetic of delays and lock-outs is in guard_test.cc.
#include <gtest/gtest.h>

#include <functional>

#include "proxy/log.h"
#include "tests/support/proxied.h"

namespace privet {
namespace {

using testing_support::Client;
using testing_support::Proxied;

Client from(const Proxied& proxied, const std::string& address) {
  Client client(proxied.port());
  const std::string family = address.contains(':') ? "TCP6 " : "TCP4 ";
  const std::string own = address.contains(':') ? " 2001:db8::1" : " 192.0.2.1";
  client.send("PROXY " + family + address + own + " 4711 587\r\n");
  return client;
}

/// Before its login.
Client greeted(const Proxied& proxied) {
  Client client(proxied.port());
  client.reply();
  client.say(testing_support::kEhlo);
  return client;
}

/// All that is logged meanwhile, from this level on.
std::string logged(log::Level level, const std::function<void()>& meanwhile) {
  log::configure(level, false);
  testing::internal::CaptureStderr();
  meanwhile();
  log::configure(log::Level::Off, false);
  return testing::internal::GetCapturedStderr();
}

const std::string kBalancer = ", proxy_protocol: [127.0.0.0/8]";

TEST(Floods, OfOneSourceAreRefusedAndOthersAreNot) {
  Proxied proxied("loops: 1, per_source: 1", false, kBalancer);
  Client first = from(proxied, "192.0.2.7");
  ASSERT_EQ(first.reply().substr(0, 3), "220");
  Client second = from(proxied, "192.0.2.7");
  EXPECT_EQ(second.reply().substr(0, 9), "421 4.7.0");
  EXPECT_TRUE(second.ends());
  Client other = from(proxied, "192.0.2.8");
  EXPECT_EQ(other.reply().substr(0, 3), "220");
}

TEST(Floods, CountAWholeIpv6NetworkAsOneSource) {
  Proxied proxied("loops: 1, per_source: 1", false, kBalancer);
  Client first = from(proxied, "2001:db8:0:7::1");
  ASSERT_EQ(first.reply().substr(0, 3), "220");
  Client second = from(proxied, "2001:db8:0:7:ffff::2");
  EXPECT_EQ(second.reply().substr(0, 9), "421 4.7.0");
  Client other = from(proxied, "2001:db8:0:8::1");
  EXPECT_EQ(other.reply().substr(0, 3), "220");
}

TEST(Floods, OfManyUsersAreNone) {
  Proxied proxied("loops: 1, per_source: 1, many_users: [192.0.2.0/24]", false, kBalancer);
  Client first = from(proxied, "192.0.2.7");
  ASSERT_EQ(first.reply().substr(0, 3), "220");
  Client second = from(proxied, "192.0.2.7");
  EXPECT_EQ(second.reply().substr(0, 3), "220");
}

TEST(Floods, OfAllSourcesAreRefusedBeforeAnythingIsRead) {
  Proxied proxied("loops: 1, sessions: 1", false, kBalancer);
  Client first = from(proxied, "192.0.2.7");
  ASSERT_EQ(first.reply().substr(0, 3), "220");
  Client second(proxied.port());
  EXPECT_EQ(second.reply().substr(0, 9), "421 4.3.2");
  EXPECT_TRUE(second.ends());
}

TEST(GuessedLogins, HearTheSameOfAnUnknownUserAndOfABadPassword) {
  Proxied proxied;
  proxied.upstream().refuse_logins("535 5.7.8 Authentication failed");
  Client client = greeted(proxied);
  const std::string bad_password = client.say(testing_support::kLogin);
  EXPECT_EQ(bad_password, "535 5.7.8 Authentication failed\n");
  EXPECT_EQ(client.say("AUTH PLAIN AGV2ZUBlbHNld2hlcmUudGVzdAB4\r\n"), bad_password) << "eve@elsewhere.test";
}

TEST(GuessedLogins, AreNotLoggedWhenTheUpstreamRepeatsThem) {
  Proxied proxied;
  proxied.upstream().refuse_logins("334 AGFubmFAYWNtZS50ZXN0AHNlY3JldA==");
  Client client = greeted(proxied);
  const std::string text =
      logged(log::Level::Debug, [&] { EXPECT_EQ(client.say(testing_support::kLogin).substr(0, 3), "451"); });
  EXPECT_NE(text.find("unexpected 334"), std::string::npos) << text;
  EXPECT_EQ(text.find("AGFubm"), std::string::npos) << text;
}

TEST(GuessedLogins, AreLoggedWithTheirCause) {
  Proxied proxied;
  proxied.upstream().refuse_logins("535 5.7.8 Authentication failed");
  Client client = greeted(proxied);
  const std::string text = logged(log::Level::Warning, [&] {
    client.say(testing_support::kLogin);
    client.say("AUTH PLAIN AGV2ZUBlbHNld2hlcmUudGVzdAB4\r\n");
  });
  EXPECT_NE(text.find("cause=\"it was answered with 535\""), std::string::npos) << text;
  EXPECT_NE(text.find("cause=\"no tenant has this user\""), std::string::npos) << text;
}

}  // namespace
}  // namespace privet
