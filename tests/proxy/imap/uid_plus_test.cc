#include "proxy/imap/uid_plus.h"

#include <gtest/gtest.h>

namespace privet::imap {
namespace {

using Copies = std::vector<CopiedUid>;

TEST(AppendUid, IsOneUidAndItsValidity) {
  EXPECT_EQ(parse_append_uid("38505 3955"), (AppendUid{38505, 3955}));
  for (const char* text :
       {"", "1", "1 ", "1 2 ", "1 2:2", "1 2,3", "0 1", "1 0", "1 4294967296", "1 *", "-1 2"})
    EXPECT_FALSE(parse_append_uid(text)) << text;
  EXPECT_EQ(format(AppendUid{7, 4294967295}), "[APPENDUID 7 4294967295]");
}

TEST(CopyUid, PairsBothSetsInTheirOrder) {
  const auto code = parse_copy_uid("38505 304,319:320 3956:3958", 3);
  ASSERT_TRUE(code);
  EXPECT_EQ(code->uid_validity, 38505u);
  EXPECT_EQ(code->copies, (Copies{{304, 3956}, {319, 3957}, {320, 3958}}));
  EXPECT_EQ(parse_copy_uid("1 4:2 9,3,5", 3)->copies, (Copies{{2, 9}, {3, 3}, {4, 5}}));
}

TEST(CopyUid, IsNoneWhereTheSetsDoNotFitOrAreMoreThanWasAsked) {
  for (const char* text : {"", "1", "1 2", "1 1:2 3", "1 1 3:4", "0 1 1", "1 1:4 1:4",
                           "1 1:4294967295 1:4294967295", "1 1:* 1:3", "1 $ $", "1 1 2 3", "1  2"})
    EXPECT_FALSE(parse_copy_uid(text, 3)) << text;
}

TEST(CopyUid, IsWrittenInItsOrder) {
  EXPECT_EQ(format(CopyUid{5, {{1, 7}, {2, 8}, {4, 6}, {3, 9}}}), "[COPYUID 5 1:2,4,3 7:8,6,9]");
  EXPECT_EQ(format(CopyUid{5, {{4, 9}, {3, 8}}}), "[COPYUID 5 4,3 9,8]") << "3:4 would be other pairs";
  EXPECT_EQ(format(CopyUid{5, {}}), "");
}

}  // namespace
}  // namespace privet::imap
