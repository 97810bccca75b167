#include "proxy/imap/fetch_data.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace privet::imap {
namespace {

const std::string kText = R"(("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 1152 23))";
const std::string kEnvelope =
    R"((NIL "a message (rfc822" ((NIL NIL "message" "rfc822")) NIL NIL NIL NIL NIL NIL NIL))";
const std::string kMessage =
    R"(("message" "RFC822" NIL NIL NIL "7BIT" 342 )" + kEnvelope + " " + kText + " 9)";

TEST(BodyStructure, FindsMessagesInIt) {
  struct {
    std::string_view name;
    std::string list;
    bool has;
  } const kRows[] = {
      {"Text", kText, false},
      {"Multipart", "(" + kText + kText + R"( "MIXED" ("BOUNDARY" "x") NIL NIL))", false},
      {"Message", kMessage, true},
      {"MessageAmongParts", "(" + kText + " " + kMessage + R"( "MIXED"))", true},
      {"MessageDeepDown", "((" + kText + "((" + kText + kMessage + R"() "DIGEST") "ALTERNATIVE") "MIXED"))",
       true},
      {"MessageBehindAMultipart", "((" + kText + R"( "ALTERNATIVE"))" + kMessage + R"( "MIXED"))", true},
      {"Global", R"((("message" "global" NIL NIL NIL "8BIT" 3) "MIXED"))", true},
      {"Partial", R"(("message" "partial" ("id" "x") NIL NIL "7BIT" 3))", true},
      {"Report", "(" + kText + R"(("message" "delivery-status" NIL NIL NIL "7BIT" 3) "REPORT"))", false},
      {"AsLiterals", "(({7}\r\nmessage {6}\r\nrfc822 NIL) \"MIXED\")", true},
      {"NamesThatOnlyLookLikeIt", R"(("text" "rfc822" ("message" "rfc822") NIL "message" "7BIT" 1 2))",
       false},
      {"DispositionThatLooksLikeIt",
       R"((("text" "plain" NIL NIL NIL "7BIT" 1 2 NIL ("message" ("rfc822" "x")) NIL) "MIXED" NIL ("message" NIL)))",
       false},
      {"ManyBlanks", R"(( ( "text"  "plain" )  "mixed" ) )", false},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(body_structure_has_message(row.list), row.has);
  }
}

TEST(BodyStructure, TakesForAMessageWhatItDoesNotUnderstand) {
  for (const std::string_view list :
       {"", "x", "()", "(", R"(("text"))", R"(("text" "plain")", R"((("text" "plain"))",
        R"(("text" "plain") x)", R"(("text" ("plain")))", R"((NIL "plain"))", "(\"text",
        R"((("text" "plain") ("text" "plain")))"}) {
    EXPECT_TRUE(body_structure_has_message(list)) << list;
  }
}

TEST(BodyStructure, DoesNotMindDepth) {
  constexpr std::size_t kDeep = 100'000;
  std::string list(kDeep, '(');
  EXPECT_TRUE(body_structure_has_message(list));
  list += R"("text" "plain")";
  for (std::size_t i = 1; i < kDeep; ++i) list += R"() "mixed")";
  EXPECT_FALSE(body_structure_has_message(list + ")"));
}

}  // namespace
}  // namespace privet::imap
