#include "proxy/imap/fetch_plan.h"

#include <gtest/gtest.h>

#include <string>

namespace privet::imap {
namespace {

using Kind = FetchItem::Kind;

constexpr std::string_view kHeader = "From: a@x.example\r\nSubject: Hi\r\n\r\n";

FetchItem body(SectionText text, std::string spec, std::vector<std::uint32_t> part = {},
               std::optional<Partial> partial = {}) {
  return {.kind = Kind::Section,
          .section = {.part = std::move(part), .text = text, .spec = std::move(spec)},
          .partial = partial};
}

struct Planned {
  std::string asked;
  std::vector<FetchItem> rest;
};
Planned plan(std::vector<FetchItem> items, Root root = Root::Single) {
  Planned planned;
  const FetchPlan made(std::move(items), root, kHeader, planned.rest);
  planned.asked = made.upstream_items();
  return planned;
}

std::string answer(const FetchItem& item, const FetchData& said, Root root = Root::Single) {
  std::vector<FetchItem> rest;
  const FetchPlan made({item}, root, kHeader, rest);
  const Facts facts{
      .message = {.number = 2, .uid = 17},
      .header = kHeader,
      .note = {.size_change = static_cast<std::int32_t>(kHeader.size()) - 100, .marked_private = true}};
  std::string out;
  made.answer(out, 0, facts, said);
  return out;
}

FetchData text_of(std::string_view bytes) {
  FetchData data;
  data.sections.push_back({.item = "BODY",
                           .spec = "TEXT",
                           .content = FetchedSection::Content::Plain,
                           .bytes = bytes,
                           .size = bytes.size()});
  return data;
}

TEST(FetchPlan, AsksNothingWhereAllIsKnown) {
  EXPECT_EQ(plan({{.kind = Kind::Uid}, {.kind = Kind::Envelope}, body(SectionText::Header, "HEADER")}).asked,
            "");
  EXPECT_EQ(plan({body(SectionText::Mime, "1.MIME", {1})}).asked, "");
}

TEST(FetchPlan, AsksOnceAndNeverForTheHeader) {
  EXPECT_EQ(plan({{.kind = Kind::Flags}, {.kind = Kind::Rfc822Size}, body(SectionText::All, "")}).asked,
            "(UID FLAGS RFC822.SIZE BODY.PEEK[TEXT])");
  EXPECT_EQ(plan({{.kind = Kind::BodyStructure}, body(SectionText::All, "2", {2})}, Root::Multipart).asked,
            "(UID BODYSTRUCTURE BODY.PEEK[2])");
}

TEST(FetchPlan, AsksForASectionThatIsWantedTwiceAsARangeAndOnceMoreInAnotherQuestion) {
  const Planned planned =
      plan({body(SectionText::All, ""), {.kind = Kind::Rfc822Text}, body(SectionText::Text, "TEXT")});
  EXPECT_EQ(planned.asked, "(UID BODY.PEEK[TEXT] BODY.PEEK[TEXT]<0.4294967295>)");
  ASSERT_EQ(planned.rest.size(), 1u);
  EXPECT_EQ(planned.rest.front().section.spec, "TEXT");
}

TEST(FetchPlan, PutsTheRedactedHeaderInFrontOfTheText) {
  EXPECT_EQ(answer(body(SectionText::All, ""), text_of("Hello\r\n")),
            " BODY[] {41}\r\nFrom: a@x.example\r\nSubject: Hi\r\n\r\nHello\r\n");
}

TEST(FetchPlan, CountsTheRedactedSize) {
  EXPECT_EQ(answer({.kind = Kind::Rfc822Size}, {.rfc822_size = 107}), " RFC822.SIZE 41");
}

TEST(FetchPlan, CutsARangeOutOfHeaderAndText) {
  const FetchItem item = body(SectionText::All, "", {}, Partial{30, 9});
  EXPECT_TRUE(is_for_one({item}));
  std::vector<FetchItem> rest;
  const FetchPlan made({item}, Root::Single, kHeader, rest);
  EXPECT_EQ(made.upstream_items(), "(UID BODY.PEEK[TEXT]<0.5>)");
  FetchData said = text_of("Hello");
  said.sections.front().origin = 0;
  std::string out;
  made.answer(out, 0, {.header = kHeader}, said);
  EXPECT_EQ(out, " BODY[]<30> {9}\r\n\r\n\r\nHello");
}

TEST(FetchPlan, AnswersARangeWithinTheHeaderAlone) {
  const FetchItem item = body(SectionText::All, "", {}, Partial{0, 5});
  EXPECT_EQ(plan({item}).asked, "");
  EXPECT_EQ(answer(item, {}), " BODY[]<0> {5}\r\nFrom:");
}

TEST(FetchPlan, MarksPrivateMessagesAndHidesRecent) {
  FetchData said;
  said.flags = {"\\Seen", "\\Recent", "$private", "Work"};
  EXPECT_EQ(answer({.kind = Kind::Flags}, said), " FLAGS (\\Seen Work $Private)");
}

TEST(FetchPlan, SaysNothingOfWhatTheUpstreamDidNotSay) {
  EXPECT_EQ(answer({.kind = Kind::Flags}, {}), "");
  EXPECT_EQ(answer(body(SectionText::All, ""), {}), "");
}

TEST(FetchPlan, KnowsWhichItemsDependOnTheKindOfMessage) {
  EXPECT_TRUE(is_same_for_all({{.kind = Kind::Flags}, body(SectionText::All, "")}));
  EXPECT_FALSE(is_same_for_all({body(SectionText::Mime, "1.MIME", {1})}));
}

}  // namespace
}  // namespace privet::imap
