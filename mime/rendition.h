// Text as the readers of a CRM may see it: HTML shown, entities and percent escapes undone, invisible
// characters gone. For matching only, never to print or to send.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace privet::mime {

/// Character references ("&#64;", "&commat;", "&lt;") as UTF-8. Unknown named ones stay, or become `unknown`.
std::string without_entities(std::string_view text, std::optional<std::string_view> unknown = std::nullopt);

/// "%40" as "@", twice when it was escaped twice; other "%" stay.
std::string without_percent_escapes(std::string_view text);

/// Zero-width, bidirectional, tag and control characters (NUL too) dropped; full-width forms of ASCII,
/// look-alike dots and "@" and exotic blanks as ASCII. Line breaks and bytes that are no UTF-8 stay.
std::string without_disguise(std::string_view text);

/// Lines that continue on the next (RFC 5545 3.1, RFC 5322 2.2.3) joined, the line break alone removed.
std::string unfolded(std::string_view text);

/// Lines that end in a blank joined with the next (RFC 3676 4.2), that blank, the line break and the next
/// line's quote marks removed, as DelSp=yes asks for.
std::string unflowed(std::string_view text);

/// What a reader shows of `text`: first all escapes undone, then the same with tags removed and with
/// backslashes removed where there are any. The text itself is not among them.
std::vector<std::string> renditions(std::string_view text);

/// True when `test` is for one of renditions(text), or for one that only a search could make of it: every tag
/// and unknown entity nothing, then each a blank; the hexadecimal escapes of CSS, JSON and RTF undone.
bool any_rendition(std::string_view text, const std::function<bool(std::string_view)>& test);

}  // namespace privet::mime
