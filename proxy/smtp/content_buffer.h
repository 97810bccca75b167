// The content of a message that has to be held: in memory while small, in an unlinked temporary file when
// large, or when all sessions together hold much.
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

  void append(std::string_view bytes);
  /// Everything appended; valid until the next append.
  std::string_view bytes();
  std::uint64_t size() const { return size_; }
  /// True when bytes() is a view into the temporary file.
  bool is_mapped() const { return mapping_ != nullptr; }
  /// Gives the memory behind bytes() back where it is only a view of the file; it is read again when needed.
  void forget_pages() const;
  /// Why the disk refused the temporary file, or "".
  const std::string& disk_error() const { return disk_error_; }

 private:
  void spill();
  void count();
  void take_back(const char* what);

  std::string folder_;
  std::string memory_;       // all, or what is not written to the file yet
  std::size_t counted_ = 0;  // of memory_, in the total of all buffers
  std::uint64_t size_ = 0;
  int file_ = -1;
  void* mapping_ = nullptr;
  std::size_t mapped_ = 0;
  std::string disk_error_;
};

}  // namespace privet::smtp
