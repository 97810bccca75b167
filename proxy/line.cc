#include "proxy/line.h"

#include <string_view>

namespace privet {

namespace {

Line to_line(std::string_view with_lf) {
  const std::string_view text = with_lf.substr(0, with_lf.size() < 2 ? 0 : with_lf.size() - 2);
  const bool crlf = with_lf.ends_with("\r\n");
  const bool clean = text.find('\r') == std::string_view::npos && text.find('\0') == std::string_view::npos;
  if (!crlf || !clean) return {.kind = Line::Kind::Malformed, .text = {}};
  return {.kind = Line::Kind::Text, .text = std::string(text)};
}

}  // namespace

net::Task<Line> read_line(net::Stream& stream, std::size_t limit, net::Deadline deadline) {
  bool too_long = false;
  std::size_t searched = 0;
  while (true) {
    const std::string_view input = stream.input();
    const std::size_t end = input.find('\n', searched);
    if (end != std::string_view::npos) {
      too_long = too_long || end + 1 > limit;
      Line line =
          too_long ? Line{.kind = Line::Kind::TooLong, .text = {}} : to_line(input.substr(0, end + 1));
      stream.consume(end + 1);
      co_return line;
    }
    searched = input.size();
    if (searched > limit) {
      too_long = true;
      stream.consume(searched);
      searched = 0;
    }
    const net::Input more = co_await stream.fill(deadline);
    if (more == net::Input::End) co_return Line{.kind = Line::Kind::End, .text = {}};
    if (more == net::Input::Interrupted) co_return Line{.kind = Line::Kind::Interrupted, .text = {}};
    if (more == net::Input::TimedOut) co_return Line{.kind = Line::Kind::TimedOut, .text = {}};
  }
}

}  // namespace privet
