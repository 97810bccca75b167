// Address lists as strangers really write them, with the byte span of every piece (RFC 5322 3.4 and 4.4, RFC
// 6532, and Outlook's `;` lists).
//
// Promise: an address that a lax reader could find in the value is among `addresses`, stands in the `display`
// of one of them (quoted names and comments), or `unsure` is set. Callers treat an unsure list as one they
// must not show. Nothing is normalised behind the caller's back: spans point into the value as given, folding
// included.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace privet::mime {

/// Half-open byte range of a value.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;

  std::string_view of(std::string_view value) const { return value.substr(begin, end - begin); }
};

/// A mail address without display name. `local` is unquoted and keeps its case; `domain` is as written.
struct AddrSpec {
  std::string local;
  std::string domain;

  /// The form two spellings of one person share: local part lower case (ASCII letters), without "+tag" (and
  /// without dots at gmail.com and googlemail.com), "@", canonical domain (lower-case bytes as written where
  /// it has no canonical form).
  std::string key() const;
  /// "local@domain" for people to read; the local part quoted where RFC 5321 asks for it.
  std::string to_string() const;
};

/// One mailbox of a list (RFC 5322 `mailbox`; the word Mailbox means an IMAP folder here).
struct Address {
  Span span;  ///< display name, angle brackets and comments included; no separator, no outer blanks
  AddrSpec spec;
  std::string display;  ///< phrase and comments, encoded words decoded, as UTF-8, and as written where that
                        ///< shows another address; for checks, never to print. Empty where only the address
                        ///< itself was understood
  std::size_t group = npos;  ///< index into AddressList::groups

  static constexpr std::size_t npos = static_cast<std::size_t>(-1);
};

/// A group "Name: a@b, c@d;" (RFC 5322 3.4); `name` is its phrase.
struct Group {
  Span name;
};

struct AddressList {
  std::vector<Address> addresses;
  std::vector<Group> groups;
  bool unsure = false;   ///< some bytes were not understood: somebody may be named that is not in `addresses`
  std::string why = {};  ///< reason for `unsure`, for the log; quotes nothing of the value
};

/// Reads the value of an address field (after the colon, folded or not).
AddressList parse_address_list(std::string_view value);

/// Reads one bare addr-spec, as in a policy or an SMTP path without its angle brackets and source route.
/// nullopt unless the whole of `text` is one unambiguous local@domain: no comment, no blank outside quotes,
/// no control or invisible character, no encoded word, no second at sign even in quotes, a domain that
/// canonical_domain() accepts. "a%b@c", "b!a@c" and "a@[name]" are read as they are written, since the server
/// that is asked knows what they mean to it; in a list they are unsure.
std::optional<AddrSpec> parse_addr_spec(std::string_view text);

}  // namespace privet::mime
