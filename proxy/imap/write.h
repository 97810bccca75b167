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
#include "proxy/imap/fetch_item.h"

namespace privet::imap {

/// Words of our own, known at compile time: printable ASCII. From anything else it does not compile.
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

  /// An atom where no reader could take `bytes` for anything else, else as string().
  Writer& astring(std::string_view bytes);
  /// Quoted; a literal where quoting cannot say it (controls, 8-bit) or it is above limits::kImapQuoted.
  Writer& string(std::string_view bytes);
  Writer& nstring(std::optional<std::string_view> bytes);
  /// Always a literal: what a section holds. To an upstream NUL becomes "?", a literal there has none.
  Writer& literal(std::string_view bytes);
  /// "{size}" CRLF of a response; the caller sends the bytes behind what was written so far.
  Writer& literal_head(std::uint64_t size);
  /// "(\Seen $Private)"; what is no flag, nor "\*", is left out.
  Writer& flags(std::span<const std::string_view> flags);
  /// The set of `numbers`, strictly ascending and not empty. See fitting().
  Writer& set(std::span<const std::uint32_t> numbers);
  Writer& date(const Date& date);           ///< 1-Feb-1994
  Writer& date_time(const DateTime& time);  ///< "01-Feb-1994 00:00:00 +0000", in quotes
  /// What stands between BODY[ and ] for an upstream: made of the section's parts, not of what the client
  /// wrote.
  Writer& section(const Section& section);
  /// A list or an item's name that a peer sent (ENVELOPE, BODYSTRUCTURE, BODY[...]), its strings as they are:
  /// only CR, LF and NUL outside of literals become "?". For responses alone: nobody waits for its literals.
  Writer& expression(std::string_view expression);
  Writer& end();  ///< CRLF

  /// Offsets into the buffer, ascending: what stands before one is sent, then the upstream has to say "+".
  std::span<const std::size_t> waits() const { return waits_; }

 private:
  std::string& out_;
  LiteralForm form_;
  std::vector<std::size_t> waits_;
};

/// How many of `numbers` (strictly ascending) make a set of at most `room` bytes; at least one. A long list
/// of UIDs is sent in several commands, none above limits::kImapCommandSent.
std::size_t fitting(std::span<const std::uint32_t> numbers, std::size_t room);

}  // namespace privet::imap
