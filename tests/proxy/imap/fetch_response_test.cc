#include "proxy/imap/fetch_response.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "proxy/imap/response.h"

namespace privet::imap {
namespace {

using Content = FetchedSection::Content;

/// What `items` say, which stand in "* 12 FETCH items".
FetchData parse(std::string_view items) {
  ResponseReader reader(Frame{.text = items});
  FetchData data;
  const Result<void> read = parse_fetch_data(reader, false, data);
  EXPECT_TRUE(read.has_value() && reader.at_end()) << items << (read ? "" : read.error().what);
  return data;
}

TEST(FetchResponse, ReadsWhatAScanAsksFor) {
  const auto data =
      parse(R"((UID 4827313 FLAGS (\Seen $Forwarded) INTERNALDATE "17-Jul-1996 02:44:25 -0700" )"
            R"(RFC822.SIZE 4286 MODSEQ (624140003)))");
  EXPECT_EQ(data.uid, 4827313u);
  EXPECT_EQ(data.flags, (std::vector<std::string_view>{"\\Seen", "$Forwarded"}));
  EXPECT_EQ(data.internal_date, "17-Jul-1996 02:44:25 -0700");
  EXPECT_EQ(data.rfc822_size, 4286u);
  EXPECT_EQ(data.modseq, 624140003u);
}

TEST(FetchResponse, LeavesOutWhatIsNotThere) {
  const auto data = parse("(FLAGS ())");
  EXPECT_TRUE(data.flags && data.flags->empty());
  EXPECT_FALSE(data.uid || data.internal_date || data.rfc822_size || data.modseq || data.envelope ||
               data.body || data.body_structure);
  EXPECT_TRUE(data.sections.empty());
  EXPECT_TRUE(parse("()").sections.empty());
}

TEST(FetchResponse, KeepsListsAsSent) {
  const std::string envelope =
      "(\"Wed, 17 Jul 1996\" {6}\r\na\"b)(c ((\"T. \\\"G\\\"\" NIL \"gray\" \"x\")) NIL)";
  const std::string items =
      "(ENVELOPE " + envelope + R"( BODY ("TEXT" "PLAIN") BODYSTRUCTURE (("a" "b") "MIXED") UID 3))";
  const auto data = parse(items);
  EXPECT_EQ(data.envelope, envelope);
  EXPECT_EQ(data.body, R"(("TEXT" "PLAIN"))");
  EXPECT_EQ(data.body_structure, R"((("a" "b") "MIXED"))");
  EXPECT_EQ(data.uid, 3u);
}

TEST(FetchResponse, ReadsSections) {
  struct {
    std::string_view name, items, item, spec;
    std::optional<std::uint64_t> origin;
    Content content;
    std::string_view value;
  } const kRows[] = {
      {"Dovecot",
       "(BODY[HEADER.FIELDS (FROM TO)] {11}\r\nTo: a@b\r\n\r\n)",
       "BODY",
       "HEADER.FIELDS (FROM TO)",
       {},
       Content::Plain,
       "To: a@b\r\n\r\n"},
      {"QuotedFields",
       "(BODY[HEADER.FIELDS (\"To\" \"X]\")] \"x\")",
       "BODY",
       "HEADER.FIELDS (\"To\" \"X]\")",
       {},
       Content::Plain,
       "x"},
      {"LiteralField",
       "(BODY[HEADER.FIELDS ({3}\r\nT]o)] \"\")",
       "BODY",
       "HEADER.FIELDS ({3}\r\nT]o)",
       {},
       Content::Plain,
       ""},
      {"Empty", "(BODY[] {0}\r\n)", "BODY", "", {}, Content::Plain, ""},
      {"Partial", "(BODY[]<100000> {0}\r\n)", "BODY", "", 100000, Content::Plain, ""},
      {"PartialAsAsked", "(BODY[TEXT]<5.10> \"ab\")", "BODY", "TEXT", 5, Content::Plain, "ab"},
      {"Quoted", R"((BODY[TEXT] "a\"b\\"))", "BODY", "TEXT", {}, Content::Escaped, "a\"b\\"},
      {"Gone", "(BODY[] NIL)", "BODY", "", {}, Content::Nil, ""},
      {"Part", "(body[1.2.MIME] \"x\")", "body", "1.2.MIME", {}, Content::Plain, "x"},
      {"Binary",
       std::string_view("(BINARY[1] ~{3}\r\na\0b)", 21),
       "BINARY",
       "1",
       {},
       Content::Plain,
       std::string_view("a\0b", 3)},
      {"Rfc822", "(RFC822 {2}\r\n))UID 7)", "RFC822", "", {}, Content::Plain, "))"},
      {"Rfc822Header", "(RFC822.HEADER \"x\")", "RFC822.HEADER", "", {}, Content::Plain, "x"},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    const auto data = parse(row.items);
    ASSERT_EQ(data.sections.size(), 1u);
    const FetchedSection& section = data.sections[0];
    std::string scratch;
    EXPECT_EQ(section.item, row.item);
    EXPECT_EQ(section.spec, row.spec);
    EXPECT_EQ(section.origin, row.origin);
    EXPECT_EQ(section.content, row.content);
    EXPECT_EQ(section.value(scratch), row.value);
    EXPECT_EQ(section.size, row.value.size());
  }
}

TEST(FetchResponse, PutsUpWithServers) {
  struct {
    std::string_view name, items;
  } const kRows[] = {
      {"UidBehindABody", "(BODY[] {2}\r\nab UID 7)"},
      {"NoBlankBehindALiteral", "(BODY[] {2}\r\nabUID 7)"},
      {"LowerCase", "(uid 7)"},
      {"ManyBlanks", "  (  UID   7  )"},
      {"QuotedUid", "(UID \"7\")"},
      {"GmailLabels", R"((X-GM-LABELS ("\\Inbox" \Sent "a b" &AOQ-) X-GM-MSGID 1278455344230334865 UID 7))"},
      {"BinarySize", "(BINARY.SIZE[1.2] 5 UID 7)"},
      {"Preview", "(PREVIEW {5}\r\n(\"\\)) UID 7)"},
      {"ItemWithoutValue", "(UID 7 X-THING)"},
      {"SizeTooLarge", "(RFC822.SIZE 99999999999999999999999 UID 7)"},
      {"SizeNegative", "(RFC822.SIZE -1 UID 7)"},
      {"SizeNil", "(RFC822.SIZE NIL UID 7)"},
      {"NilEnvelope", "(ENVELOPE NIL BODYSTRUCTURE NIL INTERNALDATE NIL FLAGS NIL UID 7)"},
      {"ListAsBody", "(BODY[1] (\"x\") UID 7)"},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    const auto data = parse(row.items);
    EXPECT_EQ(data.uid, 7u);
    EXPECT_FALSE(data.rfc822_size || data.envelope || data.internal_date || data.flags);
  }
}

TEST(FetchResponse, ReadsModseqHoweverItIsWritten) {
  EXPECT_EQ(parse("(MODSEQ (9223372036854775807))").modseq, 9223372036854775807u);
  EXPECT_EQ(parse("(modseq ( 5 ))").modseq, 5u);
  EXPECT_EQ(parse("(MODSEQ 5)").modseq, 5u);
  EXPECT_EQ(parse("(MODSEQ NIL)").modseq, std::nullopt);
}

TEST(FetchResponse, KeepsOddFlags) {
  EXPECT_EQ(parse("(FLAGS ( \\seen  $a[b] \"a b\" \xe4\xb8 x\"y % ))").flags,
            (std::vector<std::string_view>{"\\seen", "$a[b]", "\"a b\"", "\xe4\xb8", "x\"y", "%"}));
}

TEST(FetchResponse, ReadsNumbersAboveExistsToo) {
  const Result<Response> response = parse_response({.text = "* 4294967295 FETCH (UID 9)"});
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(std::get<Fetch>(*response).number, 4294967295u);
}

TEST(FetchResponse, KnowsAStreamedLiteral) {
  const std::string_view text = "* 3 FETCH (FLAGS () BODY[]<0> {70000}\r\n UID 5 BODY[1] ~{80000}\r\n)";
  const std::vector<std::size_t> streamed = {text.find(" UID"), text.size() - 1};
  const Result<Response> response = parse_response({text, streamed});
  ASSERT_TRUE(response.has_value());
  const auto& data = std::get<Fetch>(*response).data;
  EXPECT_EQ(data.uid, 5u);
  ASSERT_EQ(data.sections.size(), 2u);
  EXPECT_EQ(data.sections[0].content, Content::Streamed);
  EXPECT_EQ(data.sections[0].size, 70000u);
  EXPECT_EQ(data.sections[1].size, 80000u);
}

TEST(FetchResponse, SaysWhatStandsBeforeALiteral) {
  const std::string_view text = "* 3 FETCH (UID 5 BODY[1] {70000}\r\n BODY[]<7> {80000}\r\n";
  const std::vector<std::size_t> streamed = {text.find(" BODY[]"), text.size()};
  const auto first = fetch_before_literal({text.substr(0, streamed[0]), std::span(streamed).first(1)});
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->number, 3u);
  EXPECT_EQ(first->data.uid, 5u);
  ASSERT_EQ(first->data.sections.size(), 1u);
  EXPECT_EQ(first->data.sections[0].spec, "1");
  const auto second = fetch_before_literal({text, streamed});
  ASSERT_TRUE(second.has_value());
  ASSERT_EQ(second->data.sections.size(), 2u);
  EXPECT_EQ(second->data.sections[1].origin, 7u);
  EXPECT_EQ(second->data.sections[1].size, 80000u);
}

TEST(FetchResponse, DoesNotTakeOtherLiteralsForSections) {
  for (const std::string_view text :
       {"* 3 FETCH (ENVELOPE (NIL {70000}\r\n", "* 3 FETCH (X {70000}\r\n",
        "* 3 FETCH (BINARY.SIZE[1] {70000}\r\n", "* 3 FETCH (BODY[HEADER.FIELDS ({70000}\r\n",
        "* 3 FETCH (BODY[1] NIL ENVELOPE {70000}\r\n", "* LIST () \"/\" {70000}\r\n",
        "* 0 FETCH (BODY[] {70000}\r\n", "a FETCH (BODY[] {70000}\r\n"}) {
    const std::vector<std::size_t> streamed = {text.size()};
    EXPECT_FALSE(fetch_before_literal({text, streamed}).has_value()) << text;
  }
}

TEST(FetchResponse, AnItemThatIsRepeatedWithAStreamedLiteralSaysNothingAnyMore) {
  const std::string text = "* 1 FETCH (UID 7 FLAGS (\\Seen) FLAGS ({9}\r\n))";
  const std::vector<std::size_t> streamed = {text.size() - 2};
  const Result<Response> response = parse_response({text, streamed});
  ASSERT_TRUE(response);
  const FetchData& data = std::get<Fetch>(*response).data;
  EXPECT_EQ(data.uid, 7u);
  EXPECT_FALSE(data.flags);
}

TEST(FetchResponse, RefusesAUidThatHoldsALiteralWhetherKeptOrStreamed) {
  const std::string_view kept = "* 1 FETCH (UID (6 {3}\r\nabc) FLAGS ())";
  EXPECT_FALSE(parse_response({kept}).has_value());
  const std::string_view text = "* 1 FETCH (UID (6 {70000}\r\n) FLAGS ())";
  const std::vector<std::size_t> streamed = {text.find(") FLAGS")};
  EXPECT_FALSE(parse_response({text, streamed}).has_value());
}

TEST(FetchResponse, RefusesASectionOfWhichAPartIsMissing) {
  const std::string_view text = "* 3 FETCH (BODY[HEADER.FIELDS ({70000}\r\n)] NIL)";
  const std::vector<std::size_t> streamed = {text.find('\n') + 1};
  EXPECT_FALSE(parse_response({text, streamed}).has_value());
}

TEST(FetchResponse, LeavesOutAnEnvelopeOfWhichAPartIsMissing) {
  const std::string_view text = "* 3 FETCH (ENVELOPE (NIL {70000}\r\n) UID 5)";
  const std::vector<std::size_t> streamed = {text.find('\n') + 1};
  const Result<Response> response = parse_response({text, streamed});
  ASSERT_TRUE(response.has_value());
  EXPECT_FALSE(std::get<Fetch>(*response).data.envelope);
  EXPECT_EQ(std::get<Fetch>(*response).data.uid, 5u);
}

}  // namespace
}  // namespace privet::imap
