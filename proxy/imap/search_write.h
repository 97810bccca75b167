// A leaf of a SEARCH as the upstream is asked for it (RFC 9051 6.4.4, 6.4.9; RFC 4731 RETURN, RFC 5032
// WITHIN), and the result as the client hears it.
//
// Promise: no number of a client goes upstream, and what a client searches for cannot become a key.
#pragma once

#include <string_view>

#include "proxy/imap/search.h"
#include "proxy/imap/sequence_set.h"
#include "proxy/imap/write.h"

namespace privet::imap {

/// "UID SEARCH UID 5:90 UNSEEN FROM anna", without tag and end. `scope` is what SearchPlan::scope gave. With
/// `extended`, for an upstream that has ESEARCH, the answer comes as ranges: "UID SEARCH RETURN (ALL) UID
/// ...". CHARSET UTF-8 stands there where a text is not ASCII. Keys that only the plan can answer are written
/// as ALL.
void write_search(Writer& writer, const SearchLeaf& leaf, Range scope, bool extended);

/// "* ESEARCH (TAG "a") UID MIN 3 MAX 9 COUNT 4 ALL 3,7:9" and its end.
void write_result(Writer& writer, std::string_view tag, const ESearch& result);

}  // namespace privet::imap
