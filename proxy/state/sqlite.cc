#include "proxy/state/sqlite.h"

#include <sqlite3.h>

#include "proxy/limits.h"

namespace privet::state {

Rows::~Rows() {
  if (statement_ != nullptr) sqlite3_reset(statement_);
}

bool Rows::next() {
  if (!database_.is_good()) return false;
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) return true;
  database_.note(result);
  return false;
}

std::int64_t Rows::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string_view Rows::bytes(int column) const {
  const void* const bytes = sqlite3_column_blob(statement_, column);
  return {static_cast<const char*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

void Rows::bind_integer(int position, std::int64_t value) {
  if (database_.is_good()) database_.note(sqlite3_bind_int64(statement_, position, value));
}

void Rows::bind(int position, std::string_view text) {
  if (!database_.is_good()) return;
  database_.note(
      sqlite3_bind_text64(statement_, position, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void Rows::bind(int position, Blob blob) {
  if (!database_.is_good()) return;
  // Without an address it would be NULL.
  const char* const bytes = blob.bytes.empty() ? "" : blob.bytes.data();
  database_.note(sqlite3_bind_blob64(statement_, position, bytes, blob.bytes.size(), SQLITE_STATIC));
}

Database::Database(const std::string& file) {
  constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;
  note(sqlite3_open_v2(file.c_str(), &connection_, kFlags, nullptr));
  sqlite3_busy_timeout(connection_, static_cast<int>(limits::kStateBusy.count()));
}

Database::~Database() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(connection_);
}

void Database::found_damage(std::string_view what) {
  if (!is_good()) return;
  health_ = Health::Damaged;
  cause_ = what;
}

void Database::run(const char* sql) {
  if (is_good()) note(sqlite3_exec(connection_, sql, nullptr, nullptr, nullptr));
}

std::int64_t Database::last_row() const {
  return sqlite3_last_insert_rowid(connection_);
}

sqlite3_stmt* Database::compiled(const char* sql) {
  if (!is_good()) return nullptr;
  sqlite3_stmt*& statement = statements_[sql];
  if (statement == nullptr) {
    note(sqlite3_prepare_v3(connection_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
  }
  return statement;
}

int Database::changed() const {
  return sqlite3_changes(connection_);
}

void Database::note(int result) {
  if (result == SQLITE_OK || result == SQLITE_DONE || !is_good()) return;
  const int kind = result & 0xff;  // without the details of an extended code
  const bool damaged = kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB;
  health_ = damaged ? Health::Damaged : Health::Failed;
  cause_ = sqlite3_errmsg(connection_);
}

}  // namespace privet::state
