// The spool's folders on disk: each function is a system call or two, and says what failed. Nothing here
// follows a symbolic link or waits for anything but the disk.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mime/result.h"
#include "proxy/spool/record.h"

namespace privet::spool {

/// Where a file stands; see spool.h. Spare: those of spare_files.h.
enum class Folder { Prepared, Committed, Held, Aside, Spare };
std::string_view name_of(Folder folder);
/// Those that hold copies. A file that stands in two of them is believed in the first.
inline constexpr std::array kCopies = {Folder::Held, Folder::Committed, Folder::Prepared};

/// Owns a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor();
  int get() const { return number_; }
  bool is_open() const { return number_ >= 0; }

 private:
  int number_;
};

/// A system call's errno; 0 when it went well.
using SystemError = int;
/// What the system calls it.
std::string explain(SystemError error);

/// At most `most` bytes from `offset` on.
SystemError read_range(int file, std::uint64_t offset, std::uint64_t most, std::string& bytes);

class Content;

class Disk {
 public:
  /// Opens the spool at `root`; with `make`, what is missing of its folders is made (0700). The error names
  /// the path and the cause.
  static Result<Disk> open(const std::string& root, bool make);

  const std::string& root() const { return root_; }
  int root_descriptor() const { return top_.get(); }
  int descriptor(Folder folder) const { return folders_[static_cast<std::size_t>(folder)].get(); }
  /// Keeps a second process out for as long as this lives.
  Result<void> lock();
  /// What the file of this name in the root holds; ENOENT when it is not there.
  std::expected<std::string, SystemError> read_small(const char* name) const;
  /// When a file in the root was last touched, in nanoseconds since 1970; 0 when it is not there.
  std::int64_t modified(const char* name) const;
  /// Makes such a file, all or nothing, 0600, durable.
  SystemError write_small(const char* name, std::string_view bytes) const;

  /// A new file, to be written.
  std::expected<Descriptor, SystemError> make(Folder folder, std::string_view name) const;
  /// One that make() made, to be written anew; an error where anybody could see its content change by that.
  std::expected<Descriptor, SystemError> open_own(Folder folder, std::string_view name) const;
  /// Writes all of a file, not flushed, and sets its time.
  static SystemError write(const Descriptor& file, const std::vector<std::string_view>& pieces,
                           bool last_is_mapped, Time modified);
  SystemError move(std::string_view id, Folder from, Folder to) const { return move(id, from, id, to); }
  SystemError move(std::string_view name, Folder from, std::string_view new_name, Folder to) const;
  SystemError remove(Folder folder, std::string_view name) const;
  SystemError append(Folder folder, std::string_view id, std::string_view line) const;
  SystemError set_modified(Folder folder, std::string_view id, Time time) const;
  /// To aside/, under a name that is free there.
  SystemError set_aside(Folder folder, std::string_view name) const;
  std::expected<Time, SystemError> modified(Folder folder, std::string_view id) const;
  std::expected<std::vector<std::string>, SystemError> names(Folder folder) const;
  /// Whether a file can be written, flushed and removed.
  SystemError probe() const;

 private:
  std::string root_;
  Descriptor top_, lock_;
  std::array<Descriptor, 5> folders_;
};

/// What a file in the spool says.
struct Stored {
  Parsed parsed;
  Time modified = 0;
};

/// Why a file cannot be used.
struct Unusable {
  enum class Why {
    Gone,     ///< no file of this name is there
    Disk,     ///< the disk did not give it: another time perhaps
    Damaged,  ///< torn or foreign: to be set aside
  };
  Why why = Why::Damaged;
  std::string what;
};

/// Reads a copy's head and events; and its content, checked, where `content` is given.
std::expected<Stored, Unusable> read_copy(const Disk& disk, Folder folder, const std::string& name,
                                          Content* content = nullptr);

}  // namespace privet::spool
