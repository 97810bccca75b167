// A copy's content as it stands in its file: in memory while small, else a view of the file, so that many
// large copies under way cost little memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "proxy/spool/disk.h"

namespace privet::spool {

class Content {
 public:
  Content() = default;
  Content(const Content&) = delete;
  Content& operator=(const Content&) = delete;
  ~Content();

  /// Takes `size` bytes from `offset` of a file, once. All of them are read, in windows; `digest` is their
  /// SHA-256 in hex, also where the file is shorter.
  SystemError take(int file, std::uint64_t offset, std::uint64_t size, std::string& digest);

  /// The file must keep its bytes while they are looked at.
  std::string_view bytes() const { return bytes_; }
  /// bytes() is a view of the file: give it back behind you (pages.h).
  bool is_mapped() const { return mapping_ != nullptr; }

 private:
  std::string memory_;
  void* mapping_ = nullptr;
  std::size_t mapped_ = 0;
  std::string_view bytes_;
};

}  // namespace privet::spool
