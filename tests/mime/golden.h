// What a CRM would get of a message when acme.test, its subdomains, the tax adviser and one IDN domain are
// stripped; no text may name the tax adviser.
#pragma once

#include <string>
#include <string_view>

#include "mime/domain.h"
#include "mime/inspection.h"
#include "mime/redaction.h"
#include "mime/structure.h"

namespace privet::mime::golden {

inline bool is_stripped(const AddrSpec& spec) {
  const std::string key = spec.key();
  const std::string domain = key.substr(key.rfind('@') + 1);
  return domain == "acme.test" || is_subdomain(domain, "acme.test") || domain == "xn--strae-oqa.test" ||
         key == "steuer@kanzlei.test";
}

inline bool is_forbidden(const AddrSpec& spec) {
  return spec.key() == "steuer@kanzlei.test";
}

inline Redaction redaction() {
  return {.strip = is_stripped,
          .verdict = "private",
          .mark_private = true,
          .message_id = "<inserted@privet.test>"};
}

/// The redacted copy, or "WITHHELD: " and the reason.
inline std::string crm_copy(std::string_view content) {
  const auto withheld = [](const std::string& why) { return "WITHHELD: " + why + "\r\n"; };
  const Result<Structure> original = parse_structure(content);
  if (!original) return withheld(original.error().what);
  const Header& header = original->parts.front().header;
  Result<Redacted> redacted = redact(header, redaction());
  if (!redacted) return withheld(redacted.error().what);
  const Result<std::vector<AddrSpec>> quoted = quoted_addresses(*original);
  if (!quoted) return withheld(quoted.error().what);
  const std::string author = header_parties(header)->from.front().key();
  for (const AddrSpec& spec : *quoted) {
    if (is_stripped(spec) && spec.key() != author) redacted->stripped.insert(spec.key());
  }
  const std::string copy = redacted->header + std::string(redacted->body);
  const Result<Structure> structure = parse_structure(copy);
  if (!structure) return withheld(structure.error().what);
  const auto residue = find_residue(*structure, redacted->stripped, is_forbidden);
  if (!residue) return withheld(residue.error().what);
  return *residue ? withheld("stripped address in " + **residue) : copy;
}

}  // namespace privet::mime::golden
