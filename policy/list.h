// A named list of addresses and domains, compiled for lookup in constant time.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "mime/address.h"
#include "policy/pattern.h"

namespace privet::policy {

class List {
 public:
  /// "local+*@domain" says the same as "local@domain" here, since tags are ignored.
  void add(const Pattern& pattern);
  /// True when an entry covers the address: exact (case and "+tag" ignored), its domain, or a parent of its
  /// domain given as ".domain".
  bool contains(const mime::AddrSpec& address) const { return contains_key(address.key()); }
  /// The same for an AddrSpec::key, for callers that ask more than once.
  bool contains_key(std::string_view key) const;
  bool empty() const { return size() == 0; }
  std::size_t size() const { return exact_.size() + domains_.size() + parents_.size(); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  using Strings = std::unordered_set<std::string, Hash, std::equal_to<>>;

  Strings exact_;    // AddrSpec::key
  Strings domains_;  // canonical
  Strings parents_;  // canonical, without the leading dot
};

}  // namespace privet::policy
