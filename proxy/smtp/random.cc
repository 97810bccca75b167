#include "proxy/smtp/random.h"

#include <random>
#include <string_view>

namespace privet::smtp {

std::string random_hex() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::random_device random;
  std::string text;
  for (int word = 0; word < 4; ++word) {
    std::random_device::result_type bits = random();
    for (int digit = 0; digit < 8; ++digit, bits >>= 4) text += kDigits[bits & 0xf];
  }
  return text;
}

}  // namespace privet::smtp
