#include "proxy/smtp/hops.h"

#include <gtest/gtest.h>

#include <string>

namespace privet::smtp {
namespace {

std::size_t hops(std::string_view content, std::size_t chunk) {
  HopCounter counter;
  for (std::size_t at = 0; at < content.size(); at += chunk) counter.add(content.substr(at, chunk));
  return counter.hops();
}

TEST(HopCounter, CountsReceivedFieldsOfTheHeaderHoweverItComes) {
  const std::string content =
      "Received: one\r\n\tReceived: folded\r\nRECEIVED \t: two\r\nReceived-SPF: none\r\nX-Received: no\r\n"
      "Receive\r\nreceived:\r\nReceived\r\nSubject: Received: no\r\n\r\nReceived: body\r\n";
  for (std::size_t chunk = 1; chunk <= content.size(); ++chunk) EXPECT_EQ(hops(content, chunk), 3u) << chunk;
}

TEST(HopCounter, CountsNothingInAMessageWithoutAHeader) {
  EXPECT_EQ(hops("\r\nReceived: body\r\n", 100), 0u);
  EXPECT_EQ(hops("", 1), 0u);
}

TEST(HopCounter, TakesAsManyAsTheLimitSays) {
  HopCounter counter;
  for (std::size_t i = 0; i < limits::kHops; ++i) counter.add("Received: by x\r\n");
  EXPECT_FALSE(counter.too_many());
  counter.add("Received:");
  EXPECT_TRUE(counter.too_many());
}

}  // namespace
}  // namespace privet::smtp
