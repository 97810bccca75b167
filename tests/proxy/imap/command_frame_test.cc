#include "proxy/imap/command_frame.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/limits.h"

namespace privet::imap {
namespace {

using namespace std::string_literals;
using Event = CommandFramer::Event;

constexpr CommandFramer::Limits kSmall{.line = 40, .literals = 20};

/// What a session would have written down, which accepts every literal and every message of less than 100
/// octets. The client is one that does not wait: its octets follow at once.
std::vector<std::string> events(std::string_view bytes, std::size_t chunk,
                                CommandFramer::Limits limits = {limits::kImapLine, limits::kImapLiterals}) {
  CommandFramer framer(limits);
  std::vector<std::string> seen;
  std::string message;
  const auto decide = [&](const std::string& what, bool accept) {
    seen.push_back(what + " " + std::to_string(framer.literal_size()) + (framer.waits() ? " waits" : ""));
    accept ? framer.accept() : framer.refuse();
  };
  for (std::size_t at = 0; at < bytes.size();) {
    const std::string_view piece = bytes.substr(at, chunk);
    const CommandFramer::Step step = framer.feed(piece);
    at += step.used;
    if (step.event == Event::Octets) {
      message += piece.substr(0, step.used);
      continue;
    }
    if (!message.empty()) seen.push_back("message " + message);
    message.clear();
    if (step.event == Event::Command) seen.push_back("command " + std::string(framer.frame()));
    if (step.event == Event::Literal) decide("literal", true);
    if (step.event == Event::Message) decide("append", framer.literal_size() < 100);
    if (step.event == Event::Refused) {
      seen.push_back("refused " + std::string(framer.refusal()) + ": " + std::string(framer.frame()));
    }
    if (step.event == Event::Broken) {
      seen.push_back("broken " + std::string(framer.refusal()));
      break;
    }
    if (step.event == Event::NeedMore && step.used < piece.size()) {
      seen.push_back("stuck");
      break;
    }
  }
  return seen;
}

struct Row {
  std::string_view name;
  std::string bytes;
  std::vector<std::string> events;
};

void expect_rows(const std::vector<Row>& rows, CommandFramer::Limits limits) {
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    for (const std::size_t chunk : {row.bytes.size(), 1ul, 2ul, 3ul, 7ul}) {
      EXPECT_EQ(events(row.bytes, std::max<std::size_t>(chunk, 1), limits), row.events) << chunk;
    }
  }
}

TEST(CommandFramer, CutsCommands) {
  const std::vector<Row> rows = {
      {"Two", "a NOOP\r\nb NOOP\r\n", {"command a NOOP", "command b NOOP"}},
      {"Empty", "\r\na NOOP\r\n", {"command ", "command a NOOP"}},
      {"NotYet", "a NOO", {}},
      {"OnlyItsReturn", "a NOOP\r", {}},
      {"Waiting",
       "a LOGIN {1}\r\nb {2}\r\ncd\r\n",
       {"literal 1 waits", "literal 2 waits", "command a LOGIN {1}\r\nb {2}\r\ncd"}},
      {"NotWaiting", "a LOGIN {1+}\r\nb {2+}\r\ncd\r\n", {"command a LOGIN {1+}\r\nb {2+}\r\ncd"}},
      {"Zero",
       "a LOGIN {0}\r\n {0+}\r\n\r\nb NOOP\r\n",
       {"literal 0 waits", "command a LOGIN {0}\r\n {0+}\r\n", "command b NOOP"}},
      {"LineEndsInALiteral", "a LOGIN {4+}\r\n\r\nb \r\n", {"command a LOGIN {4+}\r\n\r\nb "}},
      {"CommandInALiteral", "a LOGIN b {9+}\r\nc LOGOUT\n\r\n", {"command a LOGIN b {9+}\r\nc LOGOUT\n"}},
      {"NulInALiteral", "a LOGIN b {1+}\r\n\0\r\n"s, {"command a LOGIN b {1+}\r\n\0"s}},
      {"LiteralOfLiterals", "a ID ({4+}\r\n{3}\r {1+}\r\nx)\r\n", {"command a ID ({4+}\r\n{3}\r {1+}\r\nx)"}},
      {"InTheMiddle", "a SELECT {1+}\r\nb (CONDSTORE)\r\n", {"command a SELECT {1+}\r\nb (CONDSTORE)"}},
      {"BinaryLiteral", "a X ~{3+}\r\n\r\nb\r\n", {"command a X ~{3+}\r\n\r\nb"}},
      {"NoLiteral",
       "a X {b}\r\na X {}\r\na X {+}\r\na X {1+\r\na X 1}\r\n}\r\n",
       {"command a X {b}", "command a X {}", "command a X {+}", "command a X {1+", "command a X 1}",
        "command }"}},
      {"InQuotes", "a LOGIN b \"c {1}\"\r\n", {"command a LOGIN b \"c {1}\""}},
      {"ManyZeros",
       "a X {" + std::string(100, '0') + "2+}\r\ncd\r\n",
       {"command a X {" + std::string(100, '0') + "2+}\r\ncd"}},
      {"LargestWithoutWaiting",
       "a X {4096+}\r\n" + std::string(4096, 'x') + "\r\n",
       {"command a X {4096+}\r\n" + std::string(4096, 'x')}},
  };
  expect_rows(rows, {limits::kImapLine, limits::kImapLiterals});
}

TEST(CommandFramer, DropsWhatIsTooLarge) {
  const std::vector<Row> rows = {
      {"LongestLine",
       "a " + std::string(38, 'x') + "\r\nb NOOP\r\n",
       {"command a " + std::string(38, 'x'), "command b NOOP"}},
      {"LineTooLong",
       "a " + std::string(39, 'x') + "\r\nb NOOP\r\n",
       {"refused Command too long: a " + std::string(38, 'x'), "command b NOOP"}},
      {"LongLineWithLiteral",
       "a " + std::string(39, 'x') + " {8+}\r\nc NOOP\r\n and {1+}\r\nx\r\nb NOOP\r\n",
       {"refused Command too long: a " + std::string(38, 'x'), "command b NOOP"}},
      {"LongLineThatEndsInItsLiteral",
       "a " + std::string(35, 'x') + "{8+}\r\nc NOOP\r\n\r\nb NOOP\r\n",
       {"refused Command too long: a " + std::string(35, 'x') + "{8+", "command b NOOP"}},
      {"LongLineWhoseClientWaits",
       "a " + std::string(39, 'x') + " {8}\r\nb NOOP\r\n",
       {"refused Command too long: a " + std::string(38, 'x'), "command b NOOP"}},
      {"LongLineWithUnreadableLiteral",
       "a " + std::string(39, 'x') + "{" + std::string(80, '0') + "8+}\r\nc NOOP\r\n",
       {"refused Command too long: a " + std::string(38, 'x'), "broken Literal too large"}},
      {"LinesTogetherTooLong",
       "a {1+}\r\n" + std::string(40, 'x') + "\r\nb NOOP\r\n",
       {"refused Command too long: a {1+}\r\n" + std::string(35, 'x'), "command b NOOP"}},
      {"LiteralTooLarge",
       "a X {21}\r\nb NOOP\r\n",
       {"refused Literal too large: a X {21}", "command b NOOP"}},
      {"LiteralTooLargeAndComing",
       "a X {21+}\r\nc NOOP\r\nc NOOP\r\nxxxxx\r\nb NOOP\r\n",
       {"refused Literal too large: a X {21+}", "command b NOOP"}},
      {"LiteralsTogether",
       "a X {20+}\r\n" + std::string(20, 'x') + " {1+}\r\ny\r\nb NOOP\r\n",
       {"refused Literal too large: a X {20+}\r\n" + std::string(20, 'x') + " {1+}", "command b NOOP"}},
      {"FourGigabytes",
       "a X {4294967295}\r\nb NOOP\r\n",
       {"refused Literal too large: a X {4294967295}", "command b NOOP"}},
      {"BeyondCounting",
       "a X {99999999999999999999}\r\nb NOOP\r\n",
       {"refused Literal too large: a X {99999999999999999999}", "command b NOOP"}},
      {"FourGigabytesComing", "a X {4294967296+}\r\nc NOOP\r\n", {"broken Literal too large"}},
      {"BeyondCountingComing", "a X {99999999999999999999+}\r\nc NOOP\r\n", {"broken Literal too large"}},
      {"MoreThanIsDropped",
       "a X {" + std::to_string(limits::kImapDropped) + "+}\r\n" + std::string(limits::kImapDropped, 'x') +
           "y\r\n",
       {"refused Literal too large: a X {1048576+}", "broken Command too long"}},
  };
  expect_rows(rows, kSmall);
}

TEST(CommandFramer, DoesNotTakeMoreWithoutWaitingThanLiteralMinusAllows) {
  expect_rows({{"OneMore",
                "a X {4097+}\r\n" + std::string(4097, 'x') + "\r\nb NOOP\r\n",
                {"refused Literal too large: a X {4097+}", "command b NOOP"}},
               {"OfAMessage",
                "a APPEND b {4097+}\r\n" + std::string(4097, 'x') + "\r\nb NOOP\r\n",
                {"refused Literal too large: a APPEND b {4097+}", "command b NOOP"}}},
              {limits::kImapLine, limits::kImapLiterals});
}

TEST(CommandFramer, BreaksWhereLinesCannotBeTold) {
  const std::vector<Row> rows = {
      {"BareLf", "a NOOP\nb NOOP\r\n", {"broken LF or NUL in a command"}},
      {"BareCr", "a NOOP\rb NOOP\r\n", {"broken CR without LF"}},
      {"TwoCrs", "a NOOP\r\r\n", {"broken CR without LF"}},
      {"Nul", "a NO\0OP\r\n"s, {"broken LF or NUL in a command"}},
      {"BehindACommand", "a NOOP\r\n\nb NOOP\r\n", {"command a NOOP", "broken LF or NUL in a command"}},
      {"BehindALiteral", "a X {1+}\r\ny\nb NOOP\r\n", {"broken LF or NUL in a command"}},
      {"InADroppedLine",
       "a " + std::string(39, 'x') + "\nb NOOP\r\n",
       {"refused Command too long: a " + std::string(38, 'x'), "broken LF or NUL in a command"}},
      {"BehindAMessage", "a APPEND b {1+}\r\nm\rx\r\n", {"append 1", "message m", "broken CR without LF"}},
  };
  expect_rows(rows, kSmall);
}

TEST(CommandFramer, LeavesMessagesToTheSession) {
  const std::vector<Row> rows = {
      {"Waiting",
       "a APPEND b {5}\r\nm\r\n\0x\r\nb NOOP\r\n"s,
       {"append 5 waits", "message m\r\n\0x"s, "command a APPEND b {5}", "command b NOOP"}},
      {"Coming",
       "a append b {3+}\r\nm\r\n\r\nb NOOP\r\n",
       {"append 3", "message m\r\n", "command a append b {3+}", "command b NOOP"}},
      {"Empty",
       "a APPEND b {0}\r\n\r\nb NOOP\r\n",
       {"append 0 waits", "command a APPEND b {0}", "command b NOOP"}},
      {"NameAsLiteral",
       "a APPEND {1}\r\nb {3+}\r\nm\r\n\r\n",
       {"literal 1 waits", "append 3", "message m\r\n", "command a APPEND {1}\r\nb {3+}"}},
      {"WithFlags",
       "a APPEND \"b\" (\\Seen) {1+}\r\nm\r\n",
       {"append 1", "message m", "command a APPEND \"b\" (\\Seen) {1+}"}},
      {"RefusedWhileWaiting", "a APPEND b {1000}\r\nb NOOP\r\n", {"append 1000 waits", "command b NOOP"}},
      {"FourGigabytes",
       "a APPEND b {4294967296}\r\nb NOOP\r\n",
       {"append 4294967296 waits", "command b NOOP"}},
      {"RefusedWhileComing",
       "a APPEND b {1000+}\r\nc NOOP\r\n" + std::string(992, 'x') + "\r\nb NOOP\r\n",
       {"append 1000", "command b NOOP"}},
      {"SecondMessage",
       "a APPEND b {1+}\r\nm (\\Seen) {8+}\r\nc NOOP\r\n\r\nb NOOP\r\n",
       {"append 1", "message m", "refused Nothing may follow the message: a APPEND b {1+}",
        "command b NOOP"}},
      {"SecondMessageBehindARefusedOne",
       "a APPEND b {1000+}\r\n" + std::string(1000, 'x') + " {8+}\r\nc NOOP\r\n\r\nb NOOP\r\n",
       {"append 1000", "command b NOOP"}},
      {"Catenate",
       "a APPEND b CATENATE (TEXT {1+}\r\nm)\r\nb NOOP\r\n",
       {"append 1", "message m", "refused Nothing may follow the message: a APPEND b CATENATE (TEXT {1+}",
        "command b NOOP"}},
      {"NotAnAppend", "a APPENDS b {1+}\r\nm\r\n", {"command a APPENDS b {1+}\r\nm"}},
  };
  expect_rows(rows, kSmall);
}

TEST(CommandFramer, TakesALineAsItIsWhereOneIsExpected) {
  CommandFramer framer(kSmall);
  framer.expect_line();
  const std::string_view bytes = "AGEAYg=={5+}\r\na X {1+}\r\nb\r\n";
  const auto step = framer.feed(bytes);
  ASSERT_EQ(step.event, Event::Command);
  EXPECT_EQ(framer.frame(), "AGEAYg=={5+}");
  EXPECT_EQ(framer.feed(bytes.substr(step.used)).event, Event::Command);
  EXPECT_EQ(framer.frame(), "a X {1+}\r\nb");
}

TEST(CommandFramer, ForgetsTheLineThatWasExpectedAndTooLong) {
  CommandFramer framer(kSmall);
  framer.expect_line();
  const std::string bytes = std::string(50, 'A') + "\r\na X {1+}\r\nb\r\n";
  const auto step = framer.feed(bytes);
  ASSERT_EQ(step.event, Event::Refused);
  EXPECT_EQ(framer.feed(std::string_view(bytes).substr(step.used)).event, Event::Command);
  EXPECT_EQ(framer.frame(), "a X {1+}\r\nb");
}

TEST(CommandFramer, UsesNothingWhileItIsToBeTold) {
  CommandFramer framer(kSmall);
  ASSERT_EQ(framer.feed("a X {1}\r\n").event, Event::Literal);
  EXPECT_EQ(framer.feed("b\r\n").used, 0u);
  framer.refuse();
  EXPECT_TRUE(framer.between_commands());
  EXPECT_EQ(framer.frame(), "a X {1}");
  EXPECT_EQ(framer.feed("b NOOP\r\n").event, Event::Command);
}

TEST(CommandFramer, StaysBroken) {
  CommandFramer framer(kSmall);
  ASSERT_EQ(framer.feed("a\n").event, Event::Broken);
  framer.accept();
  framer.refuse();
  EXPECT_EQ(framer.feed("b NOOP\r\n").event, Event::Broken);
  EXPECT_EQ(framer.feed("b NOOP\r\n").used, 0u);
}

TEST(CommandFramer, TakesNewLimits) {
  CommandFramer framer(kSmall);
  EXPECT_EQ(framer.feed("a X {21}\r\n").event, Event::Refused);
  framer.set_limits({.line = 100, .literals = 100});
  EXPECT_EQ(framer.feed("a X {21}\r\n").event, Event::Literal);
}

}  // namespace
}  // namespace privet::imap
