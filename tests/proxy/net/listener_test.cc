#include "proxy/net/listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/peer.h"

namespace privet::net {
namespace {

void ignore(Stream) {}

TEST(Listener, ChoosesAPortThatSeveralLoopsShare) {
  Loop one, two;
  auto first = Listener::open(one, "127.0.0.1", 0, ignore);
  ASSERT_TRUE(first);
  ASSERT_NE(first->port(), 0);
  {
    const auto second = Listener::open(two, "127.0.0.1", first->port(), ignore);
    ASSERT_TRUE(second) << second.error().to_string();
    EXPECT_EQ(second->port(), first->port());
  }
  {
    const Listener gone = std::move(*first);
  }
  for (Loop* loop : {&one, &two}) {
    loop->close_door();
    loop->run();
  }
}

TEST(Listener, SaysWhichAddressIsTakenOrNone) {
  Loop loop;
  const testing_support::PeerListener other;
  const auto taken = Listener::open(loop, "127.0.0.1", other.port(), ignore);
  ASSERT_FALSE(taken);
  EXPECT_THAT(taken.error().what, testing::HasSubstr("127.0.0.1:" + std::to_string(other.port())));
  const auto no_address = Listener::open(loop, "localhost", 25, ignore);
  ASSERT_FALSE(no_address);
  EXPECT_THAT(no_address.error().what, testing::HasSubstr("not an IP address"));
  loop.close_door();
  loop.run();
}

}  // namespace
}  // namespace privet::net
