// Brings the index in line with the folders: at the start, and whenever an administrator may have moved
// something. The folders are the truth.
#pragma once

#include <mutex>

#include "proxy/spool/disk.h"
#include "proxy/spool/index.h"
#include "proxy/spool/keys.h"

namespace privet::spool {

/// On the thread that changes the files. Takes up what is new, forgets what is gone, removes unfinished files
/// and what the CRM has already, sets aside what is torn or foreign, and drops what is in doubt for longer
/// than limits::kInDoubt. `mutex` guards the index and is held for moments only. The error of a folder that
/// could not be read: then nothing was forgotten.
SystemError take_stock(const Disk& disk, Keys& keys, std::mutex& mutex, Index& index, Time now);

/// Moves a file to aside/ and says so in the log.
void set_aside(const Disk& disk, Folder folder, const std::string& name, const std::string& why);

}  // namespace privet::spool
