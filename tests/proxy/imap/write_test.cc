#include "proxy/imap/write.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy/imap/response.h"
#include "proxy/limits.h"

namespace privet::imap {
namespace {

/// What `write` writes with a Writer of that form.
template <class Write>
std::string written(Write write, LiteralForm form = LiteralForm::Response) {
  std::string out;
  Writer writer(out, form);
  write(writer);
  return out;
}

std::string astring(std::string_view bytes, LiteralForm form = LiteralForm::Response) {
  return written([bytes](Writer& writer) { writer.astring(bytes); }, form);
}

TEST(Writer, WritesACommand) {
  const std::vector<std::uint32_t> uids = {1, 2, 3, 7, 9, 10};
  EXPECT_EQ(written([&](Writer& writer) {
              writer.tag("a7").words(" UID FETCH ").set(uids).words(" (UID FLAGS)").end();
            }),
            "a7 UID FETCH 1:3,7,9:10 (UID FLAGS)\r\n");
}

TEST(Writer, ChoosesTheFormOfAString) {
  struct {
    std::string_view name, bytes, wire;
  } const kRows[] = {
      {"Atom", "INBOX.a-b_1", "INBOX.a-b_1"},
      {"Empty", "", R"("")"},
      {"Nil", "nil", R"("nil")"},
      {"Blank", "a b", R"("a b")"},
      {"Brackets", "[Gmail]/x", R"("[Gmail]/x")"},
      {"Wildcards", "a%*", R"("a%*")"},
      {"QuotesAndBackslash", R"(a"b\c)", R"("a\"b\\c")"},
      {"BraceAtTheEnd", "a{5}", R"("a{5}")"},
      {"LineBreak", "a\r\nb", "{4}\r\na\r\nb"},
      {"LineFeed", "a\nb", "{3}\r\na\nb"},
      {"EightBit", "\xc3\xbc", "{2}\r\n\xc3\xbc"},
      {"Tab", "a\tb", "{3}\r\na\tb"},
      {"Delete", "\x7f", "{1}\r\n\x7f"},
      {"Nul", std::string_view("a\0b", 3), std::string_view("{3}\r\na\0b", 8)},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(astring(row.bytes), row.wire);
  }
  const std::string longest(limits::kImapQuoted, 'x');
  EXPECT_EQ(astring(longest), longest);
  EXPECT_EQ(astring(longest + "x"), "{1025}\r\n" + longest + "x");
}

TEST(Writer, WritesNilOnlyForNothing) {
  EXPECT_EQ(written([](Writer& writer) { writer.nstring(std::nullopt); }), "NIL");
  EXPECT_EQ(written([](Writer& writer) { writer.nstring(""); }), R"("")");
  EXPECT_EQ(written([](Writer& writer) { writer.nstring("NIL"); }), R"("NIL")");
}

TEST(Writer, WaitsWhereTheUpstreamHasToAllowALiteral) {
  const std::string small(limits::kImapLiteralMinus, 'x');
  const std::string large = small + "x";
  struct {
    std::string_view name;
    LiteralForm form;
    const std::string& bytes;
    std::string_view head;
    bool waits;
  } const kRows[] = {
      {"Response", LiteralForm::Response, large, "{4097}\r\n", false},
      {"Synchronising", LiteralForm::Synchronising, small, "{4096}\r\n", true},
      {"Minus", LiteralForm::Minus, small, "{4096+}\r\n", false},
      {"MinusAboveItsLimit", LiteralForm::Minus, large, "{4097}\r\n", true},
      {"Plus", LiteralForm::Plus, large, "{4097+}\r\n", false},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    std::string out = "before";
    Writer writer(out, row.form);
    writer.literal(row.bytes);
    EXPECT_EQ(out, "before" + std::string(row.head) + row.bytes);
    ASSERT_EQ(writer.waits().size(), row.waits ? 1u : 0u);
    if (row.waits) EXPECT_EQ(writer.waits()[0], out.size() - row.bytes.size());
  }
}

TEST(Writer, WaitsForEachLiteral) {
  std::string out;
  Writer writer(out, LiteralForm::Synchronising);
  writer.tag("a").words(" LOGIN ").astring("\xc3\xbc").words(" ").astring("a\nb").end();
  EXPECT_EQ(out, "a LOGIN {2}\r\n\xc3\xbc {3}\r\na\nb\r\n");
  ASSERT_EQ(writer.waits().size(), 2u);
  EXPECT_EQ(out.substr(0, writer.waits()[0]), "a LOGIN {2}\r\n");
  EXPECT_EQ(out.substr(writer.waits()[1]), "a\nb\r\n");
}

TEST(Writer, SendsNoNulToAnUpstream) {
  EXPECT_EQ(astring(std::string_view("a\0b", 3), LiteralForm::Plus), "{3+}\r\na?b");
}

TEST(Writer, LeavesOutWhatIsNoFlag) {
  const auto flags = [](std::initializer_list<std::string_view> list) {
    const std::vector<std::string_view> all(list);
    return written([&](Writer& writer) { writer.flags(all); });
  };
  EXPECT_EQ(flags({"\\Seen", "$Private", "a+b", "\\*"}), "(\\Seen $Private a+b \\*)");
  EXPECT_EQ(flags({}), "()");
  EXPECT_EQ(flags({"a b", "\"q\"", "x)", "", "\\", "\\\\x", "a\r\nb", "\xff", "x]", "ok", "*"}), "(ok)");
}

TEST(Writer, LetsNoTextOrTagEndTheLine) {
  EXPECT_EQ(written([](Writer& writer) { writer.text("a\r\nb\x1b\xff"); }), "a??b??");
  EXPECT_EQ(written([](Writer& writer) { writer.tag("a]1"); }), "a]1");
  for (const std::string_view tag : {"", "a b", "a\r\n", "+", "a+", "*", "\xff", "\""}) {
    EXPECT_EQ(written([tag](Writer& writer) { writer.tag(tag); }), "*");
  }
}

TEST(Writer, WritesDates) {
  EXPECT_EQ(written([](Writer& writer) { writer.date({.year = 1994, .month = 2, .day = 1}); }), "1-Feb-1994");
  const DateTime time{
      .date = {.year = 1996, .month = 7, .day = 17}, .hour = 2, .minute = 44, .second = 25, .zone = -420};
  EXPECT_EQ(written([&](Writer& writer) { writer.date_time(time); }), R"("17-Jul-1996 02:44:25 -0700")");
}

TEST(Writer, AsksForSections) {
  const auto section = [](const Section& section) {
    return written([&](Writer& writer) { writer.words("[").section(section).words("]"); });
  };
  EXPECT_EQ(section({}), "[]");
  EXPECT_EQ(section({.text = SectionText::Header}), "[HEADER]");
  EXPECT_EQ(section({.part = {1, 20}}), "[1.20]");
  EXPECT_EQ(section({.part = {2}, .text = SectionText::Mime, .spec = "2.mime] x"}), "[2.MIME]");
  EXPECT_EQ(section({.text = SectionText::HeaderFields, .fields = {"To", "X Y", "a]"}}),
            R"([HEADER.FIELDS (To "X Y" "a]")])");
  EXPECT_EQ(section({.part = {1}, .text = SectionText::HeaderFieldsNot, .fields = {"To"}}),
            "[1.HEADER.FIELDS.NOT (To)]");
}

TEST(Writer, WritesExpressionsAsTheyAre) {
  struct {
    std::string_view name, expression, wire;
  } const kRows[] = {
      {"Same", R"(("a" NIL ((NIL "\"" "x" "y"))))", R"(("a" NIL ((NIL "\"" "x" "y"))))"},
      {"Literal", "({4}\r\n\r\n)( \"x\")", "({4}\r\n\r\n)( \"x\")"},
      {"LiteralAtTheEnd", "({2}\r\n\r\n", "({2}\r\n\r\n"},
      {"LiteralInALiteral", "({4}\r\n{9}\r\n)", "({4}\r\n{9}\r?)"},
      {"LineBreak", "(\"a\r\nb\")", "(\"a??b\")"},
      {"BareOnes", "(\"a\rb\nc\")", "(\"a?b?c\")"},
      {"Nul", std::string_view("(\"a\0b\")", 7), "(\"a?b\")"},
      {"LiteralTooLarge", "({9}\r\nab)", "({9}??ab)"},
      {"BareLineFeedBehindALiteral", "({2}\nab)", "({2}?ab)"},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(written([&](Writer& writer) { writer.expression(row.expression); }), row.wire);
  }
}

TEST(Writer, IsReadAgain) {
  const std::string body = "From: a@b\r\n\r\n) UID 9";
  std::string out;
  Writer writer(out, LiteralForm::Response);
  writer.words("* ")
      .number(4294967295)
      .words(" FETCH (BODY[] ")
      .literal(body)
      .words(" UID ")
      .number(7)
      .words(")");
  const auto response = parse_response({.text = out});
  ASSERT_TRUE(response.has_value());
  const auto& fetch = std::get<Fetch>(*response);
  EXPECT_EQ(fetch.data.uid, 7u);
  ASSERT_EQ(fetch.data.sections.size(), 1u);
  EXPECT_EQ(fetch.data.sections[0].bytes, body);
}

TEST(Writer, AnnouncesALiteralThatOthersSend) {
  EXPECT_EQ(written([](Writer& writer) { writer.words("BODY[] ").literal_head(9223372036854775807); }),
            "BODY[] {9223372036854775807}\r\n");
}

TEST(Fitting, SplitsALongSet) {
  std::vector<std::uint32_t> odd(20'000);
  for (std::size_t i = 0; i < odd.size(); ++i) odd[i] = static_cast<std::uint32_t>(4'000'000'000 + 2 * i);
  std::size_t sent = 0;
  std::size_t commands = 0;
  for (std::span<const std::uint32_t> rest = odd; !rest.empty(); ++commands) {
    const std::size_t count = fitting(rest, limits::kImapCommandSent);
    const auto set = written([&](Writer& writer) { writer.set(rest.first(count)); });
    ASSERT_LE(set.size(), limits::kImapCommandSent);
    if (count < rest.size()) EXPECT_GT(set.size() + 11, limits::kImapCommandSent) << "one more would not fit";
    rest = rest.subspan(count);
    sent += count;
  }
  EXPECT_EQ(sent, odd.size());
  EXPECT_EQ(commands, 27u);
}

TEST(Fitting, CountsARunAsOne) {
  std::vector<std::uint32_t> all(100'000);
  std::iota(all.begin(), all.end(), 1u);
  EXPECT_EQ(fitting(all, 8), all.size()) << "1:100000";
  EXPECT_EQ(fitting(all, 7), 1u) << "at least one";
  EXPECT_EQ(fitting(std::vector<std::uint32_t>{1, 3, 4, 9}, 5), 3u) << "1,3:4";
  EXPECT_EQ(fitting(std::vector<std::uint32_t>{4294967294, 4294967295}, 100), 2u);
  EXPECT_EQ(fitting({}, 100), 0u);
}

}  // namespace
}  // namespace privet::imap
