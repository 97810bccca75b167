// What a spool holds, in a few words.
#pragma once

#include <map>
#include <string>

#include "proxy/spool/browse.h"

namespace privet::testing_support {

/// "empty", or how many there are of what: "1 in doubt, 2 deferred, 1 notice". Whatever is set aside counts
/// too.
inline std::string spool_summary(const std::string& folder) {
  const auto listing = spool::list(folder);
  if (!listing) return listing.error().to_string();
  std::map<int, int> count;
  int notices = 0;
  for (const spool::Item& item : listing->items) {
    if (item.record.kind == spool::Kind::Notice) {
      ++notices;
    } else {
      ++count[static_cast<int>(item.state)];
    }
  }
  std::string text;
  const auto add = [&](std::size_t number, std::string_view what) {
    if (number > 0) text += (text.empty() ? "" : ", ") + std::to_string(number) + " " + std::string(what);
  };
  for (const auto& [state, number] : count) add(number, to_string(static_cast<spool::State>(state)));
  add(notices, "notice");
  add(listing->aside.size(), "aside");
  return text.empty() ? "empty" : text;
}

}  // namespace privet::testing_support
