// A field name as it may stand in a log: a stranger may name a field like an address.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "mime/ascii.h"

namespace privet::mime {

/// `name`, or "unnamed" where it is longer or stranger than the names of real fields.
inline std::string field_label(std::string_view name) {
  constexpr std::size_t kLongest = 50;
  const bool plain = std::ranges::all_of(name, [](char c) { return is_alnum(c) || c == '-'; });
  return plain && !name.empty() && name.size() <= kLongest ? std::string(name) : "unnamed";
}

}  // namespace privet::mime
