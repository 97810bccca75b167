// Content on the wire (RFC 5321 4.5.2) under strict line rules: only CRLF . CRLF ends it. Pure.
//
// Promise: any chunking of the input gives the same result; whatever comes in, what goes out is made of CRLF
// lines with each leading dot doubled and exactly one terminator, so that no reader behind us can see two
// messages where we saw one. Speed: whole windows in which nothing can happen are passed over at once; a byte
// is looked at alone only in the others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace privet::smtp {

/// What was wrong with content; the first fault wins.
enum class ContentFault { None, BareCr, BareLf, Nul };

/// Bytes looked at together. Small enough that one stuffed dot costs little, large enough to fill the vector
/// units.
inline constexpr std::size_t kContentWindow = 512;

/// True when nothing of `window` needs a second look: each CR before an LF and each LF behind a CR, no NUL,
/// no dot at the start of a line. `before` is the byte in front of it; a CR as the last byte is let pass.
bool is_quiet(char before, std::string_view window);

/// Reads content from the wire. Copies nothing: the sink gets pieces of the input, as large as possible.
class ContentDecoder {
 public:
  enum class Form {
    Decoded,  ///< pieces are the message as it is: one leading dot of a line removed
    Wire,     ///< pieces are encode(decode(input)), the terminator left out: for streaming through
  };
  explicit ContentDecoder(Form form) : form_(form) {}

  /// Takes bytes up to the end of content and gives each piece to `sink(std::string_view)`; returns how many
  /// were taken (all of them unless done()). After a fault pieces are no longer given, but the end is still
  /// looked for. A CR, or in Form::Wire a dot, at the end of `wire` is held until the next call; the sink may
  /// then get a piece that is a static "\r" or ".".
  template <class Sink>
  std::size_t feed(std::string_view wire, Sink&& sink);

  bool done() const { return state_ == State::Done; }
  ContentFault fault() const { return fault_; }
  /// Decoded size so far (Form::Wire: wire size), faulty bytes included.
  std::uint64_t size() const { return size_; }

 private:
  enum class State : std::uint8_t { LineStart, Line, LineCr, Dot, DotCr, Done };

  template <class Sink>
  void give(std::string_view piece, Sink& sink);
  void blame(ContentFault fault) { fault_ = fault_ == ContentFault::None ? fault : fault_; }

  Form form_;
  State state_ = State::LineStart;
  ContentFault fault_ = ContentFault::None;
  std::uint64_t size_ = 0;
};

/// Writes content for the wire, dots doubled; in any number of pieces. What is no CRLF line is made one, as
/// Postfix does: a bare LF becomes CRLF, a bare CR a blank.
class ContentEncoder {
 public:
  /// Appends the wire form of `piece` to `wire`; a CR as its last byte is held until it is known what
  /// follows.
  void encode(std::string_view piece, std::string& wire);
  /// Appends what ends the content: CRLF if the last line had none, then ".\r\n".
  void finish(std::string& wire);

 private:
  bool at_line_start_ = true;
  bool after_cr_ = false;
};

template <class Sink>
void ContentDecoder::give(std::string_view piece, Sink& sink) {
  if (piece.empty()) return;
  size_ += piece.size();
  if (fault_ == ContentFault::None) sink(piece);
}

template <class Sink>
std::size_t ContentDecoder::feed(std::string_view wire, Sink&& sink) {
  std::size_t begin = 0;      // of the piece not yet given
  std::size_t looked_at = 0;  // end of the window that was found not quiet
  std::size_t at = 0;
  const auto give_until = [&](std::size_t end) {
    give(wire.substr(begin, end - begin), sink);
    begin = end;
  };

  for (; at < wire.size() && state_ != State::Done; ++at) {
    if (at >= looked_at && (state_ == State::LineStart || state_ == State::Line)) {
      const std::string_view window = wire.substr(at, kContentWindow);
      looked_at = at + window.size();
      if (is_quiet(state_ == State::LineStart ? '\n' : ' ', window)) {
        const char last = window.back();
        state_ = last == '\n' ? State::LineStart : last == '\r' ? State::LineCr : State::Line;
        at = looked_at - 1;
        continue;
      }
    }
    const char c = wire[at];
    switch (state_) {
      case State::LineStart:
        if (c != '.') break;
        // The dot is held: the next byte says whether it is dropped, kept (Form::Wire) or the end.
        if (form_ == Form::Wire && wire.substr(at + 1).starts_with('.')) break;
        give_until(at);
        begin = at + 1;
        state_ = State::Dot;
        continue;
      case State::Dot:
        if (c == '\r') {
          begin = at + 1;
          state_ = State::DotCr;
          continue;
        }
        if (form_ == Form::Wire && c == '.') give(".", sink);
        break;
      case State::DotCr:
        if (c == '\n') {
          state_ = State::Done;
          continue;
        }
        blame(ContentFault::BareCr);
        give("\r", sink);
        break;
      case State::LineCr:
        if (c != '\n') {
          if (at > 0) give_until(at - 1);
          blame(ContentFault::BareCr);
        }
        if (at == 0) give("\r", sink);
        if (c == '\n') {
          state_ = State::LineStart;
          continue;
        }
        break;
      case State::Line:
      case State::Done:
        break;
    }
    if (c == '\n' || c == '\0') {
      give_until(at);
      blame(c == '\n' ? ContentFault::BareLf : ContentFault::Nul);
    }
    state_ = c == '\r' ? State::LineCr : State::Line;
  }

  if (state_ == State::LineCr && begin < at) {
    give_until(at - 1);
  } else if (state_ != State::Done) {
    give_until(at);
  }
  return at;
}

}  // namespace privet::smtp
