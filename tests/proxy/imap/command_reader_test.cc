#include "proxy/imap/command_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace privet::imap {
namespace {

using namespace std::string_literals;

TEST(CommandReader, ReadsStringsInAllTheirForms) {
  struct Row {
    std::string_view name;
    std::string text;
    std::string value;
    std::string rest;
  };
  const Row rows[] = {
      {"Atom", "abc def", "abc", " def"},
      {"AtomWithBracket", "[a]b)", "[a]b", ")"},
      {"Quoted", "\"a b\" c", "a b", " c"},
      {"QuotedEmpty", "\"\"", "", ""},
      {"Escapes", R"("a\"b\\c")", R"(a"b\c)", ""},
      {"EightBit", "\"\xc3\xbc\xff\"", "\xc3\xbc\xff", ""},
      {"LooksLikeALiteral", "\"pass {1}\"", "pass {1}", ""},
      {"Literal", "{3}\r\na\"b c", "a\"b", " c"},
      {"LiteralThatDoesNotWait", "{3+}\r\nabc", "abc", ""},
      {"LiteralWithLineEnd", "{4}\r\na\r\nb", "a\r\nb", ""},
      {"LiteralEmpty", "{0}\r\n x", "", " x"},
      {"LiteralWithZeros", "{003}\r\nabc", "abc", ""},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    CommandReader reader(row.text);
    EXPECT_EQ(reader.astring(), row.value);
    EXPECT_EQ(reader.rest(), row.rest);
    EXPECT_EQ(CommandReader(row.text).secret().value().reveal(), row.value);
  }
}

TEST(CommandReader, RefusesBrokenStrings) {
  for (const std::string& text :
       {""s, " a"s, "(a)"s, "\"a"s, "\"a\\"s, "\"a\\n\""s, "\"a\rb\""s, "\"a\nb\""s, "\"a\0b\""s,
        "{3}\r\nab"s, "{3}abc"s, "{}\r\n"s, "{-1}\r\n"s, "{1\r\na"s, "{18446744073709551615}\r\na"s,
        "{18446744073709551616}\r\na"s, "{1}\r\n\0"s, "\xc3\xbc"s}) {
    EXPECT_FALSE(CommandReader(text).astring().has_value()) << text;
    EXPECT_FALSE(CommandReader(text).secret().has_value()) << text;
  }
}

TEST(CommandReader, TellsNilFromStrings) {
  const auto nil = CommandReader("nil").nstring();
  ASSERT_TRUE(nil.has_value());
  EXPECT_FALSE(nil->has_value());
  EXPECT_EQ(CommandReader("\"NIL\"").nstring().value(), "NIL");
  EXPECT_FALSE(CommandReader("NILS").nstring().has_value());
}

TEST(CommandReader, TakesWordsWhole) {
  CommandReader reader("Return (x)");
  EXPECT_FALSE(reader.word("RET"));
  EXPECT_FALSE(reader.word("RETURNS"));
  EXPECT_TRUE(reader.word("RETURN"));
  EXPECT_EQ(reader.rest(), " (x)");
}

TEST(CommandReader, ReadsNumbersWithinTheirLimit) {
  EXPECT_EQ(CommandReader("12a").number(12), 12u);
  EXPECT_FALSE(CommandReader("13").number(12).has_value());
  EXPECT_FALSE(CommandReader("99999999999999999999").number(~0ULL).has_value());
  EXPECT_FALSE(CommandReader("a").number(12).has_value());
  EXPECT_FALSE(CommandReader("+1").number(12).has_value());
}

TEST(CommandReader, WantsAnAnnouncedLiteralAtTheEnd) {
  EXPECT_EQ(CommandReader("{10}").announced_literal(), 10u);
  EXPECT_EQ(CommandReader("{10+}").announced_literal(), 10u);
  EXPECT_FALSE(CommandReader("{10}\r\n").announced_literal().has_value());
  EXPECT_FALSE(CommandReader("~{10}").announced_literal().has_value());
}

TEST(CommandReader, ReadsLists) {
  const auto count = [](std::string_view text, std::size_t least) {
    CommandReader reader(text);
    int items = 0;
    const bool read = reader.list(least, [&] {
      ++items;
      return !reader.atom().empty();
    });
    return read && reader.at_end() ? items : -1;
  };
  EXPECT_EQ(count("(a b)", 1), 2);
  EXPECT_EQ(count("( a  b ) ", 1), 2);
  EXPECT_EQ(count("()", 0), 0);
  EXPECT_EQ(count("()", 1), -1);
  EXPECT_EQ(count("(a", 1), -1);
  EXPECT_EQ(count("(a,b", 1), -1);
  EXPECT_EQ(count("(", 0), -1);
  EXPECT_EQ(count("( ", 0), -1);
  EXPECT_EQ(count("a", 1), -1);
}

}  // namespace
}  // namespace privet::imap
