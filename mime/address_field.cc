#include "mime/address_field.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "mime/encoded_word.h"

namespace privet::mime {
namespace {

constexpr std::size_t kLineColumns = 78;  // RFC 5322 2.1.1
constexpr std::string_view kLineEnd = "\r\n";

/// True when a display name or comment names somebody who must go.
bool is_telltale(const Address& address, const AddressTest& strip) {
  return std::ranges::any_of(addresses_in_text(address.display), strip);
}

/// The kept mailboxes as items of a list: a group's first carries its name, its last the semicolon.
std::vector<std::string> list_items(std::string_view value, const AddressList& list,
                                    const std::vector<const Address*>& kept, const AddressTest& strip) {
  std::vector<std::string> items;
  std::size_t group = Address::npos;
  for (const Address* address : kept) {
    std::string item(address->span.of(value));
    if (is_telltale(*address, strip)) item = address->spec.to_string();
    if (address->group != group) {
      if (group != Address::npos) items.back() += ';';
      group = address->group;
      if (group != Address::npos) item.insert(0, std::string(list.groups[group].name.of(value)) + ": ");
    }
    items.push_back(std::move(item));
  }
  if (group != Address::npos) items.back() += ';';
  return items;
}

std::string folded(std::string_view name, const std::vector<std::string>& items) {
  std::string field = std::string(name) + ": ";
  std::size_t line = 0;  // where the current line begins
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string& item = items[i];
    if (i > 0) {
      const std::size_t width = std::min(item.find('\r'), item.size());
      const bool fits = field.size() - line + width + 2 < kLineColumns;
      field += fits ? ", " : ",\r\n ";
      if (!fits) line = field.size() - 1;
    }
    field += item;
    if (const std::size_t fold = field.rfind('\n'); fold != field.npos && fold + 1 > line) line = fold + 1;
  }
  field += kLineEnd;
  return field;
}

/// True when a reader who decodes the field before taking it apart finds somebody who must go: an encoded
/// word may begin in front of a quote and end within it.
bool names_when_decoded(std::string_view value, const std::vector<const Address*>& kept,
                        const AddressTest& strip) {
  if (!value.contains("=?")) return false;
  return std::ranges::any_of(addresses_in_text(decode_header_text(value).text), [&](const AddrSpec& named) {
    const auto is_named = [&](const Address* address) { return address->spec.key() == named.key(); };
    return strip(named) && std::ranges::none_of(kept, is_named);
  });
}

std::string_view value_of(std::string_view raw) {
  return raw.substr(raw.find(':') + 1);
}

}  // namespace

Result<StrippedField> strip_field(const Field& field, const AddressTest& strip, bool keep_all,
                                  AddressKeys& stripped) {
  const AddressList list = parse_address_list(field.value);
  if (list.unsure) return failure("an address field cannot be read: " + list.why);
  StrippedField result;
  std::vector<const Address*> kept;
  for (const Address& address : list.addresses) {
    if (!keep_all && strip(address.spec)) {
      stripped.insert(address.spec.key());
      ++result.removed;
      continue;
    }
    kept.push_back(&address);
    result.names_removed |= is_telltale(address, strip);
  }
  if (result.removed == 0 && !result.names_removed) {
    result.raw = field.raw;
  } else if (!kept.empty()) {
    result.raw = folded(field.name, list_items(field.value, list, kept, strip));
    const std::string_view left(result.raw.data(), result.raw.size() - kLineEnd.size());
    if (parse_address_list(value_of(left)).unsure)
      return failure("what is left of an address field cannot be read");
  }
  if (!result.raw.empty() && names_when_decoded(value_of(result.raw), kept, strip))
    return failure("an encoded word in an address field hides somebody who is removed");
  return result;
}

}  // namespace privet::mime
