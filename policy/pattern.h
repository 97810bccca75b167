// One entry of a list or of `crm: addresses:`: exact@addr | domain | .domain | *@domain | local+*@domain.
#pragma once

#include <string>
#include <string_view>

#include "mime/address.h"
#include "mime/result.h"

namespace privet::policy {

/// Compiled entry. Local parts compare without case; list entries ignore "+tag" (AddrSpec::key), CRM
/// addresses do not.
struct Pattern {
  enum class Kind { Exact, Domain, Subdomains, AnyTag };
  Kind kind = Kind::Exact;
  std::string local;   ///< lower case; Exact and AnyTag ("local+*")
  std::string domain;  ///< canonical

  /// Errors say what an entry may look like. A domain has a dot in it: a word without one is refused.
  static Result<Pattern> parse(std::string_view text);
  /// As a CRM address: the local part must match as it stands ("acme" is not "acme+deal1").
  bool matches_exactly(const mime::AddrSpec& address) const;
  /// The canonical spelling: two patterns with the same one are the same pattern.
  std::string to_string() const;
};

}  // namespace privet::policy
