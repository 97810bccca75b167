// Telling the sender that a copy never arrived (field rules 2.5). The notice is a message in the spool like
// the copies: it goes by the tenant's relay, or in the sender's own next session, from the sender to the
// sender, because an upstream lets a user write as nobody else.
#pragma once

#include <string>

#include "mime/notice.h"
#include "proxy/smtp/owed.h"

namespace privet::smtp {

/// Puts a notice into the spool, unless the sender is not to be told, was told often enough, or `copy` is
/// itself a notice. `reply`: the upstream's last words, fit for a log.
void report(Environment& environment, const OwedCopy& copy, mime::NoticeReason reason, std::string reply);

}  // namespace privet::smtp
