#include "proxy/imap/modseq.h"

#include <gtest/gtest.h>

#include <limits>

namespace privet::imap {
namespace {

using Kind = SearchKey::Kind;

constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();

TEST(Modseq, ComesBackAsItWas) {
  EXPECT_EQ(modseq_seen(12, 3), 15u);
  EXPECT_EQ(modseq_meant(15, 3), 12u);
}

TEST(Modseq, FromBeforeTheOffsetGrewMeansMoreMessagesNotFewer) {
  EXPECT_LT(modseq_meant(modseq_seen(12, 3), 4), 12u);
  EXPECT_EQ(modseq_meant(2, 3), 0u);
}

TEST(Modseq, StaysWithinWhatIsLegal) {
  EXPECT_EQ(modseq_seen(kLargest, 1), kLargest);
  EXPECT_EQ(modseq_seen(1, std::numeric_limits<std::uint64_t>::max()), kLargest);
}

TEST(Modseq, IsShiftedInATree) {
  const SearchKey modseq{.kind = Kind::ModSeq, .number = 15};
  const SearchKey tree{.kind = Kind::Not,
                       .children = {{.kind = Kind::Or, .children = {modseq, {.kind = Kind::Seen}}}}};
  EXPECT_TRUE(asks_for_modseq(tree));
  EXPECT_FALSE(asks_for_modseq({.kind = Kind::Not, .children = {{.kind = Kind::Seen}}}));
  const SearchKey shifted = with_modseq_meant(tree, 3);
  EXPECT_EQ(shifted.children[0].children[0].number, 12u);
  EXPECT_EQ(shifted.children[0].children[1], SearchKey{.kind = Kind::Seen});
  EXPECT_EQ(with_modseq_meant(modseq, 15), SearchKey{.kind = Kind::All}) << "every message has a greater one";
}

}  // namespace
}  // namespace privet::imap
