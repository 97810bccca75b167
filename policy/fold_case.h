// Case folding for subject words: ASCII and the Latin letters of Europe. Not Unicode's full folding: no
// length changes, no normalisation.
#pragma once

#include <string>
#include <string_view>

namespace privet::policy {

/// UTF-8 with Latin capitals (U+0041..U+024F, U+1E00..U+1EFF) in lower case; other bytes stay, invalid ones
/// too.
std::string fold_case(std::string_view utf8);

}  // namespace privet::policy
