#include "proxy/state/uid_validity.h"

#include <gtest/gtest.h>

namespace privet::state {
namespace {

constexpr std::uint32_t kGreatest = 4294967295u;

TEST(UidValidity, IsTheUpstreamsAtFirst) {
  EXPECT_EQ(first_uid_validity(7000, 0), 7000u);
  EXPECT_EQ(first_uid_validity(kGreatest, 0), kGreatest);
}

TEST(UidValidity, IsNeverZero) {
  EXPECT_EQ(first_uid_validity(0, 0), 1u);
  EXPECT_EQ(first_uid_validity(0, 1), 1u);
  EXPECT_EQ(next_uid_validity(1, 0), 2u);
}

TEST(UidValidity, AfterALossIsAboveTheUpstreamsAndTheFloor) {
  EXPECT_EQ(first_uid_validity(7000, 1'800'000'000), 1'800'000'000u);
  EXPECT_EQ(first_uid_validity(1'800'000'000, 1'800'000'000), 1'800'000'001u);
  EXPECT_EQ(first_uid_validity(2'000'000'000, 1'800'000'000), 2'000'000'001u);
}

TEST(UidValidity, TheNextOneIsGreaterWhateverTheUpstreamSays) {
  EXPECT_EQ(next_uid_validity(7000, 7000), 7001u);
  EXPECT_EQ(next_uid_validity(7000, 6999), 7001u);
  EXPECT_EQ(next_uid_validity(7000, 9000), 9000u);
}

TEST(UidValidity, EndsBelowTwoToTheThirtySecond) {
  EXPECT_EQ(next_uid_validity(kGreatest - 1, 1), kGreatest);
  EXPECT_EQ(next_uid_validity(kGreatest, 1), std::nullopt);
  EXPECT_EQ(first_uid_validity(kGreatest, 1), std::nullopt);
  EXPECT_EQ(first_uid_validity(1, std::int64_t{kGreatest} + 1), std::nullopt);
}

}  // namespace
}  // namespace privet::state
