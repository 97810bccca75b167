// Memory of large content that is a view of a file: read a window at a time, and given back behind it, so
// that a message costs no more memory than a window.
#pragma once

#include <string_view>

namespace privet::spool {

/// Gives the whole pages of `bytes`, part of a file's private read-only mapping, back to the system; they are
/// read again when they are needed.
void give_back(std::string_view bytes);

/// Calls `work(window)` for `bytes` in order; of a mapping each window is given back.
template <class Work>
void in_windows(std::string_view bytes, bool mapped, std::size_t window, Work&& work) {
  while (!bytes.empty()) {
    const std::string_view part = bytes.substr(0, mapped ? window : bytes.size());
    work(part);
    if (mapped) give_back(part);
    bytes.remove_prefix(part.size());
  }
}

}  // namespace privet::spool
