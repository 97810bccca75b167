#include "proxy/imap/header_field.h"

#include <gtest/gtest.h>

#include <string>

namespace privet::imap {
namespace {

TEST(HeaderField, ReadsNameAndValueOfEachField) {
  const auto fields = read_fields("To: a@b.test\r\nSUBJECT :Hello\r\n there\r\n\r\nBody: no\r\n");
  ASSERT_EQ(fields.size(), 2u);
  EXPECT_EQ(fields[0].raw, "To: a@b.test\r\n");
  EXPECT_EQ(fields[0].middle, ": ");
  EXPECT_EQ(fields[0].value, "a@b.test");
  EXPECT_TRUE(fields[1].is("Subject"));
  EXPECT_EQ(fields[1].middle, " :");
  EXPECT_EQ(fields[1].value, "Hello\r\n there");
}

TEST(HeaderField, TakesWhatIsNoField) {
  const auto fields = read_fields(" blank first\nno colon\nX: y");
  ASSERT_EQ(fields.size(), 3u);
  EXPECT_EQ(fields[0].name, "");
  EXPECT_EQ(fields[1].name, "");
  EXPECT_EQ(fields[1].value, "no colon");
  EXPECT_EQ(fields[2].value, "y");
}

TEST(HeaderField, KnowsNoNameThatIsTooLong) {
  const auto fields = read_fields(std::string(1001, 'x') + ": y\r\n");
  ASSERT_EQ(fields.size(), 1u);
  EXPECT_EQ(fields[0].name, "");
}

TEST(HeaderField, FindsNoFieldsInNothing) {
  EXPECT_TRUE(read_fields("").empty());
  EXPECT_TRUE(read_fields("\r\n").empty());
  EXPECT_TRUE(read_fields("\r\nTo: a@b.test\r\n").empty());
}

TEST(HeaderField, KeepsLinesOfAFoldedValueApart) {
  const auto fields = read_fields("A:   one\r\n\ttwo\r\n three\r\nB: \t \r\n x\r\n");
  ASSERT_EQ(fields.size(), 2u);
  EXPECT_EQ(folded_value(fields[0]), "one\n\ttwo\n three");
  EXPECT_EQ(unfolded_value(fields[0]), "  one two three");
  EXPECT_EQ(folded_value(fields[1]), "\t \n x");
}

}  // namespace
}  // namespace privet::imap
