// Finding what looks like an address in any text, in one pass: from each "@" outwards, within the lengths of
// RFC 5321 4.5.3.1.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>

#include "mime/address.h"
#include "mime/limits.h"

namespace privet::mime {

/// Keys (AddrSpec::key) of addresses.
using AddressKeys = std::set<std::string, std::less<>>;

/// Says whether an address must not reach the reader.
using AddressTest = std::function<bool(const AddrSpec&)>;

/// False when neither `text` nor a rendition of it can contain an address: a quick way past most text.
bool may_name_somebody(std::string_view text);

/// Calls `visit(local, domain)` for each reading of each "@" of `text`, exactly as written there: blanks
/// around the "@" are skipped, punctuation around the address is not part of it. Stops when `visit` returns
/// false.
void for_each_address(std::string_view text,
                      const std::function<bool(std::string_view local, std::string_view domain)>& visit);

/// Looks for known addresses in much text, however other text is glued to them: "jim.bob@acme.test" and
/// "bob@acme.test-2024.pdf" hold the key "bob@acme.test".
class AddressMatcher {
 public:
  /// Addresses that `forbidden` (may be empty) is true for count as keys where no text is glued to them. An
  /// address that `visible` (may be empty) is true for is that one, not another with text glued to it.
  explicit AddressMatcher(const AddressKeys& keys, AddressTest forbidden = {}, AddressTest visible = {});

  /// True when one of the keys is in `text` or one of its renditions.
  bool is_in(std::string_view text);
  /// True when one of the keys is in `text` as it is written.
  bool is_literally_in(std::string_view text);
  /// True when limits::kAddressesInspected was exceeded: what has been searched since may hold a key.
  bool exhausted() const { return examined_ > limits::kAddressesInspected; }

 private:
  bool is_named(std::string_view local, std::string_view domain);
  bool is_forbidden(const AddrSpec& address);
  bool is_glued(std::string_view local, std::string_view domain);
  bool is_key_domain(std::string_view domain);

  const AddressKeys& keys_;
  AddressTest forbidden_;
  AddressTest visible_;
  std::set<std::string, std::less<>> domains_;
  std::unordered_set<std::string> allowed_;  // as written: forbidden_ may be slow, and text repeats itself
  std::size_t examined_ = 0;
};

}  // namespace privet::mime
