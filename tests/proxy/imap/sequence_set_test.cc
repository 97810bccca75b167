#include "proxy/imap/sequence_set.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace privet::imap {
namespace {

constexpr std::uint32_t kMost = 4294967295;

TEST(SequenceSet, KeepsWhatWasWritten) {
  struct Row {
    std::string_view name;
    std::string_view text;
    SequenceSet set;
  };
  const Row rows[] = {
      {"One", "7", {{{7, 7}}}},
      {"Range", "1:5", {{{1, 5}}}},
      {"Star", "*", {{{kStar, kStar}}}},
      {"ToStar", "5:*", {{{5, kStar}}}},
      {"FromStar", "*:5", {{{kStar, 5}}}},
      {"Backwards", "3:1", {{{3, 1}}}},
      {"Repeated", "1,1,2:1", {{{1, 1}, {1, 1}, {2, 1}}}},
      {"Largest", "4294967295:*", {{{kMost, kStar}}}},
      {"Saved", "$", {.saved = true}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const auto set = SequenceSet::parse(row.text);
    ASSERT_TRUE(set.has_value());
    EXPECT_EQ(*set, row.set);
    EXPECT_EQ(format_set(*set), row.text);
  }
}

TEST(SequenceSet, RefusesWhatIsNoSet) {
  for (const std::string_view text : {"",
                                      "0",
                                      "0:5",
                                      "1:0",
                                      "4294967296",
                                      "1:4294967296",
                                      "99999999999999999999",
                                      "1,",
                                      ",1",
                                      "1,,2",
                                      ":",
                                      "1:",
                                      ":1",
                                      "1:2:3",
                                      "**",
                                      "-1",
                                      "+1",
                                      "1 ",
                                      " 1",
                                      "a",
                                      "$,1",
                                      "$$",
                                      "1:$"}) {
    EXPECT_FALSE(SequenceSet::parse(text).has_value()) << text;
  }
}

TEST(SequenceSet, ResolvesToAscendingRangesThatDoNotTouch) {
  struct Row {
    std::string_view name;
    std::string_view text;
    std::uint32_t star;
    std::vector<Range> ranges;
  };
  const Row rows[] = {
      {"StarIsTheLastMessage", "*", 9, {{9, 9}}},
      {"BeyondTheLastMessageMeansTheLast", "400:*", 310, {{310, 400}}},
      {"Backwards", "3:1", 9, {{1, 3}}},
      {"Overlap", "5:9,1:6", 9, {{1, 9}}},
      {"Neighbours", "2,1,3", 9, {{1, 3}}},
      {"Apart", "5,1,3", 9, {{1, 1}, {3, 3}, {5, 5}}},
      {"Within", "1:9,2:3", 9, {{1, 9}}},
      {"EndOfNumbers", "4294967295,1:4294967294", 9, {{1, kMost}}},
      {"NothingInUse", "*,3:*", 0, {}},
      {"NothingInUseButNumbers", "2,*", 0, {{2, 2}}},
      {"Saved", "$", 9, {}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(SequenceSet::parse(row.text).value().resolve(row.star), row.ranges);
  }
}

TEST(SequenceSet, KnowsItsLargestNumber) {
  EXPECT_EQ(SequenceSet::parse("3:7,*").value().largest(), 7u);
  EXPECT_EQ(SequenceSet::parse("9:*,2").value().largest(), 9u);
  EXPECT_EQ(SequenceSet::parse("*").value().largest(), 0u);
}

TEST(SequenceSet, FindsNumbersInRanges) {
  const std::vector<Range> ranges{{2, 4}, {7, 7}, {kMost, kMost}};
  for (const std::uint32_t in : {2u, 3u, 4u, 7u, kMost}) EXPECT_TRUE(contains(ranges, in)) << in;
  for (const std::uint32_t out : {0u, 1u, 5u, 6u, 8u, kMost - 1}) EXPECT_FALSE(contains(ranges, out)) << out;
  EXPECT_FALSE(contains({}, 1));
}

TEST(SequenceSet, WritesRunsAsRanges) {
  EXPECT_EQ(format_set(std::vector<std::uint32_t>{1, 2, 3, 4, 5, 7}), "1:5,7");
  EXPECT_EQ(format_set(std::vector<std::uint32_t>{1, 2}), "1:2");
  EXPECT_EQ(format_set(std::vector<std::uint32_t>{kMost - 1, kMost}), "4294967294:4294967295");
  EXPECT_EQ(format_set(std::vector<std::uint32_t>{3, 5}), "3,5");
  EXPECT_EQ(format_set(std::vector<std::uint32_t>{}), "");
}

}  // namespace
}  // namespace privet::imap
