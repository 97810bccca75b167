// Reading one line from a stream, for sessions and upstreams alike.
#pragma once

#include <cstddef>
#include <string>

#include "proxy/net/stream.h"

namespace privet {

/// What came instead of, or as, a line.
struct Line {
  enum class Kind {
    Text,         ///< `text`, without its CRLF
    TooLong,      ///< read and dropped up to its end
    Malformed,    ///< bare CR, bare LF or NUL in it: nothing behind it can be trusted
    End,          ///< the peer closed
    Interrupted,  ///< Stream::interrupt()
    TimedOut,     ///< the deadline passed
  };
  Kind kind = Kind::Text;
  std::string text;
};

/// The next line of at most `limit` bytes, CRLF included. The deadline holds for the whole line, however many
/// pieces it comes in.
net::Task<Line> read_line(net::Stream& stream, std::size_t limit, net::Deadline deadline);

}  // namespace privet
