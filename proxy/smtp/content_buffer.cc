#include "proxy/smtp/content_buffer.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "proxy/limits.h"

namespace privet::smtp {

ContentBuffer::~ContentBuffer() {
  if (mapping_ != nullptr) munmap(mapping_, mapped_);
  if (file_ >= 0) ::close(file_);
}

bool ContentBuffer::append(std::string_view bytes) {
  memory_.append(bytes);
  size_ += bytes.size();
  if (memory_.size() > limits::kContentInMemory) failed_ = failed_ || !spill();
  return !failed_;
}

std::string_view ContentBuffer::bytes() {
  if (file_ < 0 && !failed_) return memory_;
  if (mapping_ != nullptr && mapped_ != size_) {
    munmap(mapping_, mapped_);
    mapping_ = nullptr;
  }
  if (mapping_ == nullptr && !failed_) {
    failed_ = !memory_.empty() && !spill();
    mapped_ = static_cast<std::size_t>(size_);
    void* mapping = failed_ ? MAP_FAILED : mmap(nullptr, mapped_, PROT_READ, MAP_PRIVATE, file_, 0);
    failed_ = mapping == MAP_FAILED;
    mapping_ = failed_ ? nullptr : mapping;
  }
  return failed_ ? std::string_view() : std::string_view(static_cast<const char*>(mapping_), mapped_);
}

bool ContentBuffer::spill() {
  if (file_ < 0) file_ = ::open(folder_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file_ < 0) return false;
  std::string_view rest = memory_;
  while (!rest.empty()) {
    const ssize_t written = ::write(file_, rest.data(), rest.size());
    if (written <= 0) return false;
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  memory_ = std::string();
  return true;
}

}  // namespace privet::smtp
