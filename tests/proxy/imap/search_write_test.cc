#include "proxy/imap/search_write.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace privet::imap {
namespace {

using Kind = SearchKey::Kind;

/// The one question about `tree`.
std::string written(const SearchKey& tree, Range scope = {5, 90}, bool extended = false) {
  const SearchPlan plan(tree);
  std::string out;
  Writer writer(out, LiteralForm::Plus);
  for (const SearchLeaf& leaf : plan.leaves()) write_search(writer, leaf, scope, extended);
  return out;
}

SearchKey flag(Kind kind) {
  return {.kind = kind};
}

TEST(SearchWrite, WritesEachKey) {
  const Date date{.year = 2024, .month = 2, .day = 1};
  struct {
    SearchKey key;
    std::string_view text;
  } const kRows[] = {
      {flag(Kind::Answered), "ANSWERED"},
      {flag(Kind::Deleted), "DELETED"},
      {flag(Kind::Draft), "DRAFT"},
      {flag(Kind::Flagged), "FLAGGED"},
      {flag(Kind::Seen), "SEEN"},
      {{.kind = Kind::Keyword, .text = "$Junk"}, "KEYWORD $Junk"},
      {{.kind = Kind::Keyword, .text = "a SEEN"}, "KEYWORD \"a SEEN\""},
      {{.kind = Kind::Bcc, .text = "a"}, "BCC a"},
      {{.kind = Kind::Body, .text = "a"}, "BODY a"},
      {{.kind = Kind::Cc, .text = "a"}, "CC a"},
      {{.kind = Kind::From, .text = "a"}, "FROM a"},
      {{.kind = Kind::Subject, .text = "a"}, "SUBJECT a"},
      {{.kind = Kind::Text, .text = "a"}, "TEXT a"},
      {{.kind = Kind::To, .text = "a"}, "TO a"},
      {{.kind = Kind::Header, .field = "X-A", .text = ""}, "HEADER X-A \"\""},
      {{.kind = Kind::Before, .date = date}, "BEFORE 1-Feb-2024"},
      {{.kind = Kind::On, .date = date}, "ON 1-Feb-2024"},
      {{.kind = Kind::Since, .date = date}, "SINCE 1-Feb-2024"},
      {{.kind = Kind::SentBefore, .date = date}, "SENTBEFORE 1-Feb-2024"},
      {{.kind = Kind::SentOn, .date = date}, "SENTON 1-Feb-2024"},
      {{.kind = Kind::SentSince, .date = date}, "SENTSINCE 1-Feb-2024"},
      {{.kind = Kind::Larger, .number = 9}, "LARGER 9"},
      {{.kind = Kind::Smaller, .number = 9}, "SMALLER 9"},
      {{.kind = Kind::Older, .number = 9}, "OLDER 9"},
      {{.kind = Kind::Younger, .number = 9}, "YOUNGER 9"},
      {{.kind = Kind::ModSeq, .number = 9}, "MODSEQ 9"},
  };
  for (const auto& row : kRows) EXPECT_EQ(written(row.key), "UID SEARCH UID 5:90 " + std::string(row.text));
}

TEST(SearchWrite, WritesTreesInPrefixForm) {
  const SearchKey seen = flag(Kind::Seen), draft = flag(Kind::Draft);
  const SearchKey group{.kind = Kind::And, .children = {seen, draft}};
  const SearchKey either{.kind = Kind::Or, .children = {group, {.kind = Kind::Not, .children = {seen}}}};
  EXPECT_EQ(written(group), "UID SEARCH UID 5:90 SEEN DRAFT");
  EXPECT_EQ(written(either), "UID SEARCH UID 5:90 OR (SEEN DRAFT) NOT SEEN");
}

TEST(SearchWrite, RestrictsToTheScope) {
  EXPECT_EQ(written(flag(Kind::Seen), {7, 7}), "UID SEARCH UID 7 SEEN");
  EXPECT_EQ(written(flag(Kind::Seen), {7, 8}, true), "UID SEARCH RETURN (ALL) UID 7:8 SEEN");
}

TEST(SearchWrite, NamesTheCharsetWhereItMatters) {
  const SearchKey umlaut{.kind = Kind::Subject, .text = "M\xC3\xBCller"};
  const SearchKey inside{.kind = Kind::Not, .children = {umlaut}};
  EXPECT_EQ(written(umlaut), "UID SEARCH CHARSET UTF-8 UID 5:90 SUBJECT {7+}\r\nM\xC3\xBCller");
  EXPECT_EQ(written(inside, {5, 90}, true),
            "UID SEARCH RETURN (ALL) CHARSET UTF-8 UID 5:90 NOT SUBJECT {7+}\r\nM\xC3\xBCller");
}

TEST(SearchWrite, LetsNoTextBecomeAKey) {
  EXPECT_EQ(written({.kind = Kind::From, .text = "a\" OR SEEN ("}),
            "UID SEARCH UID 5:90 FROM \"a\\\" OR SEEN (\"");
  EXPECT_EQ(written({.kind = Kind::From, .text = "a\r\nB LOGOUT"}),
            "UID SEARCH UID 5:90 FROM {11+}\r\na\r\nB LOGOUT");
}

TEST(SearchWrite, SaysTheResultThatWasAskedFor) {
  const auto said = [](const ESearch& result) {
    std::string line;
    Writer writer(line, LiteralForm::Response);
    write_result(writer, "a1", result);
    return line;
  };
  EXPECT_EQ(said({.uid = true, .all = {{3, 3}, {7, 9}}, .min = 3, .max = 9, .count = 4, .modseq = 12}),
            "* ESEARCH (TAG \"a1\") UID MIN 3 MAX 9 COUNT 4 ALL 3,7:9 MODSEQ 12\r\n");
  EXPECT_EQ(said({.count = 0}), "* ESEARCH (TAG \"a1\") COUNT 0\r\n");
  EXPECT_EQ(said({}), "* ESEARCH (TAG \"a1\")\r\n") << "nothing was found, and nobody asked how many";
}

}  // namespace
}  // namespace privet::imap
