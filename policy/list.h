// A named list of addresses and domains, compiled for lookup in constant time.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>

#include "mime/address.h"
#include "policy/pattern.h"

namespace privet::policy {

class List {
 public:
  void add(const Pattern& pattern);
  /// True when an entry covers the address: exact (case and "+tag" ignored), its domain, or a parent of its domain
  /// given as ".domain".
  bool contains(const mime::AddrSpec& address) const;
  bool empty() const { return exact_.empty() && domains_.empty() && parents_.empty(); }
  std::size_t size() const { return exact_.size() + domains_.size() + parents_.size(); }

 private:
  std::unordered_set<std::string> exact_;    // AddrSpec::key
  std::unordered_set<std::string> domains_;  // canonical
  std::unordered_set<std::string> parents_;  // canonical, without the leading dot
};

}  // namespace privet::policy
