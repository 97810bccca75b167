#include "proxy/smtp/reply.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "proxy/limits.h"
#include "proxy/text.h"

namespace privet::smtp {
namespace {

/// Feeds lines until a reply or an error.
Result<std::optional<Reply>> parse(std::string_view wire) {
  ReplyParser parser;
  Result<std::optional<Reply>> result = std::nullopt;
  while (!wire.empty() && result && !*result) {
    std::string_view line = take_until(wire, '\n');
    if (line.ends_with('\r')) line.remove_suffix(1);
    result = parser.feed(line);
  }
  return result;
}

struct Row {
  std::string_view name;
  Reply reply;
  std::string_view wire;
};

const Row kRows[] = {
    {"OneLine", {250, "2.1.5", "Ok"}, "250 2.1.5 Ok\r\n"},
    {"SeveralLines", {550, "5.7.1", "No\nnot today"}, "550-5.7.1 No\r\n550 5.7.1 not today\r\n"},
    {"NoEnhancedCode", {250, "", "mail.example\nSIZE 0"}, "250-mail.example\r\n250 SIZE 0\r\n"},
    {"Intermediate", {354, "", "Go on"}, "354 Go on\r\n"},
    {"NoText", {250, "2.0.0", ""}, "250 2.0.0\r\n"},
    {"Nothing", {334, "", ""}, "334 \r\n"},
    {"EmptyLineWithin", {250, "", "a\n\nb"}, "250-a\r\n250-\r\n250 b\r\n"},
};

TEST(Reply, IsWrittenLineByLine) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(to_wire(row.reply), row.wire);
  }
}

TEST(Reply, IsReadAsItWasWritten) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.name);
    const auto reply = parse(row.wire);
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(*reply, row.reply);
  }
}

TEST(Reply, CannotBeMadeToCarryALineBreakOrAnEscape) {
  EXPECT_EQ(to_wire({250, "", "a\r\nb\x1b\xff"}), "250-a?\r\n250 b??\r\n");
}

TEST(Reply, LeavesTheEnhancedCodeOutOfIntermediateOnes) {
  EXPECT_EQ(to_wire({354, "2.0.0", "Go"}), "354 Go\r\n");
}

TEST(Reply, GetsTheGeneralCodeOfItsClass) {
  EXPECT_EQ(with_enhanced_code({250, "", "x"}).enhanced, "2.0.0");
  EXPECT_EQ(with_enhanced_code({451, "", "x"}).enhanced, "4.0.0");
  EXPECT_EQ(with_enhanced_code({354, "", "x"}).enhanced, "");
  EXPECT_EQ(with_enhanced_code({550, "5.1.1", "x"}).enhanced, "5.1.1");
}

TEST(ReplyParser, TakesTheEnhancedCodeOnlyWhereItFits) {
  struct {
    std::string_view name, line, enhanced, text;
  } const kCases[] = {
      {"Fits", "550 5.7.26 no", "5.7.26", "no"},
      {"OtherClass", "250 5.7.1 no", "", "5.7.1 no"},
      {"TwoNumbers", "550 5.7 no", "", "5.7 no"},
      {"FourNumbers", "550 5.7.1.1 no", "", "5.7.1.1 no"},
      {"FourDigits", "550 5.7.1234 no", "", "5.7.1234 no"},
      {"NoBlankBehind", "550 5.7.1no", "", "5.7.1no"},
      {"Intermediate", "354 3.0.0 go", "", "3.0.0 go"},
      {"CodeAlone", "250", "", ""},
  };
  for (const auto& row : kCases) {
    SCOPED_TRACE(row.name);
    const auto reply = ReplyParser().feed(row.line);
    ASSERT_TRUE(reply && *reply);
    EXPECT_EQ((*reply)->enhanced, row.enhanced);
    EXPECT_EQ((*reply)->text, row.text);
  }
}

TEST(ReplyParser, KeepsTheFirstOfTwoEnhancedCodes) {
  const auto reply = parse("550-5.7.1 a\r\n550 5.7.2 b\r\n");
  ASSERT_TRUE(reply && *reply);
  EXPECT_EQ(**reply, (Reply{550, "5.7.1", "a\n5.7.2 b"}));
}

TEST(ReplyParser, RefusesWhatIsNoReply) {
  struct {
    std::string_view name, wire;
  } const kCases[] = {
      {"Empty", "\r\n"},
      {"TwoDigits", "25 ok\r\n"},
      {"Letters", "abc\r\n"},
      {"FirstDigitOne", "150 wait\r\n"},
      {"FirstDigitSix", "650 ok\r\n"},
      {"NoBlank", "250ok\r\n"},
      {"FourDigits", "2500 ok\r\n"},
      {"CodesDiffer", "250-a\r\n251 b\r\n"},
      {"SecondLineWithoutCode", "250-a\r\nb\r\n"},
  };
  for (const auto& row : kCases) {
    SCOPED_TRACE(row.name);
    EXPECT_FALSE(parse(row.wire).has_value());
  }
}

TEST(ReplyParser, RefusesTooManyLines) {
  ReplyParser parser;
  for (std::size_t i = 0; i < limits::kReplyLines; ++i) ASSERT_TRUE(parser.feed("250-x").has_value());
  EXPECT_FALSE(parser.feed("250 x").has_value());
}

TEST(ReplyParser, TakesAsManyLinesAsAreAllowed) {
  ReplyParser parser;
  for (std::size_t i = 1; i < limits::kReplyLines; ++i) ASSERT_TRUE(parser.feed("250-x").has_value());
  const auto reply = parser.feed("250 x");
  EXPECT_TRUE(reply && *reply);
}

TEST(ReplyParser, CutsLongLinesButNotAChallenge) {
  const std::string text(limits::kReplyLineRead - 4, 'x');
  const auto cut = ReplyParser().feed("550 " + text);
  ASSERT_TRUE(cut && *cut);
  EXPECT_EQ((*cut)->text.size(), limits::kReplyLineKept - 4);
  const auto challenge = ReplyParser().feed("334 " + text);
  ASSERT_TRUE(challenge && *challenge);
  EXPECT_EQ((*challenge)->text, text);
}

TEST(ReplyParser, ReadsOneReplyBehindAnother) {
  ReplyParser parser;
  ASSERT_TRUE(parser.feed("250-2.0.0 a").has_value());
  ASSERT_TRUE(parser.feed("250 2.0.0 b").has_value());
  const auto reply = parser.feed("550 no");
  ASSERT_TRUE(reply && *reply);
  EXPECT_EQ(**reply, (Reply{550, "", "no"}));
}

TEST(ReplyParser, ReplacesControlsAndEightBit) {
  const auto reply = ReplyParser().feed("250 a\x1b[2J\xc3\xbc\r");
  ASSERT_TRUE(reply && *reply);
  EXPECT_EQ((*reply)->text, "a?[2J???");
}

}  // namespace
}  // namespace privet::smtp
