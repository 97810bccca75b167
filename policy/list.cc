#include "policy/list.h"

namespace privet::policy {

void List::add(const Pattern& pattern) {
  switch (pattern.kind) {
    case Pattern::Kind::Exact:
    case Pattern::Kind::AnyTag:
      exact_.insert(mime::AddrSpec{pattern.local, pattern.domain}.key());
      break;
    case Pattern::Kind::Domain:
      domains_.insert(pattern.domain);
      break;
    case Pattern::Kind::Subdomains:
      parents_.insert(pattern.domain);
      break;
  }
}

bool List::contains_key(std::string_view key) const {
  if (exact_.contains(key)) return true;
  if (domains_.empty() && parents_.empty()) return false;
  std::string_view domain = key.substr(key.rfind('@') + 1);
  if (domains_.contains(domain)) return true;
  if (parents_.empty()) return false;
  for (std::size_t dot = domain.find('.'); dot != std::string_view::npos; dot = domain.find('.')) {
    domain.remove_prefix(dot + 1);
    if (parents_.contains(domain)) return true;
  }
  return false;
}

}  // namespace privet::policy
