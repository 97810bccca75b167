// The words of one command frame, read from left to right (RFC 3501 9: atom, astring, quoted, literal,
// nstring). Pure.
//
// Laxness, because clients that people use need it: several blanks count as one, and one may stand at the
// end.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/sasl.h"

namespace privet::imap {

/// Why a command is not understood; the text is ours.
struct Refusal {
  std::string_view text;
  bool no = false;  ///< answer NO, not BAD
};

/// By the octet: this is asked of each one that a keyword or a name has.
inline constexpr std::array<bool, 256> kInAtoms = [] {
  std::array<bool, 256> belongs{};
  for (std::size_t c = ' ' + 1; c <= '~'; ++c)
    belongs[c] = !std::string_view("(){%*\"\\]").contains(static_cast<char>(c));
  return belongs;
}();
inline bool is_atom_char(char c) {
  return kInAtoms[static_cast<unsigned char>(c)];
}
bool is_astring_char(char c);  ///< an atom's, or "]"
bool is_list_char(char c);     ///< an astring's, "%" or "*"
bool is_set_char(char c);      ///< of a sequence set

class CommandReader {
 public:
  explicit CommandReader(std::string_view text) : rest_(text) {}

  std::string_view rest() const { return rest_; }
  /// The next byte; NUL at the end, where no frame has one outside a literal.
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  /// True when nothing but blanks is left.
  bool at_end() const { return rest_.find_first_not_of(' ') == std::string_view::npos; }

  /// Takes `c` when it is next.
  bool take(char c);
  /// Takes the blanks before an argument; false where there is none, or nothing behind them.
  bool blank();
  /// What of the next bytes `belongs` holds for; may be empty.
  std::string_view take_while(bool (*belongs)(char));
  std::string_view atom() { return take_while(is_atom_char); }
  /// Takes the atom `word`, in any case, when it is next.
  bool word(std::string_view word);
  /// Decimal digits; nullopt for none and for more than `largest`.
  std::optional<std::uint64_t> number(std::uint64_t largest);

  // nullopt where there is none, and for a string with NUL in it.
  std::optional<std::string> string();                  ///< quoted or literal
  std::optional<std::string> astring();                 ///< that or an atom
  std::optional<std::string> list_mailbox();            ///< that, with wildcards in the atom
  std::optional<std::optional<std::string>> nstring();  ///< string, or nullopt within for NIL

  /// astring() of which no copy stays behind.
  std::optional<Secret> secret();

  /// "{n}" or "{n+}" whose octets do not stand in the frame: the size. It has to be the end.
  std::optional<std::uint64_t> announced_literal();

  /// "(" item *(blank item) ")"; `item` returns false where it cannot read one. `least` is 0 where "()" is
  /// right.
  template <class Item>
  bool list(std::size_t least, Item&& item) {
    if (!take('(')) return false;
    std::size_t count = 0;
    for (blank(); !take(')'); ++count) {
      if (!item()) return false;
      if (!blank() && peek() != ')') return false;
    }
    return count >= least;
  }

 private:
  bool append_astring(std::string& text, bool (*belongs)(char));
  bool append_string(std::string& text);
  bool append_quoted(std::string& text);
  bool append_literal(std::string& text);
  std::optional<std::uint64_t> literal_head();

  std::string_view rest_;
};

}  // namespace privet::imap
