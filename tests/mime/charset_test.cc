#include "mime/charset.h"

#include <gtest/gtest.h>

namespace privet::mime {
namespace {

using namespace std::string_literals;

TEST(Charset, ConvertsToUtf8) {
  struct Row {
    const char* charset;
    std::string bytes;
    const char* text;
  };
  const Row rows[] = {
      {"", "abc", "abc"},
      {"us-ascii", "M\xC3\xBCller", "Müller"},
      {"UTF-8", "M\xC3\xBCller", "Müller"},
      {"iso-8859-1", "M\xFCller", "Müller"},
      {"Windows-1252", "\x80 5", "€ 5"},
      {"iso-8859-15", "\xA4", "€"},
      {"koi8-r", "\xED\xC9\xD2", "Мир"},
      {"gb2312", "\xC4\xE3", "你"},
      {"ks_c_5601-1987", "\xC7\xD1", "한"},
      {"Shift_JIS", "\x93\xFA", "日"},
      {"iso-2022-jp", "\x1B$BF|\x1B(B", "日"},
      {"utf-7", "a+AEA-b", "a@b"},
      {"utf-16", "\xFE\xFF\0b\0@"s, "b@"},
      {"utf-16le", "b\0@\0"s, "b@"},
  };
  for (const Row& row : rows) EXPECT_EQ(to_utf8(row.bytes, row.charset), row.text) << row.charset;
}

TEST(Charset, ReplacesWrongBytesAndGoesOn) {
  EXPECT_EQ(to_utf8("a\xFF@b", "utf-8"), "a\uFFFD@b");
  EXPECT_EQ(to_utf8("a\xC3", "utf-8"), "a\uFFFD");
  EXPECT_EQ(to_utf8("\xC0\xAF\xED\xA0\x80", "utf-8"), "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(to_utf8("a\xFF\xFF@b", "shift_jis"), "a\uFFFD\uFFFD@b");
  EXPECT_EQ(to_utf8("a\x93", "shift_jis"), "a\uFFFD");
  EXPECT_EQ(to_utf8("\0"s, "utf-16be"), "\uFFFD");
}

TEST(Charset, ConvertsMoreThanOneBuffer) {
  const std::string bytes(100'000, '\xFC');
  const auto text = to_utf8(bytes, "iso-8859-1");
  ASSERT_TRUE(text.has_value());
  EXPECT_EQ(text->size(), 200'000U);
  EXPECT_TRUE(is_utf8(*text));
}

TEST(Charset, RefusesUnknownNamesAndIconvOptions) {
  for (const std::string& name : {"x-unknown"s, "utf-8//IGNORE"s, "iso-8859-1/"s, "../x"s, "utf 8"s,
                                  "utf-8\0"s, std::string(10'000, 'a')}) {
    EXPECT_EQ(to_utf8("abc", name), std::nullopt) << name.substr(0, 40);
  }
}

TEST(Utf8, KnowsWellFormedCharacters) {
  EXPECT_EQ(utf8_length(""), 0U);
  EXPECT_EQ(utf8_length("ab"), 1U);
  EXPECT_EQ(utf8_length("é"), 2U);
  EXPECT_EQ(utf8_length("€"), 3U);
  EXPECT_EQ(utf8_length("😀"), 4U);
  EXPECT_TRUE(is_utf8("aé€😀"));
  for (const char* bad : {"\x80", "\xC1\x81", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
                          "\xF4\x90\x80\x80", "\xF5", "\xE2\x82", "\xF0\x9F\x98"}) {
    EXPECT_FALSE(is_utf8(bad));
  }
}

TEST(Charset, ReadsTwoByteTextBothWaysWithoutAByteOrderMark) {
  using namespace std::string_literals;
  EXPECT_TRUE(to_utf8("\0a\0b"s, "UTF-16")->starts_with("ab\n"));
  EXPECT_TRUE(to_utf8("a\0b\0"s, "utf-16")->ends_with("\nab"));
  EXPECT_EQ(to_utf8("\xff\xfe"
                    "a\0"s,
                    "utf-16"),
            "a");
  EXPECT_EQ(to_utf8("\0a"s, "utf-16be"), "a");
}

TEST(Charset, GivesUtf8AlsoWhereIconvDoesNot) {
  const auto text = to_utf8("a\xf9\xbc\x93\x93\x9a z", "utf(8");
  ASSERT_TRUE(text);
  EXPECT_TRUE(is_utf8(*text));
  EXPECT_TRUE(text->starts_with("a"));
  EXPECT_TRUE(text->ends_with(" z"));
}

}  // namespace
}  // namespace privet::mime
