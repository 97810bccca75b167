// The table of mailboxes: one row for the present life of each. The messages of a life that has ended are
// removed bit by bit when nobody waits. Runs inside the caller's transaction; errors stick to the database.
#pragma once

#include <cstddef>
#include <optional>

#include "proxy/state/sqlite.h"
#include "proxy/state/store.h"

namespace privet::state {

struct Mailbox {
  MailboxName name;
  MailboxState state;
};

/// Makes the tables, in a database that has none. Lives are numbered from `last` + 1 on.
void make_tables(Database& database, MailboxId last);
/// Gives a database of version 1 the table that it lacks.
void upgrade_tables(Database& database);

std::optional<Mailbox> find(Database& database, const MailboxName& name);
std::optional<Mailbox> find(Database& database, MailboxId life);
/// Reads all of them: whether the tables are there, and each row is as it was written.
void check_mailboxes(Database& database);

/// Gives it a life, and its state the number of that.
void add(Database& database, Mailbox& mailbox);
void save(Database& database, const Mailbox& mailbox);
/// The greatest MODSEQ that is kept of this life, after it was raised to `highest`; 0 for none.
std::uint64_t raise_modseq(Database& database, MailboxId life, std::uint64_t highest);
/// Ends its life and begins another one, at `epochs`, with a greater UIDVALIDITY. False where there is none
/// left; then nothing has happened.
bool begin_new_life(Database& database, Mailbox& mailbox, std::uint32_t real_uid_validity, Epochs epochs);
/// Ends all mailboxes of an account; of the tenant where it is empty.
void end_all(Database& database, const std::string& tenant, const std::string& account, Time now);

/// From now on mailboxes that are not known begin with a UIDVALIDITY above all that may have been shown.
void note_loss(Database& database, Time now);
/// What first_uid_validity() asks for.
std::int64_t uid_validity_floor(Database& database, const std::string& tenant);

/// Takes over what can be read of a damaged database: what was announced, not what was decided. Decisions
/// that could come out otherwise today cost a new UIDVALIDITY. How many mailboxes that were.
std::size_t salvage(Database& damaged, Database& fresh);

/// Removes some messages of lives that have ended; whether there may be more.
bool remove_some_garbage(Database& database);

}  // namespace privet::state
