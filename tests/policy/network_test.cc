#include "policy/network.h"

#include <gtest/gtest.h>

namespace privet::policy {
namespace {

TEST(Network, ContainsTheAddressesOfItsPrefix) {
  struct {
    const char* network;
    const char* address;
    bool contained;
  } const kRows[] = {
      {"10.0.0.0/8", "10.255.0.1", true},          {"10.0.0.0/8", "11.0.0.1", false},
      {"192.0.2.7/32", "192.0.2.7", true},         {"192.0.2.7/32", "192.0.2.6", false},
      {"2001:db8::/32", "2001:db8:ffff::1", true}, {"2001:db8::/32", "2001:db9::1", false},
      {"10.0.0.0/8", "2001:db8::1", false},        {"10.0.0.0/8", "", false},
      {"10.0.0.0/8", "fe80::1%eth0", false},
  };
  for (const auto& row : kRows)
    EXPECT_EQ(Network::parse(row.network)->contains(row.address), row.contained)
        << row.network << row.address;
}

TEST(Network, TakesAMappedAddressForTheIp4AddressItIs) {
  for (const char* address : {"10.1.2.3", "::ffff:10.1.2.3", "::FFFF:10.1.2.3", "0::ffff:a01:203"}) {
    EXPECT_TRUE(Network::parse("10.0.0.0/8")->contains(address)) << address;
    for (const char* mapped : {"::ffff:10.0.0.0/104", "::FFFF:a00:0/104"})
      EXPECT_TRUE(Network::parse(mapped)->contains(address)) << mapped << address;
    EXPECT_TRUE(is_address_literal(address)) << address;
  }
  EXPECT_FALSE(Network::parse("10.0.0.0/8")->contains("::10.1.2.3")) << "an old form, and another address";
  EXPECT_TRUE(is_loopback_literal("::ffff:127.0.0.1"));
  EXPECT_TRUE(is_loopback_literal("::1"));
  EXPECT_FALSE(is_loopback_literal("::ffff:128.0.0.1"));
}

TEST(Network, IsRefusedWhereItIsNone) {
  for (const char* text :
       {"", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/0", "::/0", "10.1.0.0/8", "10.0.0.0/8 ",
        "10.0.0/8", "fd00::/129", "::ffff:10.0.0.0/8", "::ffff:0.0.0.0/96", "acme.example/8"}) {
    EXPECT_FALSE(Network::parse(text)) << text;
  }
}

}  // namespace
}  // namespace privet::policy
