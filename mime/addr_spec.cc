// AddrSpec: comparing, printing and reading one bare address.
#include <algorithm>
#include <span>

#include "mime/address.h"
#include "mime/address_tokens.h"
#include "mime/ascii.h"
#include "mime/domain.h"

namespace privet::mime {
namespace {

// RFC 5322 3.2.3 with RFC 6532 3.2.
bool is_atext(char c) {
  return is_alnum(c) || is_8bit(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").contains(c);
}

bool is_dot_atom(std::string_view text) {
  const auto is_inside = [](char c) { return is_atext(c) || c == '.'; };
  return !text.empty() && text.front() != '.' && text.back() != '.' && !text.contains("..") &&
         std::ranges::all_of(text, is_inside);
}

}  // namespace

std::string AddrSpec::key() const {
  const std::string canonical = canonical_domain(domain).value_or(to_lower(domain));
  std::string person = to_lower(local);
  const std::size_t plus = person.find('+');
  if (plus != std::string::npos && plus > 0) person.resize(plus);
  if (canonical == "gmail.com" || canonical == "googlemail.com") std::erase(person, '.');
  return person + "@" + canonical;
}

std::string AddrSpec::to_string() const {
  if (is_dot_atom(local)) return local + "@" + domain;
  std::string quoted = "\"";
  for (const char c : local) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"@" + domain;
}

std::optional<AddrSpec> parse_addr_spec(std::string_view text) {
  if (text.find_first_of("\t\r\n") != std::string_view::npos) return std::nullopt;  // not even in quotes
  const Tokens read = tokenize_addresses(text);
  if (!read.why.empty() || read.tokens.size() != 3) return std::nullopt;
  const std::span<const Token, 3> token(read.tokens);
  const std::string_view local = token[0].span.of(text);
  const std::string_view domain = token[2].span.of(text);
  const bool is_quoted = token[0].kind == TokenKind::Quoted;
  if (!is_quoted && token[0].kind != TokenKind::Word) return std::nullopt;
  if (token[1].kind != TokenKind::At) return std::nullopt;
  if (token[2].kind != TokenKind::Word && token[2].kind != TokenKind::Literal) return std::nullopt;
  if (!is_plain_word(local) || !is_plain_word(domain) || !canonical_domain(domain)) return std::nullopt;
  AddrSpec spec{.local = is_quoted ? unquote(local) : std::string(local), .domain = std::string(domain)};
  // Inside quotes a second at sign makes two addresses for two readers.
  if (spec.local.empty() || has_at_sign(spec.local)) return std::nullopt;
  return spec;
}

}  // namespace privet::mime
