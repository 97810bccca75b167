// Cuts an upstream's bytes into responses (RFC 9051 2.2.2, 4.3, 9), the same however they were chunked.
//
// A response that lies whole in the bytes given is not copied. Small literals stay within the response's
// text; a large one is announced instead, and whoever reads the connection takes its bytes past the framer.
//
// A line may end in a bare LF: nobody reads these lines behind us (we write every response anew), so that
// the two readings "end of line" and "part of the line" cannot be played against each other. Behind the "}"
// of a literal it is refused: where the count begins would be a guess. A status response's text has no
// literals (resp-text), so "* OK see {5}" is just text; in any other response "{5}" at the line's end is one,
// whatever stands before it: taking a mail's bytes for responses is the worse mistake.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/limits.h"

namespace privet::imap {

/// One response as the upstream sent it, without the line end.
struct Frame {
  /// Literals stand in it as "{n}" CRLF and their bytes, streamed ones as "{n}" CRLF alone.
  std::string_view text;
  /// Offsets into `text`, ascending: where the bytes of a streamed literal were left out.
  std::span<const std::size_t> streamed = {};
};

enum class Framing {
  NeedMore,  ///< all bytes given are used
  Complete,  ///< frame() is a whole response
  Literal,   ///< frame() is what came before a large literal, whose bytes come next: not for feed()
  Broken,    ///< nothing behind this can be understood: the connection has to be closed
};

class ResponseFramer {
 public:
  /// Literals of more than `literal_cap` bytes are announced instead of kept.
  explicit ResponseFramer(std::size_t literal_cap = limits::kImapLiteralKept) : literal_cap_(literal_cap) {}

  struct Step {
    std::size_t used = 0;  ///< bytes taken; the rest belongs to what comes next
    Framing state = Framing::NeedMore;
  };

  /// After Complete a new response begins. Before literal_done() and after Broken nothing is used.
  /// Broken: a line above limits::kImapResponseLine, a response above kImapResponse without its streamed
  /// literals, a literal's size above 2^63-1, a bare LF behind it.
  Step feed(std::string_view bytes);

  /// In the states Complete and Literal. Valid until the next feed(), and as long as the bytes last given to
  /// it are there; after Literal until literal_done().
  Frame frame() const { return {text_, streamed_}; }
  /// Bytes of the literal, in the state Literal; it may hold NUL (literal8) or not.
  std::uint64_t literal_size() const { return literal_size_; }
  /// The literal's bytes were read: its response goes on with what is fed next.
  void literal_done();

 private:
  Framing end_line(std::string_view response);
  Step stop(std::size_t used, Framing state);
  void begin();

  std::size_t literal_cap_;
  Framing state_ = Framing::NeedMore;
  std::string kept_;  // what of the response came with earlier bytes
  std::string_view text_;
  std::vector<std::size_t> streamed_;
  std::uint64_t literal_size_ = 0;
  std::size_t literal_left_ = 0;  // bytes of a kept literal still to come
  std::size_t line_ = 0;          // where in the response its current line begins
};

}  // namespace privet::imap
