// The content of a message that has to be held: in memory while small, in an unlinked temporary file when
// large.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace privet::smtp {

class ContentBuffer {
 public:
  /// `folder` is where the temporary file goes.
  explicit ContentBuffer(std::string folder) : folder_(std::move(folder)) {}
  ContentBuffer(const ContentBuffer&) = delete;
  ContentBuffer& operator=(const ContentBuffer&) = delete;
  ~ContentBuffer();

  /// Adds bytes. False when the disk refuses them (full, read-only); the buffer is then useless.
  bool append(std::string_view bytes);
  /// Everything appended; valid until the next append. Empty when mapping failed, with failed() set.
  std::string_view bytes();
  std::uint64_t size() const { return size_; }
  bool failed() const { return failed_; }

 private:
  bool spill();

  std::string folder_;
  std::string memory_;  // all, or what is not written to the file yet
  std::uint64_t size_ = 0;
  int file_ = -1;
  void* mapping_ = nullptr;
  std::size_t mapped_ = 0;
  bool failed_ = false;
};

}  // namespace privet::smtp
