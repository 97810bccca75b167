#include "proxy/net/resolver.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "proxy/net/stream.h"
#include "tests/support/name_server.h"

namespace privet::net {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::UnorderedElementsAre;
using testing_support::NameServer;

std::string text_of(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    return "[" + std::string(text.data()) + "]:" + std::to_string(ntohs(v6.sin6_port));
  }
  const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
  inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
  return std::string(text.data()) + ":" + std::to_string(ntohs(v4.sin_port));
}

class Resolving : public testing::Test {
 protected:
  struct Outcome {
    std::vector<std::string> found;
    std::string failure;
  };

  static Task<void> ask_addresses(Lookup& lookup, std::string host, Deadline deadline, Outcome& outcome) {
    try {
      const auto found = co_await lookup.addresses(host, 587, deadline);
      for (const sockaddr_storage& each : found) outcome.found.push_back(text_of(each));
    } catch (const StreamError& error) {
      outcome.failure = error.what();
    }
  }

  static Task<void> ask_services(Lookup& lookup, std::string name, Outcome& outcome) {
    try {
      const auto found = co_await lookup.services(name, kNever);
      for (const Service& each : found)
        outcome.found.push_back(each.target + ":" + std::to_string(each.port));
    } catch (const StreamError& error) {
      outcome.failure = error.what();
    }
  }

  Outcome addresses(const std::string& servers, const std::string& host) {
    Outcome outcome;
    Loop loop;
    Resolver resolver(loop, servers);
    Lookup lookup(resolver);
    loop.spawn(ask_addresses(lookup, host, loop.after(1h), outcome));
    loop.close_door();
    loop.run();
    return outcome;
  }

  Outcome services(const std::string& name) {
    Outcome outcome;
    Loop loop;
    Resolver resolver(loop, server_.address());
    Lookup lookup(resolver);
    loop.spawn(ask_services(lookup, name, outcome));
    loop.close_door();
    loop.run();
    return outcome;
  }

  const NameServer server_{{
      {"mail.acme.test", {.addresses = {"192.0.2.1", "192.0.2.2", "2001:db8::1"}}},
      {"empty.acme.test", {}},
      {"silent.test", {.silent = true}},
      {"_submissions._tcp.acme.test",
       {.services = {{20, 0, 465, "Second.acme.test"}, {10, 0, 2465, "first.acme.test"}}}},
      {"_submission._tcp.acme.test", {.services = {{0, 0, 0, ""}}}},
  }};
};

TEST_F(Resolving, FindsEveryAddressOfAName) {
  const Outcome outcome = addresses(server_.address(), "mail.acme.test");
  EXPECT_THAT(outcome.found, UnorderedElementsAre("192.0.2.1:587", "192.0.2.2:587", "[2001:db8::1]:587"));
  EXPECT_EQ(outcome.failure, "");
}

TEST_F(Resolving, AsksNobodyForAnAddressOrForThisMachine) {
  EXPECT_THAT(addresses(server_.address(), "192.0.2.7").found, ElementsAre("192.0.2.7:587"));
  EXPECT_THAT(addresses(server_.address(), "2001:db8::7").found, ElementsAre("[2001:db8::7]:587"));
  EXPECT_THAT(addresses(server_.address(), "localhost").found, testing::Contains("127.0.0.1:587"));
  EXPECT_EQ(server_.questions(), 0);
}

TEST_F(Resolving, SaysWhatFailed) {
  EXPECT_EQ(addresses(server_.address(), "nowhere.test").failure, "no such host nowhere.test");
  EXPECT_EQ(addresses(server_.address(), "empty.acme.test").failure, "no such host empty.acme.test");
}

TEST_F(Resolving, WaitsNoLongerThanItsDeadline) {
  Loop loop;
  Resolver resolver(loop, server_.address());
  Lookup lookup(resolver);
  Outcome outcome;
  loop.spawn(ask_addresses(lookup, "silent.test", loop.after(1ms), outcome));
  EXPECT_EQ(outcome.failure, "");
  loop.close_door();
  loop.run();
  EXPECT_EQ(outcome.failure, "the name servers do not answer, asked for silent.test");
}

TEST_F(Resolving, EndsAtOnceWhenCancelledAndLetsOthersGoOn) {
  Loop loop;
  Resolver resolver(loop, server_.address());
  Lookup cancelled(resolver), other(resolver);
  Outcome first, second;
  loop.spawn(ask_addresses(cancelled, "silent.test", kNever, first));
  loop.spawn(ask_addresses(other, "mail.acme.test", kNever, second));
  cancelled.cancel();
  EXPECT_EQ(first.failure, "ended from this side");
  loop.close_door();
  loop.run();
  EXPECT_EQ(second.found.size(), 3u);
}

TEST_F(Resolving, OffersServicesByPriority) {
  const Outcome outcome = services("_submissions._tcp.acme.test");
  EXPECT_THAT(outcome.found, ElementsAre("first.acme.test:2465", "second.acme.test:465"));
}

TEST_F(Resolving, TellsAServiceThatIsNotOfferedFromNone) {
  EXPECT_EQ(services("_submission._tcp.acme.test").failure,
            "the SRV record says that there is no service _submission._tcp.acme.test");
  EXPECT_EQ(services("_submission._tcp.nowhere.test").failure, "no SRV record _submission._tcp.nowhere.test");
}

TEST(ServiceOrder, FollowsPriorityAlwaysAndWeightMostly) {
  std::mt19937 chance(7);
  const Service heavy{"heavy", 1, 10, 90}, light{"light", 1, 10, 10}, none{"none", 1, 10, 0},
      last{"last", 1, 20, 65535};
  int heavy_first = 0, light_first = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::vector<Service> order = in_order({last, light, none, heavy}, chance);
    ASSERT_EQ(order.size(), 4u);
    ASSERT_EQ(order[3], last);
    ASSERT_TRUE(std::ranges::is_permutation(order, std::vector{last, light, none, heavy}));
    heavy_first += order[0] == heavy;
    light_first += order[0] == light;
  }
  EXPECT_GT(heavy_first, 800);
  EXPECT_GT(light_first, 50);
}

}  // namespace
}  // namespace privet::net
