#include "proxy/imap/selection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace privet::imap {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Uids = std::vector<std::uint32_t>;

/// UIDs 10, 20, 30, 40, 50; 20 and 40 are hidden.
View some_hidden() {
  View view;
  view.append(Uids{10, 20, 30, 40, 50});
  for (const std::uint32_t uid : {10, 20, 30, 40, 50}) view.classify(uid, uid % 20 != 0);
  view.take_exists();
  return view;
}

/// UIDs of what a set means; nullopt for BAD.
std::optional<Uids> uids(const View& view, std::string_view text, Numbering numbering) {
  const auto set = SequenceSet::parse(text);
  if (!set) return std::nullopt;
  const auto selection = resolve(view, *set, numbering);
  if (!selection) return std::nullopt;
  return view.uids(bits(view, *selection));
}

TEST(Selection, ResolvesSets) {
  struct {
    std::string_view name, set;
    Numbering numbering;
    std::optional<Uids> uids;
  } const kRows[] = {
      {"ANumber", "2", Numbering::Number, Uids{30}},
      {"TheLast", "*", Numbering::Number, Uids{50}},
      {"ARange", "1:2", Numbering::Number, Uids{10, 30}},
      {"BackwardsAndTwice", "3:1,1,2:1", Numbering::Number, Uids{10, 30, 50}},
      {"UpToTheLast", "3:*", Numbering::Number, Uids{50}},
      {"NumberBeyondExists", "4", Numbering::Number, std::nullopt},
      {"RangeBeyondExists", "1:4", Numbering::Number, std::nullopt},
      {"AUid", "30", Numbering::Uid, Uids{30}},
      {"HiddenUid", "20", Numbering::Uid, Uids{}},
      {"AbsentUid", "21", Numbering::Uid, Uids{}},
      {"UidsAroundHiddenOnes", "10:50", Numbering::Uid, Uids{10, 30, 50}},
      {"UidsBetween", "11:29,31:49", Numbering::Uid, Uids{}},
      {"UidsInDisorder", "50,10,50:30", Numbering::Uid, Uids{10, 30, 50}},
      {"AllUids", "1:*", Numbering::Uid, Uids{10, 30, 50}},
      {"LastUid", "*", Numbering::Uid, Uids{50}},
  };
  const View view = some_hidden();
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(uids(view, row.set, row.numbering), row.uids);
  }
}

// Trap 2

TEST(Selection, ARangeFromAboveTheLastUidMeansTheLastVisibleMessage) {
  View view = some_hidden();
  view.append(Uids{60});
  view.classify(60, false);
  EXPECT_EQ(uids(view, "51:*", Numbering::Uid), Uids{50});
  EXPECT_EQ(uids(view, "60:*", Numbering::Uid), Uids{50});
  EXPECT_EQ(uids(view, "4:*", Numbering::Number), std::nullopt);
}

// Trap 3

TEST(Selection, HiddenUidsAreAnsweredLikeAbsentOnes) {
  const View view = some_hidden();
  const auto hidden = resolve(view, {.ranges = {{20, 20}, {40, 40}}}, Numbering::Uid);
  const auto absent = resolve(view, {.ranges = {{21, 21}, {99, 99}}}, Numbering::Uid);
  EXPECT_EQ(hidden, absent);
  EXPECT_EQ(hidden, Selection{});
  EXPECT_THAT(upstream_set(view, *hidden).ranges, IsEmpty());
}

// Trap 12

TEST(Selection, KnowsTheHighestUidThereCanBe) {
  View view = some_hidden();
  EXPECT_EQ(uids(view, "4294967295:*", Numbering::Uid), Uids{50});
  EXPECT_EQ(uids(view, "4294967295", Numbering::Uid), Uids{});
  view.append(Uids{4294967295});
  view.classify(4294967295, true);
  view.take_exists();
  EXPECT_EQ(uids(view, "51:4294967295", Numbering::Uid), Uids{4294967295});
  EXPECT_EQ(uids(view, "0", Numbering::Uid), std::nullopt);
  EXPECT_EQ(uids(view, "4294967296", Numbering::Uid), std::nullopt);
}

TEST(Selection, OfAnEmptyViewIsBadByNumberAndNothingByUid) {
  const View view(5);
  for (const std::string_view set : {"*", "1", "1:*"})
    EXPECT_EQ(uids(view, set, Numbering::Number), std::nullopt);
  for (const std::string_view set : {"*", "1", "1:*"}) EXPECT_EQ(uids(view, set, Numbering::Uid), Uids{});
}

TEST(Selection, ClipsNumbersForASearch) {
  const View view = some_hidden();
  const auto clipped = [&view](const SequenceSet& set) { return clip(view, set, Numbering::Number); };
  EXPECT_THAT(clipped({.ranges = {{500, 500}}}), IsEmpty());
  EXPECT_THAT(clipped({.ranges = {{2, 500}}}), ElementsAre(Range{2, 3}));
  EXPECT_THAT(clipped({.ranges = {{500, kStar}}}), ElementsAre(Range{3, 3}));
  EXPECT_THAT(clip(View(), {.ranges = {{1, kStar}}}, Numbering::Number), IsEmpty());
}

TEST(Selection, GivesMessagesWithTheirNumbers) {
  const View view = some_hidden();
  const Selection selection = {{1, 1}, {3, 3}};
  EXPECT_EQ(count(selection), 2u);
  EXPECT_THAT(messages(view, selection), ElementsAre(Message{1, 10}, Message{3, 50}));
  EXPECT_EQ(format_set(upstream_set(view, selection)), "10,50");
}

TEST(Selection, TakesOfAnUpstreamsUidsWhatTheClientKnows) {
  View view = some_hidden();
  view.append(Uids{60});
  view.classify(60, true);
  Bitmap expected(3);
  expected.set(0);
  expected.set(2);
  EXPECT_EQ(bits_of_uids(view, Uids{50, 20, 10, 10, 60, 7}), expected);
  EXPECT_EQ(bits_of_uids(view, std::vector<Range>{{40, 60}, {1, 20}}), expected);
  ASSERT_TRUE(view.hide(50));
  expected.clear(2);
  EXPECT_EQ(bits_of_uids(view, Uids{50, 20, 10, 10, 60, 7}), expected);
  EXPECT_EQ(bits_of_uids(view, std::vector<Range>{{40, 60}, {1, 20}}), expected);
}

}  // namespace
}  // namespace privet::imap
