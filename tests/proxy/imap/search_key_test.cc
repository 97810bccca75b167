#include "proxy/imap/search_key.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "proxy/imap/command_reader.h"
#include "proxy/limits.h"
#include "tests/support/imap_command.h"

namespace privet::imap {
namespace {

std::expected<SearchProgram, Refusal> read(const std::string& text) {
  const std::string frame = " " + text;
  CommandReader reader(frame);
  auto program = read_search(reader);
  if (program && !reader.at_end()) return std::unexpected(Refusal{"left"});
  return program;
}

TEST(SearchKey, ReadsEveryKeyOfTheAllowList) {
  struct Row {
    std::string_view text;
    std::string_view tree;  ///< as tests write it
  };
  const Row rows[] = {
      {"ALL", "ALL"},
      {"answered", "ANSWERED"},
      {"UNANSWERED", "NOT ANSWERED"},
      {"DELETED", "DELETED"},
      {"UNDELETED", "NOT DELETED"},
      {"DRAFT", "DRAFT"},
      {"UNDRAFT", "NOT DRAFT"},
      {"FLAGGED", "FLAGGED"},
      {"UNFLAGGED", "NOT FLAGGED"},
      {"SEEN", "SEEN"},
      {"UNSEEN", "NOT SEEN"},
      {"RECENT", "RECENT"},
      {"OLD", "NOT RECENT"},
      {"NEW", "(RECENT NOT SEEN)"},
      {"KEYWORD $Private", "KEYWORD $Private"},
      {"UNKEYWORD a", "NOT KEYWORD a"},
      {"BCC a", "BCC {1}\r\na"},
      {"BODY \"\"", "BODY {0}\r\n"},
      {"CC {3}\r\na b", "CC {3}\r\na b"},
      {"FROM \"a\\\"b\"", "FROM {3}\r\na\"b"},
      {"SUBJECT \"\xc3\xbc\"", "SUBJECT {2}\r\n\xc3\xbc"},
      {"TEXT a]", "TEXT {2}\r\na]"},
      {"TO a@b.example", "TO {11}\r\na@b.example"},
      {"HEADER Message-ID \"<1@b>\"", "HEADER {10}\r\nMessage-ID {5}\r\n<1@b>"},
      {"BEFORE 1-Feb-2024", "BEFORE 1-Feb-2024"},
      {"ON \"01-feb-2024\"", "ON 1-Feb-2024"},
      {"SINCE 29-Feb-2024", "SINCE 29-Feb-2024"},
      {"SENTBEFORE 1-Feb-2024", "SENTBEFORE 1-Feb-2024"},
      {"SENTON 1-Feb-2024", "SENTON 1-Feb-2024"},
      {"SENTSINCE 1-Feb-2024", "SENTSINCE 1-Feb-2024"},
      {"LARGER 0", "LARGER 0"},
      {"SMALLER 4294967296", "SMALLER 4294967296"},
      {"OLDER 86400", "OLDER 86400"},
      {"YOUNGER 1", "YOUNGER 1"},
      {"MODSEQ 0", "MODSEQ 0"},
      {"MODSEQ \"/flags/\\\\draft\" all 620162338", "MODSEQ 620162338"},
      {"1,3:*", "1,3:*"},
      {"*:*", "*"},
      {"$", "$"},
      {"UID 1:5", "UID 1:5"},
      {"NOT NOT SEEN", "NOT NOT SEEN"},
      {"OR SEEN NOT 1", "OR SEEN NOT 1"},
      {"201:300 NOT DELETED", "(201:300 NOT DELETED)"},
      {"(SEEN)", "SEEN"},
      {"((SEEN DRAFT))", "(SEEN DRAFT)"},
      {"OR (SEEN DRAFT) ( FLAGGED )", "OR (SEEN DRAFT) FLAGGED"},
      {"CHARSET utf-8 ALL", "ALL"},
      {"CHARSET \"US-ASCII\" TO a", "TO {1}\r\na"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.text);
    const auto program = read(std::string(row.text));
    ASSERT_TRUE(program.has_value()) << program.error().text;
    EXPECT_FALSE(program->result.has_value());
    EXPECT_EQ(test::write(program->key), row.tree);
    EXPECT_EQ(read(test::write(program->key)).value().key, program->key);
  }
}

TEST(SearchKey, ReadsReturnOptions) {
  EXPECT_EQ(read("RETURN () ALL").value().result, (SearchReturn{.all = true}));
  EXPECT_EQ(read("return (min MAX count) CHARSET UTF-8 ALL").value().result,
            (SearchReturn{.min = true, .max = true, .count = true}));
  EXPECT_EQ(read("RETURN (ALL COUNT) 1").value().result, (SearchReturn{.all = true, .count = true}));
}

TEST(SearchKey, RefusesWhatItDoesNotKnow) {
  for (const std::string text : {"",
                                 "FUZZY SUBJECT a",
                                 "X-GM-RAW a",
                                 "X-GM-LABELS a",
                                 "ANNOTATION a b c",
                                 "FILTER a",
                                 "EMAILID a",
                                 "THREADID a",
                                 "SAVEDBEFORE 1-Feb-2024",
                                 "INTHREAD a",
                                 "MIMEPART ALL",
                                 "RETURN (SAVE) ALL",
                                 "RETURN (PARTIAL 1:5) ALL",
                                 "RETURN (UPDATE) ALL",
                                 "RETURN (CONTEXT) ALL",
                                 "RETURN ALL ALL",
                                 "RETURN (ALL ALL",
                                 "RETURN (ALL)",
                                 "IN (mailboxes a) ALL",
                                 "CHARSET",
                                 "CHARSET UTF-8",
                                 "CHARSET () ALL",
                                 "0",
                                 "1:0",
                                 "1:",
                                 "UID",
                                 "UID $1",
                                 "UID a",
                                 "NOT",
                                 "OR SEEN",
                                 "OR SEEN ",
                                 "()",
                                 "(SEEN",
                                 "SEEN)",
                                 "(SEEN DRAFT",
                                 "KEYWORD",
                                 "KEYWORD \"a\"",
                                 "KEYWORD \\Seen",
                                 "TO",
                                 "TO (a)",
                                 "TO \"a",
                                 "TO {3}\r\nab",
                                 "HEADER a",
                                 "SUBJECT \"\xfc\"",
                                 "SUBJECT {2}\r\n\xc3\xc3",
                                 "BEFORE 30-Feb-2024",
                                 "BEFORE \"1-Feb-2024",
                                 "ON 2024-02-01",
                                 "LARGER",
                                 "LARGER -1",
                                 "LARGER 1K",
                                 "LARGER 9223372036854775808",
                                 "OLDER 0",
                                 "YOUNGER 4294967296",
                                 "MODSEQ",
                                 "MODSEQ \"/flags/a\" 5",
                                 "MODSEQ \"/flags/a\" some 5",
                                 "SEEN,DRAFT"}) {
    EXPECT_FALSE(read(text).has_value()) << text;
  }
}

TEST(SearchKey, RefusesNulInATextWithoutReadingOn) {
  EXPECT_FALSE(read(std::string("TO {3}\r\na\0b", 11)).has_value());
}

TEST(SearchKey, AnswersNoToAnotherCharset) {
  const auto program = read("CHARSET ISO-8859-1 TO a");
  ASSERT_FALSE(program.has_value());
  EXPECT_TRUE(program.error().no);
  EXPECT_EQ(program.error().text, "[BADCHARSET (US-ASCII UTF-8)] Charset not supported");
}

TEST(SearchKey, HoldsItsLimits) {
  std::string keys = "SEEN";
  for (std::size_t i = 1; i < limits::kImapSearchKeys; ++i) keys += " SEEN";
  EXPECT_TRUE(read(keys).has_value());
  EXPECT_FALSE(read(keys + " SEEN").has_value());

  // NEW is (RECENT NOT SEEN).
  std::string news = "NEW";
  for (std::size_t i = 1; i < limits::kImapSearchKeys / 4; ++i) news += " NEW";
  EXPECT_TRUE(read(news).has_value());
  EXPECT_FALSE(read(news + " SEEN").has_value());

  std::string nots;
  for (std::size_t i = 0; i < limits::kImapSearchDepth; ++i) nots += "NOT ";
  EXPECT_TRUE(read(nots + "SEEN").has_value());
  EXPECT_FALSE(read(nots + "UNSEEN").has_value());
  EXPECT_FALSE(read(nots + "NOT SEEN").has_value());
  EXPECT_FALSE(read(std::string(limits::kImapLine, '(')).has_value());

  std::string ors = "FROM a";
  for (std::size_t i = 1; i < limits::kImapSearchDepth; ++i) ors = "OR FROM a " + ors;
  EXPECT_TRUE(read(ors).has_value());
}

}  // namespace
}  // namespace privet::imap
