#include "policy/split.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "mime/ascii.h"
#include "mime/encoded_word.h"
#include "mime/inspection.h"
#include "mime/structure.h"

namespace privet::policy {
namespace {

CrmCopy withheld(std::string rule, bool alert) {
  CrmCopy copy;
  copy.decision = {Verdict::Hide, std::move(rule)};
  copy.alert = alert;
  return copy;
}

CrmCopy not_inspected(const Error& error) {
  return withheld("cannot be inspected: " + error.what, true);
}

bool is_content_field(const mime::Field& field) {
  return mime::starts_with_ignoring_case(field.name, "Content-") || field.is("MIME-Version");
}

/// Reads a redacted header as the CRM will. Error when it would not be the whole header of the copy, or when
/// it says something else about the body than the original's did, whose parts are the ones that were
/// inspected.
Result<mime::Header> reread(const std::string& redacted, const mime::Header& original) {
  auto header = mime::Header::parse(redacted);
  if (!header) return header;
  const bool complete = redacted == "\r\n" || redacted.ends_with("\r\n\r\n");
  if (!complete || !header->body().empty())
    return failure("the redacted header does not end where it should");
  const auto content_fields = [](const mime::Header& from) {
    std::vector<std::string_view> raw;
    for (const mime::Field& field : from.fields()) {
      if (is_content_field(field)) raw.push_back(field.raw);
    }
    return raw;
  };
  if (content_fields(*header) != content_fields(original))
    return failure("redaction changed a Content field");
  return header;
}

/// True for an address that the CRM may not see beside the author's own (its key).
bool is_stripped(const Tenant& tenant, const Crm& crm, const std::string& author,
                 const mime::AddrSpec& address) {
  if (address.key() == author || crm.matches(address)) return false;
  return tenant.strips(address) || is_at_builtin_crm(address);
}

bool is_marked_sensitive(const mime::Header& header) {
  return std::ranges::any_of(header.fields(), [](const mime::Field& field) {
    return field.is("Sensitivity") && !mime::equals_ignoring_case(mime::trim(field.value), "normal");
  });
}

/// One transaction while it is split: what is read once and used for each CRM.
class Splitter {
 public:
  Splitter(const Tenant& tenant, const mime::Envelope& envelope, std::string_view message_id)
      : tenant_(tenant), envelope_(envelope), message_id_(message_id) {}

  /// Whose mailbox it is: his address is no finding in the body.
  void set_owner(std::string_view login) {
    const auto owner = mime::parse_addr_spec(login);
    if (owner && !is_blocked(*owner)) owner_ = owner->key();
  }

  /// Reads and decides. What comes back, if anything, is the copy for every CRM.
  std::optional<CrmCopy> prepare(std::string_view content) {
    auto structure = mime::parse_structure(content);
    if (!structure) return not_inspected(structure.error());
    structure_ = *std::move(structure);
    if (auto error = read_parties()) return not_inspected(*error);
    if (is_opted_out()) return withheld("a party has opted out", false);
    const auto reverse_path = mime::parse_addr_spec(envelope_.reverse_path);
    if (reverse_path && is_blocked(*reverse_path)) return withheld("the sender is blocked", false);
    // Nobody but the sender: a forward to the CRM, whose parties stand in the quoted header.
    if (parties_.others.empty()) {
      if (auto error = read_quoted()) return not_inspected(*error);
      for (const mime::AddrSpec& address : quoted_) add_party(address, true);
    }
    decision_ = decide(tenant_, parties_);
    if (decision_.verdict == Verdict::Hide) return withheld(decision_.rule, false);
    if (auto error = read_quoted()) return not_inspected(*error);
    return std::nullopt;
  }

  CrmCopy copy_for(const Crm& crm) {
    const mime::AddressTest strip = [&](const mime::AddrSpec& address) { return strips(crm, address); };
    const auto is_told_on = [&](const mime::AddrSpec& address) {
      return strip(address) && address.key() != owner_;
    };
    if (std::ranges::any_of(quoted_, is_told_on)) {
      return withheld("a forwarded header names an internal or blocked party", false);
    }
    const mime::Redaction redaction{.strip = strip,
                                    .verdict = std::string(to_string(decision_.verdict)),
                                    .mark_private = decision_.verdict == Verdict::Private,
                                    .message_id = std::string(message_id_)};
    auto redacted = mime::redact(header(), redaction);
    if (!redacted) return not_inspected(redacted.error());
    if (auto failed = self_check(crm, *redacted)) return *std::move(failed);
    inserted_message_id_ = inserted_message_id_ || redacted->inserted_message_id;

    CrmCopy copy;
    copy.decision = decision_;
    copy.header = std::move(redacted->header);
    copy.changes = std::move(redacted->changes);
    return copy;
  }

  bool inserted_message_id() const { return inserted_message_id_; }
  std::string_view body() const { return structure_.parts.empty() ? std::string_view() : header().body(); }

 private:
  const mime::Header& header() const { return structure_.parts.front().header; }

  std::optional<Error> read_parties() {
    const auto named = mime::header_parties(header());
    if (!named) return named.error();
    parties_.sender = named->from.front();
    author_ = parties_.sender.key();

    for (const mime::AddrSpec& address : named->others) add_party(address, false);
    for (const mime::AddrSpec& address : named->to) {
      if (!is_crm(address)) parties_.to.push_back(address);
    }
    for (const std::string& recipient : envelope_.recipients) {
      auto address = mime::parse_addr_spec(recipient);
      if (!address) return Error{"an envelope recipient is no mail address"};
      add_party(*address, true);
      recipients_.push_back(*std::move(address));
    }

    if (const mime::Field* field = header().find("Subject")) {
      mime::DecodedText subject = mime::decode_header_text(field->value);
      if (!subject.complete) return Error{"the Subject cannot be decoded"};
      parties_.subject = std::move(subject.text);
    }
    parties_.marked_sensitive = is_marked_sensitive(header());
    return std::nullopt;
  }

  /// Somebody whose own mail no CRM gets, or whom no CRM may see in anybody's mail.
  bool is_opted_out() const {
    if (tenant_.people.empty()) return false;
    const Person* const author = tenant_.find_person(author_);
    if (author != nullptr && author->hide) return true;
    return std::ranges::any_of(parties_.others, [&](const mime::AddrSpec& address) {
      const Person* const person = tenant_.find_person(address.key());
      return person != nullptr && person->everywhere;
    });
  }

  std::optional<Error> read_quoted() {
    if (has_quoted_) return std::nullopt;
    auto quoted = mime::quoted_addresses(structure_);
    if (!quoted) return quoted.error();
    quoted_ = *std::move(quoted);
    has_quoted_ = true;
    return std::nullopt;
  }

  void add_party(const mime::AddrSpec& address, bool is_recipient) {
    if (is_crm(address)) return;
    if (is_recipient) parties_.to.push_back(address);
    if (!is_own(address)) parties_.others.push_back(address);
  }

  bool is_crm(const mime::AddrSpec& address) const {
    return tenant_.find_crm(address) || is_at_builtin_crm(address);
  }
  bool is_own(const mime::AddrSpec& address) const { return address.key() == author_; }

  bool strips(const Crm& crm, const mime::AddrSpec& address) const {
    return is_stripped(tenant_, crm, author_, address);
  }

  static bool is_for_outsiders(const std::string& list) { return list != "internal"; }
  bool has_blocked() const { return std::ranges::any_of(tenant_.strip, is_for_outsiders); }
  /// True for the people whose very names stay out of a CRM, unlike a colleague's, who may sign a text.
  bool is_blocked(const mime::AddrSpec& address) const {
    const std::string key = address.key();
    return std::ranges::any_of(tenant_.strip, [&](const std::string& list) {
      return is_for_outsiders(list) && tenant_.is_in(list, key);
    });
  }

  /// Looks for what was stripped in the copy as the CRM will read it.
  std::optional<CrmCopy> self_check(const Crm& crm, const mime::Redacted& redacted) {
    mime::AddressKeys stripped = redacted.stripped;
    for (const mime::AddrSpec& address : recipients_) {
      if (strips(crm, address)) stripped.insert(address.key());
    }
    for (const std::string& recipient : envelope_.crm_recipients) {
      const auto address = mime::parse_addr_spec(recipient);
      if (address && strips(crm, *address)) stripped.insert(address->key());
    }
    stripped.erase(owner_);
    // Keys know no tags: another CRM's "acme+x" must not make this one's "acme" a finding.
    for (const Pattern& pattern : crm.addresses)
      stripped.erase(mime::AddrSpec{pattern.local, pattern.domain}.key());

    auto header_of_copy = reread(redacted.header, header());
    if (!header_of_copy) return withheld("self-check: " + header_of_copy.error().what, true);
    const mime::AddressTest forbidden = [&](const mime::AddrSpec& address) {
      return is_blocked(address) && strips(crm, address);
    };
    if (stripped.empty() && !has_blocked()) return std::nullopt;
    mime::Header& root = structure_.parts.front().header;
    std::swap(root, *header_of_copy);
    const auto residue = mime::find_residue(structure_, stripped, forbidden);
    std::swap(root, *header_of_copy);
    if (!residue) return not_inspected(residue.error());
    if (*residue) return withheld("self-check: a stripped address is still in " + **residue, true);
    return std::nullopt;
  }

  const Tenant& tenant_;
  const mime::Envelope& envelope_;
  std::string_view message_id_;
  mime::Structure structure_;
  Parties parties_;
  std::string author_;                      // key of the address in From
  std::string owner_;                       // key of the mailbox's owner; empty where there is none
  std::vector<mime::AddrSpec> recipients_;  // of the envelope, people only
  std::vector<mime::AddrSpec> quoted_;
  bool has_quoted_ = false;
  bool inserted_message_id_ = false;
  Decision decision_;
};

}  // namespace

CrmCopy view(const Tenant& tenant, std::string_view content, std::string_view owner) {
  const mime::Envelope envelope;
  Splitter splitter(tenant, envelope, "");
  splitter.set_owner(owner);
  if (auto hidden = splitter.prepare(content)) return *std::move(hidden);
  return splitter.copy_for(tenant.crms.front());
}

bool may_stay(const Tenant& tenant, std::string_view seen_header, const CrmCopy& now) {
  if (now.withheld()) return false;
  const auto header = mime::Header::parse(seen_header);
  const mime::Field* const mark = header ? header->find("X-Privet-Verdict") : nullptr;
  const auto parties = header ? mime::header_parties(*header) : failure("");
  if (mark == nullptr || !parties) return false;
  const std::string author = parties->from.front().key();
  const mime::Redaction redaction{.strip =
                                      [&](const mime::AddrSpec& address) {
                                        return is_stripped(tenant, tenant.crms.front(), author, address);
                                      },
                                  .verdict = std::string(mime::trim(mark->value)),
                                  .mark_private = header->find("Sensitivity") != nullptr,
                                  .message_id = ""};
  const auto again = mime::redact(*header, redaction);
  return again && again->header == seen_header;
}

Split split(const Tenant& tenant, const mime::Envelope& envelope, std::string_view content,
            std::string_view message_id) {
  Split result;
  if (envelope.crm_recipients.empty()) return result;
  Splitter splitter(tenant, envelope, message_id);
  const std::optional<CrmCopy> common = splitter.prepare(content);
  // Several addresses of one CRM get the same copy.
  std::map<const Crm*, CrmCopy> copies;
  for (const std::string& recipient : envelope.crm_recipients) {
    const auto address = mime::parse_addr_spec(recipient);
    const Crm* crm = address ? tenant.find_crm(*address) : nullptr;
    CrmCopy copy;
    if (!crm) {
      copy = withheld("not a CRM address of this tenant", true);
    } else if (common) {
      copy = *common;
    } else {
      const auto [known, is_new] = copies.try_emplace(crm);
      if (is_new) known->second = splitter.copy_for(*crm);
      copy = known->second;
    }
    copy.recipient = recipient;
    result.copies.push_back(std::move(copy));
  }
  result.body = splitter.body();
  if (splitter.inserted_message_id())
    result.direct_prefix = "Message-ID: " + std::string(message_id) + "\r\n";
  return result;
}

}  // namespace privet::policy
