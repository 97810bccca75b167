#include "mime/structure.h"

#include <gtest/gtest.h>

#include "mime/limits.h"
#include "tests/support/crlf.h"

namespace privet::mime {
namespace {

using testing_support::crlf;

/// One line per part: depth, type, and body length where there is nothing below it.
std::string outline(const Structure& structure) {
  std::string text;
  for (std::size_t i = 0; i < structure.parts.size(); ++i) {
    const Part& part = structure.parts[i];
    const bool is_leaf = i + 1 == structure.parts.size() || structure.parts[i + 1].depth <= part.depth;
    text += std::string(part.depth, ' ') + part.content_type.type;
    text += is_leaf ? " " + std::to_string(part.body.size()) + "\n" : "\n";
  }
  return text;
}

std::string outline(std::string_view content) {
  const Result<Structure> structure = parse_structure(crlf(content));
  return structure ? outline(*structure) : "error: " + structure.error().what;
}

std::string multipart(std::string_view boundary, std::string_view body, std::string_view subtype = "mixed") {
  return "Content-Type: multipart/" + std::string(subtype) + "; boundary=\"" + std::string(boundary) +
         "\"\n\n" + std::string(body);
}

TEST(Structure, TakesAMessageWithoutMimeAsPlainText) {
  EXPECT_EQ(outline("Subject: x\n\nabc\n"), "text/plain 5\n");
}

TEST(Structure, TakesAHeaderWithoutBodyAsAnEmptyPart) {
  EXPECT_EQ(outline("Subject: x\n"), "text/plain 0\n");
}

TEST(Structure, FindsPartsWithAndWithoutHeaders) {
  const std::string content =
      crlf(multipart("b", "preamble\n--b\n\none\n--b\nContent-Type: text/html\n\ntwo\n--b-- \nepilogue\n"));
  const Result<Structure> structure = parse_structure(content);
  ASSERT_TRUE(structure);
  ASSERT_EQ(structure->parts.size(), 3u);
  EXPECT_EQ(structure->parts[1].body, "one");
  EXPECT_EQ(structure->parts[2].body, "two");
  EXPECT_EQ(structure->parts[2].content_type.type, "text/html");
  EXPECT_EQ(structure->parts[0].body, structure->parts[0].header.body());
}

TEST(Structure, NestsMultiparts) {
  const std::string inner = multipart("in", "--in\n\na\n--in\n\nb\n--in--\n", "alternative");
  EXPECT_EQ(outline(multipart("out", "--out\n" + inner + "--out\n\nc\n--out--\n")),
            "multipart/mixed\n multipart/alternative\n  text/plain 1\n  text/plain 1\n text/plain 1\n");
}

TEST(Structure, EntersNestedMessages) {
  EXPECT_EQ(outline(multipart("b", "--b\nContent-Type: message/rfc822\n\nSubject: x\n\nabc\n--b--\n")),
            "multipart/mixed\n message/rfc822\n  text/plain 3\n");
}

TEST(Structure, MarksTheHeadersThatNameParties) {
  const std::string content =
      crlf(multipart("b", "--b\n\nx\n--b\nContent-Type: message/rfc822\n\nSubject: x\n\nabc\n--b--\n"));
  const Result<Structure> structure = parse_structure(content);
  ASSERT_TRUE(structure);
  std::vector<bool> marks;
  for (const Part& part : structure->parts) marks.push_back(part.is_message);
  EXPECT_EQ(marks, (std::vector<bool>{true, false, false, true}));
}

TEST(Structure, TakesPartsOfADigestAsMessages) {
  EXPECT_EQ(outline(multipart("b", "--b\n\nSubject: x\n\nabc\n--b--\n", "digest")),
            "multipart/digest\n message/rfc822\n  text/plain 3\n");
}

TEST(Structure, TakesNothingAsAnEmptyPart) {
  EXPECT_EQ(outline(multipart("b", "--b\n--b\nContent-Type: message/rfc822\n\n--b--\n")),
            "multipart/mixed\n text/plain 0\n message/rfc822\n  text/plain 0\n");
  EXPECT_EQ(outline(multipart("b", "--b\n--b--\n", "digest")),
            "multipart/digest\n message/rfc822\n  text/plain 0\n");
}

TEST(Structure, DecodesNestedMessages) {
  const std::string content = crlf(
      "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
      "U3ViamVjdDogeA0KDQphYmMNCg==\n");
  const Result<Structure> structure = parse_structure(content);
  ASSERT_TRUE(structure) << structure.error().what;
  ASSERT_EQ(structure->parts.size(), 2u);
  EXPECT_EQ(structure->parts[1].body, "abc\r\n");
  EXPECT_TRUE(structure->parts[1].is_message);
}

TEST(Structure, EntersNewsArticles) {
  EXPECT_EQ(outline("Content-Type: message/news\n\nSubject: x\n\nabc\n"), "message/news\n text/plain 5\n");
}

TEST(Structure, TakesReportsAsText) {
  EXPECT_EQ(outline("Content-Type: message/delivery-status\n\nAction: x\n"), "message/delivery-status 11\n");
}

TEST(Structure, TakesTextWithoutSubtypeAsPlain) {
  EXPECT_EQ(outline("Content-Type: text\n\nabc\n"), "text/plain 5\n");
}

TEST(Structure, ReadsAPrintableMultipartWithNothingToDecode) {
  EXPECT_EQ(outline("Content-Transfer-Encoding: quoted-printable\n" +
                    multipart("-=x", "---=x\nContent-Type: text/html; charset=utf-8\n\nx\n---=x--\n")),
            "multipart/mixed\n text/html 1\n");
}

TEST(Structure, TellsBoundariesThatBeginAlike) {
  const std::string inner = multipart("b-alt", "--b-alt\n\na\n--b-alt\n\nb\n--b-alt-- \n\n", "alternative");
  EXPECT_EQ(outline(multipart("b", "--b\n" + inner + "--b \n\nc\n--b--\n")),
            "multipart/mixed\n multipart/alternative\n  text/plain 1\n  text/plain 1\n text/plain 1\n");
  const std::string deep = multipart("b-1", "--b-1\n" + multipart("b-1-1", "--b-1-1\n\na\n") + "--b-1--\n");
  EXPECT_EQ(outline(multipart("b", "--b\n" + deep + "--b\n\nc\n--b--\n")),
            "multipart/mixed\n multipart/mixed\n  multipart/mixed\n   text/plain 1\n text/plain 1\n");
}

TEST(Structure, EndsAnUnterminatedMultipartWithTheMessage) {
  EXPECT_EQ(outline(multipart("b", "--b\n\nabc")), "multipart/mixed\n text/plain 3\n");
}

TEST(Structure, KeepsABoundaryOfASiblingAsText) {
  const std::string first = multipart("x1", "--x1\n\na\n--x1--\n");
  EXPECT_EQ(outline(multipart("out", "--out\n" + first + "--out\n\n--x1\n--out--\n")),
            "multipart/mixed\n multipart/mixed\n  text/plain 1\n text/plain 4\n");
}

struct Refused {
  const char* name;
  std::string content;
};
void PrintTo(const Refused& row, std::ostream* out) {
  *out << row.name;
}

class StructureRefuses : public testing::TestWithParam<Refused> {};

TEST_P(StructureRefuses, WhatReadersCouldSeeDifferently) {
  EXPECT_EQ(outline(GetParam().content).substr(0, 6), "error:");
}

INSTANTIATE_TEST_SUITE_P(
    Table, StructureRefuses,
    testing::Values(
        Refused{"NoBoundary", "Content-Type: multipart/mixed\n\n--\n\nx\n----\n"},
        Refused{"EmptyBoundary", multipart("", "--\n\nx\n----\n")},
        Refused{"BlankBehindBoundary", multipart("b ", "--b \n\nx\n--b --\n")},
        Refused{"LongBoundary", multipart(std::string(limits::kBoundaryBytes + 1, 'b'), "")},
        Refused{"NoParts", multipart("b", "text\n")}, Refused{"OnlyTheEnd", multipart("b", "--b--\n")},
        Refused{"NoSubtype", "Content-Type: multipart\n\nx\n"},
        Refused{"NoType", "Content-Type: ; charset=utf-8\n\nx\n"},
        Refused{"UnknownMessage", "Content-Type: message/rfc2822\n\nSubject: x\n\nx\n"},
        Refused{"CommentInContentType", "Content-Type: multipart/mixed; boundary=(x)b\n\n--b\n\nx\n--b--\n"},
        Refused{"BoundaryInAngleBrackets", multipart("<b>", "--<b>\n\nx\n--<b>--\n")},
        Refused{"BoundaryInSingleQuotes", multipart("'b'", "--'b'\n\nx\n--'b'--\n")},
        Refused{"BlankBeforeTheColonInAPart",
                multipart("b", "--b\nX-Y : z\nContent-Type: text/html\n\nx\n--b--\n")},
        Refused{"LineOfBlanksInThePartsHeader",
                multipart("b", "--b\nX-Y: z\n \nContent-Type: text/html\n\nx\n--b--\n")},
        Refused{"BlankBeforeTheColonInANestedMessage", "Content-Type: message/rfc822\n\nSubject : x\n\nx\n"},
        Refused{"TwoContentTypes", "Content-Type: text/plain\ncontent-type: text/plain\n\nx\n"},
        Refused{"TwoEncodings", "Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\n\nx\n"},
        Refused{"UnknownEncoding", "Content-Transfer-Encoding: x-uue\n\nx\n"},
        Refused{"EncodedMultipart",
                "Content-Transfer-Encoding: base64\n" + multipart("b", "--b\n\nx\n--b--\n")},
        Refused{"InnerBoundaryLikeOuter",
                multipart("b", "--b\n" + multipart("b", "--b\n\nx\n--b--\n") + "--b--\n")},
        Refused{"EscapesInAPrintableMultipart",
                "Content-Transfer-Encoding: quoted-printable\n" + multipart("b", "--b\n\nx=40\n--b--\n")},
        Refused{"PrintableMultipartInside",
                multipart("out", "--out\nContent-Transfer-Encoding: quoted-printable\n" +
                                     multipart("b", "--b\n\nx\n--b--\n") + "--out--\n")},
        Refused{"TextBetweenBoundariesThatBeginAlike",
                multipart("b", "--b\n" + multipart("bb", "--bb\n\nx\n--bb--\ny\n") + "--b--\n")},
        Refused{"LineLikeTheOuterOfTwoThatBeginAlike",
                multipart("b", "--b\n" + multipart("bb", "--bb\n\nx\n--bc\n--bb--\n") + "--b--\n")},
        Refused{"InnerBoundaryIsTheEndOfTheOuter",
                multipart("b", "--b\n" + multipart("b--", "--b--\n\nx\n--b----\n") + "--b--\n")},
        Refused{"InnerBoundaryBehindItsEnd",
                multipart("b", "--b\n" + multipart("bb", "--bb\n\nx\n--bb--\n") + "--b\n\n--bb\n--b--\n")},
        Refused{"OuterBoundaryExtendsInner",
                multipart("bb", "--bb\n" + multipart("b", "--b\n\nx\n--b--\n") + "--bb--\n")},
        Refused{"LineLikeABoundary", multipart("b", "--b\n\nx\n--bx\ny\n--b--\n")},
        Refused{"TextBehindTheEnd", multipart("b", "--b\n\nx\n--b--y\n")},
        Refused{"PartBehindTheEnd", multipart("b", "--b\n\nx\n--b--\n--b\n\ny\n--b--\n")},
        Refused{"PartWithoutEmptyLine", multipart("b", "--b\nContent-Type: text/html\n--b--\n")},
        Refused{"PartEndsInsideItsHeader", multipart("b", "--b\nContent-Type: text/html\n")},
        Refused{"PartWithoutFields", multipart("b", "--b\nhello\n\nx\n--b--\n")},
        Refused{"BareCarriageReturn", "Subject: x\n\na\rb\n"}),
    [](const auto& row) { return row.param.name; });

TEST(Structure, RefusesBareLineFeedAndNulInTheBody) {
  using namespace std::string_literals;
  EXPECT_FALSE(parse_structure("A: b\r\n\r\na\nb\r\n"));
  EXPECT_FALSE(parse_structure("A: b\r\n\r\na\0b\r\n"s));
}

TEST(Structure, RefusesPartsBeyondTheLimit) {
  std::string body;
  for (std::size_t i = 0; i < limits::kMimeParts - 1; ++i) body += "--b\n\nx\n";
  EXPECT_TRUE(parse_structure(crlf(multipart("b", body + "--b--\n"))));
  EXPECT_FALSE(parse_structure(crlf(multipart("b", body + "--b\n\nx\n--b--\n"))));
}

TEST(Structure, RefusesDepthBeyondTheLimit) {
  const auto nested = [](std::size_t depth) {
    std::string content;
    for (std::size_t i = 0; i < depth; ++i) content += "Content-Type: message/rfc822\n\n";
    return crlf(content + "Subject: x\n\nx\n");
  };
  EXPECT_TRUE(parse_structure(nested(limits::kMimeDepth)));
  EXPECT_FALSE(parse_structure(nested(limits::kMimeDepth + 1)));
}

TEST(Structure, RefusesNestedMessagesThatDecodeToMoreThanTheMessage) {
  std::string content = "Subject: x\r\n\r\n" + std::string(1000, 'x') + "\r\n";
  for (int i = 0; i < 3; ++i) {
    content = "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + content;
  }
  std::string escaped;
  for (const char c : content) escaped += c == '=' ? std::string("=3D") : std::string(1, c);
  EXPECT_FALSE(parse_structure(escaped));
}

TEST(Structure, ReadsDeepAndLargeContentInOnePass) {
  std::string content;
  for (int i = 0; i < 99; ++i) {
    const std::string boundary = "level" + std::to_string(1000 + i);
    content += multipart(boundary, "--" + boundary + "\n");
  }
  content = crlf(content + "\n");
  for (int i = 0; i < 1'000'000; ++i) content += "--l\r\n";
  const Result<Structure> structure = parse_structure(content);
  ASSERT_TRUE(structure) << structure.error().what;
  EXPECT_EQ(structure->parts.size(), 100u);
}

TEST(Structure, DecodesNestedMessagesStrictly) {
  for (const char* rest :
       {"base64\n\nU3ViamVjdDogeA0KDQo=\n____\n", "quoted-printable\n\nSubject: x=\n\na=b\n"}) {
    EXPECT_EQ(
        outline("Content-Type: message/rfc822\nContent-Transfer-Encoding: " + std::string(rest)).substr(0, 6),
        "error:");
  }
}

TEST(DecodeBody, ReadsBrokenEncodingsInEveryWay) {
  Part part;
  part.transfer_encoding = "quoted-printable";
  part.body = "b=ob";
  EXPECT_EQ(decode_body(part), "b=ob\r\nbob");
  part.transfer_encoding = "base64";
  part.body = "Zm8= --";
  EXPECT_EQ(decode_body(part), "fo\r\n --");
}

TEST(DecodeBody, RefusesAnUnknownEncoding) {
  Part part;
  part.transfer_encoding = "x-uue";
  EXPECT_FALSE(decode_body(part));
}

}  // namespace
}  // namespace privet::mime
