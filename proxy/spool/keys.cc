#include "proxy/spool/keys.h"

#include <sqlite3.h>

#include <chrono>
#include <cstdio>
#include <utility>

#include "proxy/limits.h"
#include "proxy/log.h"

namespace privet::spool {

namespace {

constexpr Time kKept = std::chrono::seconds(limits::kDeliveredKeys).count();

// synchronous=OFF: a killed process loses nothing, see the header. Exclusive: the spool's lock keeps others
// out, and locks of its own would be three system calls for each copy.
constexpr const char* kPrepare =
    "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
    "CREATE TABLE IF NOT EXISTS delivered (key TEXT PRIMARY KEY, time INTEGER NOT NULL) WITHOUT ROWID;"
    "SELECT count(*) FROM delivered;";

void warn(std::string_view what, const char* why) {
  log::event(log::Level::Warning, what, {{"cause", why}});
}

}  // namespace

struct Keys::Database {
  sqlite3* connection = nullptr;
  sqlite3_stmt* find = nullptr;
  sqlite3_stmt* insert = nullptr;
  sqlite3_stmt* forget = nullptr;
  bool writing = false;

  ~Database() { close(); }

  bool open(const char* file) {
    return sqlite3_open_v2(file, &connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr) ==
               SQLITE_OK &&
           run(kPrepare) && make(find, "SELECT 1 FROM delivered WHERE key = ?1 AND time > ?2") &&
           make(insert, "INSERT OR REPLACE INTO delivered VALUES (?1, ?2)") &&
           make(forget, "DELETE FROM delivered WHERE time <= ?2");
  }
  void close() {
    for (sqlite3_stmt** statement : {&find, &insert, &forget})
      sqlite3_finalize(std::exchange(*statement, nullptr));
    sqlite3_close(std::exchange(connection, nullptr));
  }
  bool run(const char* sql) { return sqlite3_exec(connection, sql, nullptr, nullptr, nullptr) == SQLITE_OK; }
  bool make(sqlite3_stmt*& statement, const char* sql) {
    return sqlite3_prepare_v2(connection, sql, -1, &statement, nullptr) == SQLITE_OK;
  }
  int step(sqlite3_stmt* statement, std::string_view key, Time time) {
    sqlite3_bind_text(statement, 1, key.data(), static_cast<int>(key.size()), SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, time);
    const int result = sqlite3_step(statement);
    sqlite3_reset(statement);
    return result;
  }
};

Keys::Keys(const std::string& file) : database_(std::make_unique<Database>()) {
  if (database_->open(file.c_str())) return;
  warn("keys of delivered copies cannot be read, and are begun anew", sqlite3_errmsg(database_->connection));
  database_->close();
  // Its journal belongs to it and would be taken for the new one's.
  for (const char* part : {"", "-wal", "-shm"})
    std::rename((file + part).c_str(), (file + ".damaged" + part).c_str());
  if (database_->open(file.c_str())) return;
  warn("keys of delivered copies are kept in memory only", sqlite3_errmsg(database_->connection));
  database_->close();
  database_->open(":memory:");
}

Keys::~Keys() {
  save();
}

bool Keys::has(std::string_view key, Time now) {
  return !key.empty() && database_->step(database_->find, key, now - kKept) == SQLITE_ROW;
}

void Keys::add(std::string_view key, Time now) {
  if (key.empty()) return;
  if (!database_->writing) database_->writing = database_->run("BEGIN");
  if (database_->step(database_->insert, key, now) != SQLITE_DONE) {
    warn("key of a delivered copy not kept", sqlite3_errmsg(database_->connection));
  }
}

bool Keys::save() {
  if (!std::exchange(database_->writing, false) || database_->run("COMMIT")) return true;
  warn("keys of delivered copies not kept", sqlite3_errmsg(database_->connection));
  database_->run("ROLLBACK");
  return false;
}

void Keys::forget_old(Time now) {
  database_->step(database_->forget, "", now - kKept);
}

}  // namespace privet::spool
