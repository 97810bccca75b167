#include "proxy/imap/rendition.h"

#include "mime/ascii.h"

namespace privet::imap {
namespace {

bool is_header(SectionText text) {
  return text == SectionText::Header || text == SectionText::HeaderFields ||
         text == SectionText::HeaderFieldsNot;
}

/// BODY[n...]: of a Single only part 1 exists, its content and its MIME header.
Need need_of_part(const Section& section, Root root) {
  if (root == Root::Multipart) return {.item = true};
  const bool first = section.part.front() == 1;
  const bool only = section.part.size() == 1;
  if (first && only && section.text == SectionText::Mime) return {.header = true};
  if (root == Root::Message) return {.item = first};
  return {.item = first && only && section.text == SectionText::All};
}

Need need_of_section(const Section& section, Root root) {
  if (!section.part.empty()) return need_of_part(section, root);
  if (is_header(section.text)) return {.header = true};
  if (section.text == SectionText::All) return {.header = true, .text = true};
  return {.item = true};
}

}  // namespace

Root root_of(std::string_view body_structure) {
  constexpr std::string_view kMessage = "(\"message\" \"";
  if (body_structure.starts_with("((")) return Root::Multipart;
  if (!mime::starts_with_ignoring_case(body_structure, kMessage)) return Root::Single;
  const std::string_view subtype = body_structure.substr(kMessage.size());
  const bool is_message = mime::starts_with_ignoring_case(subtype, "rfc822\"") ||
                          mime::starts_with_ignoring_case(subtype, "global\"");
  return is_message ? Root::Message : Root::Single;
}

Need need_of(const FetchItem& item, Root root) {
  switch (item.kind) {
    case FetchItem::Kind::Envelope:
    case FetchItem::Kind::Rfc822Header:
      return {.header = true};
    case FetchItem::Kind::Rfc822:
      return {.header = true, .text = true};
    case FetchItem::Kind::Rfc822Text:
      return {.text = true};
    case FetchItem::Kind::Rfc822Size:
      return {.size = true};
    case FetchItem::Kind::Section:
      return need_of_section(item.section, root);
    case FetchItem::Kind::Uid:
    case FetchItem::Kind::Flags:
    case FetchItem::Kind::InternalDate:
    case FetchItem::Kind::Body:
    case FetchItem::Kind::BodyStructure:
    case FetchItem::Kind::ModSeq:
      break;
  }
  return {.item = true};
}

}  // namespace privet::imap
