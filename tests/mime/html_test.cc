#include "mime/html.h"

#include <gtest/gtest.h>

namespace privet::mime {
namespace {

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

TEST(WithoutTags, EndsCommentsWhereBrowsersDo) {
  for (const char* comment :
       {"<!-->", "<!--->", "<!-- x --!>", "<!-- -- > -->", "<!x=\">", "</ x='>", "<?x=\">", "</>"})
    EXPECT_EQ(without_tags("a" + std::string(comment) + "b"), "ab") << comment;
}

TEST(WithoutTags, DropsStylesAndScriptsAsShown) {
  EXPECT_EQ(without_tags("a<style>p{} </b></STYLE>b<script>x"), "ab");
}

TEST(WithoutTags, MakesEachTagTheSameWhenAsked) {
  EXPECT_EQ(without_tags("a<p>b<style>c</style>", Tags::Nothing), "abc");
  EXPECT_EQ(without_tags("a<p>b<b>c", Tags::Blank), "a b c");
}

}  // namespace
}  // namespace privet::mime
