#include "proxy/spool/browse.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "proxy/spool/content.h"
#include "proxy/spool/disk.h"

namespace privet::spool {

namespace {

bool was_tried(const Event& event) {
  return event.what == Event::What::Tried || event.what == Event::What::Maybe;
}

Item item_of(Stored stored, Folder folder) {
  Item item{.record = std::move(stored.parsed.record),
            .next_try = stored.modified,
            .content_size = stored.parsed.content_size,
            .events = std::move(stored.parsed.events)};
  if (folder == Folder::Prepared) {
    item.state = State::InDoubt;
  } else if (folder == Folder::Held) {
    item.state = State::Held;
  } else {
    item.state = std::ranges::any_of(item.events, was_tried) ? State::Deferred : State::Committed;
  }
  return item;
}

std::unexpected<Error> no_copy(const Disk& disk, std::string_view id) {
  return failure("there is no copy " + std::string(is_id(id) ? id : "of this name") + " in " + disk.root());
}

std::unexpected<Error> cannot(std::string_view verb, std::string_view id, SystemError error) {
  return failure("cannot " + std::string(verb) + " " + std::string(id) + ": " + explain(error));
}

void nudge(const Disk& disk) {
  const Descriptor file(::openat(disk.root_descriptor(), "nudge",
                                 O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600));
  if (file.is_open()) ::futimens(file.get(), nullptr);
}

/// Moves a copy and notes it; what was noted makes it due.
Result<void> move(const std::string& folder, std::string_view id, Folder from, Folder to, const Event& event,
                  std::string_view verb) {
  const Result<Disk> disk = Disk::open(folder, false);
  if (!disk) return std::unexpected(disk.error());
  if (!is_id(id)) return no_copy(*disk, id);
  const SystemError moved = disk->move(id, from, to);
  if (moved == ENOENT) {
    return failure("there is no copy " + std::string(id) + " in " + disk->root() + "/" +
                   std::string(name_of(from)));
  }
  if (moved != 0) return cannot(verb, id, moved);
  // The move is what counts; a note that cannot be written changes nothing.
  disk->append(to, id, write_event(event));
  disk->set_modified(to, id, event.time);
  nudge(*disk);
  return {};
}

}  // namespace

Result<Listing> list(const std::string& folder) {
  const Result<Disk> disk = Disk::open(folder, false);
  if (!disk) return std::unexpected(disk.error());
  Listing listing;
  const auto set_aside = [&listing](Folder where, const std::string& name) {
    listing.aside.push_back(std::string(name_of(where)) + "/" + name);
  };
  for (const Folder where : kCopies) {
    const auto names = disk->names(where);
    if (!names) return cannot("read", name_of(where), names.error());
    for (const std::string& name : *names) {
      auto stored = read_copy(*disk, where, name);
      if (stored) {
        listing.items.push_back(item_of(std::move(*stored), where));
      } else if (stored.error().why != Unusable::Why::Gone) {
        set_aside(where, name);
      }
    }
  }
  const auto aside = disk->names(Folder::Aside);
  if (!aside) return cannot("read", name_of(Folder::Aside), aside.error());
  for (const std::string& name : *aside) set_aside(Folder::Aside, name);
  std::ranges::sort(listing.items, {},
                    [](const Item& item) { return std::pair(item.record.created, item.record.id); });
  std::ranges::sort(listing.aside);
  return listing;
}

Result<Shown> show(const std::string& folder, std::string_view id) {
  const Result<Disk> disk = Disk::open(folder, false);
  if (!disk) return std::unexpected(disk.error());
  if (!is_id(id)) return no_copy(*disk, id);
  for (const Folder where : kCopies) {
    Content content;
    auto stored = read_copy(*disk, where, std::string(id), &content);
    if (stored)
      return Shown{.item = item_of(std::move(*stored), where), .content = std::string(content.bytes())};
    if (stored.error().why != Unusable::Why::Gone) {
      return failure("cannot read " + std::string(id) + ": " + stored.error().what);
    }
  }
  return no_copy(*disk, id);
}

Result<void> hold(const std::string& folder, std::string_view id, Time now) {
  return move(folder, id, Folder::Committed, Folder::Held, {.what = Event::What::Held, .time = now}, "hold");
}

Result<void> release(const std::string& folder, std::string_view id, Time now) {
  return move(folder, id, Folder::Held, Folder::Committed, {.what = Event::What::Released, .time = now},
              "release");
}

Result<void> flush(const std::string& folder, std::string_view id, Time now) {
  const Result<Disk> disk = Disk::open(folder, false);
  if (!disk) return std::unexpected(disk.error());
  if (!is_id(id)) return no_copy(*disk, id);
  const SystemError error = disk->set_modified(Folder::Committed, id, now);
  if (error == ENOENT) {
    return failure("there is no copy " + std::string(id) +
                   " that waits for its next try: it may be held, in doubt or gone");
  }
  if (error != 0) return cannot("flush", id, error);
  nudge(*disk);
  return {};
}

Result<void> remove(const std::string& folder, std::string_view id) {
  const Result<Disk> disk = Disk::open(folder, false);
  if (!disk) return std::unexpected(disk.error());
  if (!is_id(id)) return no_copy(*disk, id);
  // Committed twice: a copy may be released while we look.
  for (const Folder where : {Folder::Committed, Folder::Held, Folder::Prepared, Folder::Committed}) {
    const SystemError error = disk->remove(where, id);
    if (error == ENOENT) continue;
    if (error != 0) return cannot("remove", id, error);
    nudge(*disk);
    return {};
  }
  return no_copy(*disk, id);
}

}  // namespace privet::spool
