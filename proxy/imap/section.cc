#include "proxy/imap/section.h"

#include <algorithm>

#include "proxy/imap/header_field.h"

namespace privet::imap {
namespace {

/// The empty line that ends the section, or nothing.
std::string_view empty_line(std::string_view header, std::size_t fields_size) {
  const std::string_view rest = header.substr(fields_size);
  return rest.substr(0, rest.starts_with('\n') ? 1 : 2);
}

}  // namespace

std::string select_fields(std::string_view header, std::span<const std::string> names, Fields which) {
  std::string selected;
  std::size_t size = 0;
  for (const HeaderField& field : read_fields(header)) {
    size += field.raw.size();
    const bool named = std::ranges::any_of(names, [&](const std::string& name) { return field.is(name); });
    if (named == (which == Fields::Named)) selected += field.raw;
  }
  if (which == Fields::NotNamed) return selected.append(empty_line(header, size));
  if (!selected.empty() && !selected.ends_with('\n')) selected += "\r\n";
  return selected + "\r\n";
}

std::string_view header_section(std::string_view header, const Section& section, std::string& scratch) {
  switch (section.text) {
    case SectionText::Header:
    case SectionText::Mime:
      return header;
    case SectionText::HeaderFields:
      return scratch = select_fields(header, section.fields, Fields::Named);
    case SectionText::HeaderFieldsNot:
      return scratch = select_fields(header, section.fields, Fields::NotNamed);
    case SectionText::All:
    case SectionText::Text:
      break;
  }
  return {};
}

std::string_view partial_of(std::string_view text, const std::optional<Partial>& partial) {
  if (!partial) return text;
  if (partial->origin >= text.size()) return {};
  return text.substr(partial->origin, partial->count);
}

StreamRange stream_range(std::string_view header, const std::optional<Partial>& partial) {
  if (!partial) return {.header = header, .text = true, .text_partial = std::nullopt};
  const std::string_view local = partial_of(header, partial);
  if (local.size() == partial->count) return {.header = local, .text = false, .text_partial = std::nullopt};
  const std::uint64_t skipped = std::max<std::uint64_t>(partial->origin, header.size()) - header.size();
  return {.header = local, .text = true, .text_partial = Partial{skipped, partial->count - local.size()}};
}

std::uint64_t redacted_size(std::uint64_t size, std::int32_t change) {
  const std::int64_t grown = change;
  if (grown >= 0) return size + static_cast<std::uint64_t>(grown);
  return size - std::min(size, static_cast<std::uint64_t>(-grown));
}

}  // namespace privet::imap
