// List files, `file:NAME` in a tenant's lists: one entry a line, or a CSV export with an e-mail column. Plain
// UTF-8.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "mime/result.h"
#include "policy/pattern.h"

namespace privet::policy {

/// Takes one entry and its place; what it returns, if anything, is refused as an error at that place.
using EntrySink = std::function<std::optional<std::string>(const Pattern& pattern, int line, int column)>;

/// Reads the whole of `text`. It is CSV when its first line has a separator (, or ;) or is the header of an
/// e-mail column: "email", "e-mail", "mail", "e-mail address", "e-mail-adresse" and the like, in any case.
/// Otherwise it has one entry a line; blank lines and what follows a # do not count. CSV rows with an empty
/// e-mail cell are skipped. The error has file:line:column of the list file; `file` is only for messages.
std::optional<Error> read_list_file(std::string_view text, const std::string& file, const EntrySink& sink);

}  // namespace privet::policy
