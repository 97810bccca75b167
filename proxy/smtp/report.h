// The end of a copy that never arrived: its sender is told (field rules 2.5), then it is removed. The notice
// is a message in the spool like the copies: it goes by the tenant's relay, or in the sender's own next
// session, from the sender to the sender, because an upstream lets a user write as nobody else.
//
// Promise: the copy stays until its notice is owed. A process that is killed in between finds the copy, gives
// it up once more, and the notice's duplicate key finds what was filed before: one notice, whatever happens.
#pragma once

#include <string>

#include "mime/notice.h"
#include "proxy/smtp/owed.h"

namespace privet::smtp {

/// Ends a claimed copy. The notice is left out where the sender is not to be told or was told often enough,
/// and where `copy` is itself a notice. `reply`: the upstream's last words, fit for a log. Goes on as an
/// errand; `copy` is not needed behind the call. Where the disk takes no notice, the copy is postponed, until
/// limits::kNoticePatience behind its time.
void give_up(Environment& environment, const OwedCopy& copy, mime::NoticeReason reason, std::string reply);

}  // namespace privet::smtp
