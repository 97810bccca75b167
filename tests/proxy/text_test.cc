#include "proxy/text.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace privet {
namespace {

TEST(Text, TellsCleanUtf8) {
  struct {
    std::string_view name, text;
    bool clean;
  } const kRows[] = {
      {"Empty", "", true},
      {"Ascii", "anna", true},
      {"TwoBytes", "\xc3\xbc", true},
      {"ThreeBytes", "\xe2\x82\xac", true},
      {"FourBytes", "\xf0\x9f\x93\xa7", true},
      {"HighestCharacter", "\xf4\x8f\xbf\xbf", true},
      {"BeyondUnicode", "\xf4\x90\x80\x80", false},
      {"LeadOfFiveBytes", "\xf8\x88\x80\x80\x80", false},
      {"Latin1", "\xfc", false},
      {"CutOff", "\xe2\x82", false},
      {"ContinuationAlone", "\x80", false},
      {"NoContinuation", "\xc3(", false},
      {"OverlongTwo", "\xc0\xae", false},
      {"OverlongThree", "\xe0\x80\xae", false},
      {"OverlongFour", "\xf0\x80\x80\xae", false},
      {"Surrogate", "\xed\xa0\x80", false},
      {"Tab", "\t", false},
      {"Delete", "\x7f", false},
      {"NextLine", "\xc2\x85", false},
      {"NoBreakSpace", "\xc2\xa0", true},
      {"LineSeparator", "\xe2\x80\xa8", false},
      {"RightToLeftOverride", "\xe2\x80\xae", false},
      {"LeftToRightMark", "\xe2\x80\x8e", false},
      {"Isolate", "\xe2\x81\xa6", false},
      {"ArabicLetterMark", "\xd8\x9c", false},
      {"ArabicLetter", "\xd8\xa7", true},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(is_clean_utf8(row.text), row.clean) << row.name;
  }
}

TEST(Text, TakesUntilTheSeparator) {
  std::string_view rest = "a,,b";
  EXPECT_EQ(take_until(rest, ','), "a");
  EXPECT_EQ(take_until(rest, ','), "");
  EXPECT_EQ(take_until(rest, ','), "b");
  EXPECT_EQ(rest, "");
}

TEST(Text, RaisesAsciiLettersOnly) {
  EXPECT_EQ(to_upper("abz`{1\xc3\xbc"), "ABZ`{1\xc3\xbc");
}

TEST(Text, TrimsBlanksAtBothEnds) {
  EXPECT_EQ(trim_blanks(" \ta b\t "), "a b");
  EXPECT_EQ(trim_blanks(" \t"), "");
  EXPECT_EQ(trim_blanks("a\r"), "a\r");
}

}  // namespace
}  // namespace privet
