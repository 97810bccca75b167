#include "proxy/imap/address_list.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace privet::imap {
namespace {

std::string part(const std::optional<std::string>& text) {
  return text ? "'" + *text + "'" : "-";
}

/// "name route mailbox domain" for each address, with "-" for NIL.
std::string shown(std::string_view value) {
  std::string text;
  for (const EnvelopeAddress& each : read_addresses(value)) {
    if (!text.empty()) text += "; ";
    text += part(each.name) + " " + part(each.route) + " " + part(each.mailbox) + " " + part(each.domain);
  }
  return text;
}

// Each as Dovecot 2.3.19 has it; tests/interop/imap_envelope_test.py compares many more.
TEST(AddressList, ReadsWhatDovecotReads) {
  struct Row {
    std::string_view name, value, expected;
  };
  const Row rows[] = {
      {"Bare", "a@b.test", "- - 'a' 'b.test'"},
      {"Angle", "<a@b.test>", "- - 'a' 'b.test'"},
      {"Name", "Anna  Berg <a@b.test>", "'Anna Berg' - 'a' 'b.test'"},
      {"QuotedName", "\"Berg, \\\"Anna\\\"\" <a@b.test>", "'Berg, \"Anna\"' - 'a' 'b.test'"},
      {"EncodedName", "=?utf-8?q?M=C3=BCller?= <a@b.test>", "'=?utf-8?q?M=C3=BCller?=' - 'a' 'b.test'"},
      {"CommentIsName", "a@b.test (Anna (B) Berg)", "'Anna (B) Berg' - 'a' 'b.test'"},
      {"LastComment", "(one) a@b.test (two)", "'two' - 'a' 'b.test'"},
      {"Two", "a@b.test, c@d.test", "- - 'a' 'b.test'; - - 'c' 'd.test'"},
      {"Route", "<@r.test,@s.test:a@b.test>", "- '@r.test,@s.test' 'a' 'b.test'"},
      {"BrokenRoute", "<@r.test a@b.test>", "- 'INVALID_ROUTE' 'a' 'b.test'"},
      {"Group", "friends: a@b.test, c@d.test;",
       "- - 'friends' -; - - 'a' 'b.test'; - - 'c' 'd.test'; - - - -"},
      {"EmptyGroup", "undisclosed-recipients:;", "- - 'undisclosed-recipients' -; - - - -"},
      {"GroupWithoutEnd", "friends: a@b.test", "- - 'friends' -; - - 'a' 'b.test'; - - - -"},
      {"NoDomain", "anna", "- - 'anna' 'MISSING_DOMAIN'"},
      {"OnlyPhrase", "Anna Berg", "'Anna Berg' - 'MISSING_MAILBOX' 'MISSING_DOMAIN'"},
      {"NullPath", "<>", "- - 'MISSING_MAILBOX' 'MISSING_DOMAIN'"},
      {"NoClosingAngle", "Anna <a@b.test", "'Anna' - 'a' 'SYNTAX_ERROR'"},
      {"Literal", "a@[192.0.2.1]", "- - 'a' '[192.0.2.1]'"},
      {"DotsAnywhere", "a..b@c.test", "- - 'a..b' 'c.test'"},
      {"Folded", "\"Anna\n Berg\"\n <a@b.test>", "'Anna Berg' - 'a' 'b.test'"},
      {"Eight", "M\xC3\xBCller <m\xFC@b.test>", "'M\xC3\xBCller' - 'm\xFC' 'b.test'"},
      {"StopsAtGarbage", "a@b.test; c@d.test", "- - 'a' 'b.test'"},
      {"Nothing", "", ""},
      {"OnlyComment", "(nobody)", ""},
      {"UnclosedComment", "(nobody", ""},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(shown(row.value), row.expected);
  }
}

TEST(AddressList, ReplacesNul) {
  using std::string_view_literals::operator""sv;
  EXPECT_EQ(shown("\"a\0b\" <c@d.test>"sv),
            "'a\xEF\xBF\xBD"
            "b' - 'c' 'd.test'");
}

TEST(AddressList, EndsAtAnEscapeWithoutCharacter) {
  EXPECT_EQ(shown("\"a\\"), "- - 'MISSING_MAILBOX' 'MISSING_DOMAIN'");
  EXPECT_EQ(shown("a@[b\\"), "- - 'a' 'MISSING_DOMAIN'");
  EXPECT_EQ(shown("a@b.test (c\\"), "- - 'a' 'MISSING_DOMAIN'");
}

TEST(AddressList, IsLinear) {
  std::string nested(200'000, '(');
  EXPECT_EQ(shown(nested), "");
  std::string many;
  for (int i = 0; i < 50'000; ++i) many += "a b (c) <d@e.test>, \"f\": g@h.test;, ";
  EXPECT_EQ(read_addresses(many).size(), 200'000u);
}

TEST(AddressList, WritesAHeaderAgain) {
  const auto again = [](std::string_view value) { return to_text(read_addresses(value)); };
  EXPECT_EQ(again("a@b.test (Anna)"), "Anna <a@b.test>");
  EXPECT_EQ(again("Anna Berg <a@b.test>,c@d.test"), "\"Anna Berg\" <a@b.test>, <c@d.test>");
  EXPECT_EQ(again("\"Pat O'Hara\" <\"a b\"@c.test>"), "\"Pat O\\'Hara\" <\"a b\"@c.test>");
  EXPECT_EQ(again("=?utf-8?q?a?= b <c@d.test>"), "=?utf-8?q?a?= b <c@d.test>");
  EXPECT_EQ(again("friends: a@b.test;, x: ;"), "friends: <a@b.test>;, x:;");
  EXPECT_EQ(again("\"\": <@r.test:a@b.test>;"), "\"\": <@r.test:a@b.test>;");
}

}  // namespace
}  // namespace privet::imap
