// The store in SQLite: one thread writes, all that waits in one transaction with one flush, another one
// reads. What each operation does to the tables is in operations.h.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "proxy/state/database_file.h"
#include "proxy/state/job_thread.h"
#include "proxy/state/sqlite.h"
#include "proxy/state/store.h"

namespace privet::state {

class SqliteStore final : public Store {
 public:
  SqliteStore(DatabaseFile file, std::function<Time()> clock);

  ~SqliteStore() override;

  /// Before anything else.
  Result<void> start();

  Ticket<Result<Loaded>> load(net::Loop& loop, MailboxName name, std::uint32_t real_uid_validity,
                              Epochs epochs) override;
  Ticket<Result<std::vector<std::string>>> headers(net::Loop& loop, MailboxId id,
                                                   std::vector<std::uint32_t> uids) override;
  Ticket<bool> add_classified(net::Loop& loop, MailboxId id, Epochs epochs, std::vector<Classified> messages,
                              Reach reach) override;
  Ticket<bool> announce(net::Loop& loop, MailboxId id, std::uint32_t uid_next) override;
  Ticket<Result<ModSeqs>> raise_modseq(net::Loop& loop, MailboxId id, std::uint64_t highest) override;
  Ticket<Result<MailboxState>> apply(net::Loop& loop, MailboxId id, Change change) override;
  void remove(MailboxId id, std::vector<std::uint32_t> uids) override;
  Ticket<Result<MailboxState>> bump(net::Loop& loop, MailboxId id, Epochs epochs) override;
  Ticket<bool> forget(net::Loop& loop, std::string tenant, std::string account) override;

 private:
  struct Write {
    /// Once more where the database was begun anew.
    std::move_only_function<void(Database&)> work;
    /// After the commit, or after it failed.
    std::move_only_function<void(net::Replies&, bool committed)> finish;
  };
  using Read = std::move_only_function<void()>;

  /// `work` on the writer's thread; worth `refused` where it could not be committed.
  template <class T>
  Ticket<T> write(net::Loop& loop, T refused, std::move_only_function<T(Database&)> work);
  /// `work` for the reader's thread.
  template <class T>
  Read read(net::Loop& loop, std::shared_ptr<net::Pending<Result<T>>> pending,
            std::move_only_function<Result<T>(Database&)> work);
  void report_damage(const std::string& cause, int generation);

  // On the writer's thread.
  void run_writes(std::vector<Write> batch);
  /// False also when the database was damaged: then there is none, until the next one.
  bool commit(const std::function<void(Database&)>& work);
  bool tidy();
  void begin_anew();
  Result<void> reopen();
  void given(MailboxId life) { last_life_ = std::max(last_life_, life); }

  const DatabaseFile file_;
  const std::function<Time()> clock_;
  // The writer's. Without them, the disk did not let us begin anew.
  std::unique_ptr<Database> writing_;
  MailboxId last_life_ = 0;   // that a session may hold
  std::mutex reading_mutex_;  // held by the reader while it reads, and to begin anew
  std::unique_ptr<Database> reading_;
  int generation_ = 0;  // of the database; so that one is not set aside for the damage of another
  std::unique_ptr<JobThread<Write>> writer_;
  std::unique_ptr<JobThread<Read>> reader_;
};

}  // namespace privet::state
