#include "proxy/smtp/chunk.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace privet::smtp {
namespace {

using namespace std::string_literals;

struct Read {
  std::string content;
  ContentFault fault = ContentFault::None;
  bool ends_in_crlf = false;
  std::uint64_t size = 0;
  bool operator==(const Read&) const = default;
};

Read read(std::string_view octets, std::size_t length) {
  ChunkDecoder decoder;
  Read result;
  for (std::size_t at = 0; at < octets.size(); at += length) {
    const std::string chunk(octets.substr(at, length));  // of its own, so that overruns are seen
    decoder.feed(chunk, [&](std::string_view piece) { result.content += piece; });
  }
  decoder.finish();
  result.fault = decoder.fault();
  result.ends_in_crlf = decoder.ends_in_crlf();
  result.size = decoder.size();
  return result;
}

struct Row {
  std::string_view name;
  std::string octets;
  std::string content;
  ContentFault fault;
  bool ends_in_crlf = true;
};

TEST(ChunkDecoder, HoldsTheLineRulesOfDataAcrossChunks) {
  const std::string long_line(3 * kContentWindow, 'x');
  const Row rows[] = {
      {"Empty", "", "", ContentFault::None},
      {"Lines", "a\r\n\r\nb\r\n", "a\r\n\r\nb\r\n", ContentFault::None},
      {"NoLineEnd", "a\r\nb", "a\r\nb", ContentFault::None, false},
      {"DotsMeanNothing", "a\r\n.\r\n..b\r\n", "a\r\n.\r\n..b\r\n", ContentFault::None},
      {"TwoWindows", long_line + "\r\n" + long_line + "\r\n", long_line + "\r\n" + long_line + "\r\n",
       ContentFault::None},
      {"BareLf", "a\nb\r\n", "a", ContentFault::BareLf},
      {"BareLfFirst", "\na", "", ContentFault::BareLf},
      {"BareLfBehindWindow", long_line + "\n", long_line, ContentFault::BareLf},
      {"BareCr", "a\rb\r\n", "a\r", ContentFault::BareCr},
      {"TwoCrs", "a\r\r\n", "a\r", ContentFault::BareCr},
      {"CrAtTheEnd", "a\r", "a\r", ContentFault::BareCr},
      {"Nul", "a\0b\r\n"s, "a", ContentFault::Nul},
      {"CrNulLf", "a\r\0\n"s, "a\r", ContentFault::BareCr},
      {"FirstFaultWins", "a\nb\rc\0"s, "a", ContentFault::BareLf},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const Read whole = read(row.octets, row.octets.size() + 1);
    EXPECT_EQ(whole.content, row.content);
    EXPECT_EQ(whole.fault, row.fault);
    EXPECT_EQ(whole.size, row.octets.size());
    EXPECT_EQ(whole.ends_in_crlf, row.fault == ContentFault::None && row.ends_in_crlf);
    for (std::size_t length = 1; length <= row.octets.size(); ++length) {
      ASSERT_EQ(read(row.octets, length), whole) << "in pieces of " << length;
    }
  }
}

TEST(ChunkDecoder, CopiesNothing) {
  const std::string octets(5 * kContentWindow, 'x');
  ChunkDecoder decoder;
  std::size_t pieces = 0;
  decoder.feed(octets, [&](std::string_view piece) {
    EXPECT_EQ(piece.data(), octets.data());
    EXPECT_EQ(piece.size(), octets.size());
    ++pieces;
  });
  EXPECT_EQ(pieces, 1u);
}

TEST(ChunkDecoder, IsWrittenOnSoThatDotsEndNothing) {
  ChunkDecoder decoder;
  ContentEncoder encoder;
  std::string wire;
  for (const std::string_view chunk : {"a\r", "\n.", "\r\nRSET"}) {
    decoder.feed(chunk, [&](std::string_view piece) { encoder.encode(piece, wire); });
  }
  decoder.finish();
  encoder.finish(wire);
  EXPECT_EQ(decoder.fault(), ContentFault::None);
  EXPECT_EQ(wire, "a\r\n..\r\nRSET\r\n.\r\n");
}

}  // namespace
}  // namespace privet::smtp
