#include "proxy/state/mailboxes.h"

#include <algorithm>

#include "proxy/limits.h"
#include "proxy/state/uid_validity.h"

namespace privet::state {

namespace {

// Headers have their key in one number, because only then SQLite keeps a row of their size in one piece.
constexpr const char* kTables =
    "CREATE TABLE mailbox (life INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL,"
    " account TEXT NOT NULL, name BLOB NOT NULL, real_uid_validity INTEGER NOT NULL,"
    " uid_validity INTEGER NOT NULL, announced_uid_next INTEGER NOT NULL, frontier INTEGER NOT NULL,"
    " visibility INTEGER NOT NULL, bytes INTEGER NOT NULL, keyword INTEGER NOT NULL,"
    " modseq_offset INTEGER NOT NULL, sticky INTEGER NOT NULL, checksum INTEGER NOT NULL,"
    " UNIQUE (tenant, account, name));"
    "CREATE TABLE message (life INTEGER, uid INTEGER, class INTEGER NOT NULL, marked INTEGER NOT NULL,"
    " original_length INTEGER NOT NULL, redacted_length INTEGER NOT NULL, PRIMARY KEY (life, uid))"
    " WITHOUT ROWID;"
    "CREATE TABLE header (life_and_uid INTEGER PRIMARY KEY, section BLOB NOT NULL);"
    "CREATE TABLE ended (life INTEGER PRIMARY KEY);"
    "CREATE TABLE loss (tenant TEXT PRIMARY KEY, floor INTEGER NOT NULL) WITHOUT ROWID;";
// Since version 2. Needs no checksum: a value that is too low only costs a client some flags that it knows.
constexpr const char* kModSeqTable =
    "CREATE TABLE modseq (life INTEGER PRIMARY KEY, highest INTEGER NOT NULL);";

constexpr std::int64_t kTableCount = 6;
constexpr const char* kEveryTenant = "";

constexpr const char* kAll = "SELECT * FROM mailbox ORDER BY life";
constexpr const char* kAllBackwards = "SELECT * FROM mailbox ORDER BY life DESC";

/// FNV-1a: finds what a disk does to a row, not what a person does.
class Checksum {
 public:
  void add(std::uint64_t number) {
    for (int shift = 0; shift < 64; shift += 8) add_byte(static_cast<unsigned char>(number >> shift));
  }
  void add(std::string_view text) {
    add(text.size());
    for (const char byte : text) add_byte(static_cast<unsigned char>(byte));
  }
  std::int64_t value() const { return static_cast<std::int64_t>(hash_); }

 private:
  void add_byte(unsigned char byte) { hash_ = (hash_ ^ byte) * 0x100000001b3; }
  std::uint64_t hash_ = 0xcbf29ce484222325;
};

std::int64_t checksum_of(const Mailbox& mailbox) {
  Checksum sum;
  for (const std::string* text : {&mailbox.name.tenant, &mailbox.name.account, &mailbox.name.mailbox})
    sum.add(*text);
  const MailboxState& state = mailbox.state;
  for (const std::uint64_t number :
       {std::uint64_t{state.real_uid_validity}, std::uint64_t{state.uid_validity},
        std::uint64_t{state.announced_uid_next}, std::uint64_t{state.frontier}, state.epochs.visibility,
        state.epochs.bytes, state.epochs.keyword, state.modseq_offset, std::uint64_t{state.sticky}}) {
    sum.add(number);
  }
  return sum.value();
}

/// The next row of SELECT *; one that is not as it was written is damage.
std::optional<Mailbox> next_mailbox(Database& database, Rows& rows) {
  if (!rows.next()) return std::nullopt;
  const auto number = [&rows](int column) { return static_cast<std::uint64_t>(rows.integer(column)); };
  const auto small = [&rows](int column) { return static_cast<std::uint32_t>(rows.integer(column)); };
  Mailbox found{.name = {.tenant = std::string(rows.bytes(1)),
                         .account = std::string(rows.bytes(2)),
                         .mailbox = std::string(rows.bytes(3))},
                .state = {.id = rows.integer(0),
                          .real_uid_validity = small(4),
                          .uid_validity = small(5),
                          .announced_uid_next = small(6),
                          .frontier = small(7),
                          .epochs = {.visibility = number(8), .bytes = number(9), .keyword = number(10)},
                          .modseq_offset = number(11),
                          .sticky = rows.integer(12) != 0}};
  if (checksum_of(found) == rows.integer(13)) return found;
  database.found_damage("the row of a mailbox is not as it was written");
  return std::nullopt;
}

void end(Database& database, MailboxId life) {
  database.change("DELETE FROM mailbox WHERE life = ?1", life);
  database.change("INSERT INTO ended VALUES (?1)", life);
}

void raise_floor(Database& database, std::string_view tenant, std::int64_t floor) {
  database.change(
      "INSERT INTO loss VALUES (?1, ?2) ON CONFLICT DO UPDATE SET floor = max(floor, excluded.floor)", tenant,
      floor);
}

}  // namespace

void make_tables(Database& database, MailboxId last) {
  database.run(kTables);
  database.run(kModSeqTable);
  database.change("INSERT INTO sqlite_sequence VALUES ('mailbox', ?1)", last);
}

void upgrade_tables(Database& database) {
  database.run(kModSeqTable);
}

std::optional<Mailbox> find(Database& database, const MailboxName& name) {
  Rows rows =
      database.query("SELECT * FROM mailbox WHERE tenant = ?1 AND account = ?2 AND name = ?3",
                     std::string_view(name.tenant), std::string_view(name.account), Blob{name.mailbox});
  return next_mailbox(database, rows);
}

std::optional<Mailbox> find(Database& database, MailboxId life) {
  Rows rows = database.query("SELECT * FROM mailbox WHERE life = ?1", life);
  return next_mailbox(database, rows);
}

void check_mailboxes(Database& database) {
  {
    Rows tables = database.query(
        "SELECT count(*) FROM sqlite_schema WHERE name IN ('mailbox', 'message', 'header', 'ended', 'loss',"
        " 'modseq')");
    if (tables.next() && tables.integer(0) != kTableCount) database.found_damage("a table is missing");
  }
  Rows rows = database.query(kAll);
  while (next_mailbox(database, rows)) {
  }
}

void add(Database& database, Mailbox& mailbox) {
  const MailboxState& state = mailbox.state;
  database.change("INSERT INTO mailbox VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
                  std::string_view(mailbox.name.tenant), std::string_view(mailbox.name.account),
                  Blob{mailbox.name.mailbox}, state.real_uid_validity, state.uid_validity,
                  state.announced_uid_next, state.frontier, state.epochs.visibility, state.epochs.bytes,
                  state.epochs.keyword, state.modseq_offset, state.sticky, checksum_of(mailbox));
  mailbox.state.id = database.last_row();
}

void save(Database& database, const Mailbox& mailbox) {
  const MailboxState& state = mailbox.state;
  database.change(
      "UPDATE mailbox SET announced_uid_next = ?2, frontier = ?3, visibility = ?4, bytes = ?5, keyword = ?6,"
      " modseq_offset = ?7, sticky = ?8, checksum = ?9 WHERE life = ?1",
      state.id, state.announced_uid_next, state.frontier, state.epochs.visibility, state.epochs.bytes,
      state.epochs.keyword, state.modseq_offset, state.sticky, checksum_of(mailbox));
}

std::uint64_t raise_modseq(Database& database, MailboxId life, std::uint64_t highest) {
  if (highest > 0) {
    database.change(
        "INSERT INTO modseq VALUES (?1, ?2) ON CONFLICT DO UPDATE SET highest = excluded.highest"
        " WHERE highest < excluded.highest",
        life, highest);
  }
  Rows rows = database.query("SELECT highest FROM modseq WHERE life = ?1", life);
  return rows.next() ? static_cast<std::uint64_t>(rows.integer(0)) : 0;
}

bool begin_new_life(Database& database, Mailbox& mailbox, std::uint32_t real_uid_validity, Epochs epochs) {
  const auto next = next_uid_validity(mailbox.state.uid_validity, real_uid_validity);
  if (!next) return false;
  end(database, mailbox.state.id);
  mailbox.state = {.real_uid_validity = real_uid_validity,
                   .uid_validity = *next,
                   .epochs = epochs,
                   .modseq_offset = mailbox.state.modseq_offset};
  add(database, mailbox);
  return true;
}

void end_all(Database& database, const std::string& tenant, const std::string& account, Time now) {
  const std::string_view of = tenant, who = account;
  std::int64_t floor = now;
  {
    Rows rows = database.query(
        "SELECT max(uid_validity) FROM mailbox WHERE tenant = ?1 AND ?2 IN ('', account)"
        " AND uid_validity > real_uid_validity",
        of, who);
    if (rows.next()) floor = std::max(floor, rows.integer(0) + 1);
  }
  raise_floor(database, of, floor);
  database.change("INSERT INTO ended SELECT life FROM mailbox WHERE tenant = ?1 AND ?2 IN ('', account)", of,
                  who);
  database.change("DELETE FROM mailbox WHERE tenant = ?1 AND ?2 IN ('', account)", of, who);
}

void note_loss(Database& database, Time now) {
  raise_floor(database, kEveryTenant, now);
}

std::int64_t uid_validity_floor(Database& database, const std::string& tenant) {
  Rows rows =
      database.query("SELECT max(floor) FROM loss WHERE tenant IN ('', ?1)", std::string_view(tenant));
  return rows.next() ? rows.integer(0) : 0;
}

std::size_t salvage(Database& damaged, Database& fresh) {
  std::size_t saved = 0;
  damaged.run("PRAGMA writable_schema = ON");  // lets SQLite read a file that is shorter than it should be
  // From both ends: a page that cannot be read stops each.
  for (const char* sql : {kAll, kAllBackwards}) {
    damaged.clear();
    Rows rows = damaged.query(sql);
    while (std::optional<Mailbox> mailbox = next_mailbox(damaged, rows)) {
      if (find(fresh, mailbox->name)) continue;
      MailboxState& state = mailbox->state;
      state.frontier = 0;
      if (const auto next = next_uid_validity(state.uid_validity, state.real_uid_validity);
          state.sticky && next) {
        state.uid_validity = *next;
        state.announced_uid_next = 1;
        state.sticky = false;
      }
      add(fresh, *mailbox);
      ++saved;
    }
  }
  return saved;
}

bool remove_some_garbage(Database& database) {
  MailboxId life = 0;
  {
    Rows rows = database.query("SELECT life FROM ended LIMIT 1");
    if (!rows.next()) return false;
    life = rows.integer(0);
  }
  const int headers = database.change(
      "DELETE FROM header WHERE life_and_uid IN (SELECT life_and_uid FROM header"
      " WHERE life_and_uid BETWEEN ?1 << 32 AND (?1 << 32) + 4294967295 LIMIT ?2)",
      life, limits::kStateGarbage);
  const int messages = database.change(
      "DELETE FROM message WHERE life = ?1 AND uid IN (SELECT uid FROM message WHERE life = ?1 LIMIT ?2)",
      life, limits::kStateGarbage);
  database.change("DELETE FROM modseq WHERE life = ?1", life);
  if (headers == 0 && messages == 0) database.change("DELETE FROM ended WHERE life = ?1", life);
  return true;
}

}  // namespace privet::state
