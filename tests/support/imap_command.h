// A command written again as a client could have sent it: for tests, which compare texts.
#pragma once

#include <string>

#include "proxy/imap/command.h"

namespace privet::imap::test {

/// One frame. Mailboxes and texts as literals, everything else in its shortest form.
std::string write(const Command& command);
std::string write(const SearchKey& key);

}  // namespace privet::imap::test
