#include "proxy/smtp/chunk.h"

namespace privet::smtp {
namespace {

ContentFault fault_of(char before, char c) {
  if (before == '\r' && c != '\n') return ContentFault::BareCr;
  if (before != '\r' && c == '\n') return ContentFault::BareLf;
  return c == '\0' ? ContentFault::Nul : ContentFault::None;
}

}  // namespace

std::size_t ChunkDecoder::accept(std::string_view octets) {
  size_ += octets.size();
  if (fault_ != ContentFault::None) return 0;
  for (std::size_t at = 0; at < octets.size();) {
    const std::string_view window = octets.substr(at, kContentWindow);
    // A dot at the start of a line is not quiet either; it costs a second look.
    if (!is_quiet(last_, window)) {
      for (std::size_t i = 0; i < window.size(); ++i) {
        fault_ = fault_of(i == 0 ? last_ : window[i - 1], window[i]);
        if (fault_ != ContentFault::None) return at + i;
      }
    }
    last_ = window.back();
    at += window.size();
  }
  return octets.size();
}

void ChunkDecoder::finish() {
  if (fault_ == ContentFault::None && last_ == '\r') fault_ = ContentFault::BareCr;
}

}  // namespace privet::smtp
