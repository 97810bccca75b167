#include "proxy/smtp/path.h"

#include <algorithm>

#include "proxy/text.h"

namespace privet::smtp {
namespace {

constexpr std::size_t kLocalPart = 64;        // RFC 5321 4.5.3.1.1
constexpr std::size_t kDomain = 255;          // RFC 5321 4.5.3.1.2
constexpr std::size_t kPath = 256 - 2;        // RFC 5321 4.5.3.1.3, its brackets taken off
constexpr std::size_t kLabel = 63;            // RFC 1035 2.3.4
constexpr std::string_view kRouting = "%!@";  // of relays long gone, still obeyed by some

bool is_atom_character(char c) {
  return is_alnum(c) || mime::is_8bit(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").contains(c);
}

bool is_dot_atom(std::string_view text) {
  if (text.empty() || text.front() == '.' || text.back() == '.' || text.contains("..")) return false;
  return std::ranges::all_of(text, [](char c) { return c == '.' || is_atom_character(c); });
}

bool is_domain(std::string_view domain) {
  if (domain.empty() || domain.size() > kDomain || domain.back() == '.') return false;
  while (!domain.empty()) {
    const std::string_view label = take_until(domain, '.');
    if (label.empty() || label.size() > kLabel || label.front() == '-' || label.back() == '-') return false;
    const bool clean = std::ranges::all_of(
        label, [](char c) { return is_alnum(c) || mime::is_8bit(c) || c == '-' || c == '_'; });
    if (!clean) return false;
  }
  return true;
}

/// Length of the quoted string that `text` begins with, both quotes included; 0 when it does not end.
std::size_t quoted_length(std::string_view text) {
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      return at + 1;
    }
  }
  return 0;
}

}  // namespace

PathFault check_path(std::string_view path) {
  if (path.size() > kPath || !is_clean_utf8(path)) return PathFault::Syntax;
  if (path.starts_with('@')) return PathFault::Routing;
  const bool quoted = path.starts_with('"');
  const std::size_t at = quoted ? quoted_length(path) : std::min(path.find('@'), path.size());
  const std::string_view local = path.substr(0, at);
  if (local.empty() || local.size() > kLocalPart || !path.substr(at).starts_with('@'))
    return PathFault::Syntax;
  const std::string_view domain = path.substr(at + 1);
  if (quoted ? local.size() == 2 : !is_dot_atom(local)) return PathFault::Syntax;
  if (domain.starts_with('[') && domain.ends_with(']')) return PathFault::Routing;
  if (domain.contains('@')) return PathFault::Syntax;
  if (local.find_first_of(kRouting) != std::string_view::npos) return PathFault::Routing;
  return is_domain(domain) ? PathFault::None : PathFault::Syntax;
}

std::size_t find_path_end(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '>') return at;
    if (text[at] == '"') {
      const std::size_t length = quoted_length(text.substr(at));
      if (length == 0) break;
      at += length - 1;
    }
  }
  return std::string_view::npos;
}

bool is_client_name(std::string_view name) {
  if (name.size() > kDomain || !is_clean_utf8(name)) return false;
  const bool literal = name.starts_with('[') && name.ends_with(']');
  if (literal) name = name.substr(1, name.size() - 2);
  return !name.empty() && std::ranges::all_of(name, [literal](char c) {
    if (is_alnum(c) || c == '-' || c == '.') return true;
    return literal ? c == ':' || c == '%' : c == '_' || mime::is_8bit(c);
  });
}

}  // namespace privet::smtp
