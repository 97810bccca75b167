#include "proxy/spool/disk_spool.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "proxy/limits.h"
#include "proxy/log.h"
#include "proxy/spool/content.h"
#include "proxy/spool/digest.h"
#include "proxy/spool/pages.h"
#include "proxy/spool/recovery.h"

namespace privet::spool {

void DiskSpool::check_disk(std::string_view what, SystemError error) const {
  // Somebody moved or removed the file: the disk is not to blame.
  if (error != 0 && error != ENOENT) health_.failed(what, error, now());
}

Result<std::vector<Prepared>> DiskSpool::write_drafts(Batch& batch, const std::vector<Draft>& drafts) {
  std::vector<Prepared> done;
  for (const Draft& draft : drafts) {
    Result<Prepared> one = write_draft(batch, draft);
    if (!one) {
      give_up(done);
      return std::unexpected(one.error());
    }
    done.push_back(std::move(*one));
  }
  return done;
}

/// The same copy, where it is under way or owed already.
std::optional<Prepared> DiskSpool::take_over(const std::string& key) {
  if (key.empty()) return std::nullopt;
  if (keys_.has(key, now())) return Prepared{.id = "", .state = State::Delivered, .claimed = false};
  const std::lock_guard lock(mutex_);
  Entry* const known = index_.find_by_key(key);
  if (known == nullptr) return std::nullopt;
  const State state = known->state();
  if (state != State::Prepared && state != State::InDoubt) {
    return Prepared{.id = known->id, .state = state, .claimed = false};
  }
  const bool claims = !known->claimed;
  return Prepared{.id = index_.hold(*known, claims), .state = state, .claimed = claims};
}

Result<Prepared> DiskSpool::write_draft(Batch& batch, const Draft& draft) {
  if (std::optional<Prepared> known = take_over(draft.record.key)) return std::move(*known);
  Record record = draft.record;
  record.id = new_id();
  if (record.created == 0) record.created = now();
  Sha256 digest;
  digest.add(draft.header);
  in_windows(draft.body, draft.mapped, limits::kForgetPages,
             [&](std::string_view window) { digest.add(window); });
  const std::uint64_t size = draft.header.size() + draft.body.size();
  const std::string head = write_head(record, size, digest.hex());
  if (head.size() > limits::kSpoolHead) return failure("the copy's envelope is too large for the spool");
  const Time modified = now();
  auto file = write_file(record.id, {head, draft.header, draft.body}, draft.mapped, modified);
  if (!file) {
    check_disk("writing a copy", file.error());
    return failure("cannot write to " + disk_.root() + ": " + explain(file.error()));
  }
  batch.wrote(std::move(*file));
  const std::lock_guard lock(mutex_);
  Entry& entry = index_.add({.id = record.id,
                             .tenant = record.tenant,
                             .user = record.user,
                             .key = record.key,
                             .kind = record.kind,
                             .created = record.created,
                             .expires = record.expires,
                             .next_try = modified,
                             .size = size,
                             .modified = modified});
  return Prepared{.id = index_.hold(entry, true)};
}

/// In prepared/, not flushed. On failure nothing is left, as far as the disk lets us.
std::expected<Descriptor, SystemError> DiskSpool::write_file(const std::string& id,
                                                             const std::vector<std::string_view>& pieces,
                                                             bool last_is_mapped, Time modified) {
  auto file = spare_.take(id);
  if (!file) return std::unexpected(file.error());
  SystemError error = Disk::write(file->descriptor, pieces, last_is_mapped, modified);
  // Before the flush: a journaling file system then writes the name and the bytes in one go.
  if (error == 0) error = spare_.finish(*file, id);
  if (error == 0) return std::move(file->descriptor);
  spare_.discard(*file);
  return std::unexpected(error);
}

void DiskSpool::give_up(const std::vector<Prepared>& prepared) {
  for (const Prepared& one : prepared) {
    if (one.state == State::Prepared || one.state == State::InDoubt) drop(one.id);
  }
}

/// Ends a share whose original was not accepted.
void DiskSpool::drop(const std::string& share) {
  std::string id;
  {
    const std::lock_guard lock(mutex_);
    const Entry* const entry = index_.end_hold(share, false);
    if (entry == nullptr || entry->holders > 0) return;
    if (entry->gone && entry->removed) return index_.erase(std::string(entry->id));
    if (entry->gone || entry->owed || entry->doubted) return;
    id = entry->id;
  }
  check_disk("removing a copy", disk_.remove(Folder::Prepared, id));
  const std::lock_guard lock(mutex_);
  index_.erase(id);
}

bool DiskSpool::move_to_committed(Batch& batch, const std::string& share) {
  std::string id;
  bool moved = false;
  {
    const std::lock_guard lock(mutex_);
    const Entry* const entry = index_.held_by(share);
    if (entry == nullptr) return false;
    if (entry->gone) return true;
    id = entry->id;
    moved = entry->folder != Folder::Prepared;
  }
  // Moved before is not flushed before: the session that did it may have failed at that. The name that went
  // is not waited for: a file that stands in both is believed in committed/.
  batch.changed(Folder::Committed);
  if (moved) return true;
  const SystemError error = disk_.move(id, Folder::Prepared, Folder::Committed);
  check_disk("committing a copy", error);
  if (error != 0) return false;
  const std::lock_guard lock(mutex_);
  if (Entry* const entry = index_.find(id)) entry->folder = Folder::Committed;
  return true;
}

void DiskSpool::finish_commit(const std::string& share) {
  const std::lock_guard lock(mutex_);
  Entry* const entry = index_.end_hold(share, true);
  if (entry == nullptr) return;
  if (!entry->gone) entry->owed = true;
  if (entry->removed && entry->holders == 0) index_.erase(std::string(entry->id));
}

Result<Loaded> DiskSpool::read(const std::string& id) {
  auto content = std::make_shared<Content>();
  // Where it was last comes first by far the most often; prepared/ where its commit failed.
  for (const Folder folder : {Folder::Committed, Folder::Prepared, Folder::Held}) {
    auto stored = read_copy(disk_, folder, id, content.get());
    if (!stored && stored.error().why == Unusable::Why::Gone) continue;
    if (folder == Folder::Held) return failure("copy " + id + " is held");
    if (stored) {
      return Loaded{.record = std::move(stored->parsed.record),
                    .events = std::move(stored->parsed.events),
                    .content = content->bytes(),
                    .mapped = content->is_mapped(),
                    .keep = content};
    }
    if (stored.error().why == Unusable::Why::Damaged) set_damaged_aside(id, stored.error().what);
    return failure("cannot read copy " + id + ": " + stored.error().what);
  }
  return failure("copy " + id + " is gone");
}

/// A copy that could not be read is free again, after a pause: it may be readable, or back from an
/// administrator, then.
void DiskSpool::give_back(const std::string& id, const std::string& why) {
  log::event(log::Level::Warning, "copy not read", {{"copy", id}, {"cause", why}});
  postpone(id, now() + std::chrono::seconds(limits::kUnreadRetry).count());
}

void DiskSpool::set_damaged_aside(const std::string& id, const std::string& why) {
  writer_->add([this, id, why](Batch&) -> Writer::Finish {
    for (const Folder folder : kCopies) {
      if (disk_.modified(folder, id)) set_aside(disk_, folder, id, why);
    }
    const std::lock_guard lock(mutex_);
    index_.erase(id);
    return nullptr;
  });
}

void DiskSpool::remove_file(const std::string& id) {
  Folder expected = Folder::Committed;
  {
    const std::lock_guard lock(mutex_);
    if (const Entry* const entry = index_.find(id)) expected = entry->folder;
  }
  SystemError error = spare_.remove(expected, id);
  for (const Folder folder : kCopies) {
    if (error == ENOENT) error = spare_.remove(folder, id);
  }
  check_disk("removing a copy", error);
  const std::lock_guard lock(mutex_);
  Entry* const entry = index_.find(id);
  if (entry == nullptr) return;
  entry->claimed = false;
  if (error != 0 && error != ENOENT) return;  // look_around() tries again
  entry->removed = true;
  if (entry->holders == 0) index_.erase(id);
}

void DiskSpool::note(Batch& batch, const std::string& id, const std::string& line, Time next_try) {
  // Where the disk failed at the commit, this is the next chance.
  const SystemError moved = disk_.move(id, Folder::Prepared, Folder::Committed);
  check_disk("committing a copy", moved);
  if (moved == 0) batch.changed(Folder::Committed);
  for (const Folder folder : kCopies) {
    const SystemError error = disk_.append(folder, id, line);
    if (error == ENOENT) continue;
    check_disk("noting a try", error);
    disk_.set_modified(folder, id, next_try);
    const std::lock_guard lock(mutex_);
    if (Entry* const entry = index_.find(id)) {
      entry->folder = folder;
      entry->modified = next_try;
    }
    return;
  }
}

}  // namespace privet::spool
