#include "proxy/smtp/command.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace privet::smtp {
namespace {

using namespace std::string_literals;

struct Accepted {
  std::string_view name;
  std::string line;
  Command command;
};

TEST(Command, ReadsWhatIsWellFormedAndWritesItAnew) {
  const Accepted rows[] = {
      {"Ehlo", "EHLO client.example", {Verb::Ehlo, "client.example"}},
      {"EhloInLowerCase", "ehlo client.example", {Verb::Ehlo, "client.example"}},
      {"HeloWithLiteral", "HELO [192.0.2.1]", {Verb::Helo, "[192.0.2.1]"}},
      {"EhloWithSixLiteral", "EHLO [IPv6:2001:db8::1]", {Verb::Ehlo, "[IPv6:2001:db8::1]"}},
      {"EhloWithUnderscore", "EHLO ANNAS_PC", {Verb::Ehlo, "ANNAS_PC"}},
      {"EhloWithUmlaut", "EHLO M\xc3\xbcller-PC", {Verb::Ehlo, "M\xc3\xbcller-PC"}},
      {"Lhlo", "lhlo client.example", {Verb::Lhlo, "client.example"}},
      {"Chunk", "BDAT 86", {.verb = Verb::Bdat, .chunk_size = 86}},
      {"LastChunk", "bdat 0  last ", {.verb = Verb::Bdat, .last = true}},
      {"LargestChunk",
       "BDAT 18446744073709551615 LAST",
       {.verb = Verb::Bdat, .chunk_size = 18446744073709551615u, .last = true}},
      {"Xclient",
       "xclient addr=IPV6:::1 HELO=a+2Bb+20c name=[Unavailable]",
       {.verb = Verb::Xclient,
        .parameters = {{"ADDR", "IPV6:::1"}, {"HELO", "a+b c"}, {"NAME", "[UNAVAILABLE]"}}}},
      {"Xforward",
       "XFORWARD IDENT=4F2C source=local",
       {.verb = Verb::Xforward, .parameters = {{"IDENT", "4F2C"}, {"SOURCE", "LOCAL"}}}},
      {"StartTls", "StartTLS", {Verb::StartTls}},
      {"BlanksAtTheEnd", "QUIT  \t", {Verb::Quit}},
      {"Data", "DATA", {Verb::Data}},
      {"Rset", "RSET", {Verb::Rset}},
      {"Noop", "NOOP are you there?", {Verb::Noop, "are you there?"}},
      {"Vrfy", "VRFY anna", {Verb::Vrfy, "anna"}},
      {"Help", "HELP", {Verb::Help}},
      {"Auth", "AUTH login", {Verb::Auth, "LOGIN"}},
      {"AuthWithResponse", "AUTH PLAIN AGEAYg==", {Verb::Auth, "PLAIN", "AGEAYg==", true}},
      {"AuthWithEmptyResponse", "AUTH XOAUTH2 =", {Verb::Auth, "XOAUTH2", "=", true}},
      {"Mail", "MAIL FROM:<a@b.example>", {Verb::Mail, "a@b.example"}},
      {"MailInOddCase", "mAiL fRoM:<A@b.Example>", {Verb::Mail, "A@b.Example"}},
      {"BlankBehindColon", "MAIL FROM: <a@b.example>", {Verb::Mail, "a@b.example"}},
      {"NullSender", "MAIL FROM:<>", {Verb::Mail, ""}},
      {"MailWithAll",
       "MAIL FROM:<a@b.example> size=1000 body=8bitmime SMTPUTF8 RET=hdrs ENVID=x+2By AUTH=<>",
       {.verb = Verb::Mail,
        .argument = "a@b.example",
        .parameters = {{"SIZE", "1000"},
                       {"BODY", "8BITMIME"},
                       {"SMTPUTF8", ""},
                       {"RET", "HDRS"},
                       {"ENVID", "x+2By"},
                       {"AUTH", "<>"}}}},
      {"Rcpt", "RCPT TO:<a@b.example>", {Verb::Rcpt, "a@b.example"}},
      {"Postmaster", "RCPT TO:<Postmaster>", {Verb::Rcpt, "Postmaster"}},
      {"RcptWithDsn",
       "RCPT TO:<a@b.example>  NOTIFY=success,Failure  ORCPT=rfc822;a+2Bc@b.example",
       {.verb = Verb::Rcpt,
        .argument = "a@b.example",
        .parameters = {{"NOTIFY", "SUCCESS,FAILURE"}, {"ORCPT", "rfc822;a+2Bc@b.example"}}}},
      {"QuotedLocalPart", R"(RCPT TO:<"a >b\""@b.example>)", {Verb::Rcpt, R"("a >b\""@b.example)"}},
      {"Utf8Path",
       "RCPT TO:<j\xc3\xbcrgen@b\xc3\xbc.example>",
       {Verb::Rcpt, "j\xc3\xbcrgen@b\xc3\xbc.example"}},
      {"AtomCharacters", "RCPT TO:<a+b=c_d'e/f@b.example>", {Verb::Rcpt, "a+b=c_d'e/f@b.example"}},
      {"LongestLocalPart",
       "RCPT TO:<" + std::string(64, 'a') + "@b.example>",
       {Verb::Rcpt, std::string(64, 'a') + "@b.example"}},
  };
  for (const Accepted& row : rows) {
    SCOPED_TRACE(row.name);
    const auto command = parse_command(row.line);
    ASSERT_TRUE(command.has_value()) << command.error().text;
    EXPECT_EQ(*command, row.command);
    EXPECT_EQ(parse_command(to_line(*command)), command);
  }
}

struct Refused {
  std::string_view name;
  std::string line;
  int code;
  std::string_view enhanced;
};

TEST(Command, RefusesWhatItDoesNotUnderstandWithTheRightReply) {
  const std::string control_c1 = "\xc2\x85";
  const std::string override_bidi = "\xe2\x80\xae";
  const Refused rows[] = {
      {"Empty", "", 500, "5.5.1"},
      {"Unknown", "FROB", 500, "5.5.1"},
      {"BlankInFront", " NOOP", 500, "5.5.1"},
      {"HttpPost", "POST / HTTP/1.1", 500, "5.5.1"},
      {"NulInVerb", "NOOP\0"s, 500, "5.5.1"},
      {"TabBehindVerb", "MAIL\tFROM:<a@b.example>", 500, "5.5.1"},
      {"Expn", "EXPN list", 502, "5.5.1"},
      {"Etrn", "ETRN b.example", 502, "5.5.1"},
      {"Turn", "TURN", 502, "5.5.1"},
      {"Atrn", "ATRN", 502, "5.5.1"},

      {"Burl", "BURL imap://x LAST", 502, "5.5.1"},

      {"BdatWithoutSize", "BDAT", 521, "5.5.4"},
      {"BdatOfNoNumber", "BDAT LAST", 521, "5.5.4"},
      {"BdatNegative", "BDAT -1", 521, "5.5.4"},
      {"BdatWithSign", "BDAT +1", 521, "5.5.4"},
      {"BdatTooLarge", "BDAT 18446744073709551616", 521, "5.5.4"},
      {"BdatOfTwentyOneDigits", "BDAT 000000000000000000001", 521, "5.5.4"},
      {"BdatWithAnotherWord", "BDAT 1 FIRST", 521, "5.5.4"},
      {"BdatWithMoreBehindLast", "BDAT 1 LAST LAST", 521, "5.5.4"},
      {"LhloWithoutName", "LHLO", 501, "5.5.4"},
      {"XclientWithoutAttribute", "XCLIENT", 501, "5.5.4"},
      {"XclientInjection", "XCLIENT HELO=x+0D+0ARSET", 501, "5.5.4"},
      {"XforwardUnknown", "XFORWARD LOGIN=x", 501, "5.5.4"},
      {"EhloWithoutName", "EHLO", 501, "5.5.4"},
      {"EhloWithTwoNames", "EHLO a b", 501, "5.5.4"},
      {"EhloInjection", "EHLO a\rMAIL", 501, "5.5.4"},
      {"EhloBrackets", "EHLO <script>", 501, "5.5.4"},
      {"EhloEmptyLiteral", "EHLO []", 501, "5.5.4"},
      {"EhloTooLong", "EHLO " + std::string(256, 'a'), 501, "5.5.4"},
      {"DataWithArgument", "DATA now", 501, "5.5.4"},
      {"QuitWithArgument", "QUIT now", 501, "5.5.4"},
      {"RsetWithArgument", "RSET x", 501, "5.5.4"},
      {"StartTlsWithArgument", "STARTTLS x", 501, "5.5.4"},
      {"VrfyWithoutArgument", "VRFY", 501, "5.5.4"},
      {"NoopWithControl", "NOOP a\x1b[2J", 501, "5.5.4"},
      {"AuthWithoutMechanism", "AUTH", 501, "5.5.4"},
      {"AuthTwoResponses", "AUTH PLAIN AA== BB==", 501, "5.5.4"},
      {"AuthNotBase64", "AUTH PLAIN a*b", 501, "5.5.4"},
      {"AuthLongMechanism", "AUTH " + std::string(21, 'A'), 501, "5.5.4"},
      {"MailWithoutFrom", "MAIL <a@b.example>", 501, "5.5.4"},
      {"MailWithTo", "MAIL TO:<a@b.example>", 501, "5.5.4"},
      {"MailWithoutBrackets", "MAIL FROM:a@b.example", 501, "5.5.4"},
      {"MailWithoutEnd", "MAIL FROM:<a@b.example", 501, "5.5.4"},
      {"QuoteWithoutEnd", "MAIL FROM:<\"a@b.example>", 501, "5.5.4"},
      {"NoBlankBehindPath", "MAIL FROM:<a@b.example>SIZE=1", 501, "5.5.4"},
      {"SecondPath", "RCPT TO:<a@b.example> <c@d.example>", 555, "5.5.4"},
      {"BadSender", "MAIL FROM:<anna>", 501, "5.1.7"},
      {"SenderWithControl", "MAIL FROM:<a\x01@b.example>", 501, "5.1.7"},
      {"SenderWithC1", "MAIL FROM:<a" + control_c1 + "@b.example>", 501, "5.1.7"},
      {"SenderWithLatin1", "MAIL FROM:<j\xfcrgen@b.example>", 501, "5.1.7"},
      {"PostmasterAsSender", "MAIL FROM:<postmaster>", 501, "5.1.7"},
      {"NullRecipient", "RCPT TO:<>", 501, "5.1.3"},
      {"RecipientWithBidi", "RCPT TO:<a" + override_bidi + "@b.example>", 501, "5.1.3"},
      {"RecipientWithNul", "RCPT TO:<a\0@b.example>"s, 501, "5.1.3"},
      {"RecipientWithLineBreak", "RCPT TO:<a\r\n@b.example>", 501, "5.1.3"},
      {"RecipientWithBlank", "RCPT TO:<a b@c.example>", 501, "5.1.3"},
      {"RecipientWithComment", "RCPT TO:<a(x)@c.example>", 501, "5.1.3"},
      {"TwoDots", "RCPT TO:<a..b@c.example>", 501, "5.1.3"},
      {"DotAtEnd", "RCPT TO:<a.@c.example>", 501, "5.1.3"},
      {"EmptyLocalPart", "RCPT TO:<\"\"@c.example>", 501, "5.1.3"},
      {"EmptyDomain", "RCPT TO:<a@>", 501, "5.1.3"},
      {"EmptyLabel", "RCPT TO:<a@b..example>", 501, "5.1.3"},
      {"DotBehindDomain", "RCPT TO:<a@b.example.>", 501, "5.1.3"},
      {"TwoAts", "RCPT TO:<a@b@c.example>", 501, "5.1.3"},
      {"LongLocalPart", "RCPT TO:<" + std::string(65, 'a') + "@b.example>", 501, "5.1.3"},
      {"LongLabel", "RCPT TO:<a@" + std::string(64, 'b') + ".example>", 501, "5.1.3"},
      {"LongPath",
       "RCPT TO:<a@" + std::string(60, 'b') + "." + std::string(60, 'b') + "." + std::string(60, 'b') + "." +
           std::string(60, 'b') + ".example.example>",
       501, "5.1.3"},
      {"SourceRoute", "RCPT TO:<@relay.example:a@b.example>", 550, "5.7.1"},
      {"Percent", "RCPT TO:<a%b.example@relay.example>", 550, "5.7.1"},
      {"Bang", "RCPT TO:<b.example!a@relay.example>", 550, "5.7.1"},
      {"QuotedAt", "RCPT TO:<\"a@b.example\"@relay.example>", 550, "5.7.1"},
      {"AddressLiteral", "RCPT TO:<a@[192.0.2.1]>", 550, "5.7.1"},
      {"UnknownParameter", "MAIL FROM:<a@b.example> XOORG=x", 555, "5.5.4"},
      {"RcptParameterOfMail", "RCPT TO:<a@b.example> SIZE=1", 555, "5.5.4"},
      {"MailParameterOfRcpt", "MAIL FROM:<a@b.example> NOTIFY=NEVER", 555, "5.5.4"},
  };
  for (const Refused& row : rows) {
    SCOPED_TRACE(row.name);
    const auto command = parse_command(row.line);
    ASSERT_FALSE(command.has_value());
    EXPECT_EQ(command.error().code, row.code);
    EXPECT_EQ(command.error().enhanced, row.enhanced);
    EXPECT_FALSE(command.error().text.empty());
  }
}

TEST(Command, FindsItsParameters) {
  const auto command = parse_command("MAIL FROM:<a@b.example> SMTPUTF8 SIZE=7");
  ASSERT_TRUE(command.has_value());
  ASSERT_NE(command->parameter("SIZE"), nullptr);
  EXPECT_EQ(*command->parameter("SIZE"), "7");
  ASSERT_NE(command->parameter("SMTPUTF8"), nullptr);
  EXPECT_EQ(command->parameter("BODY"), nullptr);
}

TEST(Command, WritesAnEmptyInitialResponseAsEqualsSign) {
  EXPECT_EQ(to_line({.verb = Verb::Auth, .argument = "PLAIN", .has_initial_response = true}), "AUTH PLAIN =");
}

}  // namespace
}  // namespace privet::smtp
