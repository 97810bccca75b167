// Content on the wire (RFC 5321 4.5.2) under strict line rules: only CRLF . CRLF ends it. Pure.
//
// Promise: any chunking of the input gives the same result; whatever comes in, what goes out is made of CRLF lines with each
// leading dot doubled and exactly one terminator, so that no reader behind us can see two messages where we saw one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace privet::smtp {

/// What was wrong with content; the first fault wins.
enum class ContentFault { None, BareCr, BareLf, Nul };

/// Reads content from the wire. Scans with memchr, copies nothing: the sink gets pieces of the input.
class ContentDecoder {
 public:
  enum class Form {
    Decoded,  ///< pieces are the message as it is: one leading dot of a line removed
    Wire,     ///< pieces are encode(decode(input)), the terminator left out: for streaming through
  };
  explicit ContentDecoder(Form form) : form_(form) {}

  /// Takes bytes up to the end of content and gives each piece to `sink(std::string_view)`; returns how many were taken (all of
  /// them unless done()). After a fault pieces are no longer given, but the end is still looked for. A CR at the end of `wire`
  /// is held until the next call; the sink may then get a piece that is a static "\r".
  template <class Sink>
  std::size_t feed(std::string_view wire, Sink&& sink);

  bool done() const { return state_ == State::Done; }
  ContentFault fault() const { return fault_; }
  /// Decoded size so far (Form::Wire: wire size), faulty bytes included.
  std::uint64_t size() const { return size_; }

 private:
  enum class State : std::uint8_t { LineStart, Line, LineCr, Dot, DotCr, Done };
  Form form_;
  State state_ = State::LineStart;
  ContentFault fault_ = ContentFault::None;
  std::uint64_t size_ = 0;
};

/// Writes content for the wire, dots doubled; in any number of pieces.
class ContentEncoder {
 public:
  /// Appends the wire form of `piece` (whose lines end in CRLF) to `wire`.
  void encode(std::string_view piece, std::string& wire);
  /// Appends what ends the content: CRLF if the last line had none, then ".\r\n".
  void finish(std::string& wire);

 private:
  bool at_line_start_ = true;
  bool after_cr_ = false;
};

}  // namespace privet::smtp

#include "proxy/smtp/content_decoder.inc"
