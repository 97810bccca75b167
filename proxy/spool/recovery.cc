#include "proxy/spool/recovery.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <string>
#include <unordered_set>
#include <utility>

#include "proxy/limits.h"
#include "proxy/log.h"
#include "proxy/spool/content.h"

namespace privet::spool {

namespace {

constexpr Time kDoubt = std::chrono::seconds(limits::kInDoubt).count();

Entry entry_of(Stored stored, Folder folder, Time now) {
  Record& record = stored.parsed.record;
  // The clock was wrong then or is wrong now: the copy keeps its span of life.
  const Time created = std::min(record.created, now);
  const Time expires = created + (record.expires - record.created);
  const bool tried = std::ranges::any_of(stored.parsed.events, [](const Event& event) {
    return event.what == Event::What::Tried || event.what == Event::What::Maybe;
  });
  return {.id = std::move(record.id),
          .tenant = std::move(record.tenant),
          .user = std::move(record.user),
          .key = std::move(record.key),
          .kind = record.kind,
          .created = created,
          .expires = expires,
          .next_try = stored.modified,
          .size = stored.parsed.content_size,
          .folder = folder,
          .modified = stored.modified,
          .owed = folder != Folder::Prepared,
          .tried = tried,
          .doubted = folder == Folder::Prepared};
}

void warn(std::string_view what, const std::string& id, const std::string& cause) {
  log::event(log::Level::Warning, what, {{"copy", id}, {"cause", cause}});
}

class Stock {
 public:
  Stock(const Disk& disk, Keys& keys, std::mutex& mutex, Index& index, Time now)
      : disk_(disk), keys_(keys), mutex_(mutex), index_(index), now_(now) {}

  SystemError take() {
    for (const Folder folder : kCopies) {
      const auto names = disk_.names(folder);
      if (!names) return names.error();
      for (const std::string& name : *names) look_at(folder, name);
    }
    forget_missing();
    drop_doubtful();
    return 0;
  }

 private:
  void look_at(Folder folder, const std::string& name) {
    if (!seen_.insert(name).second)
      return set_aside(disk_, folder, name, "another folder has a file of this name");
    if (!refresh(folder, name)) take_up(folder, name);
  }

  /// False for a file that is not known yet.
  bool refresh(Folder folder, const std::string& name) {
    const auto modified = disk_.modified(folder, name);
    bool gone = false;
    {
      const std::lock_guard lock(mutex_);
      Entry* const entry = index_.find(name);
      if (entry == nullptr) return false;
      entry->folder = folder;
      // While sessions carry it, it is theirs to say that it is owed.
      if (folder != Folder::Prepared && entry->holders == 0) entry->owed = true;
      if (modified && *modified != entry->modified) entry->next_try = entry->modified = *modified;
      gone = entry->gone && !entry->claimed;
    }
    // The disk refused to remove it before.
    if (gone && disk_.remove(folder, name) == 0) seen_.erase(name);
    return true;
  }

  void take_up(Folder folder, const std::string& name) {
    Content content;
    // What is in prepared/ may have been cut by the power; the others were durable, and are checked when
    // loaded.
    auto stored = read_copy(disk_, folder, name, folder == Folder::Prepared ? &content : nullptr);
    if (!stored) {
      if (stored.error().why == Unusable::Why::Damaged) set_aside(disk_, folder, name, stored.error().what);
      if (stored.error().why == Unusable::Why::Disk)
        warn("copy cannot be read for now", name, stored.error().what);
      return;
    }
    Entry entry = entry_of(std::move(*stored), folder, now_);
    if (keys_.has(entry.key, now_)) {
      log::event(log::Level::Info, "copy removed: the CRM has it already",
                 {{"copy", name}, {"tenant", entry.tenant}});
      disk_.remove(folder, name);
      return;
    }
    const std::lock_guard lock(mutex_);
    index_.add(std::move(entry));
  }

  void forget_missing() {
    const std::lock_guard lock(mutex_);
    for (const std::string& id : index_.ids()) {
      const Entry& entry = *index_.find(id);
      if (!seen_.contains(id) && entry.holders == 0 && !entry.claimed) index_.erase(id);
    }
  }

  void drop_doubtful() {
    std::vector<std::pair<std::string, std::string>> dropped;  // with the tenant
    {
      const std::lock_guard lock(mutex_);
      for (const std::string& id : index_.ids()) {
        const Entry& entry = *index_.find(id);
        if (entry.state() == State::InDoubt && entry.created + kDoubt <= now_)
          dropped.emplace_back(id, entry.tenant);
      }
    }
    for (const auto& [id, tenant] : dropped) {
      if (const SystemError error = disk_.remove(Folder::Prepared, id); error != 0 && error != ENOENT) {
        warn("copy in doubt cannot be removed", id, explain(error));
        continue;
      }
      log::event(log::Level::Warning, "copy dropped: nobody knows whether its original was accepted",
                 {{"copy", id}, {"tenant", tenant}});
      const std::lock_guard lock(mutex_);
      index_.erase(id);
    }
  }

  const Disk& disk_;
  Keys& keys_;
  std::mutex& mutex_;
  Index& index_;
  const Time now_;
  std::unordered_set<std::string> seen_;
};

}  // namespace

SystemError take_stock(const Disk& disk, Keys& keys, std::mutex& mutex, Index& index, Time now) {
  return Stock(disk, keys, mutex, index, now).take();
}

void set_aside(const Disk& disk, Folder folder, const std::string& name, const std::string& why) {
  const SystemError error = disk.set_aside(folder, name);
  if (error == ENOENT) return;
  log::event(log::Level::Warning, "file in the spool is no copy, and is set aside",
             {{"file", std::string(name_of(folder)) + "/" + log::loggable(name)},
              {"why", why},
              {"moved", error == 0 ? "to aside/" : "not: " + explain(error)}});
}

}  // namespace privet::spool
