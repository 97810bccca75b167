#include "proxy/state/sqlite_store.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "proxy/limits.h"
#include "proxy/log.h"
#include "proxy/state/mailboxes.h"
#include "proxy/state/operations.h"

namespace privet::state {

namespace {

Time machine_time() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

std::unexpected<Error> unavailable() {
  return failure("the state of the filtered view is not available");
}

}  // namespace

SqliteStore::SqliteStore(DatabaseFile file, std::function<Time()> clock)
    : file_(std::move(file)), clock_(clock ? std::move(clock) : machine_time) {}

SqliteStore::~SqliteStore() {
  if (!writer_) return;
  writer_->finish();  // it may still give the reader something
  reader_->finish();
}

Result<void> SqliteStore::start() {
  if (Result<void> opened = reopen(); !opened) return opened;
  writer_ = std::make_unique<JobThread<Write>>(
      limits::kStateBatch, [this](std::vector<Write> batch) { run_writes(std::move(batch)); },
      [this] { return tidy(); });
  reader_ = std::make_unique<JobThread<Read>>(
      1, [](std::vector<Read> batch) { batch.front()(); }, [] { return false; });
  return {};
}

Result<void> SqliteStore::reopen() {
  if (Result<void> prepared = file_.prepare(clock_(), last_life_); !prepared) return prepared;
  auto writing = file_.connect();
  auto reading = file_.connect();
  for (const Database* one : {writing.get(), reading.get()}) {
    if (!one->is_good()) return failure("cannot open the state of the filtered view: " + one->cause());
  }
  const std::lock_guard lock(reading_mutex_);
  writing_ = std::move(writing);
  reading_ = std::move(reading);
  ++generation_;
  return {};
}

void SqliteStore::begin_anew() {
  const std::string cause = writing_->cause();
  {
    const std::lock_guard lock(reading_mutex_);
    reading_.reset();
  }
  writing_.reset();
  file_.set_aside(cause);
}

bool SqliteStore::commit(const std::function<void(Database&)>& work) {
  if (!writing_) {
    if (const Result<void> opened = reopen(); !opened) {
      log::event(log::Level::Error, "no state of the filtered view", {{"cause", opened.error().to_string()}});
      return false;
    }
  }
  writing_->run("BEGIN IMMEDIATE");
  work(*writing_);
  writing_->run("COMMIT");
  if (writing_->is_good()) return true;
  if (writing_->health() == Database::Health::Damaged) {
    begin_anew();
    return false;
  }
  log::event(log::Level::Error, "state of the filtered view not kept", {{"cause", writing_->cause()}});
  writing_->clear();
  writing_->run("ROLLBACK");
  writing_->clear();  // of having nothing to roll back: SQLite may have done it
  return false;
}

void SqliteStore::run_writes(std::vector<Write> batch) {
  const auto work = [&batch](Database& database) {
    for (Write& one : batch) one.work(database);
  };
  // In a database that was begun anew, those that know only names go well.
  const bool committed = commit(work) || (!writing_ && commit(work));
  net::Replies replies;
  for (Write& one : batch) one.finish(replies, committed);
  replies.send();
}

bool SqliteStore::tidy() {
  bool more = false;
  return commit([&more](Database& database) { more = remove_some_garbage(database); }) && more;
}

void SqliteStore::report_damage(const std::string& cause, int generation) {
  writer_->add({.work =
                    [this, cause, generation](Database& database) {
                      if (generation == generation_) database.found_damage(cause);
                    },
                .finish = [](net::Replies&, bool) {}});
}

template <class T>
Ticket<T> SqliteStore::write(net::Loop& loop, T refused, std::move_only_function<T(Database&)> work) {
  auto pending = std::make_shared<net::Pending<T>>();
  writer_->add(
      {.work = [pending,
                work = std::move(work)](Database& database) mutable { pending->result = work(database); },
       .finish =
           [&loop, pending, refused = std::move(refused)](net::Replies& replies, bool committed) mutable {
             T result = committed ? std::move(pending->result) : std::move(refused);
             replies.add(loop, net::completion(std::move(pending), std::move(result)));
           }});
  return Ticket<T>(pending);
}

template <class T>
SqliteStore::Read SqliteStore::read(net::Loop& loop, std::shared_ptr<net::Pending<Result<T>>> pending,
                                    std::move_only_function<Result<T>(Database&)> work) {
  return [this, &loop, pending = std::move(pending), work = std::move(work)]() mutable {
    Result<T> result = unavailable();
    {
      const std::lock_guard lock(reading_mutex_);
      if (reading_) {
        reading_->run("BEGIN");
        result = work(*reading_);
        if (!reading_->is_good()) {
          result = unavailable();
          if (reading_->health() == Database::Health::Damaged) report_damage(reading_->cause(), generation_);
          reading_->clear();
        }
        reading_->run("ROLLBACK");
        reading_->clear();
      }
    }
    loop.post(net::completion(std::move(pending), std::move(result)));
  };
}

Ticket<Result<Loaded>> SqliteStore::load(net::Loop& loop, MailboxName name, std::uint32_t real_uid_validity,
                                         Epochs epochs) {
  auto pending = std::make_shared<net::Pending<Result<Loaded>>>();
  const auto life = std::make_shared<Result<MailboxId>>(unavailable());
  writer_->add({.work =
                    [this, life, name = std::move(name), real_uid_validity, epochs](Database& database) {
                      *life = take_up(database, name, real_uid_validity, epochs);
                      if (*life) given(**life);
                    },
                .finish =
                    [this, &loop, pending, life](net::Replies& replies, bool committed) {
                      if (committed && *life) {
                        reader_->add(read<Loaded>(loop, pending, [id = **life](Database& database) {
                          return read_mailbox(database, id);
                        }));
                        return;
                      }
                      Result<Loaded> refused = unavailable();
                      if (committed) refused = std::unexpected(life->error());
                      replies.add(loop, net::completion(pending, std::move(refused)));
                    }});
  return Ticket<Result<Loaded>>(pending);
}

Ticket<Result<std::vector<std::string>>> SqliteStore::headers(net::Loop& loop, MailboxId id,
                                                              std::vector<std::uint32_t> uids) {
  using Sections = std::vector<std::string>;
  auto pending = std::make_shared<net::Pending<Result<Sections>>>();
  Read job = read<Sections>(loop, pending, [id, uids = std::move(uids)](Database& database) {
    return read_headers(database, id, uids);
  });
  if (writer_->is_busy()) {
    writer_->add({.work = [](Database&) {},
                  .finish = [this, job = std::move(job)](net::Replies&,
                                                         bool) mutable { reader_->add(std::move(job)); }});
  } else {
    reader_->add(std::move(job));
  }
  return Ticket<Result<Sections>>(pending);
}

Ticket<bool> SqliteStore::add_classified(net::Loop& loop, MailboxId id, Epochs epochs,
                                         std::vector<Classified> messages, Reach reach) {
  return write<bool>(loop, false, [id, epochs, messages = std::move(messages), reach](Database& database) {
    return add_messages(database, id, epochs, messages, reach);
  });
}

Ticket<bool> SqliteStore::announce(net::Loop& loop, MailboxId id, std::uint32_t uid_next) {
  return write<bool>(loop, false,
                     [id, uid_next](Database& database) { return raise_announced(database, id, uid_next); });
}

Ticket<Result<ModSeqs>> SqliteStore::raise_modseq(net::Loop& loop, MailboxId id, std::uint64_t highest) {
  return write<Result<ModSeqs>>(loop, unavailable(), [id, highest](Database& database) {
    return raise_highest_modseq(database, id, highest);
  });
}

Ticket<Result<MailboxState>> SqliteStore::apply(net::Loop& loop, MailboxId id, Change change) {
  return write<Result<MailboxState>>(
      loop, unavailable(),
      [id, change = std::move(change)](Database& database) { return change_policy(database, id, change); });
}

void SqliteStore::remove(MailboxId id, std::vector<std::uint32_t> uids) {
  writer_->add(
      {.work = [id, uids = std::move(uids)](Database& database) { remove_messages(database, id, uids); },
       .finish = [](net::Replies&, bool) {}});
}

Ticket<Result<MailboxState>> SqliteStore::bump(net::Loop& loop, MailboxId id, Epochs epochs) {
  return write<Result<MailboxState>>(loop, unavailable(), [this, id, epochs](Database& database) {
    auto state = resync(database, id, epochs);
    if (state) given(state->id);
    return state;
  });
}

Ticket<bool> SqliteStore::forget(net::Loop& loop, std::string tenant, std::string account) {
  return write<bool>(loop, false,
                     [this, tenant = std::move(tenant), account = std::move(account)](Database& database) {
                       end_all(database, tenant, account, clock_());
                       return database.is_good();
                     });
}

Result<std::unique_ptr<Store>> Store::open(Settings settings) {
  Result<DatabaseFile> file = DatabaseFile::take(std::move(settings.folder));
  if (!file) return std::unexpected(file.error());
  auto store = std::make_unique<SqliteStore>(std::move(*file), std::move(settings.clock));
  if (const Result<void> started = store->start(); !started) return std::unexpected(started.error());
  return store;
}

}  // namespace privet::state
