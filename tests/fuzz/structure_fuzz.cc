// parse_structure: parts lie within their parents, in order, within the limits; a decoded body is no longer
// than its few readings are together; and an address that stands openly in the body is never missed by the
// search for residue.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mime/inspection.h"
#include "mime/limits.h"
#include "mime/structure.h"

namespace {

using namespace privet::mime;

constexpr std::size_t kReadings = 6;  // of broken base64: the head, the rest, and that decoded in four ways

bool lies_in(std::string_view inner, std::string_view outer) {
  return inner.data() >= outer.data() && inner.data() + inner.size() <= outer.data() + outer.size();
}

/// The bytes that the parts of `parent` are read from: its own, or decoded ones.
bool lies_in_parent(const Structure& structure, const Part& part, const Part& parent) {
  if (lies_in(part.body, parent.body)) return true;
  for (const auto& decoded : structure.storage) {
    if (lies_in(part.body, *decoded) && parent.transfer_encoding != "7bit") return true;
  }
  return false;
}

void check_tree(const Structure& structure, std::string_view content) {
  if (structure.parts.empty() || structure.parts.size() > limits::kMimeParts) __builtin_trap();
  if (!lies_in(structure.parts[0].body, content) || structure.parts[0].depth != 0) __builtin_trap();
  std::vector<const char*> last_end(structure.parts.size(), nullptr);
  for (std::size_t i = 1; i < structure.parts.size(); ++i) {
    const Part& part = structure.parts[i];
    if (part.parent >= i || part.depth > limits::kMimeDepth) __builtin_trap();
    const Part& parent = structure.parts[part.parent];
    if (part.depth != parent.depth + 1 || !lies_in_parent(structure, part, parent)) __builtin_trap();
    if (last_end[part.parent] != nullptr && part.body.data() < last_end[part.parent]) __builtin_trap();
    last_end[part.parent] = part.body.data() + part.body.size();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view content(reinterpret_cast<const char*>(data), size);
  const privet::Result<Structure> structure = parse_structure(content);
  if (!structure) return 0;
  check_tree(*structure, content);
  for (const Part& part : structure->parts) {
    const privet::Result<std::string> decoded = decode_body(part);
    if (decoded && decoded->size() > kReadings * part.body.size()) __builtin_trap();
  }
  const privet::Result<std::vector<AddrSpec>> quoted = quoted_addresses(*structure);
  const auto residue = find_residue(*structure, {"bob@acme.test"});
  // Both searches look into the same parts.
  if (residue && !*residue && structure->parts[0].body.contains(" bob@acme.test\r\n")) __builtin_trap();
  if (quoted && residue && !*residue) {
    for (const AddrSpec& spec : *quoted) {
      if (spec.key() == "bob@acme.test") __builtin_trap();
    }
  }
  return 0;
}
