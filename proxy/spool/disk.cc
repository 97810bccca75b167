#include "proxy/spool/disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>

#include "proxy/limits.h"
#include "proxy/spool/content.h"
#include "proxy/spool/pages.h"

namespace privet::spool {

namespace {

constexpr mode_t kOwnerOnly = 0600;
constexpr std::size_t kProbe = 4096;  // a block: a full disk may still take a name
constexpr int kNames = 1000;          // files of one name in aside/

SystemError write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), std::min(bytes.size(), limits::kSpoolWrite));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

/// All of them with one call, as a rule.
SystemError write_together(int file, const std::vector<std::string_view>& pieces) {
  std::vector<iovec> rest;
  for (const std::string_view piece : pieces) {
    if (!piece.empty()) rest.push_back({const_cast<char*>(piece.data()), piece.size()});
  }
  std::size_t first = 0;
  while (first < rest.size()) {
    const ssize_t written = ::writev(file, rest.data() + first, static_cast<int>(rest.size() - first));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    auto left = static_cast<std::size_t>(written);
    for (; first < rest.size() && left >= rest[first].iov_len; ++first) left -= rest[first].iov_len;
    if (left == 0) continue;
    rest[first].iov_base = static_cast<char*>(rest[first].iov_base) + left;
    rest[first].iov_len -= left;
  }
  return 0;
}

Unusable unusable(SystemError error) {
  // A link, a folder, a file of somebody else's, a bad sector: trying again does not help. What is short of
  // memory or descriptors may pass.
  const bool damaged = error == ELOOP || error == EISDIR || error == EACCES || error == ENXIO || error == EIO;
  const auto why = error == ENOENT ? Unusable::Why::Gone
                   : damaged       ? Unusable::Why::Damaged
                                   : Unusable::Why::Disk;
  return {.why = why, .what = explain(error)};
}

}  // namespace

SystemError read_range(int file, std::uint64_t offset, std::uint64_t most, std::string& bytes) {
  bytes.resize(static_cast<std::size_t>(most));
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count =
        ::pread(file, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  bytes.resize(done);
  return 0;
}

std::string_view name_of(Folder folder) {
  constexpr std::array<std::string_view, 5> kFolders = {"prepared", "committed", "held", "aside", "spare"};
  return kFolders[static_cast<std::size_t>(folder)];
}

std::string explain(SystemError error) {
  return std::system_category().message(error);
}

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

Result<Disk> Disk::open(const std::string& root, bool make) {
  Disk disk;
  disk.root_ = root;
  std::error_code ignored;
  const auto parent = std::filesystem::path(root).parent_path();
  if (make && !parent.empty()) std::filesystem::create_directories(parent, ignored);
  // What cannot be made cannot be opened either, and opening says why.
  if (make && ::mkdir(root.c_str(), 0700) == 0) {
    // A copy is as durable as the names on its way.
    const Descriptor above(::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (above.is_open()) ::fsync(above.get());
  }
  disk.top_ = Descriptor(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!disk.top_.is_open()) return failure("cannot open the spool " + root + ": " + explain(errno));
  for (const Folder folder :
       {Folder::Prepared, Folder::Committed, Folder::Held, Folder::Aside, Folder::Spare}) {
    const std::string name(name_of(folder));
    if (make) ::mkdirat(disk.top_.get(), name.c_str(), 0700);
    Descriptor& opened = disk.folders_[static_cast<std::size_t>(folder)];
    opened =
        Descriptor(::openat(disk.top_.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    const bool needed = make || folder != Folder::Spare;  // an older version made none
    if (needed && !opened.is_open())
      return failure("cannot open " + root + "/" + name + ": " + explain(errno));
  }
  if (make) ::fsync(disk.top_.get());
  return disk;
}

Result<void> Disk::lock() {
  lock_ = Descriptor(::openat(top_.get(), "lock", O_RDONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, kOwnerOnly));
  if (!lock_.is_open()) return failure("cannot open " + root_ + "/lock: " + explain(errno));
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) == 0) return {};
  if (errno == EWOULDBLOCK) {
    return failure(
        "the spool " + root_ +
        " is in use by another process: end it first, or give this one a \"state\" folder of its own");
  }
  return failure("cannot lock " + root_ + "/lock: " + explain(errno));
}

std::expected<std::string, SystemError> Disk::read_small(const char* name) const {
  const Descriptor file(::openat(top_.get(), name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file.is_open()) return std::unexpected(errno);
  std::string bytes;
  const SystemError error = read_range(file.get(), 0, limits::kSpoolHead, bytes);
  if (error != 0) return std::unexpected(error);
  return bytes;
}

SystemError Disk::write_small(const char* name, std::string_view bytes) const {
  const std::string unfinished = std::string(".") + name;
  const Descriptor file(::openat(top_.get(), unfinished.c_str(),
                                 O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, kOwnerOnly));
  if (!file.is_open()) return errno;
  SystemError error = write_all(file.get(), bytes);
  if (error == 0 && ::fdatasync(file.get()) != 0) error = errno;
  if (error == 0 && ::renameat(top_.get(), unfinished.c_str(), top_.get(), name) != 0) error = errno;
  if (error == 0 && ::fsync(top_.get()) != 0) error = errno;
  if (error != 0) ::unlinkat(top_.get(), unfinished.c_str(), 0);
  return error;
}

std::expected<Descriptor, SystemError> Disk::make(Folder folder, std::string_view name) const {
  Descriptor file(::openat(descriptor(folder), std::string(name).c_str(),
                           O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kOwnerOnly));
  if (!file.is_open()) return std::unexpected(errno);
  return file;
}

std::expected<Descriptor, SystemError> Disk::open_own(Folder folder, std::string_view name) const {
  // O_NONBLOCK: a pipe would wait for a reader.
  Descriptor file(::openat(descriptor(folder), std::string(name).c_str(),
                           O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat status = {};
  if (!file.is_open() || ::fstat(file.get(), &status) != 0) return std::unexpected(errno);
  // A second name may be an administrator's backup.
  const bool ours = S_ISREG(status.st_mode) && (status.st_mode & 07777) == kOwnerOnly &&
                    status.st_nlink == 1 && status.st_uid == ::geteuid();
  // A larger one may be looked at through a view of it (content.h), which would show the next copy.
  const bool viewed = static_cast<std::size_t>(status.st_size) > limits::kLoadInMemory;
  if (!ours || viewed) return std::unexpected(EPERM);
  return file;
}

SystemError Disk::write(const Descriptor& file, const std::vector<std::string_view>& pieces,
                        bool last_is_mapped, Time modified) {
  struct stat status = {};
  std::size_t size = 0;
  for (const std::string_view piece : pieces) size += piece.size();
  if (::fstat(file.get(), &status) != 0) return errno;
  // Not to nothing: the blocks that go on being used stay.
  const bool longer = static_cast<std::size_t>(status.st_size) > size;
  if (longer && ::ftruncate(file.get(), static_cast<off_t>(size)) != 0) return errno;
  SystemError error = 0;
  if (last_is_mapped) {
    for (const std::string_view& piece : pieces) {
      in_windows(piece, &piece == &pieces.back(), limits::kForgetPages, [&](std::string_view window) {
        if (error == 0) error = write_all(file.get(), window);
      });
    }
  } else {
    error = write_together(file.get(), pieces);
  }
  const std::array<timespec, 2> times = {timespec{modified, 0}, timespec{modified, 0}};
  if (error == 0) ::futimens(file.get(), times.data());  // without it the copy is due at once as well
  return error;
}

SystemError Disk::move(std::string_view name, Folder from, std::string_view new_name, Folder to) const {
  return ::renameat(descriptor(from), std::string(name).c_str(), descriptor(to),
                    std::string(new_name).c_str()) == 0
             ? 0
             : errno;
}

SystemError Disk::remove(Folder folder, std::string_view name) const {
  return ::unlinkat(descriptor(folder), std::string(name).c_str(), 0) == 0 ? 0 : errno;
}

SystemError Disk::append(Folder folder, std::string_view id, std::string_view line) const {
  const Descriptor file(
      ::openat(descriptor(folder), std::string(id).c_str(), O_RDWR | O_APPEND | O_NOFOLLOW | O_CLOEXEC));
  if (!file.is_open()) return errno;
  struct stat status = {};
  if (::fstat(file.get(), &status) != 0) return errno;
  // Behind content without a line end, or a line that was torn, a line begins anew.
  std::string last;
  const SystemError unread =
      status.st_size == 0 ? 0
                          : read_range(file.get(), static_cast<std::uint64_t>(status.st_size) - 1, 1, last);
  if (unread != 0) return unread;
  return write_all(file.get(), last == "\n" ? std::string(line) : "\n" + std::string(line));
}

std::int64_t Disk::modified(const char* name) const {
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  struct stat status{};
  if (::fstatat(top_.get(), name, &status, AT_SYMLINK_NOFOLLOW) != 0) return 0;
  return status.st_mtim.tv_sec * kNanoseconds + status.st_mtim.tv_nsec;
}

SystemError Disk::set_modified(Folder folder, std::string_view id, Time time) const {
  const std::array<timespec, 2> times = {timespec{time, 0}, timespec{time, 0}};
  const std::string name(id);
  return ::utimensat(descriptor(folder), name.c_str(), times.data(), AT_SYMLINK_NOFOLLOW) == 0 ? 0 : errno;
}

SystemError Disk::set_aside(Folder folder, std::string_view name) const {
  const std::string from(name);
  std::string to = from;
  for (int i = 1; i < kNames; ++i) {
    // RENAME_NOREPLACE: what is there already is somebody's as well.
    if (::renameat2(descriptor(folder), from.c_str(), descriptor(Folder::Aside), to.c_str(),
                    RENAME_NOREPLACE) == 0) {
      return 0;
    }
    if (errno != EEXIST) return errno;
    to = from + "." + std::to_string(i);
  }
  return EEXIST;
}

std::expected<Time, SystemError> Disk::modified(Folder folder, std::string_view id) const {
  struct stat status = {};
  const std::string name(id);
  if (::fstatat(descriptor(folder), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
    return std::unexpected(errno);
  return status.st_mtim.tv_sec;
}

SystemError Disk::probe() const {
  const Descriptor file(
      ::openat(top_.get(), "probe", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, kOwnerOnly));
  if (!file.is_open()) return errno;
  SystemError error = write_all(file.get(), std::string(kProbe, ' '));
  if (error == 0 && ::fdatasync(file.get()) != 0) error = errno;
  if (::unlinkat(top_.get(), "probe", 0) != 0 && error == 0) error = errno;
  return error;
}

std::expected<std::vector<std::string>, SystemError> Disk::names(Folder folder) const {
  // A descriptor of its own: reading moves its offset, and closedir() closes it.
  const int again = ::openat(descriptor(folder), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (again < 0) return std::unexpected(errno);
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(again), ::closedir);
  if (!stream) {
    ::close(again);
    return std::unexpected(ENOMEM);
  }
  std::vector<std::string> found;
  errno = 0;
  while (const dirent* const entry = ::readdir(stream.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") found.emplace_back(name);
    errno = 0;
  }
  if (errno != 0) return std::unexpected(errno);
  return found;
}

std::expected<Stored, Unusable> read_copy(const Disk& disk, Folder folder, const std::string& name,
                                          Content* content) {
  if (!is_id(name)) return std::unexpected(Unusable{.what = "its name is no id"});
  // O_NONBLOCK: a pipe would wait for a writer.
  const Descriptor file(
      ::openat(disk.descriptor(folder), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.is_open()) return std::unexpected(unusable(errno));
  struct stat status = {};
  if (::fstat(file.get(), &status) != 0) return std::unexpected(unusable(errno));
  if (!S_ISREG(status.st_mode)) return std::unexpected(Unusable{.what = "it is no file"});
  const auto size = static_cast<std::uint64_t>(status.st_size);

  std::string bytes;
  const std::uint64_t beginning = std::min<std::uint64_t>(size, limits::kSpoolHead);
  if (const SystemError error = read_range(file.get(), 0, beginning, bytes)) {
    return std::unexpected(unusable(error));
  }
  Result<Parsed> parsed = parse_head(bytes, size);
  if (!parsed) return std::unexpected(Unusable{.what = parsed.error().what});
  if (parsed->record.id != name) return std::unexpected(Unusable{.what = "it has the name of another copy"});

  const std::uint64_t end = parsed->content_offset + parsed->content_size;
  if (const SystemError error =
          read_range(file.get(), end, std::min<std::uint64_t>(size - end, limits::kSpoolTail), bytes)) {
    return std::unexpected(unusable(error));
  }
  parsed->events = parse_events(bytes);
  if (content != nullptr) {
    std::string digest;
    if (const SystemError error =
            content->take(file.get(), parsed->content_offset, parsed->content_size, digest)) {
      return std::unexpected(unusable(error));
    }
    if (digest != parsed->content_sha256) {
      return std::unexpected(Unusable{.what = "its content does not check"});
    }
  }
  return Stored{.parsed = std::move(*parsed), .modified = status.st_mtim.tv_sec};
}

}  // namespace privet::spool
