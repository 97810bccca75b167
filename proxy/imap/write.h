// Writing commands to an upstream and responses to a client (RFC 9051 4, 9; RFC 7888), so that nothing a peer
// said can end a line or begin another item.
//
// There is no way to append a string as it is: fixed words are checked by the compiler, everything else goes
// through the function for its kind. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/imap/date_time.h"

namespace privet::imap {

/// Words of our own, known at compile time: printable ASCII.
class Words {
 public:
  template <std::size_t N>
  consteval Words(const char (&text)[N]) : text_(text, N - 1) {  // NOLINT(google-explicit-constructor)
    for (const char c : text_) {
      if (c < ' ' || c > '~') throw "words are printable ASCII";
    }
  }
  std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

/// How a literal may be sent.
enum class LiteralForm {
  Response,       ///< to a client: {n}, never a wait
  Synchronising,  ///< to an upstream: {n}, then wait for its "+"
  Minus,          ///< to an upstream with LITERAL-: {n+} up to 4096 bytes, the others wait
  Plus,           ///< to an upstream with LITERAL+: {n+}
};

/// Appends to a caller's buffer:
///   Writer(out, form).tag(tag).words(" UID FETCH ").set(uids).words(" (UID FLAGS)").end();
class Writer {
 public:
  Writer(std::string& out, LiteralForm form) : out_(out), form_(form) {}

  Writer& words(Words words);
  /// A command's tag, ours or a client's; "*" when it is none.
  Writer& tag(std::string_view tag);
  Writer& number(std::uint64_t number);
  /// For people: what is not printable ASCII becomes "?".
  Writer& text(std::string_view text);

  /// An atom where `bytes` are one that no reader takes for anything else, else a string.
  Writer& astring(std::string_view bytes);
  /// Quoted, or a literal where quoting cannot say it (CR, LF, NUL, 8-bit) or it is long. NUL is written as
  /// "?" to an upstream (CHAR8 has none); to a client such bytes become a literal as they are.
  Writer& string(std::string_view bytes);
  Writer& nstring(std::optional<std::string_view> bytes);
  /// Always a literal: what a section holds.
  Writer& literal(std::string_view bytes);
  /// A literal whose `size` bytes the caller sends behind what was written so far.
  Writer& literal_head(std::uint64_t size);
  /// "(\Seen $Private)"; what is no flag is left out.
  Writer& flags(std::span<const std::string_view> flags);
  /// The set of `numbers`: ascending, not empty. See fitting().
  Writer& set(std::span<const std::uint32_t> numbers);
  /// 1-Feb-1994, for SEARCH.
  Writer& date(const Date& date);
  /// "01-Feb-1994 00:00:00 +0000" with its quotes.
  Writer& date_time(const DateTime& time);
  /// A list or section that a peer sent (ENVELOPE, BODYSTRUCTURE, what stood between BODY[ and ]), its
  /// strings as they are. Only for responses: a literal in it is not waited for.
  Writer& expression(std::string_view expression);
  /// CRLF.
  Writer& end();

  /// Offsets into the buffer at which the sender has to stop until the upstream says "+"; ascending.
  std::span<const std::size_t> waits() const { return waits_; }

 private:
  std::string& out_;
  LiteralForm form_;
  std::vector<std::size_t> waits_;
};

/// How many of `numbers` (ascending) make a set of at most `room` bytes, at least one: a long list of UIDs is
/// sent in several commands, none above limits::kImapCommandSent.
std::size_t fitting(std::span<const std::uint32_t> numbers, std::size_t room);

}  // namespace privet::imap
