#include "mime/redaction.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "mime/address_field.h"
#include "mime/ascii.h"
#include "mime/field_label.h"
#include "mime/limits.h"

namespace privet::mime {
namespace {

template <std::size_t N>
bool is_one_of(const Field& field, const std::array<std::string_view, N>& names) {
  return std::ranges::any_of(names, [&](std::string_view name) { return field.is(name); });
}

bool is_content_field(const Field& field) {
  return starts_with_ignoring_case(field.name, "Content-");
}

bool is_kept(const Field& field) {
  constexpr auto kNames = std::to_array<std::string_view>({"Date", "Subject", "Message-ID", "In-Reply-To",
                                                           "References", "MIME-Version", "Importance",
                                                           "Priority", "X-Priority", "Auto-Submitted"});
  return is_content_field(field) || is_one_of(field, kNames);
}

bool is_redacted(const Field& field) {
  constexpr auto kNames = std::to_array<std::string_view>({"From", "Sender", "Reply-To", "To", "Cc"});
  return is_one_of(field, kNames);
}

bool is_other_party(const Field& field) {
  constexpr auto kNames = std::to_array<std::string_view>({"Sender", "Reply-To", "To", "Cc", "Bcc",
                                                           "Resent-From", "Resent-Sender", "Resent-Reply-To",
                                                           "Resent-To", "Resent-Cc", "Resent-Bcc"});
  return is_one_of(field, kNames);
}

/// Fields of which readers show the first, the last or all, when there are several that differ.
std::optional<Error> find_ambiguity(const Header& header) {
  constexpr auto kOnce = std::to_array<std::string_view>(
      {"Subject", "Date", "Message-ID", "MIME-Version", "In-Reply-To", "References", "Auto-Submitted"});
  std::map<std::string, std::string_view> seen;
  for (const Field& field : header.fields()) {
    if (!is_content_field(field) && !is_one_of(field, kOnce)) continue;
    const auto [known, is_new] = seen.emplace(to_lower(field.name), field.value);
    if (!is_new && (is_content_field(field) || known->second != field.value)) {
      return Error{"field " + field_label(field.name) + " is repeated"};
    }
  }
  return std::nullopt;
}

Result<std::vector<AddrSpec>> read_addresses(const Field& field) {
  AddressList list = parse_address_list(field.value);
  if (list.unsure) return failure("field " + field_label(field.name) + " cannot be read: " + list.why);
  std::vector<AddrSpec> specs;
  for (Address& address : list.addresses) specs.push_back(std::move(address.spec));
  return specs;
}

/// What may follow "X-Privet-Verdict: " or "Message-ID: " without making a line of its own.
bool is_plain_value(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
  return std::to_string(count) + " " + std::string(count == 1 ? one : many) + " removed";
}

/// Builds the new header field by field: our own fields, then the kept ones in the old order.
class Redactor {
 public:
  explicit Redactor(const Redaction& redaction) : redaction_(redaction) {}

  std::optional<Error> add(const Field& field);
  Redacted finish(const Header& header) &&;

 private:
  std::optional<Error> add_addresses(const Field& field);

  const Redaction& redaction_;
  Redacted result_;
  std::string fields_;
  std::map<std::string, std::size_t> dropped_;  // label -> how often
  std::optional<std::size_t> emptied_to_;       // where in fields_ the first emptied To stood
  bool has_to_ = false;
};

std::optional<Error> Redactor::add(const Field& field) {
  if (is_redacted(field)) return add_addresses(field);
  if (is_kept(field)) {
    fields_ += tidied(field.raw);
    return std::nullopt;
  }
  if (field.is("Bcc")) {
    Result<std::vector<AddrSpec>> blind = read_addresses(field);
    if (!blind) return std::move(blind.error());
    for (const AddrSpec& spec : *blind) {
      if (redaction_.strip(spec)) result_.stripped.insert(spec.key());
    }
  }
  ++dropped_[field_label(field.name)];
  return std::nullopt;
}

std::optional<Error> Redactor::add_addresses(const Field& field) {
  const std::string label = field_label(field.name);
  Result<StrippedField> stripped = strip_field(field, redaction_.strip, field.is("From"), result_.stripped);
  if (!stripped) return Error{label + ": " + stripped.error().what};
  if (stripped->removed > 0)
    result_.changes.push_back({label, counted(stripped->removed, "address", "addresses")});
  if (stripped->names_removed)
    result_.changes.push_back({label, "display name naming a removed address removed"});
  if (field.is("To")) {
    has_to_ |= !stripped->raw.empty();
    if (stripped->raw.empty() && !emptied_to_) emptied_to_ = fields_.size();
  }
  fields_ += tidied(stripped->raw);
  return std::nullopt;
}

Redacted Redactor::finish(const Header& header) && {
  if (emptied_to_ && !has_to_) fields_.insert(*emptied_to_, "To: undisclosed-recipients:;\r\n");
  // The marks come first: a reader for whom the header ends early has read them.
  result_.header = "X-Privet-Verdict: " + redaction_.verdict + "\r\n";
  if (redaction_.mark_private) result_.header += "Sensitivity: Private\r\n";
  result_.inserted_message_id = !redaction_.message_id.empty() && header.find("Message-ID") == nullptr;
  if (result_.inserted_message_id) {
    result_.header += "Message-ID: " + redaction_.message_id + "\r\n";
    result_.changes.push_back({"Message-ID", "inserted"});
  }
  result_.header += fields_ + "\r\n";
  result_.body = header.body();
  for (const auto& [label, count] : dropped_)
    result_.changes.push_back({label, counted(count, "field", "fields")});
  return std::move(result_);
}

}  // namespace

Result<HeaderParties> header_parties(const Header& header) {
  if (auto error = find_ambiguity(header)) return std::unexpected(std::move(*error));
  if (header.count("From") != 1) return failure("field From is missing or repeated");
  HeaderParties parties;
  for (const Field& field : header.fields()) {
    const bool is_from = field.is("From");
    if (!is_from && !is_other_party(field)) continue;
    Result<std::vector<AddrSpec>> specs = read_addresses(field);
    if (!specs) return std::unexpected(std::move(specs.error()));
    if (is_from && specs->size() != 1) return failure("field From names not exactly one address");
    if (field.is("To") || field.is("Cc")) parties.to.insert(parties.to.end(), specs->begin(), specs->end());
    std::vector<AddrSpec>& target = is_from ? parties.from : parties.others;
    std::ranges::move(*specs, std::back_inserter(target));
    if (parties.others.size() > limits::kAddressesPerMessage)
      return failure("the header names too many addresses");
  }
  return parties;
}

Result<Redacted> redact(const Header& header, const Redaction& redaction) {
  const Result<HeaderParties> parties = header_parties(header);
  if (!parties) return std::unexpected(parties.error());
  if (!is_plain_value(redaction.verdict)) return failure("the verdict is no plain word");
  if (!redaction.message_id.empty() && !is_plain_value(redaction.message_id)) {
    return failure("the Message-ID to insert is not plain");
  }
  Redactor redactor(redaction);
  for (const Field& field : header.fields()) {
    if (auto error = redactor.add(field)) return std::unexpected(std::move(*error));
  }
  Redacted redacted = std::move(redactor).finish(header);
  // The author stays named in From; the search for residue must not stumble over that.
  redacted.stripped.erase(parties->from.front().key());
  return redacted;
}

}  // namespace privet::mime
