#include "mime/part_text.h"

#include <algorithm>
#include <array>
#include <optional>

#include "mime/ascii.h"
#include "mime/charset.h"
#include "mime/encoded_word.h"

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
    {"message/partial", "a piece of a message"},
    {"message/external-body", "content kept elsewhere"},
});
constexpr std::array<std::string_view, 7> kOpaqueNames{".eml",  ".msg", ".mbox",      ".mbx",
                                                       ".tnef", ".p7m", "winmail.dat"};
constexpr std::array<std::string_view, 9> kTextTypes{
    "application/ics",  "application/xhtml+xml", "application/xml", "application/json",   "application/vcard",
    "application/sgml", "application/rtf",       "application/csv", "application/x-vcard"};
constexpr std::array<std::string_view, 12> kTextNames{".ics", ".vcs", ".vcf", ".htm", ".html", ".xhtml",
                                                      ".txt", ".csv", ".tsv", ".xml", ".json", ".log"};

template <std::size_t N>
bool ends_with_any(const std::vector<std::string>& names, const std::array<std::string_view, N>& endings) {
  return std::ranges::any_of(names, [&](const std::string& name) {
    return std::ranges::any_of(endings, [&](std::string_view ending) { return name.ends_with(ending); });
  });
}

/// The file names a reader could give the part, lower case.
std::vector<std::string> file_names(const Part& part, const ContentType& disposition) {
  std::vector<std::string> names;
  for (const std::string_view name :
       {part.content_type.parameter("name"), disposition.parameter("filename")}) {
    names.push_back(to_lower(trim(decode_header_text(name).text)));
  }
  return names;
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
  const bool by_type =
      type.starts_with("text/") || type.starts_with("message/") || std::ranges::count(kTextTypes, type) > 0;
  if (!by_type) {
    const std::vector<std::string> names = file_names(part, *disposition);
    if (ends_with_any(names, kOpaqueNames))
      return failure("cannot be inspected: an attached mail file or TNEF");
    if (!ends_with_any(names, kTextNames)) return {};
  }
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
