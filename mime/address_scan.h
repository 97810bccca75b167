// Finding what looks like an address in any text, in one pass: from each "@" outwards, within the lengths of
// RFC 5321 4.5.3.1.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "mime/address.h"

namespace privet::mime {

/// Keys (AddrSpec::key) of addresses.
using AddressKeys = std::set<std::string, std::less<>>;

/// False when neither `text` nor a rendition of it can contain an address: a quick way past most text.
bool may_name_somebody(std::string_view text);

/// Calls `visit(local, domain)` for each reading of each "@" of `text`, exactly as written there: blanks
/// around the "@" are skipped, punctuation around the address is not part of it. Stops when `visit` returns
/// false.
void for_each_address(std::string_view text,
                      const std::function<bool(std::string_view local, std::string_view domain)>& visit);

/// Looks for known addresses in much text.
class AddressMatcher {
 public:
  explicit AddressMatcher(const AddressKeys& keys);

  /// True when one of the keys is in `text` or one of its renditions.
  bool is_in(std::string_view text);
  /// True when one of the keys is in `text` as it is written.
  bool is_literally_in(std::string_view text);
  /// True when limits::kAddressesInspected was exceeded: what has been searched since may hold a key.
  bool exhausted() const { return exhausted_; }

 private:
  const AddressKeys& keys_;
  std::set<std::string, std::less<>> domains_;
  std::size_t compared_ = 0;
  bool exhausted_ = false;
};

}  // namespace privet::mime
