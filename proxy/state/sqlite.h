// A connection to an SQLite database, as little of it as the store needs. Errors stick: after the first one
// nothing is done and no row is given until clear(), so that a series of statements is checked once, at its
// end.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

struct sqlite3;
struct sqlite3_stmt;

namespace privet::state {

/// A value that is kept as bytes, not as text.
struct Blob {
  std::string_view bytes;
};

class Database;

/// Rows under way; its statement is free for others when it ends.
class Rows {
 public:
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;
  ~Rows();
  /// To the first row, then to the next; false after the last, or when it failed.
  bool next();
  std::int64_t integer(int column) const;
  /// Of a text or a blob; until the next next().
  std::string_view bytes(int column) const;

 private:
  friend class Database;
  template <class... Values>
  Rows(Database& database, sqlite3_stmt* statement, const Values&... values)
      : database_(database), statement_(statement) {
    int position = 0;
    (bind(++position, values), ...);
  }
  void bind(int position, std::integral auto value) {
    bind_integer(position, static_cast<std::int64_t>(value));
  }
  void bind(int position, std::string_view text);
  void bind(int position, Blob blob);
  void bind_integer(int position, std::int64_t value);

  Database& database_;
  sqlite3_stmt* statement_;
};

class Database {
 public:
  enum class Health {
    Good,
    Failed,   ///< the disk, or the memory: another time perhaps
    Damaged,  ///< what is in the file does not make sense
  };

  explicit Database(const std::string& file);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  Health health() const { return health_; }
  bool is_good() const { return health_ == Health::Good; }
  /// What is wrong, for the log.
  const std::string& cause() const { return cause_; }
  void clear() { health_ = Health::Good; }
  /// What was read does not make sense.
  void found_damage(std::string_view what);

  /// Statements without values and rows.
  void run(const char* sql);
  /// `sql` is a literal: its compiled form is kept by its address. Values are bound to ?1, ?2 and so on, and
  /// borrowed until the rows end.
  template <class... Values>
  Rows query(const char* sql, const Values&... values) {
    return Rows(*this, compiled(sql), values...);
  }
  /// One that gives no rows; how many it changed.
  template <class... Values>
  int change(const char* sql, const Values&... values) {
    {
      Rows rows = query(sql, values...);
      rows.next();
    }
    return is_good() ? changed() : 0;
  }
  /// Of the last row that was added.
  std::int64_t last_row() const;

 private:
  friend class Rows;
  sqlite3_stmt* compiled(const char* sql);
  int changed() const;
  void note(int result);

  sqlite3* connection_ = nullptr;
  std::unordered_map<const char*, sqlite3_stmt*> statements_;
  Health health_ = Health::Good;
  std::string cause_;
};

}  // namespace privet::state
