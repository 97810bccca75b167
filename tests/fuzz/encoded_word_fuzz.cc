// decode_header_text: the result is UTF-8 without line ends of the value, folding changes nothing, and text
// without encoded words stays as it is.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "mime/charset.h"
#include "mime/encoded_word.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace privet::mime;
  const std::string_view value(reinterpret_cast<const char*>(data), size);
  const DecodedText decoded = decode_header_text(value);
  if (!is_utf8(decoded.text)) __builtin_trap();
  if (!value.contains("=?") && !value.contains('\r') && !value.contains('\n')) {
    if (is_utf8(value) && (!decoded.complete || decoded.text != value)) __builtin_trap();
  }
  std::string folded;
  for (const char c : value) {
    if (c == ' ') folded += "\r\n";
    folded += c;
  }
  const DecodedText unfolded = decode_header_text(folded);
  if (unfolded.text != decoded.text || unfolded.complete != decoded.complete) __builtin_trap();
  return 0;
}
