// HTML to text as browsers read it (WHATWG 13.2.5), for matching only.
#pragma once

#include <string>
#include <string_view>

namespace privet::mime {

/// What takes the place of a tag.
enum class Tags {
  AsShown,  ///< one that begins a new line or cell a line break or blank, others nothing; style and script go
  Nothing,  ///< nothing, whatever the tag; style and script stay
  Blank,    ///< a blank, whatever the tag; style and script stay
};

/// `html` without tags and comments; the source's own line breaks become blanks. Entities stay.
std::string without_tags(std::string_view html, Tags tags = Tags::AsShown);

}  // namespace privet::mime
