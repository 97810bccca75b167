// Counts the hops of a message, to notice a mail loop (RFC 5321 6.3). Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proxy/limits.h"

namespace privet::smtp {

/// Content comes in pieces of any size, dots undone or not.
class HopCounter {
 public:
  void add(std::string_view piece);
  /// Received fields of the header, as far as it has come.
  std::size_t hops() const { return hops_; }
  bool too_many() const { return hops_ > limits::kHops; }

 private:
  enum class State : std::uint8_t { Name, Line, Body };

  bool takes(char c);

  State state_ = State::Name;
  std::size_t matched_ = 0;  // of the name, at the beginning of the line
  std::size_t hops_ = 0;
};

}  // namespace privet::smtp
