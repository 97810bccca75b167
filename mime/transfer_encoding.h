// Undoing base64 and quoted-printable (RFC 2045 6.7, 6.8).
//
// Promise: where readers disagree on what broken encoding means, the answer is an error or all of their
// readings, never a guess.
#pragma once

#include <string>
#include <string_view>

#include "mime/result.h"

namespace privet::mime {

/// Line breaks and blanks are skipped. Errors: a byte outside the alphabet, data behind the padding, a lone
/// last character.
Result<std::string> decode_base64(std::string_view text);

/// Soft line breaks are joined. Errors: "=" that is followed neither by two hexadecimal digits nor by the
/// line's end.
Result<std::string> decode_quoted_printable(std::string_view text);

/// As decode_base64(), for text that is only looked at: what stands behind the padding (the footer of a
/// mailing list) follows as it is and as readers decode it that do not stop there.
Result<std::string> read_base64(std::string_view text);

/// As decode_quoted_printable(), for text that is only looked at: where a "=" escapes nothing, the reading
/// that keeps it, a line break, and the reading that drops it.
std::string read_quoted_printable(std::string_view text);

/// True when decoding changes nothing for a reader that keeps a "=" that escapes nothing.
bool is_plain_quoted_printable(std::string_view text);

}  // namespace privet::mime
