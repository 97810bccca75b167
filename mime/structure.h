// The MIME tree of a message as spans over its bytes (RFC 2045, 2046), read line by line as strictly as mail
// allows.
//
// Promise: what two readers could see differently (a missing or repeated boundary, two Content-Type fields,
// an encoding nobody knows, too deep, too many) is an error, so that the copy is withheld.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mime/content_type.h"
#include "mime/header.h"
#include "mime/result.h"

namespace privet::mime {

/// One part, the whole message included (index 0). `header` of the root is the message header.
struct Part {
  Header header;
  ContentType content_type;
  std::string transfer_encoding = "7bit";  ///< lower case
  std::string_view body;                   ///< undecoded bytes; `header.body()` is the same for the root only
  std::size_t depth = 0;
  std::size_t parent = 0;
  bool is_message = false;  ///< the message itself or one nested in it: `header` names parties
};

/// All parts of `content`, parents before children, message/rfc822, /global and /news entered. Decoded nested
/// messages (base64 message/rfc822) keep their decoded bytes in `storage`.
struct Structure {
  std::vector<Part> parts;
  std::vector<std::unique_ptr<std::string>> storage;
};
Result<Structure> parse_structure(std::string_view content);

/// The text of the part's body with base64 or quoted-printable undone, for looking at only: where the
/// encoding is broken in the ways that ordinary mail is, every reading of it, one behind the other. Error for
/// an encoding that is none of RFC 2045's five or is broken otherwise.
Result<std::string> decode_body(const Part& part);

}  // namespace privet::mime
