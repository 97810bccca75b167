// A client's bytes cut into commands (RFC 3501 2.2.1, 4.3, 6.3.11; RFC 7888 literals). Pure.
//
// Promise: the same bytes give the same commands however they are chunked. Octets of a literal never become a
// command, refused or not; the message of an APPEND is never held; nothing stays in memory of a command that
// was read, for there may be a password in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "proxy/limits.h"

namespace privet::imap {

class CommandFramer {
 public:
  struct Limits {
    std::size_t line = limits::kImapLineBeforeLogin;          ///< octets of a command without its literals
    std::size_t literals = limits::kImapLiteralsBeforeLogin;  ///< of its literals together
  };

  enum class Event {
    NeedMore,  ///< all bytes given are used
    Command,   ///< frame() is a whole command, after accept() of a Message its announcement once more
    Literal,   ///< the client waits for "+": accept() or refuse()
    Message,   ///< frame() is an APPEND up to its message: accept() or refuse(). "+" only where waits()
    Octets,    ///< the first `used` bytes given are the message's
    Refused,   ///< answer BAD with refusal(); what else belongs to the command is dropped unseen
    Broken     ///< nothing behind this can be told from commands: say BYE with refusal(), and close
  };

  struct Step {
    std::size_t used = 0;  ///< bytes taken; the rest belongs to what comes next
    Event event = Event::NeedMore;
  };

  explicit CommandFramer(Limits limits) : limits_(limits) {}
  ~CommandFramer();
  CommandFramer(const CommandFramer&) = delete;
  CommandFramer& operator=(const CommandFramer&) = delete;

  /// From the next command on.
  void set_limits(Limits limits) { limits_ = limits; }

  /// Refused: a line or literals above the limits, a literal above 4096 octets that does not wait (LITERAL-),
  /// anything behind the message of an APPEND. Broken: CR, LF or NUL in a line, a literal that does not wait
  /// of more than limits::kImapDropped octets or no size at all. Uses nothing while accept() or refuse() is
  /// due, and after Broken.
  Step feed(std::string_view bytes);

  /// Without its CRLF, literals in place: "{3}" CRLF "abc". A view that the next feed() ends. Also what is
  /// known of a command that was refused: read_tag() finds the tag.
  std::string_view frame() const { return frame_; }
  /// Why; of static life, ours.
  std::string_view refusal() const { return refusal_; }

  /// After Literal and Message: octets of it, and whether the client waits for "+".
  std::uint64_t literal_size() const { return left_; }
  bool waits() const { return waits_; }
  /// The octets are read: of a Literal into the frame, of a Message they come as Octets, then Command.
  void accept();
  /// The command is over, its answer is the session's. Octets that do not wait are dropped; more than
  /// limits::kImapDropped of them are Broken.
  void refuse();

  /// The next frame is one line whatever it ends with: the answer to a challenge, DONE.
  void expect_line() { plain_ = true; }
  /// Nothing of a next command was read.
  bool between_commands() const { return state_ == State::Start; }

 private:
  enum class State : std::uint8_t {
    Start,
    Line,
    Literal,      ///< octets of the frame
    Asked,        ///< accept() or refuse() is due
    Message,      ///< octets of the message
    MessageEnd,   ///< its CRLF
    DroppedLine,  ///< of a refused command
    DroppedLiteral,
    Broken
  };

  Step feed_line(std::string_view bytes);
  Step end_line(std::size_t used);
  Step end_message(std::string_view bytes);
  Step refuse_with(std::string_view why, std::size_t used);
  Step break_with(std::string_view why, std::size_t used);
  bool drop_command();
  bool drop_literal();
  bool is_message() const;
  void append(std::string_view bytes);
  void clear();

  Limits limits_;
  State state_ = State::Start;
  bool plain_ = false;
  bool after_return_ = false;  ///< the last byte was CR
  bool waits_ = false;
  bool message_ = false;      ///< what was asked about is the message of an APPEND
  std::uint64_t left_ = 0;    ///< octets of the literal
  std::size_t line_ = 0;      ///< octets of the command's lines
  std::size_t literals_ = 0;  ///< and of its literals
  std::size_t dropped_ = 0;   ///< octets of a refused command
  std::string frame_;         ///< wiped
  std::string tail_;          ///< the end of a line that is dropped
  std::string_view refusal_;
};

}  // namespace privet::imap
