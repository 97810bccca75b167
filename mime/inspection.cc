#include "mime/inspection.h"

#include <algorithm>
#include <array>
#include <utility>

#include "mime/ascii.h"
#include "mime/encoded_word.h"
#include "mime/field_label.h"
#include "mime/forward_block.h"
#include "mime/limits.h"
#include "mime/part_text.h"
#include "mime/rendition.h"

namespace privet::mime {
namespace {

constexpr auto kAddressFields = std::to_array<std::string_view>(
    {"From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Resent-From", "Resent-Sender", "Resent-Reply-To",
     "Resent-To", "Resent-Cc", "Resent-Bcc"});

bool is_address_field(const Field& field) {
  for (const std::string_view name : kAddressFields) {
    if (field.is(name)) return true;
  }
  return false;
}

/// Message identifiers only look like addresses.
bool is_identifier(const Field& field) {
  return field.is("Message-ID") || field.is("References") || field.is("In-Reply-To") ||
         field.is("Content-ID");
}

/// Keys of whom the message's own address fields name.
AddressKeys visible_keys(const Header& header) {
  AddressKeys keys;
  for (const Field& field : header.fields()) {
    if (!is_address_field(field)) continue;
    for (const Address& address : parse_address_list(field.value).addresses) keys.insert(address.spec.key());
  }
  return keys;
}

/// Counts the text that one search renders.
class TextBudget {
 public:
  /// False when it is spent.
  bool take(std::string_view text) {
    if (may_name_somebody(text)) taken_ += text.size();
    return taken_ <= limits::kTextInspected;
  }

 private:
  std::size_t taken_ = 0;
};
constexpr const char* kTooMuchText = "cannot be inspected: too much text";

Error about_part(const Structure& structure, std::size_t index, const Error& error) {
  return Error{part_label(structure, index) + ": " + error.what};
}

/// Appends what the header of a nested message names: in its address fields, and in those that tell its way
/// (Delivered-To, Received and the like), which nobody redacts. A Subject is a text.
std::optional<Error> collect_fields(const Header& header, std::vector<AddrSpec>& found) {
  const AddressTest collect = [&found](const AddrSpec& address) {
    found.push_back(address);
    return false;
  };
  const AddressKeys none;
  AddressMatcher words(none, collect);
  for (const Field& field : header.fields()) {
    if (!is_address_field(field)) {
      if (!is_identifier(field) && !field.is("Subject")) words.is_in(field.value);
      if (words.exhausted()) return Error{"cannot be inspected: a nested message names too many"};
      continue;
    }
    AddressList list = parse_address_list(field.value);
    if (list.unsure) return Error{"an address field of a nested message cannot be read: " + list.why};
    for (Address& address : list.addresses) found.push_back(std::move(address.spec));
  }
  return std::nullopt;
}

/// Appends what the lines of a text part name.
void collect_lines(const Part& part, std::string_view text, std::vector<AddrSpec>& found) {
  if (!may_name_somebody(text)) return;
  for (const std::string& rendition : renditions(text)) collect_header_lines(rendition, found);
  if (!is_calendar(part)) return;
  for (const std::string& rendition : renditions(unfolded(text))) collect_calendar_lines(rendition, found);
}

class ResidueSearch {
 public:
  ResidueSearch(const Structure& structure, const AddressKeys& stripped, const AddressTest& forbidden)
      : structure_(structure),
        stripped_(stripped),
        matcher_(stripped, forbidden, [this](const AddrSpec& address) { return is_visible(address); }),
        keys_matcher_(stripped, {}, [this](const AddrSpec& address) { return is_visible(address); }) {}

  Result<std::optional<std::string>> run();

 private:
  /// True for an address that the message's own address fields name.
  bool is_visible(const AddrSpec& address);
  Result<std::optional<std::string>> in_header(const Part& part);
  Result<bool> in_words(const Field& field);
  bool in_file_name(std::string_view raw);
  Result<bool> in_body(const Part& part);
  /// What stands around and between parts, and what no reader decodes.
  bool in_undecoded_bytes();

  const Structure& structure_;
  const AddressKeys& stripped_;
  AddressMatcher matcher_;
  AddressMatcher keys_matcher_;         // of `stripped` alone
  std::optional<AddressKeys> visible_;  // keys, once they are asked for
  TextBudget budget_;
};

bool ResidueSearch::is_visible(const AddrSpec& address) {
  if (!visible_) visible_ = visible_keys(structure_.parts.front().header);
  return visible_->contains(address.key());
}

Result<std::optional<std::string>> ResidueSearch::in_header(const Part& part) {
  for (const Field& field : part.header.fields()) {
    const Result<bool> words = in_words(field);
    if (!words) return std::unexpected(words.error());
    bool found = *words;
    if (part.is_message && is_address_field(field)) {
      const AddressList list = parse_address_list(field.value);
      if (list.unsure) return failure("an address field cannot be read: " + list.why);
      for (const Address& address : list.addresses) found = found || stripped_.contains(address.spec.key());
    }
    if (found) return "header field " + field_label(field.name);
  }
  const Result<ContentType> disposition = content_disposition(part.header);
  if (!disposition) return std::unexpected(disposition.error());
  for (const ContentType* value : {&part.content_type, &*disposition}) {
    for (const auto& [name, text] : value->parameters) {
      if (in_file_name(text)) return "a parameter of its content type";
    }
  }
  return std::nullopt;
}

Result<bool> ResidueSearch::in_words(const Field& field) {
  constexpr int kMostLayers = 3;  // of encoded words within encoded words
  AddressMatcher& matcher = is_identifier(field) ? keys_matcher_ : matcher_;
  if (matcher.is_in(field.value)) return true;
  std::string text(field.value);
  for (int layer = 0; layer < kMostLayers; ++layer) {
    const bool has_words = text.contains("=?");
    if (!has_words && layer > 0) break;
    DecodedText decoded = decode_header_text(text);
    // The message's own fields were decided on when it was redacted.
    if (has_words && !decoded.complete && starts_with_ignoring_case(field.name, "Content-"))
      return failure("cannot be inspected: encoded words in a field of a part");
    if (decoded.text == text) break;
    text = std::move(decoded.text);
    if (matcher.is_in(text)) return true;
  }
  return false;
}

bool ResidueSearch::in_file_name(std::string_view raw) {
  std::string name = decode_header_text(raw).text;
  if (matcher_.is_in(raw) || matcher_.is_in(name)) return true;
  // "Salary_bob@acme.example.pdf": words are joined and a suffix follows.
  std::ranges::replace(name, '_', ' ');
  return matcher_.is_in(name) || matcher_.is_in(std::string_view(name).substr(0, name.rfind('.')));
}

Result<bool> ResidueSearch::in_body(const Part& part) {
  const Result<std::vector<std::string>> texts = part_texts(part);
  if (!texts) return std::unexpected(texts.error());
  const bool is_plain =
      part.content_type.type == "text/plain";  // whose programs may not say that it is flowed
  for (const std::string& text : *texts) {
    if (!budget_.take(text)) return failure(kTooMuchText);
    if (matcher_.is_in(text) || (is_calendar(part) && matcher_.is_in(unfolded(text)))) return true;
    if (is_plain && text.contains('@') && matcher_.is_in(unflowed(text))) return true;
  }
  return false;
}

bool ResidueSearch::in_undecoded_bytes() {
  if (keys_matcher_.is_literally_in(structure_.parts.front().body)) return true;
  for (const auto& decoded : structure_.storage) {
    if (keys_matcher_.is_literally_in(*decoded)) return true;
  }
  return false;
}

Result<std::optional<std::string>> ResidueSearch::run() {
  for (std::size_t i = 0; i < structure_.parts.size(); ++i) {
    const Part& part = structure_.parts[i];
    const Result<std::optional<std::string>> field = in_header(part);
    if (!field) return std::unexpected(about_part(structure_, i, field.error()));
    if (*field) return i == 0 ? **field : part_label(structure_, i) + ", " + **field;
    const Result<bool> body = in_body(part);
    if (!body) return std::unexpected(about_part(structure_, i, body.error()));
    if (*body) return part_label(structure_, i);
  }
  if (in_undecoded_bytes()) return "text around the parts";
  if (matcher_.exhausted() || keys_matcher_.exhausted())
    return failure("cannot be inspected: too many addresses");
  return std::nullopt;
}

}  // namespace

std::vector<AddrSpec> addresses_in_text(std::string_view text) {
  std::vector<AddrSpec> found;
  if (!may_name_somebody(text)) return found;
  const auto collect = [&found](std::string_view local, std::string_view domain) {
    found.push_back({std::string(local), std::string(domain)});
    return true;
  };
  for_each_address(text, collect);
  for (const std::string& rendition : renditions(text)) {
    if (rendition != text) for_each_address(rendition, collect);
  }
  return found;
}

Result<std::vector<AddrSpec>> quoted_addresses(const Structure& structure) {
  std::vector<AddrSpec> found;
  TextBudget budget;
  for (std::size_t i = 0; i < structure.parts.size(); ++i) {
    const Part& part = structure.parts[i];
    if (i > 0 && part.is_message) {
      if (const auto error = collect_fields(part.header, found))
        return std::unexpected(about_part(structure, i, *error));
    }
    const Result<std::vector<std::string>> texts = part_texts(part);
    if (!texts) return std::unexpected(about_part(structure, i, texts.error()));
    for (const std::string& text : *texts) {
      if (!budget.take(text)) return std::unexpected(about_part(structure, i, {kTooMuchText}));
      collect_lines(part, text, found);
    }
    if (found.size() > limits::kAddressesPerMessage)
      return failure("cannot be inspected: too many quoted addresses");
  }
  return found;
}

Result<std::optional<std::string>> find_residue(const Structure& structure, const AddressKeys& stripped,
                                                const AddressTest& forbidden) {
  return ResidueSearch(structure, stripped, forbidden).run();
}

}  // namespace privet::mime
