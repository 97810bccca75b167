// The form in which SEARCH compares text: i;unicode-casemap (RFC 5051), title case and one step of
// decomposition, as Dovecot and Cyrus do, so that a redacted message is found like any other.
#pragma once

#include <string>
#include <string_view>

namespace privet::imap {

/// Two texts are alike when their forms are the same bytes; one is in the other when its form is. What is not
/// UTF-8 becomes U+FFFD, one for each run.
std::string casemap(std::string_view utf8);

}  // namespace privet::imap
