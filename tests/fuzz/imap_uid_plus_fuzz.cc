// What is read of APPENDUID and COPYUID is written so that it reads the same again, and is never more than
// was asked for.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "proxy/imap/uid_plus.h"

namespace {

using namespace privet::imap;

constexpr std::size_t kMost = 1000;

std::string arguments_of(const std::string& code, std::string_view name) {
  if (!code.starts_with('[') || !code.ends_with(']')) __builtin_trap();
  return code.substr(name.size() + 2, code.size() - name.size() - 3);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (const auto code = parse_append_uid(input)) {
    if (parse_append_uid(arguments_of(format(*code), "APPENDUID")) != code) __builtin_trap();
  }
  if (const auto code = parse_copy_uid(input, kMost)) {
    if (code->copies.empty() || code->copies.size() > kMost || code->uid_validity == 0) __builtin_trap();
    for (const CopiedUid& copy : code->copies) {
      if (copy.from == 0 || copy.to == 0) __builtin_trap();
    }
    if (parse_copy_uid(arguments_of(format(*code), "COPYUID"), kMost) != code) __builtin_trap();
  }
  return 0;
}
