#include "proxy/spool/content.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "proxy/limits.h"
#include "proxy/spool/digest.h"

namespace privet::spool {

Content::~Content() {
  if (mapping_ != nullptr) munmap(mapping_, mapped_);
}

SystemError Content::take(int file, std::uint64_t offset, std::uint64_t size, std::string& digest) {
  Sha256 sha256;
  // By reading, not through the view: a bad sector is an error here, and ends the process there.
  for (std::uint64_t done = 0; done < size; done += memory_.size()) {
    const std::uint64_t window = std::min<std::uint64_t>(size - done, limits::kLoadInMemory);
    if (const SystemError error = read_range(file, offset + done, window, memory_)) return error;
    if (memory_.empty()) break;
    sha256.add(memory_);
  }
  digest = sha256.hex();
  bytes_ = memory_;
  if (size <= limits::kLoadInMemory) return 0;
  memory_ = std::string();
  static const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  const std::uint64_t begin = offset / page * page;
  mapped_ = static_cast<std::size_t>(offset + size - begin);
  void* const mapping = mmap(nullptr, mapped_, PROT_READ, MAP_PRIVATE, file, static_cast<off_t>(begin));
  if (mapping == MAP_FAILED) return errno;
  mapping_ = mapping;
  bytes_ = {static_cast<const char*>(mapping_) + (offset - begin), static_cast<std::size_t>(size)};
  return 0;
}

}  // namespace privet::spool
