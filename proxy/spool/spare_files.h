// Files that are written anew. A copy lives for a moment, as a rule, and making and removing a file is what a
// file system does slowest: ext4 looks at each inode that was freed within five seconds before it takes one
// (350 us at 1,000 copies/s, against 10 us for a rename), and gives freed blocks back to the device one by
// one where it was mounted so.
//
// A copy is written here before it has its name in prepared/, so what stands here is gone or unfinished, and
// never read. Files that nobody took for a while are removed, so that what was delivered stays for seconds
// only.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/spool/disk.h"

namespace privet::spool {

/// On the thread that changes the files.
class SpareFiles {
 public:
  struct File {
    std::string name;  ///< in spare/
    Descriptor descriptor;
  };

  explicit SpareFiles(const Disk& disk) : disk_(disk) {}

  /// Removes all, whoever left them.
  void clear();
  /// Removes those that were here at the last call, and not taken since.
  void clear_unused();
  /// A file to be written with Disk::write(); where none is left over, a new one of the name `id`.
  std::expected<File, SystemError> take(std::string_view id);
  /// Gives it the name `id` in prepared/.
  SystemError finish(const File& file, std::string_view id) const {
    return disk_.move(file.name, Folder::Spare, id, Folder::Prepared);
  }
  /// Removes it: it could not be written.
  void discard(const File& file) const { disk_.remove(Folder::Spare, file.name); }
  /// Removes a copy, whose file may be taken then. 0, or why it is still there.
  SystemError remove(Folder folder, const std::string& id);

 private:
  const Disk& disk_;
  std::vector<std::string> names_;  // the last is taken first
  std::size_t unused_ = 0;          // of the first ones, since clear_unused()
};

}  // namespace privet::spool
