#include "proxy/imap/casemap.h"

#include <gtest/gtest.h>

namespace privet::imap {
namespace {

TEST(Casemap, IsTheSameForBothCases) {
  EXPECT_EQ(casemap("Hello, World 1"), "HELLO, WORLD 1");
  EXPECT_EQ(casemap("müller"), casemap("MÜLLER"));
  EXPECT_EQ(casemap("привет"), casemap("ПРИВЕТ"));
  EXPECT_EQ(casemap("σίσυφο"), casemap("ΣΊΣΥΦΟ"));
  EXPECT_EQ(casemap("\U00010428"), casemap("\U00010400"));  // Deseret
}

TEST(Casemap, DecomposesOnce) {
  EXPECT_EQ(casemap("café"), "CAFE\u0301");
  EXPECT_EQ(casemap("ấ"), "\u00C2\u0301");
  EXPECT_EQ(casemap("가"), "\u1100\u1161");
  EXPECT_EQ(casemap("ｱ"), "ア");
}

TEST(Casemap, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(casemap("a\xFF\xFE"
                    "b\xC3"),
            "A\uFFFDB\uFFFD");
  EXPECT_EQ(casemap("\xED\xA0\x80x"), "\uFFFDX");
  EXPECT_EQ(casemap(""), "");
}

}  // namespace
}  // namespace privet::imap
