#include "proxy/smtp/route.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace privet::smtp {
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

}  // namespace
}  // namespace privet::smtp
