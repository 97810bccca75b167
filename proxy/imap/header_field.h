// The fields of a header section as a mail server reads them to answer IMAP (RFC 9051 2.3.5, 6.4.5): anything
// goes.
//
// Promise: `raw` of all fields in order is the section up to its empty line. What mime/header.h refuses is a
// field here: a line without a colon has no name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace privet::imap {

/// One field: a line and the lines that begin with a blank behind it. Views into the section.
struct HeaderField {
  std::string_view raw;     ///< folding and final line end included
  std::string_view name;    ///< without blanks before the colon; empty when there is none
  std::string_view middle;  ///< the colon, blanks before it and one blank after it
  std::string_view value;   ///< the rest, folding kept, without the final line end

  /// Case-insensitive comparison of the name.
  bool is(std::string_view other) const;
};

/// Fields up to the empty line, or to the end where there is none. Line ends are CRLF or LF.
std::vector<HeaderField> read_fields(std::string_view section);

/// The value with "\n" between its lines and without the blanks it begins with (one of them where its first
/// line has nothing else).
std::string folded_value(const HeaderField& field);

/// The value in one line: no line ends; a blank that begins a line is a space.
std::string unfolded_value(const HeaderField& field);

}  // namespace privet::imap
