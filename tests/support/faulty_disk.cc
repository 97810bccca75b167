#include "tests/support/faulty_disk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <condition_variable>
#include <csignal>
#include <cstdarg>
#include <cstdlib>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>

namespace privet::testing_support {

namespace {

struct Watch {
  std::mutex mutex;
  std::condition_variable disarmed;
  std::optional<std::string> path;
  std::optional<Fault> fault;
  std::map<std::string, int> calls;
};

/// Never destroyed: files are closed and written after main().
Watch& watch();

std::optional<Fault> fault_of(std::string text) {
  const std::size_t first = text.find(':');
  const std::size_t second = text.find(':', first + 1);
  if (second == std::string::npos) return std::nullopt;
  Fault fault{.call = text.substr(0, first)};
  std::string number = text.substr(first + 1, second - first - 1);
  fault.from_then = number.ends_with('+');
  fault.number = std::atoi(number.c_str());
  const std::string error = text.substr(second + 1);
  const std::map<std::string, int> kErrors = {
      {"EIO", EIO}, {"ENOSPC", ENOSPC}, {"EROFS", EROFS}, {"KILL", 0}};
  if (!kErrors.contains(error)) return std::nullopt;
  fault.error = kErrors.at(error);
  return fault;
}

Watch& watch() {
  static Watch* const made = [] {
    auto* fresh = new Watch;
    if (const char* const told = std::getenv("PRIVET_FAULT")) {
      fresh->fault = fault_of(told);
      // A fault that nobody understands would make a test pass that tests nothing.
      if (!fresh->fault) std::abort();
      fresh->path = "/spool/";
    }
    return fresh;
  }();
  return *made;
}

/// "…/spool/" for the folder itself as well.
std::string path_of(int descriptor) {
  std::array<char, PATH_MAX> path{};
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  const ssize_t size = ::readlink(link.c_str(), path.data(), path.size());
  return size < 0 ? "" : std::string(path.data(), static_cast<std::size_t>(size)) + "/";
}

std::string path_of(int folder, const char* name) {
  if (name[0] == '/') return std::string(name) + "/";
  return folder == AT_FDCWD ? std::string(name) + "/" : path_of(folder) + name + "/";
}

/// False when this call is to fail; errno says how then.
bool allowed(const char* call, const std::string& path) {
  Watch& now = watch();
  std::unique_lock lock(now.mutex);
  if (!now.path || !path.contains(*now.path) || path.contains(".sqlite")) return true;
  const int number = ++now.calls[call];
  if (!now.fault || now.fault->call != call) return true;
  if (number < now.fault->number || (number > now.fault->number && !now.fault->from_then)) return true;
  if (now.fault->hangs) {
    now.disarmed.wait(lock, [&now] { return !now.fault; });
    return true;
  }
  if (now.fault->error == 0) ::kill(::getpid(), SIGKILL);
  errno = now.fault->error;
  return false;
}

bool watching() {
  Watch& now = watch();
  const std::lock_guard lock(now.mutex);
  return now.path.has_value();
}

bool allowed(const char* call, int descriptor) {
  return !watching() || allowed(call, path_of(descriptor));
}

bool allowed(const char* call, int folder, const char* name) {
  return !watching() || allowed(call, path_of(folder, name));
}

}  // namespace

void watch_disk(const std::string& path) {
  const std::lock_guard lock(watch().mutex);
  watch().path = path;
  watch().fault.reset();
  watch().calls.clear();
}

void arm(const std::string& path, const Fault& fault) {
  watch_disk(path);
  const std::lock_guard lock(watch().mutex);
  watch().fault = fault;
}

void disarm() {
  const std::lock_guard lock(watch().mutex);
  watch().path.reset();
  watch().fault.reset();
  watch().disarmed.notify_all();
}

int calls(const std::string& call) {
  const std::lock_guard lock(watch().mutex);
  return watch().calls[call];
}

}  // namespace privet::testing_support

// The C library's own, by their system calls.
using privet::testing_support::allowed;

namespace {

int open_below(int folder, const char* name, int flags, mode_t mode) {
  if (!allowed("openat", folder, name)) return -1;
  return static_cast<int>(::syscall(SYS_openat, folder, name, flags, mode));
}

mode_t mode_of(int flags, va_list rest) {
  return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(rest, mode_t) : 0;
}

}  // namespace

extern "C" {

int open(const char* name, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return open_below(AT_FDCWD, name, flags, mode);
}

int open64(const char* name, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return open_below(AT_FDCWD, name, flags, mode);
}

int openat(int folder, const char* name, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return open_below(folder, name, flags, mode);
}

int openat64(int folder, const char* name, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return open_below(folder, name, flags, mode);
}

ssize_t write(int file, const void* bytes, size_t size) {
  return allowed("write", file) ? ::syscall(SYS_write, file, bytes, size) : -1;
}

ssize_t writev(int file, const iovec* pieces, int count) {
  return allowed("write", file) ? ::syscall(SYS_writev, file, pieces, count) : -1;
}

int fdatasync(int file) {
  return allowed("fdatasync", file) ? static_cast<int>(::syscall(SYS_fdatasync, file)) : -1;
}

int fsync(int file) {
  return allowed("fsync", file) ? static_cast<int>(::syscall(SYS_fsync, file)) : -1;
}

int syncfs(int file) noexcept {
  return allowed("syncfs", file) ? static_cast<int>(::syscall(SYS_syncfs, file)) : -1;
}

int renameat(int from, const char* name, int to, const char* new_name) noexcept {
  return allowed("renameat", from, name) ? static_cast<int>(::syscall(SYS_renameat, from, name, to, new_name))
                                         : -1;
}

int unlinkat(int folder, const char* name, int flags) noexcept {
  return allowed("unlinkat", folder, name) ? static_cast<int>(::syscall(SYS_unlinkat, folder, name, flags))
                                           : -1;
}

}  // extern "C"
