#include "proxy/smtp/parameter.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace privet::smtp {
namespace {

TEST(Parameter, AcceptsOnlyTheValuesItsKeywordCanHave) {
  struct {
    std::string_view name;
    ParameterOwner owner;
    std::string text;
    int code;  // 0: accepted
  } const kRows[] = {
      {"None", ParameterOwner::Mail, "", 0},
      {"Size", ParameterOwner::Mail, " SIZE=18446744073709551615", 0},
      {"SizeTooLarge", ParameterOwner::Mail, " SIZE=18446744073709551616", 501},
      {"SizeOfTwentyOneDigits", ParameterOwner::Mail, " SIZE=000000000000000000001", 501},
      {"SizeNegative", ParameterOwner::Mail, " SIZE=-1", 501},
      {"SizeWithPlus", ParameterOwner::Mail, " SIZE=+1", 501},
      {"SizeEmpty", ParameterOwner::Mail, " SIZE=", 501},
      {"SizeWithoutValue", ParameterOwner::Mail, " SIZE", 501},
      {"SevenBit", ParameterOwner::Mail, " BODY=7BIT", 0},
      {"BinaryMime", ParameterOwner::Mail, " BODY=BINARYMIME", 501},
      {"RetFull", ParameterOwner::Mail, " RET=FULL", 0},
      {"RetOther", ParameterOwner::Mail, " RET=BODY", 501},
      {"Utf8WithValue", ParameterOwner::Mail, " SMTPUTF8=yes", 501},
      {"Utf8WithEmptyValue", ParameterOwner::Mail, " SMTPUTF8=", 501},
      {"EnvelopeId", ParameterOwner::Mail, " ENVID=QQ314159", 0},
      {"EnvelopeIdEmpty", ParameterOwner::Mail, " ENVID=", 501},
      {"EnvelopeIdTooLong", ParameterOwner::Mail, " ENVID=" + std::string(101, 'x'), 501},
      {"EnvelopeIdWithLineBreak", ParameterOwner::Mail, " ENVID=a+0D+0Ab", 501},
      {"EnvelopeIdCutHex", ParameterOwner::Mail, " ENVID=a+2", 501},
      {"EnvelopeIdLowerHex", ParameterOwner::Mail, " ENVID=a+2b", 501},
      {"EnvelopeIdWithEquals", ParameterOwner::Mail, " ENVID=a=b", 501},
      {"AuthAddress", ParameterOwner::Mail, " AUTH=anna+40acme.example", 0},
      {"AuthEmpty", ParameterOwner::Mail, " AUTH=", 501},
      {"RequireTls", ParameterOwner::Mail, " requiretls", 0},
      {"RequireTlsWithValue", ParameterOwner::Mail, " REQUIRETLS=yes", 501},
      {"PriorityLowest", ParameterOwner::Mail, " MT-PRIORITY=-9", 0},
      {"PriorityNone", ParameterOwner::Mail, " MT-PRIORITY=0", 0},
      {"PriorityTooHigh", ParameterOwner::Mail, " MT-PRIORITY=10", 501},
      {"PriorityMinusZero", ParameterOwner::Mail, " MT-PRIORITY=-0", 501},
      {"PriorityPlus", ParameterOwner::Mail, " MT-PRIORITY=+1", 501},
      {"PriorityMinusAlone", ParameterOwner::Mail, " MT-PRIORITY=-", 501},
      {"PriorityEmpty", ParameterOwner::Mail, " MT-PRIORITY=", 501},
      {"HoldFor", ParameterOwner::Mail, " HOLDFOR=86400", 555},
      {"By", ParameterOwner::Mail, " BY=120;R", 555},
      {"Twice", ParameterOwner::Mail, " SIZE=1 size=1", 501},
      {"Control", ParameterOwner::Mail, " ENVID=a\x01", 501},
      {"NotifyNever", ParameterOwner::Rcpt, " NOTIFY=NEVER", 0},
      {"NotifyAll", ParameterOwner::Rcpt, " NOTIFY=SUCCESS,FAILURE,DELAY", 0},
      {"NotifyNeverAndMore", ParameterOwner::Rcpt, " NOTIFY=NEVER,DELAY", 501},
      {"NotifyTwice", ParameterOwner::Rcpt, " NOTIFY=DELAY,DELAY", 501},
      {"NotifyCommaAtEnd", ParameterOwner::Rcpt, " NOTIFY=DELAY,", 501},
      {"NotifyEmpty", ParameterOwner::Rcpt, " NOTIFY=", 501},
      {"OriginalRecipient", ParameterOwner::Rcpt, " ORCPT=rfc822;a@b.example", 0},
      {"OriginalRecipientWithoutType", ParameterOwner::Rcpt, " ORCPT=;a@b.example", 501},
      {"OriginalRecipientWithoutAddress", ParameterOwner::Rcpt, " ORCPT=rfc822;", 501},
      {"OriginalRecipientWithoutSemicolon", ParameterOwner::Rcpt, " ORCPT=a@b.example", 501},
      {"OriginalRecipientWithNul", ParameterOwner::Rcpt, " ORCPT=rfc822;a+00@b.example", 501},
      {"OriginalRecipientTooLong", ParameterOwner::Rcpt, " ORCPT=rfc822;" + std::string(500, 'x'), 501},
      {"Unknown", ParameterOwner::Rcpt, " RRVS=2014-04-03T23:01:00Z", 555},
      {"NoKeyword", ParameterOwner::Rcpt, " =x", 555},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    const auto parameters = parse_parameters(row.owner, row.text);
    EXPECT_EQ(parameters ? 0 : parameters.error().code, row.code);
    if (!parameters) EXPECT_EQ(parameters.error().enhanced, "5.5.4");
  }
}

TEST(Parameter, DecodesXtext) {
  EXPECT_EQ(decode_xtext("a+2Bb+3Dc"), "a+b=c");
  EXPECT_EQ(decode_xtext("J+C3+BCrgen"), "J\xc3\xbcrgen");
  EXPECT_EQ(decode_xtext("+FC"), std::nullopt);
  EXPECT_EQ(decode_xtext("a b"), std::nullopt);
}

TEST(Parameter, WritesXtextThatIsReadTheSame) {
  EXPECT_EQ(encode_xtext("a+b=c d"), "a+2Bb+3Dc+20d");
  for (const std::string_view text : {"", "anna@acme.example", "J\xc3\xbcrgen =+", "[UNAVAILABLE]"}) {
    EXPECT_EQ(decode_xtext(encode_xtext(text)), text);
  }
}

}  // namespace
}  // namespace privet::smtp
