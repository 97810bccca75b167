// What a FETCH response says of one message (RFC 9051 7.5.2, RFC 7162 7): the items that are needed, as
// views.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace privet::imap {

/// The content of BODY[spec], BINARY[spec], RFC822, RFC822.HEADER or RFC822.TEXT.
struct FetchedSection {
  enum class Content {
    Nil,       ///< the server has nothing: often a message that is gone
    Plain,     ///< `bytes`
    Escaped,   ///< `bytes` of a quoted string with "\" in it
    Streamed,  ///< a literal of `size` bytes that went past the framer
  };

  std::string_view item;  ///< "BODY", "BINARY", "RFC822", "RFC822.HEADER", "RFC822.TEXT"; case as sent
  std::string_view spec;  ///< between the brackets, as sent: may hold quoted strings and literals
  std::optional<std::uint64_t> origin;  ///< of BODY[spec]<origin>
  Content content = Content::Nil;
  std::string_view bytes;
  std::uint64_t size = 0;  ///< of the content, quoting undone

  /// The content's bytes (empty for Nil and Streamed); `scratch` holds them where quoting had to be undone.
  std::string_view value(std::string& scratch) const;
};

struct FetchData {
  std::optional<std::uint32_t> uid;
  std::optional<std::vector<std::string_view>> flags;  ///< as sent; some servers' are no atoms
  std::optional<std::string_view> internal_date;       ///< without its quotes
  std::optional<std::uint64_t> rfc822_size;
  std::optional<std::uint64_t> modseq;
  // Parenthesised lists as sent, literals within. Write them with Writer::expression().
  std::optional<std::string_view> envelope;
  std::optional<std::string_view> body;
  std::optional<std::string_view> body_structure;
  std::vector<FetchedSection> sections;
};

/// Whether a part of the BODY or BODYSTRUCTURE `list` is a message of its own (message/rfc822, /global,
/// /news). Yes for what cannot be understood: it may hide one.
bool body_structure_has_message(std::string_view list);

}  // namespace privet::imap
