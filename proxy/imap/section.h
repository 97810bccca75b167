// Header sections of FETCH, partial ranges, and the stream "redacted header, then the upstream's text" (RFC
// 9051 6.4.5). Pure; the answers are Dovecot's.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "proxy/imap/fetch_item.h"

namespace privet::imap {

/// Which fields a list names.
enum class Fields { Named, NotNamed };

/// HEADER.FIELDS or HEADER.FIELDS.NOT of a header section: the fields as they are, in its order, then the
/// empty line (of NotNamed only where the section has one).
std::string select_fields(std::string_view header, std::span<const std::string> names, Fields which);

/// HEADER, HEADER.FIELDS and HEADER.FIELDS.NOT, also MIME of a message that is no multipart: what `section`
/// asks of the message whose header this is: a view of it, or of `scratch`. Empty for every other section.
std::string_view header_section(std::string_view header, const Section& section, std::string& scratch);

/// The octets that `partial` asks of `text`, none past its end. All of it without one.
std::string_view partial_of(std::string_view text, const std::optional<Partial>& partial);

/// A range of the redacted message: octets of its header, then of its text.
struct StreamRange {
  std::string_view header;
  bool text = false;                    ///< the text belongs to it too
  std::optional<Partial> text_partial;  ///< what to ask of the upstream's BODY[TEXT]; without: all of it
};
/// What `partial` (all without one) asks of a message that is `header` and a text behind it. Where the text
/// ends does not matter: the upstream answers "" past it, as we have to.
StreamRange stream_range(std::string_view header, const std::optional<Partial>& partial);

/// RFC822.SIZE of the redacted message: `size` is the upstream's, `change` how its header section grew, in
/// octets. Not below 0, whatever the upstream says.
std::uint64_t redacted_size(std::uint64_t size, std::int32_t change);

}  // namespace privet::imap
