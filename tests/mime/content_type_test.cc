#include "mime/content_type.h"

#include <gtest/gtest.h>

namespace privet::mime {
namespace {

struct Row {
  const char* name;
  const char* value;
  const char* type;
  const char* parameter;
  const char* expected;
};

void PrintTo(const Row& row, std::ostream* out) {
  *out << row.name;
}

class ContentTypeReads : public testing::TestWithParam<Row> {};

TEST_P(ContentTypeReads, TypeAndParameter) {
  const Result<ContentType> read = parse_content_type(GetParam().value);
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->type, GetParam().type);
  EXPECT_EQ(read->parameter(GetParam().parameter), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ContentTypeReads,
    testing::Values(
        Row{"Plain", " text/plain; charset=utf-8", "text/plain", "charset", "utf-8"},
        Row{"UpperCase", "TEXT/Html; CharSet=UTF-8", "text/html", "charset", "UTF-8"},
        Row{"Folded", " multipart/mixed;\r\n\tboundary=\"a b\"", "multipart/mixed", "boundary", "a b"},
        Row{"BlanksAroundEquals", "text/plain ; charset = us-ascii ", "text/plain", "charset", "us-ascii"},
        Row{"CharsetInSingleQuotes", "text/plain; charset='utf-8'", "text/plain", "charset", "utf-8"},
        Row{"SingleQuotesElsewhere", "text/plain; name='utf-8'", "text/plain", "name", "'utf-8'"},
        Row{"NameWithBlank", "attachment; filename=Offer 2026.pdf ; size=4", "attachment", "filename",
            "Offer 2026.pdf"},
        Row{"NameWithFold", "application/pdf; name=Offer\r\n 2026.pdf", "application/pdf", "name",
            "Offer 2026.pdf"},
        Row{"NameWithParentheses", "application/pdf; name=R(1).pdf", "application/pdf", "name", "R(1).pdf"},
        Row{"NameWithComma", "application/pdf; name=Doe, John.pdf", "application/pdf", "name",
            "Doe, John.pdf"},
        Row{"NoName", "application/pdf; name=; x=y", "application/pdf", "name", ""},
        Row{"StrayParameters", "attachment; ; filename=a.pdf", "attachment", "filename", "a.pdf"},
        Row{"NoDisposition", "; filename=a.pdf", "", "filename", "a.pdf"},
        Row{"BlanksAroundSlash", "multipart / mixed; boundary=x", "multipart/mixed", "boundary", "x"},
        Row{"UnquotedEquals", "multipart/mixed; boundary=----=_Part_1", "multipart/mixed", "boundary",
            "----=_Part_1"},
        Row{"FinalSemicolon", "text/plain; charset=utf-8;", "text/plain", "charset", "utf-8"},
        Row{"EmptyParameter", "text/plain;; charset=utf-8", "text/plain", "charset", "utf-8"},
        Row{"SemicolonInQuotes", "multipart/mixed; boundary=\"a;b\"", "multipart/mixed", "boundary", "a;b"},
        Row{"EscapedQuoteInName", "text/plain; name=\"a\\\"b\"", "text/plain", "name", "a\"b"},
        Row{"FoldInQuotes", "text/plain; name=\"a\r\n b\"", "text/plain", "name", "a b"},
        Row{"Continued", "attachment; filename*0=\"ab\"; filename*1=cd", "attachment", "filename", "abcd"},
        Row{"ContinuedInAnyOrder", "attachment; filename*1=cd; filename*0=ab", "attachment", "filename",
            "abcd"},
        Row{"Percent", "attachment; filename*=iso-8859-1'de'%E4.txt", "attachment", "filename", "ä.txt"},
        Row{"PercentContinued", "attachment; filename*0*=utf-8''%C3; filename*1*=%A4; filename*2=%20",
            "attachment", "filename", "ä%20"},
        Row{"BothFormsOfAName", "attachment; filename=a; filename*=utf-8''b", "attachment", "filename", "b"},
        Row{"RawUtf8Name", "attachment; filename=ä.txt", "attachment", "filename", "ä.txt"},
        Row{"EmptyQuotedValue", "text/plain; name=\"\"", "text/plain", "name", ""}),
    [](const auto& row) { return row.param.name; });

class ContentTypeRefuses : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(ContentTypeRefuses, WhatReadersCouldTakeDifferently) {
  EXPECT_FALSE(parse_content_type(GetParam().second));
}

INSTANTIATE_TEST_SUITE_P(
    Table, ContentTypeRefuses,
    testing::Values(std::pair{"Empty", ""}, std::pair{"Blank", "  "}, std::pair{"NoSubtype", "text/; a=b"},
                    std::pair{"GarbageBehindType", "text/plain charset=utf-8"},
                    std::pair{"NoEquals", "text/plain; charset"},
                    std::pair{"NoValue", "text/plain; charset="},
                    std::pair{"UnclosedQuote", "multipart/mixed; boundary=\"a"},
                    std::pair{"UnclosedComment", "text/plain (a"},
                    std::pair{"CommentBeforeType", "(text/html) application/octet-stream"},
                    std::pair{"CommentBehindType", "multipart/mixed (; boundary=b;) ; boundary=a"},
                    std::pair{"CommentBeforeValue", "multipart/mixed; boundary=(x)abc"},
                    std::pair{"CommentBehindValue", "text/plain; charset=us-ascii (d)"},
                    std::pair{"CommentBehindQuotedName", "text/plain; name=\"a\" (d)"},
                    std::pair{"BlankInBoundary", "multipart/mixed; boundary=a b"},
                    std::pair{"NameOfTwoKinds", "attachment; filename=a.eml b.pdf"},
                    std::pair{"NameOfAnotherKindWithoutItsComment", "attachment; filename=a.e(x)ml"},
                    std::pair{"ParameterInName", "multipart/mixed; name=a boundary=b; boundary=c"},
                    std::pair{"QuoteInName", "attachment; filename=a \"b; filename*=utf-8''c\""},
                    std::pair{"CommentAcrossParameters", "multipart/mixed; name=a(; boundary=b; x=\")\""},
                    std::pair{"UnopenedCommentInName", "attachment; filename=a).pdf"},
                    std::pair{"GarbageBehindQuote", "multipart/mixed; boundary=\"a\"b"},
                    std::pair{"CommaInValue", "multipart/mixed; boundary=a,b"},
                    std::pair{"ParameterTwice", "multipart/mixed; boundary=a; Boundary=a"},
                    std::pair{"EscapedBoundary", "multipart/mixed; boundary=\"a\\b\""},
                    std::pair{"ContinuedBoundary", "multipart/mixed; boundary*0=a; boundary*1=b"},
                    std::pair{"PercentBoundary", "multipart/mixed; boundary*=''a"},
                    std::pair{"TwoBoundaries", "multipart/mixed; boundary=a; boundary*=''b"},
                    std::pair{"ContinuedCharset", "text/plain; charset*0=utf-; charset*1=7"},
                    std::pair{"MissingPiece", "attachment; filename*0=a; filename*2=c"},
                    std::pair{"PieceTwice", "attachment; filename*0=a; filename*0*=b"},
                    std::pair{"LeadingZeroPiece", "attachment; filename*00=a"},
                    std::pair{"NoCharset", "attachment; filename*=abc"},
                    std::pair{"BrokenPercent", "attachment; filename*=utf-8''%4"},
                    std::pair{"UnknownCharset", "attachment; filename*=x-none''a"}),
    [](const auto& row) { return row.param.first; });

TEST(ContentType, AnswersEmptyForAnUnknownParameter) {
  EXPECT_EQ(ContentType{}.parameter("charset"), "");
}

}  // namespace
}  // namespace privet::mime
