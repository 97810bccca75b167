// What an administrator sees of the spool and does to it, by its files alone: the server may run or not. Each
// change is one rename, one unlink or a new modification time, and then touches "nudge", at which a running
// server looks around (Spool::look_around).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mime/result.h"
#include "proxy/spool/record.h"
#include "proxy/spool/spool.h"

namespace privet::spool {

/// One copy as its file says. `state` is never Delivered; InDoubt stands for all of prepared/, where some may
/// belong to a session that runs now.
struct Item {
  Record record;
  State state = State::Committed;
  Time next_try = 0;  ///< the file's modification time
  std::uint64_t content_size = 0;
  std::vector<Event> events;
};

struct Listing {
  std::vector<Item> items;         ///< by time of creation, oldest first
  std::vector<std::string> aside;  ///< names of what is torn or foreign, wherever it stands: "aside/x"
};

struct Shown {
  Item item;
  std::string content;  ///< as the CRM gets it
};

/// Everything in the spool `folder`. An error when it cannot be read.
Result<Listing> list(const std::string& folder);
/// One copy with its content. An error when there is none with this id, or it is damaged.
Result<Shown> show(const std::string& folder, std::string_view id);

/// committed/ to held/: not delivered until released. `now` is noted as its time.
Result<void> hold(const std::string& folder, std::string_view id, Time now);
/// held/ to committed/, due at once.
Result<void> release(const std::string& folder, std::string_view id, Time now);
/// Due at once. An error for what is held or in doubt.
Result<void> flush(const std::string& folder, std::string_view id, Time now);
/// Gone, in whatever state. One that is being delivered just now may still arrive.
Result<void> remove(const std::string& folder, std::string_view id);

}  // namespace privet::spool
