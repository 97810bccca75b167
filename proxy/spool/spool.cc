#include "proxy/spool/spool.h"

#include <openssl/rand.h>

#include <chrono>
#include <new>
#include <utility>

#include "proxy/limits.h"
#include "proxy/log.h"
#include "proxy/spool/digest.h"
#include "proxy/spool/disk_spool.h"
#include "proxy/spool/recovery.h"

namespace privet::spool {

namespace {

constexpr std::size_t kSiteKey = 32;
constexpr const char* kSiteKeyFile = "site.key";

/// The machine's clock when the process began, gone on from by one that nobody sets.
class SteadyClock {
 public:
  Time operator()() const {
    const auto passed = std::chrono::steady_clock::now() - started_;
    return std::chrono::duration_cast<std::chrono::seconds>(wall_ + passed).count();
  }

 private:
  std::chrono::nanoseconds wall_ = std::chrono::system_clock::now().time_since_epoch();
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

/// Without one that can be kept, duplicates are noticed until the process ends.
std::string site_key(const Disk& disk) {
  if (auto kept = disk.read_small(kSiteKeyFile); kept && kept->size() == kSiteKey) return *kept;
  std::string fresh(kSiteKey, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(fresh.data()), kSiteKey) != 1) throw std::bad_alloc();
  if (const SystemError error = disk.write_small(kSiteKeyFile, fresh)) {
    log::event(log::Level::Warning, "key of the spool cannot be kept",
               {{"file", disk.root() + "/" + kSiteKeyFile}, {"cause", explain(error)}});
  }
  return fresh;
}

}  // namespace

DiskSpool::DiskSpool(Settings settings, Disk disk)
    : clock_(settings.clock ? std::move(settings.clock) : SteadyClock()),
      size_limit_(settings.size_limit),
      disk_(std::move(disk)),
      site_key_(site_key(disk_)),
      keys_(disk_.root() + "/keys.sqlite"),
      spare_(disk_),
      health_(disk_.root()) {}

SystemError DiskSpool::start() {
  spare_.clear();
  keys_.forget_old(now());
  const SystemError error = take_stock(disk_, keys_, mutex_, index_, now());
  health_.probe(disk_, now());
  const auto on_failure = [this](SystemError failure) { check_disk("flushing", failure); };
  writer_ = std::make_unique<Writer>(disk_, [this] { keys_.save(); }, on_failure);
  reader_ = std::make_unique<Writer>(disk_, [] {}, on_failure);
  return error;
}

bool DiskSpool::accepts() const {
  probe_if_due();
  if (!health_.good()) return false;
  const std::lock_guard lock(mutex_);
  return size_limit_ == 0 || index_.content_size() < size_limit_;
}

void DiskSpool::probe_if_due() const {
  if (!health_.wants_probe(now())) return;
  writer_->add([this](Batch&) -> Writer::Finish {
    health_.probe(disk_, now());
    return nullptr;
  });
}

std::string DiskSpool::key_for(std::string_view tenant, std::string_view user, std::string_view recipient,
                               std::string_view message_id, std::string_view content_sha256) const {
  std::string all;
  // With their lengths, so that no two lists of texts read alike.
  for (const std::string_view text : {tenant, user, recipient, message_id, content_sha256}) {
    all += std::to_string(text.size()) + ":" + std::string(text);
  }
  return hmac_hex(site_key_, all);
}

Ticket<Result<std::vector<Prepared>>> DiskSpool::prepare(net::Loop& loop, std::vector<Draft> drafts) {
  using Answer = Result<std::vector<Prepared>>;
  auto job = std::make_shared<net::Pending<Answer>>();
  writer_->add([this, &loop, job, drafts = std::move(drafts)](Batch& batch) mutable -> Writer::Finish {
    Answer result = write_drafts(batch, drafts);
    drafts.clear();  // what they borrow from may be large
    return
        [this, &loop, job = std::move(job), result = std::move(result)](Batch& shared, bool flushed) mutable {
          if (result && !flushed) {
            give_up(*result);
            result = failure("cannot flush " + disk_.root());
          }
          shared.reply(loop, net::completion(std::move(job), std::move(result)));
        };
  });
  return Ticket<Answer>(job);
}

Ticket<bool> DiskSpool::commit(net::Loop& loop, std::vector<std::string> ids) {
  auto job = std::make_shared<net::Pending<bool>>();
  writer_->add([this, &loop, job, ids = std::move(ids)](Batch& batch) mutable -> Writer::Finish {
    bool moved = true;
    for (const std::string& id : ids) moved = move_to_committed(batch, id) && moved;
    return [this, &loop, job = std::move(job), ids = std::move(ids), moved](Batch& shared, bool flushed) {
      for (const std::string& id : ids) finish_commit(id);
      shared.reply(loop, net::completion(job, moved && flushed));
    };
  });
  return Ticket<bool>(job);
}

void DiskSpool::abort(std::vector<std::string> ids) {
  writer_->add([this, ids = std::move(ids)](Batch&) -> Writer::Finish {
    for (const std::string& id : ids) drop(id);
    return nullptr;
  });
}

void DiskSpool::leave_in_doubt(std::vector<std::string> ids) {
  writer_->add([this, ids = std::move(ids)](Batch&) -> Writer::Finish {
    for (const std::string& id : ids) {
      {
        const std::lock_guard lock(mutex_);
        if (Entry* const entry = index_.held_by(id)) entry->doubted = true;
      }
      drop(id);
    }
    return nullptr;
  });
}

std::vector<Waiting> DiskSpool::waiting_for(std::string_view tenant, std::string_view user,
                                            std::size_t most) const {
  const std::lock_guard lock(mutex_);
  return index_.due_of(now(), tenant, user, most);
}

std::vector<Waiting> DiskSpool::due(const std::function<bool(std::string_view)>& wanted,
                                    std::size_t most) const {
  const std::lock_guard lock(mutex_);
  return index_.due(now(), wanted, most);
}

std::vector<Waiting> DiskSpool::expired(std::size_t most) const {
  const std::lock_guard lock(mutex_);
  return index_.expired(now(), most);
}

bool DiskSpool::claim(std::string_view id) {
  const Time time = now();
  const std::lock_guard lock(mutex_);
  Entry* const entry = index_.find(id);
  if (entry == nullptr || !entry->is_free(time)) return false;
  entry->claimed = true;
  return true;
}

void DiskSpool::release(std::string_view id) {
  const std::lock_guard lock(mutex_);
  if (Entry* const entry = index_.find(id)) entry->claimed = false;
}

void DiskSpool::postpone(std::string_view id, Time until) {
  const std::lock_guard lock(mutex_);
  Entry* const entry = index_.find(id);
  if (entry == nullptr) return;
  entry->claimed = false;
  entry->rests_until = until;
}

Ticket<Result<Loaded>> DiskSpool::load(net::Loop& loop, std::string id) {
  auto job = std::make_shared<net::Pending<Result<Loaded>>>();
  reader_->add([this, &loop, job, id = std::move(id)](Batch& batch) -> Writer::Finish {
    auto loaded = read(id);
    if (!loaded) give_back(id, loaded.error().to_string());
    batch.reply(loop, net::completion(job, std::move(loaded)));
    return nullptr;
  });
  return Ticket<Result<Loaded>>(job);
}

void DiskSpool::end(std::string_view id, bool arrived) {
  std::string key;
  {
    const std::lock_guard lock(mutex_);
    Entry* const entry = index_.find(id);
    if (entry == nullptr || entry->gone) return;
    if (arrived) key = entry->key;
    if (!arrived) index_.forget_key(*entry);
    index_.set_gone(*entry);
    // Until the job has run: only then the key is kept, and the entry, by which it is found, may go.
    entry->claimed = true;
  }
  writer_->add([this, name = std::string(id), key](Batch&) -> Writer::Finish {
    keys_.add(key, now());
    // After the key is kept: a process that dies in between finds it beside the file, and sends nothing
    // twice.
    return [this, name](Batch&, bool) { remove_file(name); };
  });
}

void DiskSpool::deferred(std::string_view id, Event event, Time next_try) {
  {
    const std::lock_guard lock(mutex_);
    Entry* const entry = index_.find(id);
    if (entry == nullptr || entry->gone) return;
    entry->tried = true;
    entry->claimed = false;
    entry->next_try = next_try;
  }
  writer_->add(
      [this, name = std::string(id), line = write_event(event), next_try](Batch& batch) -> Writer::Finish {
        note(batch, name, line, next_try);
        return nullptr;
      });
}

Ticket<bool> DiskSpool::settled(net::Loop& loop) {
  auto job = std::make_shared<net::Pending<bool>>();
  writer_->add([this, &loop, job](Batch& batch) -> Writer::Finish {
    batch.changed_anything();
    return [this, &loop, job](Batch& shared, bool flushed) {
      shared.reply(loop, net::completion(job, flushed && health_.good()));
    };
  });
  return Ticket<bool>(job);
}

void DiskSpool::look() {
  looked_ = now();
  nudged_ = disk_.modified("nudge");
  keys_.forget_old(looked_);
  check_disk("reading the folders", take_stock(disk_, keys_, mutex_, index_, looked_));
}

void DiskSpool::look_around() {
  probe_if_due();
  writer_->add([this](Batch&) -> Writer::Finish {
    look();
    return nullptr;
  });
}

void DiskSpool::glance() {
  probe_if_due();
  writer_->add([this](Batch&) -> Writer::Finish {
    spare_.clear_unused();
    if (now() >= looked_ + limits::kSpoolLook.count() || disk_.modified("nudge") != nudged_) look();
    return nullptr;
  });
}

Result<std::unique_ptr<Spool>> Spool::open(Settings settings) {
  Result<Disk> disk = Disk::open(settings.folder, true);
  if (!disk) return std::unexpected(disk.error());
  if (const Result<void> locked = disk->lock(); !locked) return std::unexpected(locked.error());
  const std::string root = settings.folder;
  auto spool = std::make_unique<DiskSpool>(std::move(settings), std::move(*disk));
  if (const SystemError error = spool->start()) {
    return failure("cannot read the spool " + root + ": " + explain(error));
  }
  return spool;
}

}  // namespace privet::spool
