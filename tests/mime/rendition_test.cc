#include "mime/rendition.h"

#include <gtest/gtest.h>

namespace privet::mime {
namespace {

using namespace std::string_literals;

TEST(WithoutTags, DropsTagsAndComments) {
  EXPECT_EQ(without_tags("a<b>b</b><!-- <x> -->c<IMG src=\"x\">d"), "abcd");
}

TEST(WithoutTags, ReadsQuotedAttributesAsBrowsersDo) {
  EXPECT_EQ(without_tags("a<a title=\"x>y\" alt = '>'>b</a>"), "ab");
  EXPECT_EQ(without_tags("it<a>'</a>s <i x'>y"), "it's y");
}

TEST(WithoutTags, BreaksLinesWhereReadersSeeLines) {
  EXPECT_EQ(without_tags("<div>Von: x<br/>An:\r\ny</div>"), "\nVon: x\nAn:  y\n");
  EXPECT_EQ(without_tags("<tr><td>a</td><td>b"), "\n a  b");
}

TEST(WithoutTags, KeepsAngleBracketsThatAreNoTags) {
  EXPECT_EQ(without_tags("1 < 2 <3 > <@"), "1 < 2 <3 > <@");
}

TEST(WithoutTags, DropsWhatNeverEnds) {
  EXPECT_EQ(without_tags("a<b href='x"), "a");
  EXPECT_EQ(without_tags("a<!-- b"), "a");
}

TEST(WithoutEntities, ReadsNumbersAndNames) {
  EXPECT_EQ(without_entities("a&#64;b&#x40;c&#X40;d&commat;e&lt;f&gt;&period;"), "a@b@c@d@e<f>.");
  EXPECT_EQ(without_entities("&#228;&#x20ac;&#x1F600;"), "ä€😀");
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

TEST(Renditions, UndoEachLayerOnTopOfTheOther) {
  EXPECT_EQ(renditions("a&#37;40b"), (std::vector<std::string>{"a@b"}));
  EXPECT_EQ(renditions("<b>x</b>&amp;")[1], "x&");
  EXPECT_EQ(renditions("a\\@b\\nc")[1], "a@b\nc");
}

}  // namespace
}  // namespace privet::mime
