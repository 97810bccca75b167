#include "proxy/smtp/content.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace privet::smtp {
namespace {

using namespace std::string_literals;
using Form = ContentDecoder::Form;
constexpr Form kForms[] = {Form::Decoded, Form::Wire};

struct Read {
  std::string content;
  std::size_t taken = 0;
  std::size_t pieces = 0;
  bool done = false;
  ContentFault fault = ContentFault::None;
  std::uint64_t size = 0;
};

/// Feeds `wire` in pieces whose lengths `next_length` gives, until the end of content.
template <class NextLength>
Read read(std::string_view wire, Form form, NextLength next_length) {
  ContentDecoder decoder(form);
  Read result;
  while (result.taken < wire.size() && !decoder.done()) {
    const std::string chunk(
        wire.substr(result.taken, next_length()));  // of its own, so that overruns are seen
    result.taken += decoder.feed(chunk, [&](std::string_view piece) {
      result.content += piece;
      ++result.pieces;
    });
  }
  result.done = decoder.done();
  result.fault = decoder.fault();
  result.size = decoder.size();
  return result;
}

Read read_whole(std::string_view wire, Form form = Form::Decoded) {
  return read(wire, form, [&] { return wire.size(); });
}

std::string encode(std::string_view content) {
  std::string wire;
  ContentEncoder encoder;
  encoder.encode(content, wire);
  encoder.finish(wire);
  return wire;
}

void expect_same(const Read& a, const Read& b) {
  EXPECT_EQ(a.content, b.content);
  EXPECT_EQ(a.taken, b.taken);
  EXPECT_EQ(a.done, b.done);
  EXPECT_EQ(a.fault, b.fault);
  EXPECT_EQ(a.size, b.size);
}

/// Calls `check` with the reading of `wire` at every chunk size and at random ones.
template <class Check>
void for_each_segmentation(std::string_view wire, Form form, Check check) {
  for (std::size_t length = 1; length <= wire.size(); ++length) {
    SCOPED_TRACE("chunks of " + std::to_string(length));
    check(read(wire, form, [length] { return length; }));
  }
  std::mt19937 random(42);  // the same each run
  for (int i = 0; i < 20; ++i) {
    SCOPED_TRACE("random chunks, round " + std::to_string(i));
    check(read(wire, form, [&random] { return random() % 7 + 1; }));
  }
}

struct Row {
  std::string name;
  std::string wire;
  std::string decoded;
  std::string streamed;  // Form::Wire
};

const std::vector<Row>& rows() {
  static const std::vector<Row> kRows = {
      {"Nothing", ".\r\n", "", ""},
      {"OneLine", "a\r\n.\r\n", "a\r\n", "a\r\n"},
      {"EmptyLine", "\r\n.\r\n", "\r\n", "\r\n"},
      {"StuffedDot", "..\r\n.\r\n", ".\r\n", "..\r\n"},
      {"TwoDotsStuffed", "...\r\n.\r\n", "..\r\n", "...\r\n"},
      {"DotWithinLine", "a.b\r\n.\r\n", "a.b\r\n", "a.b\r\n"},
      {"LoneDotBeforeText", ".a\r\n.\r\n", "a\r\n", "a\r\n"},
      {"StuffedText", "a\r\n..b\r\n.\r\n", "a\r\n.b\r\n", "a\r\n..b\r\n"},
      {"LoneDotInSecondLine", "a\r\n.b\r\n.\r\n", "a\r\nb\r\n", "a\r\nb\r\n"},
      {"DotAtEndOfLine", "a.\r\n.\r\n", "a.\r\n", "a.\r\n"},
      {"EightBit", "\xff\xfe\r\n.\r\n", "\xff\xfe\r\n", "\xff\xfe\r\n"},
      {"LongLine", std::string(1200, 'x') + "\r\n.\r\n", std::string(1200, 'x') + "\r\n",
       std::string(1200, 'x') + "\r\n"},
      {"DotBehindTheFirstWindow", std::string(kContentWindow - 2, 'x') + "\r\n..y\r\n.\r\n",
       std::string(kContentWindow - 2, 'x') + "\r\n.y\r\n",
       std::string(kContentWindow - 2, 'x') + "\r\n..y\r\n"},
      {"LineEndAcrossWindows", std::string(kContentWindow - 1, 'x') + "\r\n.\r\n",
       std::string(kContentWindow - 1, 'x') + "\r\n", std::string(kContentWindow - 1, 'x') + "\r\n"},
  };
  return kRows;
}

TEST(ContentDecoder, ReadsEveryRowAtEveryChunkSize) {
  for (const Row& row : rows()) {
    for (const Form form : kForms) {
      SCOPED_TRACE(row.name + (form == Form::Wire ? ", wire" : ", decoded"));
      const std::string& expected = form == Form::Wire ? row.streamed : row.decoded;
      for_each_segmentation(row.wire, form, [&](const Read& result) {
        EXPECT_EQ(result.content, expected);
        EXPECT_EQ(result.size, expected.size());
        EXPECT_EQ(result.taken, row.wire.size());
        EXPECT_TRUE(result.done);
        EXPECT_EQ(result.fault, ContentFault::None);
      });
    }
  }
}

TEST(ContentDecoder, WireFormIsTheEncodingOfTheDecodedForm) {
  for (const Row& row : rows()) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(read_whole(row.wire, Form::Wire).content + ".\r\n", encode(read_whole(row.wire).content));
  }
}

TEST(ContentDecoder, TakesNothingBehindTheEnd) {
  const Read result = read_whole("a\r\n.\r\nMAIL FROM:<a@b.example>\r\n");
  EXPECT_TRUE(result.done);
  EXPECT_EQ(result.taken, 6u);
  EXPECT_EQ(result.content, "a\r\n");
}

TEST(ContentDecoder, TakesNothingMoreOnceDone) {
  ContentDecoder decoder(Form::Decoded);
  const auto nothing = [](std::string_view) { FAIL(); };
  EXPECT_EQ(decoder.feed(".\r\n", nothing), 3u);
  EXPECT_EQ(decoder.feed("x", nothing), 0u);
}

TEST(ContentDecoder, LetsAnEmptyChunkPassInEveryState) {
  const std::string wire = "a\r\n..b\r\n.c\r\n.\r\n";
  for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
    ContentDecoder decoder(Form::Wire);
    std::string content;
    const auto sink = [&](std::string_view piece) { content += piece; };
    decoder.feed(std::string_view(wire).substr(0, cut), sink);
    decoder.feed("", sink);
    decoder.feed(std::string_view(wire).substr(cut), sink);
    EXPECT_EQ(content, "a\r\n..b\r\nc\r\n") << "cut at " << cut;
    EXPECT_TRUE(decoder.done());
  }
}

TEST(ContentDecoder, GivesAChunkWithoutDropsAsOnePiece) {
  std::string wire;
  for (int i = 0; i < 1000; ++i) wire += "0123456789\r\n";
  wire += "..stuffed\r\n";
  ContentDecoder decoder(Form::Wire);
  std::vector<std::size_t> pieces;
  decoder.feed(wire, [&](std::string_view piece) { pieces.push_back(piece.size()); });
  EXPECT_THAT(pieces, testing::ElementsAre(wire.size()));
}

// What ends content for one server and not for another (smuggling). Each stands between two lines; the real
// end is behind them.
struct Smuggling {
  std::string name;
  std::string sequence;
  ContentFault fault;
};

const std::vector<Smuggling>& smuggling() {
  using enum ContentFault;
  static const std::vector<Smuggling> kRows = {
      {"LfDotLf", "\n.\n"s, BareLf},
      {"LfDotCrLf", "\n.\r\n"s, BareLf},
      {"CrLfDotLf", "\r\n.\n"s, BareLf},
      {"CrNulLfDotCrLf", "\r\0\n.\r\n"s, BareCr},
      {"CrLfDotCrCrLf", "\r\n.\r\r\n"s, BareCr},
      {"CrLfDotNulCrLf", "\r\n.\0\r\n"s, Nul},
      {"CrDotCr", "\r.\r"s, BareCr},
      {"CrDotCrLf", "\r.\r\n"s, BareCr},
      {"CrLfDotCr", "\r\n.\r"s, BareCr},
      {"CrLfNulDotCrLf", "\r\n\0.\r\n"s, Nul},
      {"CrLfDotCrNulLf", "\r\n.\r\0\n"s, BareCr},
      {"LfDotCr", "\n.\r"s, BareLf},
      {"CrDotLf", "\r.\n"s, BareCr},
      {"LfCrDotLfCr", "\n\r.\n\r"s, BareLf},
      {"NulCrLfDotLf", "\0\r\n.\n"s, Nul},
      {"DotOfOverlongUtf8", "\r\n\xc0\xae\r\n"s, None},
  };
  return kRows;
}

TEST(ContentDecoder, EndsOnceHoweverContentPretendsToEnd) {
  for (const Smuggling& row : smuggling()) {
    const std::string wire = "first" + row.sequence + "MAIL FROM:<x@y.example>\r\nDATA\r\n.\r\n";
    for (const Form form : kForms) {
      SCOPED_TRACE(row.name + (form == Form::Wire ? ", wire" : ", decoded"));
      for_each_segmentation(wire, form, [&](const Read& result) {
        EXPECT_TRUE(result.done);
        EXPECT_EQ(result.taken, wire.size());
        EXPECT_EQ(result.fault, row.fault);
      });
    }
  }
}

TEST(ContentDecoder, EndsAtTheRealTerminatorBehindABareCr) {
  const std::string wire = "first\r\r\n.\r\nNOOP\r\n";
  for_each_segmentation(wire, Form::Decoded, [&](const Read& result) {
    EXPECT_TRUE(result.done);
    EXPECT_EQ(result.taken, wire.size() - 6);
    EXPECT_EQ(result.fault, ContentFault::BareCr);
  });
}

TEST(ContentDecoder, GivesTheSameAfterAFaultAtEveryChunkSize) {
  for (const Smuggling& row : smuggling()) {
    const std::string wire = "..first" + row.sequence + ".second\r\n.\r\nrest";
    for (const Form form : kForms) {
      SCOPED_TRACE(row.name);
      const Read whole = read_whole(wire, form);
      for_each_segmentation(wire, form, [&](const Read& result) { expect_same(result, whole); });
    }
  }
}

TEST(ContentDecoder, GivesNothingFromTheFaultOnButCountsIt) {
  const Read result = read_whole("good\r\nba\nd\r\n.\r\n");
  EXPECT_EQ(result.content, "good\r\nba");
  EXPECT_EQ(result.size, 12u);
}

TEST(ContentDecoder, KeepsTheFirstOfSeveralFaults) {
  EXPECT_EQ(read_whole("a\0b\nc\rd\r\n.\r\n"s).fault, ContentFault::Nul);
  EXPECT_EQ(read_whole("a\rb\0c\r\n.\r\n"s).fault, ContentFault::BareCr);
}

TEST(ContentEncoder, WritesEveryRowAtEveryChunkSize) {
  for (const Row& row : rows()) {
    SCOPED_TRACE(row.name);
    for (std::size_t length = 1; length <= row.decoded.size() + 1; ++length) {
      std::string wire;
      ContentEncoder encoder;
      for (std::size_t at = 0; at < row.decoded.size(); at += length) {
        encoder.encode(std::string_view(row.decoded).substr(at, length), wire);
      }
      encoder.finish(wire);
      EXPECT_EQ(wire, row.streamed + ".\r\n") << "chunks of " << length;
    }
  }
}

TEST(ContentEncoder, MakesLinesOfWhatHasNone) {
  struct {
    std::string name, content, wire;
  } const kRows[] = {
      {"NoLineEnd", "a", "a\r\n.\r\n"},
      {"BareLf", "a\n.\nb", "a\r\n..\r\nb\r\n.\r\n"},
      {"BareCr", "a\r.\rb\r\n", "a . b\r\n.\r\n"},
      {"CrAtTheEnd", "a\r", "a \r\n.\r\n"},
      {"TwoCrs", "a\r\r\n", "a \r\n.\r\n"},
      {"PretendedEnd", "a\n.\r\nb\r\n", "a\r\n..\r\nb\r\n.\r\n"},
      {"OnlyLf", "\n", "\r\n.\r\n"},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    for (std::size_t length = 1; length <= row.content.size(); ++length) {
      std::string wire;
      ContentEncoder encoder;
      for (std::size_t at = 0; at < row.content.size(); at += length) {
        encoder.encode(std::string_view(row.content).substr(at, length), wire);
      }
      encoder.finish(wire);
      EXPECT_EQ(wire, row.wire) << "chunks of " << length;
    }
  }
}

TEST(ContentEncoder, CanBeUsedAgainAfterFinish) {
  std::string wire;
  ContentEncoder encoder;
  encoder.encode("a", wire);
  encoder.finish(wire);
  encoder.encode(".b\r\n", wire);
  encoder.finish(wire);
  EXPECT_EQ(wire, "a\r\n.\r\n..b\r\n.\r\n");
}

TEST(ContentEncoder, WritesRandomBytesSoThatTheyEndOnce) {
  std::mt19937 random(7);
  constexpr std::string_view kBytes = "\r\n.a\r\n.";
  for (int round = 0; round < 2000; ++round) {
    std::string content(random() % 40, ' ');
    for (char& c : content) c = kBytes[random() % kBytes.size()];
    const std::string wire = encode(content);
    const Read result = read_whole(wire);
    ASSERT_TRUE(result.done);
    ASSERT_EQ(result.taken, wire.size());
    ASSERT_EQ(result.fault, ContentFault::None);
    ASSERT_EQ(("\r\n" + wire).find("\r\n.\r\n"), wire.size() - 3);
    ASSERT_EQ(encode(result.content), wire);
  }
}

}  // namespace
}  // namespace privet::smtp
