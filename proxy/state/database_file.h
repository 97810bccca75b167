// Where the database is on disk: a folder of our own with state.sqlite in it. A damaged one is set aside as
// state.sqlite.damaged, and as state.sqlite.salvaged once its successor has taken over what can be read of
// it. One that is begun beside either knows that something was lost.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "proxy/state/sqlite.h"
#include "proxy/state/store.h"

namespace privet::state {

class DatabaseFile {
 public:
  /// Makes the folder where it is not there (0700), and takes it: a second process is refused.
  static Result<DatabaseFile> take(std::string folder);
  DatabaseFile(DatabaseFile&& other) noexcept;
  DatabaseFile& operator=(DatabaseFile&&) = delete;
  ~DatabaseFile();

  /// Opens the database; checks it first, and makes it where it is not there or cannot be used. Lives in one
  /// that is made are numbered from `last` + 1 on. An error when the disk fails, or it is of a later version.
  Result<void> prepare(Time now, MailboxId last) const;
  /// Sets the one that is there aside. Every connection to it is closed.
  void set_aside(const std::string& cause) const;
  /// Another connection, after prepare().
  std::unique_ptr<Database> connect() const;

 private:
  explicit DatabaseFile(std::string folder) : folder_(std::move(folder)) {}
  std::string path(std::string_view name) const { return folder_ + "/" + std::string(name); }
  Result<void> make_folder();
  /// What is wrong with the one that is there; empty when nothing is.
  Result<std::string> find_damage() const;
  Result<void> make(Time now, MailboxId last) const;
  Result<void> failed(std::string_view what) const;

  std::string folder_;
  int descriptor_ = -1;  // of the folder
  int lock_ = -1;
};

}  // namespace privet::state
