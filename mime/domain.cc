#include "mime/domain.h"

#include <idn2.h>

#include <algorithm>
#include <memory>

#include "mime/ascii.h"

namespace privet::mime {
namespace {

constexpr std::size_t kNameBytes = 253;     // RFC 1035 2.3.4, without the root's dot
constexpr std::size_t kLabelBytes = 63;     // RFC 1035 2.3.4
constexpr std::size_t kULabelBytes = 1024;  // no name of 253 octets in A-labels is longer in UTF-8

// Letters, digits, hyphen; the underscore too, because hosts inside companies have it.
bool is_name_character(char c) {
  return is_alnum(c) || c == '-' || c == '_';
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= kLabelBytes && label.front() != '-' && label.back() != '-' &&
         std::ranges::all_of(label, is_name_character);
}

bool is_name(std::string_view name) {
  if (name.size() > kNameBytes) return false;
  for (;;) {
    const std::size_t dot = name.find('.');
    if (!is_label(name.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    name.remove_prefix(dot + 1);
  }
}

std::optional<std::string> canonical_literal(std::string_view literal) {
  const auto is_inside = [](char c) { return is_alnum(c) || c == ':' || c == '.' || c == '-'; };
  const std::string text = to_lower(literal);
  if (text.size() < 3 || text.size() > kNameBytes || text.back() != ']') return std::nullopt;
  if (!std::all_of(text.begin() + 1, text.end() - 1, is_inside)) return std::nullopt;
  return text;
}

std::optional<std::string> to_a_labels(const std::string& name) {
  if (name.size() > kULabelBytes || name.find('\0') != std::string::npos) return std::nullopt;
  char* out = nullptr;
  const int status = idn2_to_ascii_8z(name.c_str(), &out, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  const std::unique_ptr<char, void (*)(void*)> owner(out, idn2_free);
  if (status != IDN2_OK) return std::nullopt;
  return to_lower(out);
}

}  // namespace

std::optional<std::string> canonical_domain(std::string_view domain) {
  if (domain.starts_with('[')) return canonical_literal(domain);
  std::string name = to_lower(domain);
  if (std::ranges::any_of(name, is_8bit) || name.starts_with("xn--") ||
      name.find(".xn--") != std::string::npos) {
    std::optional<std::string> converted = to_a_labels(name);
    if (!converted) return std::nullopt;
    name = *std::move(converted);
  }
  // After IDNA, because it turns the ideographic full stops into dots.
  if (name.ends_with('.')) name.pop_back();
  if (!is_name(name)) return std::nullopt;
  return name;
}

bool is_subdomain(std::string_view domain, std::string_view parent) {
  return !parent.empty() && domain.size() > parent.size() + 1 && domain.ends_with(parent) &&
         domain[domain.size() - parent.size() - 1] == '.';
}

}  // namespace privet::mime
