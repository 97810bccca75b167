// Header::parse: fields and body cover the content byte for byte, and what was accepted is accepted again.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "mime/header.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using privet::mime::Field;
  using privet::mime::Header;
  const std::string_view content(reinterpret_cast<const char*>(data), size);
  const auto header = Header::parse(content);
  if (!header) {
    if (header.error().line < 1 || header.error().what.empty()) __builtin_trap();
    return 0;
  }
  std::string bytes;
  for (const Field& field : header->fields()) {
    if (!field.raw.ends_with("\r\n") || field.name.empty() || !field.raw.starts_with(field.name))
      __builtin_trap();
    if (field.raw.find("\r\n\r\n") != std::string_view::npos) __builtin_trap();
    if (field.value.data() + field.value.size() + 2 != field.raw.data() + field.raw.size()) __builtin_trap();
    if (header->find(field.name) == nullptr || header->count(field.name) == 0) __builtin_trap();
    bytes += field.raw;
  }
  const std::string without_empty_line = bytes + std::string(header->body());
  const std::string with_empty_line = bytes + "\r\n" + std::string(header->body());
  if (content != with_empty_line && (content != without_empty_line || !header->body().empty()))
    __builtin_trap();
  const auto again = Header::parse(bytes);
  if (!again || again->fields().size() != header->fields().size()) __builtin_trap();
  return 0;
}
