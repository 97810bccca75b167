// What each operation of the store does to the tables, inside the caller's transaction. Errors stick to the
// database: the caller looks at its health when all is done.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proxy/state/sqlite.h"
#include "proxy/state/store.h"

namespace privet::state {

/// The first half of load(): the life that the mailbox has now, begun where that is due.
Result<MailboxId> take_up(Database& database, const MailboxName& name, std::uint32_t real_uid_validity,
                          Epochs epochs);
/// The second half.
Result<Loaded> read_mailbox(Database& database, MailboxId id);
Result<std::vector<std::string>> read_headers(Database& database, MailboxId id,
                                              const std::vector<std::uint32_t>& uids);
bool add_messages(Database& database, MailboxId id, Epochs epochs, const std::vector<Classified>& messages,
                  Reach reach);
bool raise_announced(Database& database, MailboxId id, std::uint32_t uid_next);
Result<ModSeqs> raise_highest_modseq(Database& database, MailboxId id, std::uint64_t highest);
Result<MailboxState> change_policy(Database& database, MailboxId id, const Change& change);
void remove_messages(Database& database, MailboxId id, const std::vector<std::uint32_t>& uids);
Result<MailboxState> resync(Database& database, MailboxId id, Epochs epochs);

}  // namespace privet::state
