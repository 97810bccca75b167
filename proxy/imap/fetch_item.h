// What a client asks of a message (RFC 3501 6.4.5 and 9, RFC 7162 3.1.4). An allow-list, pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace privet::imap {

class CommandReader;

enum class SectionText : std::uint8_t {
  All,              ///< "" or a part as a whole
  Header,           ///< HEADER
  HeaderFields,     ///< HEADER.FIELDS (...)
  HeaderFieldsNot,  ///< HEADER.FIELDS.NOT (...)
  Text,             ///< TEXT
  Mime              ///< MIME; only with a part
};

/// What stands between the brackets of BODY[...].
struct Section {
  std::vector<std::uint32_t> part = {};  ///< "1.2" is {1, 2}; empty: the message itself
  SectionText text = SectionText::All;
  std::vector<std::string> fields = {};  ///< of HEADER.FIELDS and .NOT: field names as written, never empty
  std::string spec =
      {};  ///< as the client wrote it, to be echoed, but one blank between words and literals quoted
  bool operator==(const Section&) const = default;
};

/// "<origin.count>": `count` octets from `origin` on, fewer where the section ends.
struct Partial {
  std::uint64_t origin = 0;
  std::uint64_t count = 1;  ///< never 0
  bool operator==(const Partial&) const = default;
};

struct FetchItem {
  enum class Kind : std::uint8_t {
    Uid,
    Flags,
    InternalDate,
    Rfc822Size,
    Envelope,
    Body,           ///< BODY without brackets
    BodyStructure,  ///< BODYSTRUCTURE
    Section,        ///< BODY[...] and BODY.PEEK[...]
    Rfc822,         ///< RFC822; with `peek` the RFC822.PEEK of old clients
    Rfc822Header,
    Rfc822Text,
    ModSeq
  };
  Kind kind = Kind::Uid;
  Section section = {};                 ///< of Kind::Section
  std::optional<Partial> partial = {};  ///< of Kind::Section
  bool peek = false;                    ///< does not set \Seen; said only of Section and Rfc822

  /// Whether answering sets \Seen in a mailbox that is not read-only: BODY[...], RFC822 and RFC822.TEXT
  /// without PEEK.
  bool sets_seen() const;
  /// The name in the answer: "BODY[HEADER.FIELDS (To)]<0>" for BODY.PEEK[HEADER.FIELDS (To)]<0.100>, "RFC822"
  /// for RFC822.PEEK.
  std::string answer_name() const;

  bool operator==(const FetchItem&) const = default;
};

/// One item, a list of them or a macro, expanded. nullopt for what is unknown, for a part nested deeper than
/// mime::limits::kMimeDepth, and above limits::kImapFetchItems.
std::optional<std::vector<FetchItem>> read_fetch_items(CommandReader& reader);

}  // namespace privet::imap
