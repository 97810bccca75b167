#include "proxy/imap/rendition.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string_view>
#include <vector>

namespace privet::imap {
namespace {

constexpr Need kHeader{.header = true};
constexpr Need kStream{.header = true, .text = true};
constexpr Need kItem{.item = true};
constexpr Need kNothing{};

Need need(std::vector<std::uint32_t> part, SectionText text, Root root) {
  FetchItem item;
  item.kind = FetchItem::Kind::Section;
  item.section = {.part = std::move(part), .text = text, .fields = {"To"}, .spec = {}};
  return need_of(item, root);
}

Need need(FetchItem::Kind kind) {
  FetchItem item;
  item.kind = kind;
  return need_of(item, Root::Single);
}

TEST(Rendition, AnswersHeaderItemsFromTheHeader) {
  EXPECT_EQ(need(FetchItem::Kind::Envelope), kHeader);
  EXPECT_EQ(need(FetchItem::Kind::Rfc822Header), kHeader);
  for (const Root root : {Root::Single, Root::Message, Root::Multipart}) {
    EXPECT_EQ(need({}, SectionText::Header, root), kHeader);
    EXPECT_EQ(need({}, SectionText::HeaderFields, root), kHeader);
    EXPECT_EQ(need({}, SectionText::HeaderFieldsNot, root), kHeader);
  }
}

TEST(Rendition, MakesTheWholeMessageOfHeaderAndText) {
  EXPECT_EQ(need({}, SectionText::All, Root::Single), kStream);
  EXPECT_EQ(need(FetchItem::Kind::Rfc822), kStream);
}

TEST(Rendition, PassesWhatTheHeaderDoesNotChange) {
  using Kind = FetchItem::Kind;
  for (const Kind kind :
       {Kind::Uid, Kind::Flags, Kind::InternalDate, Kind::Body, Kind::BodyStructure, Kind::ModSeq})
    EXPECT_EQ(need(kind), kItem);
  EXPECT_EQ(need({}, SectionText::Text, Root::Single), kItem);
  EXPECT_EQ(need(Kind::Rfc822Text), Need{.text = true});
  EXPECT_EQ(need(Kind::Rfc822Size), Need{.size = true});
}

TEST(Rendition, NeverAsksForTheMimeHeaderThatIsTheMessagesOwn) {
  EXPECT_EQ(need({1}, SectionText::Mime, Root::Single), kHeader);
  EXPECT_EQ(need({1}, SectionText::Mime, Root::Message), kHeader);
  EXPECT_EQ(need({1}, SectionText::Mime, Root::Multipart), kItem);
  EXPECT_EQ(need({2}, SectionText::Mime, Root::Multipart), kItem);
}

TEST(Rendition, KnowsThatASinglePartHasNoOther) {
  EXPECT_EQ(need({1}, SectionText::All, Root::Single), kItem);
  EXPECT_EQ(need({2}, SectionText::All, Root::Single), kNothing);
  EXPECT_EQ(need({1, 1}, SectionText::All, Root::Single), kNothing);
  EXPECT_EQ(need({2}, SectionText::Mime, Root::Single), kNothing);
  for (const SectionText text :
       {SectionText::Header, SectionText::HeaderFields, SectionText::HeaderFieldsNot, SectionText::Text})
    EXPECT_EQ(need({1}, text, Root::Single), kNothing);
}

TEST(Rendition, LooksIntoAMessageThatIsTheWholeContent) {
  EXPECT_EQ(need({1}, SectionText::All, Root::Message), kItem);
  EXPECT_EQ(need({1}, SectionText::Header, Root::Message), kItem);
  EXPECT_EQ(need({1, 2}, SectionText::Mime, Root::Message), kItem);
  EXPECT_EQ(need({2}, SectionText::Header, Root::Message), kNothing);
}

TEST(Rendition, ReadsTheRootOfABodyStructure) {
  EXPECT_EQ(root_of("((\"text\" \"plain\" NIL NIL NIL \"7bit\" 1 1)(\"text\" \"html\") \"mixed\")"),
            Root::Multipart);
  EXPECT_EQ(root_of("(\"MESSAGE\" \"rfc822\" NIL NIL NIL \"7bit\" 1)"), Root::Message);
  EXPECT_EQ(root_of("(\"message\" \"global\" NIL)"), Root::Message);
  EXPECT_EQ(root_of("(\"message\" \"delivery-status\" NIL)"), Root::Single);
  EXPECT_EQ(root_of("(\"text\" \"plain\" NIL)"), Root::Single);
  EXPECT_EQ(root_of("NIL"), Root::Single);
  EXPECT_EQ(root_of(""), Root::Single);
}

}  // namespace
}  // namespace privet::imap
