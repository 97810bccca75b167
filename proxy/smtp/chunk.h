// The octets of BDAT (RFC 3030) under the line rules of DATA. Pure.
//
// Promise: chunks are joined before they are looked at, so a CRLF may stand across two of them; any cutting
// of the input gives the same result. Lengths say where content ends, so dots mean nothing here.
#pragma once

#include <cstdint>
#include <string_view>

#include "proxy/smtp/content.h"

namespace privet::smtp {

class ChunkDecoder {
 public:
  /// Takes octets of a chunk in any number of pieces, and gives each to `sink(std::string_view)`, nothing
  /// copied, up to the octet that shows a fault; after a fault no more is given.
  template <class Sink>
  void feed(std::string_view octets, Sink&& sink) {
    const std::string_view good = octets.substr(0, accept(octets));
    if (!good.empty()) sink(good);
  }
  /// After the last chunk: a CR that was still waiting for its LF is a fault.
  void finish();

  ContentFault fault() const { return fault_; }
  /// False without a fault: who writes the content on has to end its last line (ContentEncoder does).
  bool ends_in_crlf() const { return fault_ == ContentFault::None && last_ == '\n'; }
  /// Octets so far, faulty ones included.
  std::uint64_t size() const { return size_; }

 private:
  std::size_t accept(std::string_view octets);

  ContentFault fault_ = ContentFault::None;
  char last_ = '\n';  // what came before; content without any line needs no end
  std::uint64_t size_ = 0;
};

}  // namespace privet::smtp
