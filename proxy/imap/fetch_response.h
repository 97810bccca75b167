// The items of a FETCH response. Inner part of response.cc.
#pragma once

#include "mime/result.h"
#include "proxy/imap/fetch_data.h"
#include "proxy/imap/response_reader.h"

namespace privet::imap {

/// Adds to `data` the "(item value ...)" at which `reader` stands, up to and with its ")". With
/// `up_to_literal` up to the end of a text that ends in the head of a streamed literal, which has to be the
/// content of a section.
Result<void> parse_fetch_data(ResponseReader& reader, bool up_to_literal, FetchData& data);

}  // namespace privet::imap
