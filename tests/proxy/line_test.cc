#include "proxy/line.h"

#include <gtest/gtest.h>

#include <optional>

#include "proxy/net/listener.h"
#include "tests/support/peer.h"

namespace privet {
namespace {

using Kind = Line::Kind;
using namespace std::chrono_literals;

constexpr std::size_t kLimit = 16;

net::Task<void> read_lines(net::Stream stream, std::vector<Line>& lines) {
  do {
    lines.push_back(co_await read_line(stream, kLimit, stream.loop().after(10s)));
  } while (lines.back().kind != Kind::End);
}

// What is read of these bytes, up to the end of the connection.
std::vector<Line> lines_of(std::string_view bytes) {
  net::Loop loop;
  std::vector<Line> lines;
  std::optional<net::Listener> open;
  auto listener = net::Listener::open(loop, "127.0.0.1", 0, [&](net::Stream stream) {
    open.reset();
    loop.spawn(read_lines(std::move(stream), lines));
  });
  open.emplace(std::move(listener.value()));
  auto peer = testing_support::Peer::connect(open->port());
  peer.send(bytes);
  peer.close();
  loop.close_door();
  loop.run();
  return lines;
}

struct Case {
  const char* name;
  std::string_view bytes;
  std::vector<Kind> kinds;
};

class ReadLine : public testing::TestWithParam<Case> {};

TEST_P(ReadLine, TellsWhatCame) {
  std::vector<Kind> kinds;
  for (const Line& line : lines_of(GetParam().bytes)) kinds.push_back(line.kind);
  EXPECT_EQ(kinds, GetParam().kinds);
}

using namespace std::string_view_literals;
INSTANTIATE_TEST_SUITE_P(
    Cases, ReadLine,
    testing::Values(
        Case{"nothing", "", {Kind::End}},
        Case{"two_lines", "NOOP\r\n\r\n", {Kind::Text, Kind::Text, Kind::End}},
        Case{"no_end", "NOOP", {Kind::End}},
        Case{"at_the_limit", "12345678901234\r\n", {Kind::Text, Kind::End}},
        Case{"above_the_limit", "123456789012345\r\nNOOP\r\n", {Kind::TooLong, Kind::Text, Kind::End}},
        Case{"bare_lf", "NOOP\n", {Kind::Malformed, Kind::End}},
        Case{"lf_alone", "\n", {Kind::Malformed, Kind::End}},
        Case{"bare_cr", "NO\rOP\r\n", {Kind::Malformed, Kind::End}},
        Case{"two_cr", "NOOP\r\r\n", {Kind::Malformed, Kind::End}},
        Case{"nul", "NO\0OP\r\n"sv, {Kind::Malformed, Kind::End}}),
    [](const auto& row) { return row.param.name; });

TEST(ReadLine, LeavesOutTheLineEnd) {
  EXPECT_EQ(lines_of("NOOP x\r\n").front().text, "NOOP x");
}

}  // namespace
}  // namespace privet
