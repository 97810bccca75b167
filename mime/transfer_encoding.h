// Undoing base64 and quoted-printable (RFC 2045 6.7, 6.8).
//
// Promise: where readers disagree on what broken encoding means, the answer is an error and never a guess.
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

}  // namespace privet::mime
