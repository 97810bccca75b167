#include "proxy/imap/mailbox_name.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>

#include "proxy/limits.h"

namespace privet::imap {
namespace {

using namespace std::string_literals;

TEST(MailboxName, GoesThereAndBack) {
  struct Row {
    std::string_view name;
    std::string wire;
    std::string utf8;
  };
  const Row rows[] = {
      {"Empty", "", ""},
      {"Plain", "Archive/2024", "Archive/2024"},
      {"AllPrintable", " !\"#$%'()*+,-./:;<=>?@[\\]^_`{|}~", " !\"#$%'()*+,-./:;<=>?@[\\]^_`{|}~"},
      {"Ampersand", "R&-D", "R&D"},
      {"AmpersandsOnly", "&-&-", "&&"},
      {"Umlaut", "Entw&APw-rfe", "Entw\xc3\xbcrfe"},
      {"ExampleOfTheRfc", "~peter/mail/&U,BTFw-/&ZeVnLIqe-",
       "~peter/mail/\xe5\x8f\xb0\xe5\x8c\x97/\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e"},
      {"BeyondTheFirstPlane", "&2D3eAA-", "\xf0\x9f\x98\x80"},
      {"LastCharacter", "&2,,f,w-", "\xf4\x8f\xbf\xbf"},
      {"EncodedThenAmpersand", "&APw-&-", "\xc3\xbc&"},
      {"AmpersandThenEncoded", "&-&APw-", "&\xc3\xbc"},
      {"DashBehindEncoded", "&APw--", "\xc3\xbc-"},
      {"Inbox", "INBOX", "INBOX"},
      {"BelowInbox", "inbox/a", "inbox/a"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(decode_mailbox(row.wire), row.utf8);
    EXPECT_EQ(encode_mailbox(row.utf8), row.wire);
  }
}

TEST(MailboxName, InboxHasOneCase) {
  for (const std::string_view inbox : {"INBOX", "inbox", "InBox"}) {
    EXPECT_TRUE(is_inbox(inbox));
    EXPECT_EQ(decode_mailbox(inbox), "INBOX");
  }
  EXPECT_FALSE(is_inbox("INBOX/"));
  EXPECT_FALSE(is_inbox(""));
}

TEST(MailboxName, RefusesEverySecondSpelling) {
  struct Row {
    std::string_view name;
    std::string wire;
  };
  const Row rows[] = {
      {"NoEnd", "a&APw"},
      {"OnlyShift", "&"},
      {"PrintableEncoded", "&AGE-"},
      {"AmpersandEncoded", "&ACY-"},
      {"PrintableAmongEncoded", "&APwAYQ-"},
      {"TwoShiftsInARow", "&APw-&APw-"},
      {"OrdinaryBase64", "&U/BTFw-"},
      {"Padding", "&APw=-"},
      {"UnusedBits", "&APx-"},
      {"OneByteTooFew", "&AA-"},
      {"OneDigit", "&A-"},
      {"OddBytes", "&APwA-"},
      {"LowSurrogateAlone", "&3gA-"},
      {"HighSurrogateAlone", "&2D0-"},
      {"SurrogatesTheWrongWay", "&3gDYPQ-"},
      {"Nul", "&AAA-"},
      {"LineEndEncoded", "&AA0ACg-"},
      {"Delete", "&AH8-"},
      {"ControlOfTheUpperHalf", "&AIU-"},
      {"EightBit", "Entw\xc3\xbcrfe"},
      {"ControlAsItIs", "a\tb"},
      {"LineEndAsItIs", "a\r\nb"},
      {"NulAsItIs", "a\0b"s},
      {"NotBase64", "&A!Pw-"},
      {"TooLong", std::string(limits::kImapMailboxName + 1, 'a')},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_FALSE(decode_mailbox(row.wire).has_value());
  }
}

TEST(MailboxName, EncodesOnlyWhatCanBeRead) {
  for (const std::string& utf8 : {"\xfc"s, "\xc3"s, "\xed\xa0\x80"s, "\xc0\xaf"s, "a\0b"s, "a\nb"s, "\x7f"s,
                                  "\xc2\x85"s, std::string(limits::kImapMailboxName + 1, 'a')}) {
    EXPECT_FALSE(encode_mailbox(utf8).has_value()) << testing::PrintToString(utf8);
  }
}

TEST(MailboxName, MatchesPatterns) {
  struct Row {
    std::string_view pattern;
    std::string_view name;
    char delimiter;
    bool matches;
  };
  const Row rows[] = {
      {"", "", '/', true},
      {"", "a", '/', false},
      {"a", "", '/', false},
      {"a", "a", '/', true},
      {"a", "A", '/', false},
      {"*", "", '/', true},
      {"*", "a/b/c", '/', true},
      {"%", "a", '/', true},
      {"%", "a/b", '/', false},
      {"%", "a.b", '/', true},
      {"%", "a/b", kNoDelimiter, true},
      {"%/%", "a/b", '/', true},
      {"%/%", "a/b/c", '/', false},
      {"%/*", "a/b/c", '/', true},
      {"*/%", "a/b/c", '/', true},
      {"*%", "a/b/c", '/', true},
      {"%*", "a/b/c", '/', true},
      {"a/%", "a/", '/', true},
      {"a/%", "a", '/', false},
      {"a*", "a", '/', true},
      {"a*c", "abcbc", '/', true},
      {"a*c", "abcb", '/', false},
      {"a%c", "a/c", '/', false},
      {"*b%d", "a/b/bcd", '/', true},
      {"%b*d%", "ab/cd", '/', true},
      {"%b*d%", "a/b/cd", '/', false},
      {"inbox", "INBOX", '/', true},
      {"InB%", "INBOX", '/', true},
      {"*x", "INBOX", '/', true},
      {"inbox/%", "INBOX/a", '/', false},
      {"?", "a", '/', false},
      {"[a-z]", "a", '/', false},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(matches_pattern(row.pattern, row.name, row.delimiter), row.matches)
        << row.pattern << " and " << row.name;
  }
}

TEST(MailboxName, MatchesInTimeThatIsTheProductOfTheLengths) {
  std::string pattern;
  while (pattern.size() + 4 <= limits::kImapListPatterns) pattern += "a*a%";
  const std::string name(limits::kImapMailboxName, 'a');
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(matches_pattern(pattern + "b", name, '/'));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
}

TEST(MailboxName, PutsTheReferenceInFront) {
  EXPECT_EQ(join_reference("", "%"), "%");
  EXPECT_EQ(join_reference("INBOX/", "%"), "INBOX/%");
}

}  // namespace
}  // namespace privet::imap
