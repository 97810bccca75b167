// Text as the readers of a CRM may see it: HTML shown, entities and percent escapes undone, invisible
// characters gone. For matching only, never to print or to send.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace privet::mime {

/// HTML (WHATWG, as browsers read it) without tags and comments; a tag that begins a new line becomes a line
/// break, the source's own line breaks become blanks. Entities stay.
std::string without_tags(std::string_view html);

/// Character references ("&#64;", "&commat;", "&lt;") as UTF-8; unknown ones stay.
std::string without_entities(std::string_view text);

/// "%40" as "@", twice when it was escaped twice; other "%" stay.
std::string without_percent_escapes(std::string_view text);

/// Zero-width, bidirectional and control characters (NUL too) dropped; full-width forms of ASCII, look-alike
/// dots and
/// "@" and exotic blanks as ASCII. Line breaks and bytes that are no UTF-8 stay.
std::string without_disguise(std::string_view text);

/// Lines that continue on the next (RFC 5545 3.1, RFC 5322 2.2.3) joined, the line break alone removed.
std::string unfolded(std::string_view text);

/// What a reader could make of `text`: first all escapes undone, then the same with tags removed and with
/// backslashes removed where there are any. The text itself is not among them.
std::vector<std::string> renditions(std::string_view text);

}  // namespace privet::mime
