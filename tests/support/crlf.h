// Mail text written with \n in a test, as it is on the wire.
#pragma once

#include <string>
#include <string_view>

namespace privet::testing_support {

inline std::string crlf(std::string_view text) {
  std::string lines;
  for (const char c : text) {
    if (c == '\n') lines += '\r';
    lines += c;
  }
  return lines;
}

}  // namespace privet::testing_support
