#include "mime/part_text.h"

#include <algorithm>
#include <array>
#include <optional>

#include "mime/ascii.h"
#include "mime/charset.h"
#include "mime/encoded_word.h"
#include "mime/rendition.h"

namespace privet::mime {
namespace {

struct OpaqueType {
  std::string_view type;
  std::string_view why;
};
constexpr auto kOpaqueTypes = std::to_array<OpaqueType>({
    {"multipart/encrypted", "encrypted"},
    {"application/pgp-encrypted", "encrypted"},
    {"application/pkcs7-mime", "encrypted or opaque-signed"},
    {"application/x-pkcs7-mime", "encrypted or opaque-signed"},
    {"application/cms", "encrypted or opaque-signed"},
    {"application/ms-tnef", "TNEF"},
    {"application/vnd.ms-tnef", "TNEF"},
    {"application/x-tnef", "TNEF"},
    {"application/vnd.ms-outlook", "an attached mail file"},
    {"application/mbox", "an attached mail file"},
    {"application/rfc822", "an attached mail file"},
    {"application/x-mimearchive", "an attached mail file"},
    {"message/partial", "a piece of a message"},
    {"message/external-body", "content kept elsewhere"},
});
constexpr auto kOpaqueNames =
    std::to_array<std::string_view>({".eml", ".emlx", ".msg", ".oft", ".mht", ".mhtml", ".mim", ".mime",
                                     ".mbox", ".mbx", ".tnef", ".p7m", "winmail.dat"});
constexpr auto kTextTypes = std::to_array<std::string_view>(
    {"application/ics", "application/xml", "application/json", "application/vcard", "application/sgml",
     "application/rtf", "application/csv", "application/x-vcard"});
constexpr auto kTextNames = std::to_array<std::string_view>(
    {".ics", ".vcs", ".vcf", ".htm", ".html", ".shtml", ".xhtml", ".txt", ".csv", ".tsv", ".xml", ".json",
     ".log", ".md", ".svg", ".yaml", ".yml", ".rtf"});
// Never text that anybody reads as such; their bytes are not looked at, however they begin.
constexpr auto kDocumentTypes = std::to_array<std::string_view>(
    {"image/", "audio/", "video/", "font/", "application/pdf", "application/zip",
     "application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument."});
constexpr std::size_t kSniffedBytes = 2048;

template <std::size_t N>
bool ends_with_any(const std::vector<std::string>& names, const std::array<std::string_view, N>& endings) {
  return std::ranges::any_of(names, [&](const std::string& name) {
    return std::ranges::any_of(endings, [&](std::string_view ending) { return name.ends_with(ending); });
  });
}

/// Decodes encoded words within encoded words, as often as programs stack them.
std::string decode_repeatedly(std::string_view raw) {
  constexpr int kMostLayers = 3;
  std::string text(raw);
  for (int layer = 0; layer < kMostLayers; ++layer) text = decode_header_text(text).text;
  return text;
}

constexpr std::string_view kAroundNames = "\" \t\r\n.;";

/// The file names a reader could give the part, lower case, without the dots and blanks that Windows drops:
/// also one of several that another overrules.
std::vector<std::string> file_names(const Part& part, const ContentType& disposition) {
  std::vector<std::string> names;
  const auto add = [&names](std::string_view name) {
    names.push_back(to_lower(trim(decode_repeatedly(name), kAroundNames)));
  };
  add(part.content_type.parameter("name"));
  add(disposition.parameter("filename"));
  for (const std::string_view name : {"Content-Type", "Content-Disposition"}) {
    const Field* field = part.header.find(name);
    for (std::string_view rest = field ? field->value : std::string_view(); rest.contains(';');) {
      rest.remove_prefix(rest.find(';') + 1);
      const std::string_view parameter = rest.substr(0, rest.find(';'));
      const std::size_t equals = parameter.find('=');
      if (equals != parameter.npos && parameter.substr(0, equals).contains("name"))
        add(parameter.substr(equals + 1));
    }
  }
  return names;
}

/// True for every type of which a reader makes text.
bool is_text_type(std::string_view type) {
  return type.starts_with("text/") || type.starts_with("message/") || type.ends_with("+xml") ||
         type.ends_with("+json") || std::ranges::count(kTextTypes, type) > 0;
}

/// True when an attachment of no telling type begins like text.
bool begins_like_text(const Part& part) {
  const auto is_document = [&](std::string_view type) { return part.content_type.type.starts_with(type); };
  if (std::ranges::any_of(kDocumentTypes, is_document)) return false;
  Part start = part;
  start.body = part.body.substr(0, kSniffedBytes);
  // Whole lines of base64 end between characters; where they do not, all of it is looked at.
  if (start.body.size() < part.body.size()) start.body = start.body.substr(0, start.body.rfind('\n') + 1);
  Result<std::string> bytes = decode_body(start);
  if (!bytes) bytes = decode_body(part);
  if (!bytes) return true;  // and decoding it as text says what is wrong
  const std::string_view shown = std::string_view(*bytes).substr(0, kSniffedBytes);
  if (shown.starts_with("\xff\xfe") || shown.starts_with("\xfe\xff")) return true;
  return std::ranges::none_of(shown, [](char c) {
    return static_cast<unsigned char>(c) < ' ' && !std::string_view("\t\r\n\f\v\x1b").contains(c);
  });
}

bool names_utf8(std::string_view charset) {
  constexpr std::array<std::string_view, 4> kNames{"", "us-ascii", "utf-8", "utf8"};
  return std::ranges::count(kNames, to_lower(trim(charset))) > 0;
}

}  // namespace

Result<ContentType> content_disposition(const Header& header) {
  const Field* field = header.find("Content-Disposition");
  return field == nullptr ? ContentType{.type = {}, .parameters = {}} : parse_content_type(field->value);
}

bool is_calendar(const Part& part) {
  const std::string& type = part.content_type.type;
  if (type == "text/calendar" || type == "text/x-vcalendar" || type == "application/ics") return true;
  const Result<ContentType> disposition = content_disposition(part.header);
  return disposition &&
         ends_with_any(file_names(part, *disposition), std::to_array<std::string_view>({".ics", ".vcs"}));
}

Result<std::vector<std::string>> part_texts(const Part& part) {
  const std::string& type = part.content_type.type;
  if (const auto opaque = std::ranges::find(kOpaqueTypes, type, &OpaqueType::type);
      opaque != kOpaqueTypes.end()) {
    return failure("cannot be inspected: " + std::string(opaque->why));
  }
  const Result<ContentType> disposition = content_disposition(part.header);
  if (!disposition) return std::unexpected(disposition.error());
  if (type.starts_with("multipart/") || type == "message/rfc822" || type == "message/global") return {};
  const std::vector<std::string> names = file_names(part, *disposition);
  if (ends_with_any(names, kOpaqueNames))
    return failure("cannot be inspected: an attached mail file or TNEF");
  if (!is_text_type(type) && !ends_with_any(names, kTextNames) && !begins_like_text(part)) return {};
  Result<std::string> bytes = decode_body(part);
  if (!bytes) return std::unexpected(Error{"cannot be inspected: " + bytes.error().what});
  if (bytes->contains("-----BEGIN PGP MESSAGE-----")) return failure("cannot be inspected: encrypted text");

  std::vector<std::string> texts;
  const std::string_view charset = part.content_type.parameter("charset");
  if (!names_utf8(charset)) {
    std::optional<std::string> converted = to_utf8(*bytes, charset);
    if (!converted) return failure("cannot be inspected: unknown charset");
    if (*converted != *bytes) texts.push_back(std::move(*converted));
  }
  if (equals_ignoring_case(part.content_type.parameter("format"), "flowed"))
    texts.push_back(unflowed(texts.empty() ? *bytes : texts.front()));
  // Two-byte text hides its escapes from whoever reads bytes.
  if (bytes->contains('\0')) texts.push_back(without_disguise(*bytes));
  texts.insert(texts.begin(), std::move(*bytes));
  return texts;
}

std::string part_label(const Structure& structure, std::size_t index) {
  constexpr std::array<std::string_view, 8> kKnown{
      "text/plain", "text/html",           "text/calendar",  "text/vcard",
      "text/csv",   "text/rfc822-headers", "message/rfc822", "message/delivery-status"};
  const std::string& type = structure.parts[index].content_type.type;
  const bool known = std::ranges::count(kKnown, type) > 0;
  return "part " + std::to_string(index) + " (" +
         (known                            ? type
          : type.starts_with("multipart/") ? "multipart"
                                           : "other") +
         ")";
}

}  // namespace privet::mime
