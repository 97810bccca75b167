#include "proxy/route.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/name_server.h"

namespace privet {
namespace {

using testing::ElementsAre;

TEST(Route, AsksForTheCertificateOfTheDomainWhereATargetLiesOutsideOfIt) {
  const auto hosts = hosts_of_services("acme.test", {{"mail.acme.test", 465, 0, 0},
                                                     {"acme.test", 465, 0, 0},
                                                     {"smtp.hoster.test", 465, 0, 0},
                                                     {"mail.notacme.test", 2465, 0, 0}});
  EXPECT_THAT(hosts,
              ElementsAre(Host{{"mail.acme.test", 465}, "mail.acme.test"},
                          Host{{"acme.test", 465}, "acme.test"}, Host{{"smtp.hoster.test", 465}, "acme.test"},
                          Host{{"mail.notacme.test", 2465}, "acme.test"}));
}

TEST(Route, TriesHostsThatFailedLatelyLast) {
  const Host a{{"a.test", 587}, "a.test"}, b{{"b.test", 587}, "b.test"},
      c{{"2001:db8::1", 25}, "2001:db8::1"};
  const Resting resting{{"a.test:587", 2000}, {"b.test:587", 1000}, {"[2001:db8::1]:25", 1001}};
  EXPECT_THAT(resting_last({a, b, c}, resting, 0), ElementsAre(a, b, c)) << "all rest";
  EXPECT_THAT(resting_last({a, b, c}, resting, 1000), ElementsAre(b, a, c));
  EXPECT_THAT(resting_last({a, b, c}, resting, 1001), ElementsAre(b, c, a));
  EXPECT_THAT(resting_last({a, b, c}, resting, 2000), ElementsAre(a, b, c));
}

class FoundHosts : public testing::Test {
 protected:
  static net::Task<void> ask(net::Connector& connector, const policy::MailServer& where,
                             net::Deadline deadline, std::vector<Host>& found, std::string& failure) {
    try {
      found = co_await find_hosts(connector, where, "submission", deadline);
    } catch (const net::StreamError& error) {
      failure = error.what();
    }
  }

  std::vector<Host> find(const policy::MailServer& where) {
    std::vector<Host> found;
    net::Loop loop;
    net::Resolver resolver(loop, server_.address());
    net::Connector connector(loop, resolver);
    loop.spawn(ask(connector, where, loop.after(std::chrono::hours(1)), found, failure_));
    loop.close_door();
    loop.run();
    return found;
  }

  const testing_support::NameServer server_{
      {{"_submission._tcp.acme.test", {.services = {{0, 1, 587, "mail.acme.test"}}}},
       {"_submissions._tcp.acme.test", {.services = {{0, 1, 465, "smtp.hoster.test"}}}}}};
  std::string failure_;
};

TEST_F(FoundHosts, AreThoseOfTheListWithoutAskingAnybody) {
  EXPECT_THAT(find({.hosts = {{"b.test", 25}, {"a.test", 587}}}),
              ElementsAre(Host{{"b.test", 25}, "b.test"}, Host{{"a.test", 587}, "a.test"}));
  EXPECT_EQ(server_.questions(), 0);
}

TEST_F(FoundHosts, AreThoseOfTheServiceThatFitsTheKindOfTls) {
  EXPECT_THAT(find({.srv = "acme.test", .tls = policy::TlsMode::StartTls}),
              ElementsAre(Host{{"mail.acme.test", 587}, "mail.acme.test"}));
  EXPECT_THAT(find({.srv = "acme.test", .tls = policy::TlsMode::Implicit}),
              ElementsAre(Host{{"smtp.hoster.test", 465}, "acme.test"}));
}

TEST_F(FoundHosts, AreNoneWithAReasonWhereTheDomainNamesNone) {
  EXPECT_THAT(find({.srv = "nowhere.test"}), ElementsAre());
  EXPECT_EQ(failure_, "no SRV record _submission._tcp.nowhere.test");
}

}  // namespace
}  // namespace privet
