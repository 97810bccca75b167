// parse_address_list: spans are in order and disjoint, an address is found again in its span alone, and
// whatever looks like local@domain once comments are gone is listed, is in a display text, or makes the list
// unsure.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "mime/address.h"
#include "mime/ascii.h"
#include "mime/charset.h"
#include "mime/limits.h"

namespace {

using namespace privet::mime;

bool is_atom(char c) {
  return is_alnum(c) || is_8bit(c) || c == '.' || std::string_view("!#$%&'*+-/=?^_`{|}~").contains(c);
}

bool is_domain(char c) {
  return is_alnum(c) || is_8bit(c) || std::string_view(".-_").contains(c);
}

// A reader that drops comments and folding, and looks into quoted strings too.
std::string without_comments(std::string_view value) {
  std::string text;
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const bool escaped = value[i] == '\\' && (quoted || depth > 0) && i + 1 < value.size();
    if (escaped) ++i;
    if (!escaped && value[i] == '"' && depth == 0) quoted = !quoted;
    if (!escaped && value[i] == '(' && !quoted) ++depth;
    if (depth == 0 && value[i] != '\r' && value[i] != '\n') text += value[i];
    if (!escaped && value[i] == ')' && depth > 0) --depth;
  }
  return text;
}

void check_spans(const AddressList& list, std::string_view value) {
  std::size_t end = 0;
  for (const Address& address : list.addresses) {
    if (address.span.begin < end || address.span.end <= address.span.begin) __builtin_trap();
    end = address.span.end;
    if (end > value.size() || address.spec.local.empty() || address.spec.domain.empty()) __builtin_trap();
    const std::string_view text = address.span.of(value);
    if (text != trim(text)) __builtin_trap();
    if (address.group != Address::npos && address.group >= list.groups.size()) __builtin_trap();
    if (!is_utf8(address.display)) __builtin_trap();
    if (list.unsure) continue;
    const AddressList alone = parse_address_list(text);
    if (alone.unsure || alone.addresses.size() != 1) __builtin_trap();
    if (alone.addresses[0].spec.key() != address.spec.key()) __builtin_trap();
    if (alone.addresses[0].display != address.display) __builtin_trap();
  }
  end = 0;
  for (const Group& group : list.groups) {
    if (group.name.begin < end || group.name.end <= group.name.begin || group.name.end > value.size())
      __builtin_trap();
    end = group.name.end;
  }
}

void check_lax_reader(const AddressList& list, std::string_view value) {
  std::set<std::string> found;
  std::string shown;
  for (const Address& address : list.addresses) {
    found.insert(address.spec.key());
    shown += address.display + "\n";
  }
  const std::string text = without_comments(value);
  for (std::size_t at = text.find('@'); at != std::string::npos; at = text.find('@', at + 1)) {
    std::size_t begin = at;
    std::size_t end = at + 1;
    while (begin > 0 && is_atom(text[begin - 1])) --begin;
    while (end < text.size() && is_domain(text[end])) ++end;
    const std::optional<AddrSpec> spec = parse_addr_spec(std::string_view(text).substr(begin, end - begin));
    if (!spec || found.contains(spec->key())) continue;
    if (!shown.contains(spec->local + "@" + spec->domain)) __builtin_trap();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view value(reinterpret_cast<const char*>(data), size);
  const AddressList list = parse_address_list(value);
  check_spans(list, value);
  if (list.unsure != !list.why.empty() || list.addresses.size() > limits::kAddressesPerMessage)
    __builtin_trap();
  if (!list.unsure) check_lax_reader(list, value);

  const std::optional<AddrSpec> spec = parse_addr_spec(value);
  if (spec) {
    const std::optional<AddrSpec> printed = parse_addr_spec(spec->to_string());
    if (!printed || printed->key() != spec->key()) __builtin_trap();
    // What a relay may take for another address is doubted in a list only.
    const bool is_relayed =
        spec->local.find_first_of("%!") != std::string::npos || spec->domain.starts_with('[');
    if (list.unsure && !is_relayed) __builtin_trap();
    if (list.addresses.size() != 1 || list.addresses[0].spec.key() != spec->key()) __builtin_trap();
  }
  return 0;
}
