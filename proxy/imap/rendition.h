// What a FETCH item about a redacted message is made of, so that the session can ask the upstream once for a
// range (RFC 9051 6.4.5). Fails closed: no item that could show the message's own header is asked of the
// upstream.
#pragma once

#include <string>
#include <string_view>

#include "proxy/imap/fetch_item.h"

namespace privet::imap {

/// What the message itself is. Part 1 of all but a multipart is the message's own body, and its MIME header
/// the message's header (RFC 9051 6.4.5).
enum class Root {
  Single,   ///< one part that is no message
  Message,  ///< message/rfc822 or /global: part 1 has a header, a text and parts of its own
  Multipart,
};

/// Root of an upstream's BODY or BODYSTRUCTURE list. Single for what cannot be understood: it has the fewest
/// parts.
Root root_of(std::string_view body_structure);

/// Everything that is needed for one item; nothing at all: the answer is an empty string.
struct Need {
  bool header = false;  ///< the redacted header: envelope_of(), header_section(), stream_range()
  bool text = false;    ///< the upstream's BODY.PEEK[TEXT], the range that stream_range() gives
  bool item = false;    ///< the upstream's answer to the item itself, asked with PEEK; passes as it is
  bool size = false;    ///< the upstream's RFC822.SIZE, for redacted_size()

  bool operator==(const Need&) const = default;
};

/// The message has no part that must be hidden: a policy hides such messages altogether.
Need need_of(const FetchItem& item, Root root);

}  // namespace privet::imap
