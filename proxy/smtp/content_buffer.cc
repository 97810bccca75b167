#include "proxy/smtp/content_buffer.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "proxy/limits.h"

namespace privet::smtp {

namespace {

std::atomic<std::size_t> held_by_all{0};

}  // namespace

ContentBuffer::~ContentBuffer() {
  held_by_all -= counted_;
  if (mapping_ != nullptr) munmap(mapping_, mapped_);
  if (file_ >= 0) ::close(file_);
}

void ContentBuffer::append(std::string_view bytes) {
  memory_.append(bytes);
  size_ += bytes.size();
  const bool scarce = file_ >= 0 || held_by_all > limits::kContentInMemoryOfAll;
  const std::size_t most = scarce ? limits::kContentInMemoryWhenScarce : limits::kContentInMemory;
  if (memory_.size() > most && disk_error_.empty()) spill();
  count();
}

void ContentBuffer::count() {
  held_by_all += memory_.size() - counted_;
  counted_ = memory_.size();
}

void ContentBuffer::forget_pages() const {
  if (mapping_ != nullptr) madvise(mapping_, mapped_, MADV_DONTNEED);
}

std::string_view ContentBuffer::bytes() {
  if (file_ < 0) return memory_;
  if (mapping_ != nullptr && mapped_ == size_) return {static_cast<const char*>(mapping_), mapped_};
  if (mapping_ != nullptr) munmap(std::exchange(mapping_, nullptr), mapped_);
  if (!memory_.empty()) spill();
  if (file_ < 0) return memory_;
  mapped_ = static_cast<std::size_t>(size_);
  void* const mapping = mmap(nullptr, mapped_, PROT_READ, MAP_PRIVATE, file_, 0);
  if (mapping == MAP_FAILED) {
    take_back("mapping a temporary file");
    return memory_;
  }
  mapping_ = mapping;
  return {static_cast<const char*>(mapping_), mapped_};
}

void ContentBuffer::spill() {
  if (file_ < 0) file_ = ::open(folder_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file_ < 0) return take_back("making a temporary file");
  std::string_view rest = memory_;
  while (!rest.empty()) {
    const ssize_t written = ::write(file_, rest.data(), rest.size());
    if (written <= 0) {
      memory_.erase(0, memory_.size() - rest.size());
      return take_back("writing a temporary file");
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  memory_ = std::string();
}

// What reached the file comes back in front of what did not.
void ContentBuffer::take_back(const char* what) {
  disk_error_ = std::string(what) + " in " + folder_ + ": " + std::strerror(errno);
  if (file_ < 0) return;
  std::string all(static_cast<std::size_t>(size_) - memory_.size(), '\0');
  std::size_t done = 0;
  while (done < all.size()) {
    const ssize_t count = ::pread(file_, all.data() + done, all.size() - done, static_cast<off_t>(done));
    // The pages of an unlinked file are in memory; if they cannot be read, nothing of this message can be
    // trusted.
    if (count <= 0) throw std::system_error(errno, std::generic_category(), "reading a temporary file");
    done += static_cast<std::size_t>(count);
  }
  memory_.insert(0, all);
  ::close(std::exchange(file_, -1));
}

}  // namespace privet::smtp
