#include "proxy/imap/fetch_item.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "mime/limits.h"
#include "proxy/imap/command_reader.h"
#include "proxy/limits.h"

namespace privet::imap {
namespace {

using Kind = FetchItem::Kind;

/// nullopt also where something is left.
std::optional<std::vector<FetchItem>> read(std::string_view text) {
  CommandReader reader(text);
  auto items = read_fetch_items(reader);
  return reader.at_end() ? items : std::nullopt;
}

TEST(FetchItem, ReadsNamesInAnyCase) {
  EXPECT_EQ(read("uid"), (std::vector<FetchItem>{{.kind = Kind::Uid}}));
  EXPECT_EQ(read("(UID Flags RFC822.SIZE InternalDate ENVELOPE BODY BODYSTRUCTURE ModSeq)"),
            (std::vector<FetchItem>{{.kind = Kind::Uid},
                                    {.kind = Kind::Flags},
                                    {.kind = Kind::Rfc822Size},
                                    {.kind = Kind::InternalDate},
                                    {.kind = Kind::Envelope},
                                    {.kind = Kind::Body},
                                    {.kind = Kind::BodyStructure},
                                    {.kind = Kind::ModSeq}}));
}

TEST(FetchItem, ExpandsMacros) {
  const std::vector<FetchItem> fast{
      {.kind = Kind::Flags}, {.kind = Kind::InternalDate}, {.kind = Kind::Rfc822Size}};
  std::vector<FetchItem> all = fast;
  all.push_back({.kind = Kind::Envelope});
  std::vector<FetchItem> full = all;
  full.push_back({.kind = Kind::Body});
  EXPECT_EQ(read("fast"), fast);
  EXPECT_EQ(read("ALL"), all);
  EXPECT_EQ(read("Full"), full);
  EXPECT_FALSE(read("(ALL)").has_value());
}

TEST(FetchItem, ReadsSections) {
  struct Row {
    std::string_view name;
    std::string_view text;
    Section section;
    std::string_view answer;
  };
  const Row rows[] = {
      {"Message", "BODY[]", {}, "BODY[]"},
      {"Lower", "body[text]", {.text = SectionText::Text, .spec = "text"}, "BODY[text]"},
      {"Part", "BODY[1.2]", {.part = {1, 2}, .spec = "1.2"}, "BODY[1.2]"},
      {"Header", "BODY[HEADER]", {.text = SectionText::Header, .spec = "HEADER"}, "BODY[HEADER]"},
      {"HeaderOfPart",
       "BODY[3.HEADER]",
       {.part = {3}, .text = SectionText::Header, .spec = "3.HEADER"},
       "BODY[3.HEADER]"},
      {"Mime", "BODY[1.MIME]", {.part = {1}, .text = SectionText::Mime, .spec = "1.MIME"}, "BODY[1.MIME]"},
      {"Fields",
       "BODY[HEADER.FIELDS (To \"CC\")]",
       {.text = SectionText::HeaderFields, .fields = {"To", "CC"}, .spec = "HEADER.FIELDS (To \"CC\")"},
       "BODY[HEADER.FIELDS (To \"CC\")]"},
      {"FieldsNot",
       "BODY[2.Header.Fields.Not (SUBJECT)]",
       {.part = {2},
        .text = SectionText::HeaderFieldsNot,
        .fields = {"SUBJECT"},
        .spec = "2.Header.Fields.Not (SUBJECT)"},
       "BODY[2.Header.Fields.Not (SUBJECT)]"},
      {"FieldAsLiteral",
       "BODY[HEADER.FIELDS ({2}\r\nTo {3+}\r\na\"\\)]",
       {.text = SectionText::HeaderFields,
        .fields = {"To", "a\"\\"},
        .spec = "HEADER.FIELDS (\"To\" \"a\\\"\\\\\")"},
       "BODY[HEADER.FIELDS (\"To\" \"a\\\"\\\\\")]"},
      {"ManyBlanks",
       "BODY[HEADER.FIELDS  ( To  Cc )]",
       {.text = SectionText::HeaderFields, .fields = {"To", "Cc"}, .spec = "HEADER.FIELDS (To Cc)"},
       "BODY[HEADER.FIELDS (To Cc)]"},
      {"LargestPart", "BODY[4294967295]", {.part = {4294967295}, .spec = "4294967295"}, "BODY[4294967295]"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const auto items = read(row.text);
    ASSERT_TRUE(items.has_value());
    EXPECT_EQ(*items, (std::vector<FetchItem>{{.kind = Kind::Section, .section = row.section}}));
    EXPECT_EQ(items->front().answer_name(), row.answer);
  }
}

TEST(FetchItem, ReadsPartials) {
  const auto items = read("BODY.PEEK[TEXT]<0.100>");
  ASSERT_TRUE(items.has_value());
  EXPECT_TRUE(items->front().peek);
  EXPECT_EQ(items->front().partial, (Partial{0, 100}));
  EXPECT_EQ(items->front().answer_name(), "BODY[TEXT]<0>");
  EXPECT_EQ(read("BODY[]<9223372036854775807.1>")->front().partial, (Partial{9223372036854775807, 1}));
}

TEST(FetchItem, AnswersOldItemsUnderTheirNames) {
  for (const std::string_view name : {"RFC822", "RFC822.HEADER", "RFC822.TEXT", "RFC822.SIZE"}) {
    EXPECT_EQ(read(name)->front().answer_name(), name);
  }
  const auto peek = read("RFC822.peek");
  ASSERT_TRUE(peek.has_value());
  EXPECT_EQ(peek->front(), (FetchItem{.kind = Kind::Rfc822, .peek = true}));
  EXPECT_EQ(peek->front().answer_name(), "RFC822");
}

TEST(FetchItem, KnowsWhatSetsSeen) {
  for (const std::string_view text : {"BODY[]", "BODY[HEADER]", "BODY[1]<0.1>", "RFC822", "RFC822.TEXT"}) {
    EXPECT_TRUE(read(text)->front().sets_seen()) << text;
  }
  for (const std::string_view text :
       {"BODY.PEEK[]", "RFC822.PEEK", "RFC822.HEADER", "BODY", "ENVELOPE", "UID"}) {
    EXPECT_FALSE(read(text)->front().sets_seen()) << text;
  }
}

TEST(FetchItem, RefusesEverythingElse) {
  for (const std::string_view text : {"",
                                      "()",
                                      "X-GUID",
                                      "X-MAILBOX",
                                      "X-REAL-UID",
                                      "X-SAVEDATE",
                                      "X-GM-MSGID",
                                      "X-GM-LABELS",
                                      "EMAILID",
                                      "THREADID",
                                      "SAVEDATE",
                                      "PREVIEW",
                                      "PREVIEW (LAZY)",
                                      "SNIPPET",
                                      "BINARY[]",
                                      "BINARY.PEEK[1]",
                                      "BINARY.SIZE[1]",
                                      "ANNOTATION",
                                      "BODY.PEEK",
                                      "BODYSTRUCTURE[]",
                                      "RFC822[]",
                                      "BODY[",
                                      "BODY[]<0>",
                                      "BODY[]<0.0>",
                                      "BODY[]<.1>",
                                      "BODY[]<-1.1>",
                                      "BODY[]<0.1",
                                      "BODY[]<9223372036854775808.1>",
                                      "BODY<0.1>",
                                      "BODY[0]",
                                      "BODY[01]",
                                      "BODY[1.]",
                                      "BODY[1..2]",
                                      "BODY[.1]",
                                      "BODY[1.0]",
                                      "BODY[4294967296]",
                                      "BODY[MIME]",
                                      "BODY[1TEXT]",
                                      "BODY[TEXT.1]",
                                      "BODY[HEADER.FIELDS]",
                                      "BODY[HEADER.FIELDS ()]",
                                      "BODY[HEADER.FIELDS To]",
                                      "BODY[HEADER.FIELDS(To)]",
                                      "BODY[HEADER.FIELDS (\"\")]",
                                      "BODY[HEADER.FIELDS (\"a b\")]",
                                      "BODY[HEADER.FIELDS ({4}\r\nT\r\nX)]",
                                      "BODY[HEADER.FIELDS (\"\xc3\xbc\")]",
                                      "BODY[HEADER (To)]",
                                      "BODY[ TEXT]",
                                      "(UID",
                                      "(UID FLAGS",
                                      "UID FLAGS",
                                      "(UID,FLAGS)",
                                      "((UID))"}) {
    EXPECT_FALSE(read(text).has_value()) << text;
  }
}

TEST(FetchItem, RefusesTooMany) {
  std::string text = "(UID";
  for (std::size_t i = 1; i < limits::kImapFetchItems; ++i) text += " UID";
  EXPECT_TRUE(read(text + ")").has_value());
  EXPECT_FALSE(read(text + " UID)").has_value());
}

TEST(FetchItem, RefusesPartsTooDeep) {
  std::string part = "1";
  for (std::size_t i = 1; i < mime::limits::kMimeDepth; ++i) part += ".1";
  EXPECT_TRUE(read("BODY[" + part + "]").has_value());
  EXPECT_FALSE(read("BODY[" + part + ".1]").has_value());
}

}  // namespace
}  // namespace privet::imap
