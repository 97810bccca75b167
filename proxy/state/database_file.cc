#include "proxy/state/database_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "proxy/log.h"
#include "proxy/state/mailboxes.h"

namespace privet::state {

namespace {

constexpr mode_t kOwnerOnly = 0600;
constexpr mode_t kOwnerOnlyFolder = 0700;
constexpr const char* kFile = "state.sqlite";
constexpr const char* kDamaged = "state.sqlite.damaged";
constexpr const char* kSalvaged = "state.sqlite.salvaged";
constexpr const char* kUnfinished = "state.sqlite.new";
/// A journal belongs to its database and would be taken for another's.
constexpr std::array kParts = {"", "-wal", "-shm", "-journal"};

constexpr std::int64_t kVersion = 2;
constexpr const char* kSetVersion = "PRAGMA user_version = 2";
// FULL: a commit is on the disk when it is reported. What is deleted may be what a CRM must not see.
constexpr const char* kPragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON";

std::string explain(int error) {
  return std::system_category().message(error);
}

/// With its journals; what was there under the new name goes.
void move(const std::string& from, const std::string& to) {
  for (const char* part : kParts) {
    ::unlink((to + part).c_str());
    std::rename((from + part).c_str(), (to + part).c_str());
  }
}

bool is_there(const std::string& path) {
  struct stat found{};
  return ::lstat(path.c_str(), &found) == 0;
}

std::int64_t version_of(Database& database) {
  Rows rows = database.query("PRAGMA user_version");
  return rows.next() ? rows.integer(0) : 0;
}

/// From version 1, at once or not at all.
void upgrade(Database& database) {
  database.run("BEGIN IMMEDIATE");
  upgrade_tables(database);
  database.run(kSetVersion);
  database.run("COMMIT");
}

}  // namespace

DatabaseFile::DatabaseFile(DatabaseFile&& other) noexcept
    : folder_(std::move(other.folder_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      lock_(std::exchange(other.lock_, -1)) {}

DatabaseFile::~DatabaseFile() {
  for (const int descriptor : {descriptor_, lock_}) {
    if (descriptor >= 0) ::close(descriptor);
  }
}

Result<void> DatabaseFile::failed(std::string_view what) const {
  return failure("cannot " + std::string(what) + " " + folder_ + ": " + explain(errno));
}

Result<DatabaseFile> DatabaseFile::take(std::string folder) {
  DatabaseFile file(std::move(folder));
  if (Result<void> made = file.make_folder(); !made) return std::unexpected(made.error());
  file.lock_ = ::openat(file.descriptor_, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kOwnerOnly);
  if (file.lock_ < 0) return std::unexpected(file.failed("make a lock in").error());
  if (::flock(file.lock_, LOCK_EX | LOCK_NB) != 0) {
    return failure("another process uses " + file.folder_);
  }
  return file;
}

Result<void> DatabaseFile::make_folder() {
  if (::mkdir(folder_.c_str(), kOwnerOnlyFolder) == 0) {
    const int parent = ::open((folder_ + "/..").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (parent >= 0) {
      ::fsync(parent);
      ::close(parent);
    }
  } else if (errno != EEXIST) {
    return failed("make the folder");
  }
  descriptor_ = ::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  return descriptor_ < 0 ? failed("open the folder") : Result<void>();
}

Result<std::string> DatabaseFile::find_damage() const {
  const auto database = connect();
  const std::int64_t version = version_of(*database);
  if (version > kVersion) {
    return failure(path(kFile) + " has version " + std::to_string(version) +
                   ", of a later Privet: this one knows " + std::to_string(kVersion));
  }
  if (version == 1) upgrade(*database);
  check_mailboxes(*database);
  if (database->health() == Database::Health::Failed) {
    return failure("cannot read " + path(kFile) + ": " + database->cause());
  }
  return database->is_good() ? "" : database->cause();
}

Result<void> DatabaseFile::prepare(Time now, MailboxId last) const {
  const bool exists = is_there(path(kFile));
  const Result<std::string> damage = exists ? find_damage() : Result<std::string>();
  if (!damage) return std::unexpected(damage.error());
  if (!damage->empty()) set_aside(*damage);
  if (!exists || !damage->empty()) {
    if (Result<void> made = make(now, last); !made) return made;
  }
  // Its successor is there: nothing of it may be believed a second time.
  if (is_there(path(kDamaged))) move(path(kDamaged), path(kSalvaged));
  return {};
}

void DatabaseFile::set_aside(const std::string& cause) const {
  log::event(log::Level::Error, "state of the filtered view is damaged, and is begun anew",
             {{"file", path(kFile)}, {"kept", path(kSalvaged)}, {"cause", cause}});
  move(path(kFile), path(kDamaged));
  ::fsync(descriptor_);
}

Result<void> DatabaseFile::make(Time now, MailboxId last) const {
  // Under another name until all of it is there: an empty one is never mistaken for ours.
  for (const char* part : kParts) ::unlink((path(kUnfinished) + part).c_str());
  const int made = ::openat(descriptor_, kUnfinished, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerOnly);
  if (made < 0) return failed("make a file in");
  ::close(made);
  {
    Database fresh(path(kUnfinished));
    fresh.run("BEGIN");
    make_tables(fresh, last);
    if (is_there(path(kDamaged)) || is_there(path(kSalvaged))) note_loss(fresh, now);
    if (is_there(path(kDamaged))) {
      Database damaged(path(kDamaged));
      const std::size_t saved = salvage(damaged, fresh);
      log::event(log::Level::Warning, "mailboxes saved from the damaged state",
                 {{"mailboxes", std::to_string(saved)}});
    }
    fresh.run(kSetVersion);
    fresh.run("COMMIT");
    if (!fresh.is_good()) return failure("cannot write " + path(kUnfinished) + ": " + fresh.cause());
  }
  if (std::rename(path(kUnfinished).c_str(), path(kFile).c_str()) != 0) return failed("rename a file in");
  if (::fsync(descriptor_) != 0) return failed("flush");
  return {};
}

std::unique_ptr<Database> DatabaseFile::connect() const {
  auto database = std::make_unique<Database>(path(kFile));
  database->run(kPragmas);
  return database;
}

}  // namespace privet::state
