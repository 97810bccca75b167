#include "proxy/state/operations.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "proxy/limits.h"
#include "proxy/state/mailboxes.h"
#include "proxy/state/uid_validity.h"

namespace privet::state {

namespace {

constexpr std::uint32_t kLongestHeader = (1u << 29) - 1;  // what Message has room for
constexpr std::int64_t kClasses = 3;

std::unexpected<Error> no_such_life() {
  return failure("the mailbox has begun a new life, or is forgotten");
}

std::unexpected<Error> no_uid_validity() {
  return failure("no greater UIDVALIDITY is left below 2^32");
}

/// Whether messages may be seen, or look, otherwise.
bool see_alike(const Epochs& one, const Epochs& other) {
  return one.visibility == other.visibility && one.bytes == other.bytes;
}

bool is_sound(const Classified& message) {
  if (message.original_length > kLongestHeader) return false;
  return message.message_class != MessageClass::Redacted || !message.redacted_header.empty();
}

void add_message(Database& database, MailboxId id, const Classified& message) {
  // Unsure means less: what cannot be kept as it is asked is hidden.
  const MessageClass kind = is_sound(message) ? message.message_class : MessageClass::Hidden;
  const bool visible = kind != MessageClass::Hidden;
  const std::string_view section =
      kind == MessageClass::Redacted ? message.redacted_header : std::string_view();
  const int added = database.change("INSERT OR IGNORE INTO message VALUES (?1, ?2, ?3, ?4, ?5, ?6)", id,
                                    message.uid, static_cast<int>(kind), visible && message.marked_private,
                                    visible ? message.original_length : 0, section.size());
  if (added == 0 || section.empty()) return;
  database.change("INSERT INTO header VALUES ((?1 << 32) | ?2, ?3)", id, message.uid, Blob{section});
}

void remove_header(Database& database, MailboxId id, std::uint32_t uid) {
  database.change("DELETE FROM header WHERE life_and_uid = (?1 << 32) | ?2", id, uid);
}

int hide(Database& database, MailboxId id, const std::vector<std::uint32_t>& uids) {
  int hidden = 0;
  for (const std::uint32_t uid : uids) {
    hidden += database.change(
        "UPDATE message SET class = 0, marked = 0, original_length = 0, redacted_length = 0"
        " WHERE life = ?1 AND uid = ?2 AND class <> 0",
        id, uid);
    remove_header(database, id, uid);
  }
  return hidden;
}

int mark(Database& database, MailboxId id, const std::vector<std::uint32_t>& uids, bool marked) {
  int changed = 0;
  for (const std::uint32_t uid : uids) {
    changed += database.change(
        "UPDATE message SET marked = ?3 WHERE life = ?1 AND uid = ?2 AND class <> 0 AND marked <> ?3", id,
        uid, marked);
  }
  return changed;
}

/// Behind the last of those from `begin` on that are read in one go, others between them included: to look
/// for each costs more than to pass over a few.
std::size_t end_of_neighbours(const std::vector<std::uint32_t>& uids, std::size_t begin) {
  std::size_t end = begin + 1;
  while (end < uids.size() && uids[end] > uids[end - 1] && uids[end] - uids[end - 1] <= limits::kStateNear)
    ++end;
  return end;
}

/// Whether there were any.
bool forget_unannounced(Database& database, MailboxState& state) {
  const std::uint32_t next = state.announced_uid_next;
  const int forgotten = database.change("DELETE FROM message WHERE life = ?1 AND uid >= ?2", state.id, next);
  database.change("DELETE FROM header WHERE life_and_uid BETWEEN (?1 << 32) | ?2 AND (?1 << 32) | 4294967295",
                  state.id, next);
  state.frontier = std::min(state.frontier, next - 1);
  return forgotten > 0;
}

}  // namespace

Result<MailboxId> take_up(Database& database, const MailboxName& name, std::uint32_t real_uid_validity,
                          Epochs epochs) {
  std::optional<Mailbox> mailbox = find(database, name);
  if (!mailbox) {
    const auto first = first_uid_validity(real_uid_validity, uid_validity_floor(database, name.tenant));
    if (!first) return no_uid_validity();
    mailbox =
        Mailbox{.name = name,
                .state = {.real_uid_validity = real_uid_validity, .uid_validity = *first, .epochs = epochs}};
    add(database, *mailbox);
    return mailbox->state.id;
  }
  const MailboxState& state = mailbox->state;
  const bool lost_for_good = state.is_behind() && (state.sticky || !see_alike(state.epochs, epochs));
  if (state.real_uid_validity == real_uid_validity && !lost_for_good) return state.id;
  if (!begin_new_life(database, *mailbox, real_uid_validity, epochs)) return no_uid_validity();
  return mailbox->state.id;
}

Result<Loaded> read_mailbox(Database& database, MailboxId id) {
  const std::optional<Mailbox> mailbox = find(database, id);
  if (!mailbox) return no_such_life();
  Loaded loaded{.state = mailbox->state, .messages = {}};
  Rows rows = database.query(
      "SELECT uid, class, marked, original_length, redacted_length FROM message"
      " WHERE life = ?1 AND uid <= ?2 ORDER BY uid",
      id, loaded.state.frontier);
  while (rows.next()) {
    const std::int64_t kind = rows.integer(1);
    if (kind < 0 || kind >= kClasses) {
      database.found_damage("a message has no class");
      break;
    }
    loaded.messages.push_back(
        {.uid = static_cast<std::uint32_t>(rows.integer(0)),
         .original_length = static_cast<std::uint32_t>(rows.integer(3)) & kLongestHeader,
         .message_class = static_cast<MessageClass>(kind),
         .marked_private = rows.integer(2) != 0,
         .redacted_length = static_cast<std::uint32_t>(rows.integer(4))});
  }
  return loaded;
}

Result<std::vector<std::string>> read_headers(Database& database, MailboxId id,
                                              const std::vector<std::uint32_t>& uids) {
  if (!find(database, id)) return no_such_life();
  std::vector<std::string> sections(uids.size());
  std::size_t octets = 0;
  for (std::size_t at = 0; at < uids.size();) {
    const std::size_t end = end_of_neighbours(uids, at);
    Rows rows = database.query(
        "SELECT life_and_uid & 4294967295, section FROM header"
        " WHERE life_and_uid BETWEEN (?1 << 32) | ?2 AND (?1 << 32) | ?3 ORDER BY life_and_uid",
        id, uids[at], uids[end - 1]);
    while (rows.next()) {
      const std::int64_t uid = rows.integer(0);
      while (at < end && uids[at] < uid) ++at;
      if (at >= end || uids[at] != uid) continue;
      sections[at] = rows.bytes(1);
      octets += sections[at++].size();
      if (octets < limits::kImapHeaders) continue;
      sections.resize(at);
      return sections;
    }
    at = end;
  }
  return sections;
}

bool add_messages(Database& database, MailboxId id, Epochs epochs, const std::vector<Classified>& messages,
                  Reach reach) {
  std::optional<Mailbox> mailbox = find(database, id);
  if (!mailbox || mailbox->state.epochs != epochs || mailbox->state.frontier < reach.from) return false;
  for (const Classified& message : messages) add_message(database, id, message);
  if (reach.to > mailbox->state.frontier) {
    mailbox->state.frontier = reach.to;
    save(database, *mailbox);
  }
  return true;
}

bool raise_announced(Database& database, MailboxId id, std::uint32_t uid_next) {
  std::optional<Mailbox> mailbox = find(database, id);
  if (!mailbox) return false;
  MailboxState& state = mailbox->state;
  if (state.announced_uid_next >= uid_next) return true;
  if (uid_next > std::uint64_t{state.frontier} + 1) return false;
  state.announced_uid_next = uid_next;
  save(database, *mailbox);
  return true;
}

Result<ModSeqs> raise_highest_modseq(Database& database, MailboxId id, std::uint64_t highest) {
  const std::optional<Mailbox> mailbox = find(database, id);
  if (!mailbox) return no_such_life();
  return ModSeqs{.offset = mailbox->state.modseq_offset, .highest = raise_modseq(database, id, highest)};
}

Result<MailboxState> change_policy(Database& database, MailboxId id, const Change& change) {
  std::optional<Mailbox> mailbox = find(database, id);
  if (!mailbox) return no_such_life();
  MailboxState& state = mailbox->state;
  if (state.epochs != change.from) return failure("the mailbox is at another policy already");
  const bool otherwise = !see_alike(change.from, change.to);
  const bool forgotten = otherwise && forget_unannounced(database, state);
  const int hidden = hide(database, id, change.hide);
  const int marked = mark(database, id, change.mark, true) + mark(database, id, change.unmark, false);
  if (marked > 0 || forgotten) {
    state.modseq_offset += std::max<std::uint64_t>(change.modseq_step, 1);
  } else if (hidden > 0) {
    ++state.modseq_offset;
  }
  if (hidden > 0 || (otherwise && state.frontier > 0)) state.sticky = true;
  state.epochs = change.to;
  save(database, *mailbox);
  return state;
}

void remove_messages(Database& database, MailboxId id, const std::vector<std::uint32_t>& uids) {
  std::optional<Mailbox> mailbox = find(database, id);
  if (!mailbox) return;
  int visible = 0;
  for (const std::uint32_t uid : uids) {
    visible += database.change("DELETE FROM message WHERE life = ?1 AND uid = ?2 AND class <> 0", id, uid);
    database.change("DELETE FROM message WHERE life = ?1 AND uid = ?2", id, uid);
    remove_header(database, id, uid);
  }
  if (visible == 0) return;
  ++mailbox->state.modseq_offset;
  save(database, *mailbox);
}

Result<MailboxState> resync(Database& database, MailboxId id, Epochs epochs) {
  std::optional<Mailbox> mailbox = find(database, id);
  if (!mailbox) return no_such_life();
  if (!begin_new_life(database, *mailbox, mailbox->state.real_uid_validity, epochs)) return no_uid_validity();
  return mailbox->state;
}

}  // namespace privet::state
