// What the spool holds, in memory: the files' states without asking the disk, and what only this process
// knows of them (who carries a copy, who delivers it). The files are the truth; see recovery.cc. Not locked:
// the spool does that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "proxy/spool/disk.h"
#include "proxy/spool/record.h"
#include "proxy/spool/spool.h"

namespace privet::spool {

struct Entry {
  std::string id, tenant, user, key;
  Kind kind = Kind::Copy;
  Time created = 0, expires = 0, next_try = 0;
  std::uint64_t size = 0;  ///< of its content

  Folder folder = Folder::Prepared;  ///< where its file was last
  Time modified = 0;                 ///< of its file, when last seen
  Time rests_until = 0;              ///< before it nobody may claim it, for whatever reason
  bool owed = false;                 ///< its original was accepted, whatever the disk said to that
  bool tried = false;
  bool doubted = false;     ///< some session left its original's fate unknown
  bool claimed = false;     ///< somebody delivers it, or will once it is owed; or its end is to be noted yet
  bool gone = false;        ///< delivered or failed: what is left of it is on its way out
  bool removed = false;     ///< and the file is gone as well
  std::size_t holders = 0;  ///< sessions whose original is under way

  State state() const;
  /// Somebody may claim it.
  bool is_free(Time now) const;
};

class Index {
 public:
  /// nullptr when there is none. Valid until the entry is erased.
  Entry* find(std::string_view id);
  Entry* find_by_key(std::string_view key);
  Entry& add(Entry entry);
  void erase(std::string_view id);
  /// Another copy with its key is a new one from now on.
  void forget_key(const Entry& entry);

  /// A session carries the copy; returns the name of its share.
  std::string hold(Entry& entry, bool claims);
  /// Ends a share. The entry, or nullptr for an unknown share. A claim that came with it ends too, unless
  /// `keep_claim`.
  Entry* end_hold(std::string_view share, bool keep_claim);
  /// Whose share it is.
  Entry* held_by(std::string_view share);

  /// Bytes of content that are not gone.
  std::uint64_t content_size() const { return content_size_; }
  void set_gone(Entry& entry);

  std::vector<Waiting> due(Time now, const std::function<bool(std::string_view)>& wanted,
                           std::size_t most) const;
  std::vector<Waiting> due_of(Time now, std::string_view tenant, std::string_view user,
                              std::size_t most) const;
  std::vector<Waiting> expired(Time now, std::size_t most) const;
  std::vector<std::string> ids() const;

 private:
  struct Share {
    std::string id;
    bool claims;
  };
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  std::unordered_map<std::string, Entry, Hash, std::equal_to<>> entries_;
  std::unordered_map<std::string, std::string, Hash, std::equal_to<>> by_key_;
  std::map<std::pair<std::string, std::string>, std::set<std::string>> by_owner_;  // tenant and user
  std::unordered_map<std::string, Share, Hash, std::equal_to<>> shares_;
  std::uint64_t content_size_ = 0;
};

/// A name for a copy that nobody can guess and no other has.
std::string new_id();

}  // namespace privet::spool
