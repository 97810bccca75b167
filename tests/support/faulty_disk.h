// A disk that fails when told to: linked into a test, or preloaded into any program, this stands before the C
// library's open, openat, write, writev, fdatasync, fsync, syncfs, renameat and unlinkat. It counts the calls
// below a path, and makes one of them fail or kills the process in front of it.
//
// Preloaded (target privet_faulty_disk) it takes what to do from the environment, for paths with "/spool/" in
// them, but not for databases:
//   PRIVET_FAULT=fdatasync:2:EIO       the second fdatasync fails
//   PRIVET_FAULT=write:3+:ENOSPC       all from the third on
//   PRIVET_FAULT=renameat:1:KILL       SIGKILL in front of the first
#pragma once

#include <string>

namespace privet::testing_support {

struct Fault {
  std::string call;        ///< "fdatasync"; open counts as openat, writev as write
  int number = 1;          ///< counts from 1, since arm()
  bool from_then = false;  ///< and every later one
  int error = 0;           ///< errno; 0: SIGKILL
  bool hangs = false;      ///< neither: it waits for disarm()
};

/// Forgets what was counted, and counts calls on paths that contain `path` from now on.
void watch_disk(const std::string& path);
/// The same, and lets one fail.
void arm(const std::string& path, const Fault& fault);
/// Nothing is counted any more, and nothing fails.
void disarm();
/// How often `call` was called since watch_disk() or arm().
int calls(const std::string& call);

}  // namespace privet::testing_support
