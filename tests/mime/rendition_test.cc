#include "mime/rendition.h"

#include <gtest/gtest.h>

namespace privet::mime {
namespace {

using namespace std::string_literals;

TEST(WithoutEntities, ReadsNumbersAndNames) {
  EXPECT_EQ(without_entities("a&#64;b&#x40;c&#X40;d&commat;e&lt;f&gt;&period;"), "a@b@c@d@e<f>.");
  EXPECT_EQ(without_entities("&#228;&#x20ac;&#x1F600;"), "ä€😀");
}

TEST(WithoutEntities, ReadsInvisibleOnes) {
  for (const char* name :
       {"lrm", "rlm", "ZeroWidthSpace", "NoBreak", "InvisibleComma", "ic", "shy", "zwj", "zwnj"})
    EXPECT_EQ(without_disguise(without_entities("a&" + std::string(name) + ";b")), "ab") << name;
}

TEST(WithoutEntities, ReadsOldOnesWithoutTheirSemicolon) {
  EXPECT_EQ(without_entities("a&ltb&ampc"), "a<b&c");
}

TEST(WithoutEntities, ReplacesUnknownOnesWhenAsked) {
  EXPECT_EQ(without_entities("a&unheardOf;b&c &;", ""), "ab&c &;");
}

TEST(WithoutEntities, KeepsWhatIsNoReference) {
  for (const char* text :
       {"a & b", "&", "&#;", "&#x;", "&nonsense;", "&#0;", "&#1114112;", "&#99999999999999999999;"}) {
    EXPECT_EQ(without_entities(text), text);
  }
}

TEST(WithoutPercentEscapes, UndoesTwoLayers) {
  EXPECT_EQ(without_percent_escapes("a%40b%2540c"), "a@b@c");
  EXPECT_EQ(without_percent_escapes("100% %4 %zz %"), "100% %4 %zz %");
}

TEST(WithoutDisguise, DropsInvisibleCharacters) {
  EXPECT_EQ(without_disguise("a\u200bb\u00adc\ufeffd\u2060e\u202ef\u200d"), "abcdef");
  EXPECT_EQ(without_disguise("b\0o\0b\0"s), "bob");
}

TEST(WithoutDisguise, DropsInvisibleCharactersOfFourBytes) {
  EXPECT_EQ(without_disguise("a\U000E0020b\U000E0100c\u180fd\ufe0fe"), "abcde");
}

TEST(WithoutDisguise, MakesLookAlikesAscii) {
  EXPECT_EQ(without_disguise("ｂｏｂ＠ａ．ｂ\ufe6bc\u3002d\u00a0e"), "bob@a.b@c.d e");
}

TEST(WithoutDisguise, KeepsOtherBytes) {
  for (const char* text : {"größe\r\n\t", "差出人", "\xff\xc3", "\xef\xbc", "😀"})
    EXPECT_EQ(without_disguise(text), text);
}

TEST(Unfolded, JoinsContinuedLines) {
  EXPECT_EQ(unfolded("ATTENDEE:mailto:b\r\n ob@acme.test\r\nEND\n"), "ATTENDEE:mailto:bob@acme.test\nEND\n");
}

TEST(Unflowed, JoinsLinesThatEndInABlank) {
  EXPECT_EQ(unflowed("> bo \r\n> b@acme. \r\ntest \nx\r\ny "), "> bob@acme.testx\r\ny ");
  EXPECT_EQ(unflowed("a \r\n"), "a");
}

TEST(AnyRendition, UndoesWhatOnlyASearchDoes) {
  const auto has = [](const char* text, std::string_view wanted) {
    return any_rendition(text, [wanted](std::string_view rendition) { return rendition == wanted; });
  };
  EXPECT_TRUE(has("a<p>b&nonsense;c", "abc"));
  EXPECT_TRUE(has("a<b>b&nonsense;c", "a b c"));
  EXPECT_TRUE(has("a\\40 b\\u0040c\\'40d", "a@b@c@d"));
  EXPECT_FALSE(has("plain", "plain"));
}

TEST(Renditions, UndoEachLayerOnTopOfTheOther) {
  EXPECT_EQ(renditions("a&#37;40b"), (std::vector<std::string>{"a@b"}));
  EXPECT_EQ(renditions("<b>x</b>&amp;")[1], "x&");
  EXPECT_EQ(renditions("a\\@b\\nc")[1], "a@b\nc");
}

}  // namespace
}  // namespace privet::mime
