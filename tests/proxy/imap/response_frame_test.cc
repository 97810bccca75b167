#include "proxy/imap/response_frame.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace privet::imap {
namespace {

constexpr std::size_t kCap = 8;

/// What came out of `wire`: responses, "L<size>:" and the bytes of announced literals, "BROKEN", "more".
std::vector<std::string> cut(std::string_view wire, std::size_t chunk, std::size_t cap = kCap) {
  ResponseFramer framer(cap);
  std::vector<std::string> seen;
  while (!wire.empty()) {
    const std::string bytes(wire.substr(0, chunk));  // its own allocation: a view beyond it is found by ASan
    const auto [used, state] = framer.feed(bytes);
    wire.remove_prefix(used);
    if (state == Framing::Complete) seen.emplace_back(framer.frame().text);
    if (state == Framing::NeedMore && wire.empty()) seen.emplace_back("more");
    if (state == Framing::Broken) {
      seen.emplace_back("BROKEN");
      return seen;
    }
    if (state == Framing::Literal) {
      const std::size_t size = std::min<std::size_t>(framer.literal_size(), wire.size());
      seen.push_back(std::string(framer.frame().text) + "|" + std::string(wire.substr(0, size)));
      wire.remove_prefix(size);
      framer.literal_done();
    }
  }
  return seen;
}

struct Row {
  std::string_view name, wire;
  std::vector<std::string> seen;
};

const Row kRows[] = {
    {"OneLine", "* 5 EXISTS\r\n", {"* 5 EXISTS"}},
    {"TwoLines", "* 5 EXISTS\r\na OK\r\n", {"* 5 EXISTS", "a OK"}},
    {"UnfinishedLine", "* 5 EXISTS\r\na OK\r", {"* 5 EXISTS", "more"}},
    {"EmptyLine", "\r\n* 5 EXISTS\r\n", {"", "* 5 EXISTS"}},
    {"BareLineFeedEndsALine", "* 5 EXISTS\na OK\r\n", {"* 5 EXISTS", "a OK"}},
    {"BareCarriageReturnIsPartOfALine", "* OK a\rb\r\n", {"* OK a\rb"}},
    {"SmallLiteral",
     "* LIST () \"/\" {3}\r\na\r\n\r\n* 1 EXISTS\r\n",
     {"* LIST () \"/\" {3}\r\na\r\n", "* 1 EXISTS"}},
    {"LiteralThatLooksLikeAnother", "* X {3}\r\n{5}\r\n* 1 EXISTS\r\n", {"* X {3}\r\n{5}", "* 1 EXISTS"}},
    {"EmptyLiteral", "* 1 FETCH (BODY[] {0}\r\n)\r\n", {"* 1 FETCH (BODY[] {0}\r\n)"}},
    {"Literal8", "* 1 FETCH (BINARY[] ~{2}\r\n\r\n)\r\n", {"* 1 FETCH (BINARY[] ~{2}\r\n\r\n)"}},
    {"LiteralOfAClient", "* X {2+}\r\nab\r\n", {"* X {2+}\r\nab"}},
    {"LiteralWithoutBlank", "* 1 FETCH (BODY[]{4}\r\n* 2 )\r\n", {"* 1 FETCH (BODY[]{4}\r\n* 2 )"}},
    {"LargeLiteral",
     "* 1 FETCH (BODY[] {9}\r\n123456789 UID 7)\r\n",
     {"* 1 FETCH (BODY[] {9}\r\n|123456789", "* 1 FETCH (BODY[] {9}\r\n UID 7)"}},
    {"TwoLargeLiterals",
     "* 1 FETCH (A {9}\r\n123456789 B {2}\r\nab C ~{10}\r\n1234567890)\r\n* X\r\n",
     {"* 1 FETCH (A {9}\r\n|123456789", "* 1 FETCH (A {9}\r\n B {2}\r\nab C ~{10}\r\n|1234567890",
      "* 1 FETCH (A {9}\r\n B {2}\r\nab C ~{10}\r\n)", "* X"}},
    {"UntaggedTextHasNoLiteral", "* OK see {5}\r\n* X\r\n", {"* OK see {5}", "* X"}},
    {"TaggedTextHasNoLiteral", "a1 no see {5}\r\n* X\r\n", {"a1 no see {5}", "* X"}},
    {"ContinuationHasNoLiteral", "+ see {5}\r\n* X\r\n", {"+ see {5}", "* X"}},
    {"ConditionBehindALiteralIsNone", "{2}\r\nab OK {2}\r\nab\r\n", {"{2}\r\nab OK {2}\r\nab"}},
    {"BracesThatAreNoLiteral", "* X {}\r\n* X {a}\r\n* X 5}\r\n", {"* X {}", "* X {a}", "* X 5}"}},
    {"BareLineFeedBehindALiteral", "* X {3}\nabc\r\n", {"BROKEN"}},
    {"LargestLiteral", "* X {9223372036854775807}\r\nabc", {"* X {9223372036854775807}\r\n|abc"}},
    {"LiteralTooLarge", "* X {9223372036854775808}\r\n", {"BROKEN"}},
    {"LiteralFarTooLarge", "* X {99999999999999999999999}\r\n", {"BROKEN"}},
};

TEST(ResponseFramer, CutsTheSameHoweverTheBytesCome) {
  for (const Row& row : kRows) {
    for (std::size_t chunk = 1; chunk <= row.wire.size(); ++chunk) {
      SCOPED_TRACE(std::string(row.name) + " in pieces of " + std::to_string(chunk));
      EXPECT_EQ(cut(row.wire, chunk), row.seen);
    }
  }
}

TEST(ResponseFramer, DoesNotCopyWhatCameWhole) {
  const std::string_view wire = "* 1 FETCH (BODY[] {2}\r\nab)\r\n* X\r\n";
  ResponseFramer framer;
  const auto [used, state] = framer.feed(wire);
  ASSERT_EQ(state, Framing::Complete);
  EXPECT_EQ(framer.frame().text.data(), wire.data());
  ASSERT_EQ(framer.feed(wire.substr(used)).state, Framing::Complete);
  EXPECT_EQ(framer.frame().text.data(), wire.data() + used);
}

TEST(ResponseFramer, SaysWhereStreamedLiteralsWere) {
  const std::string_view wire = "* 1 FETCH (A {9}\r\n";
  ResponseFramer framer(kCap);
  ASSERT_EQ(framer.feed(wire).state, Framing::Literal);
  EXPECT_EQ(framer.literal_size(), 9u);
  ASSERT_EQ(framer.frame().streamed.size(), 1u);
  EXPECT_EQ(framer.frame().streamed[0], wire.size());
  EXPECT_EQ(framer.feed("123456789").used, 0u) << "the literal is not for the framer";
  framer.literal_done();
  ASSERT_EQ(framer.feed(")\r\n").state, Framing::Complete);
  ASSERT_EQ(framer.frame().streamed.size(), 1u);
  ASSERT_EQ(framer.feed("* X\r\n").state, Framing::Complete);
  EXPECT_TRUE(framer.frame().streamed.empty()) << "of the next response none was streamed";
}

TEST(ResponseFramer, RefusesALineWithoutEnd) {
  ResponseFramer framer;
  const std::string much(limits::kImapResponseLine / 2, 'x');
  EXPECT_EQ(framer.feed(much).state, Framing::NeedMore);
  EXPECT_EQ(framer.feed(much).state, Framing::NeedMore);
  EXPECT_EQ(framer.feed("x").state, Framing::Broken);
  EXPECT_EQ(framer.feed("\r\n* X\r\n").state, Framing::Broken) << "and stays so";
}

TEST(ResponseFramer, RefusesAResponseOfTooManyLiterals) {
  ResponseFramer framer;
  const std::string one = " {65536}\r\n" + std::string(limits::kImapLiteralKept, 'x');
  std::size_t sent = 0;
  while (framer.feed(one).state == Framing::NeedMore) sent += one.size();
  EXPECT_LE(sent, limits::kImapResponse);
  EXPECT_GT(sent + one.size(), limits::kImapResponse);
}

}  // namespace
}  // namespace privet::imap
