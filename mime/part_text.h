// What of a part a CRM may read as text, and which parts nobody can look into.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mime/content_type.h"
#include "mime/header.h"
#include "mime/result.h"
#include "mime/structure.h"

namespace privet::mime {

/// The part's text: its decoded bytes, these as UTF-8 where its charset says something else, and its flowed
/// lines joined (RFC 3676). Empty for multiparts, nested messages (their parts are parts of their own) and
/// attachments that are no text: of whatever type, one that begins like text is text, but for pictures,
/// sound and documents. Error when the part cannot be inspected: encrypted, opaque-signed, TNEF, an attached
/// mail file, message/partial, message/external-body, unknown charset or encoding.
Result<std::vector<std::string>> part_texts(const Part& part);

/// Content-Disposition; default-constructed where there is none.
Result<ContentType> content_disposition(const Header& header);

/// True for text/calendar and what is named like one.
bool is_calendar(const Part& part);

/// "part 2 (text/html)" for the log; a type that is not well known is called "other".
std::string part_label(const Structure& structure, std::size_t index);

}  // namespace privet::mime
