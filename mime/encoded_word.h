// RFC 2047 encoded words, decoded the way the laxest reader would, for matching only. Never used to write.
#pragma once

#include <string>
#include <string_view>

namespace privet::mime {

/// Text of a header value as a reader shows it.
struct DecodedText {
  std::string text;      ///< UTF-8, unfolded
  bool complete = true;  ///< false when an encoded word, its charset or a raw 8-bit byte could not be
                         ///< decoded, and when the decoded text holds encoded words in turn
};

/// Unfolds `value` and decodes every encoded word in it, also inside quoted strings, comments and addr-specs,
/// also when adjacent or split in the middle of a character. Raw UTF-8 is kept, other raw 8-bit text is read
/// as windows-1252.
DecodedText decode_header_text(std::string_view value);

}  // namespace privet::mime
