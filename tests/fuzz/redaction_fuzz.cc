// redact: the result reads again, with the same body bytes; only fields of the allow-list remain; no party
// that must go is left, neither for our own reader nor for a naive one; and redacting it again changes
// nothing.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "mime/ascii.h"
#include "mime/encoded_word.h"
#include "mime/redaction.h"

namespace {

using namespace privet::mime;

constexpr std::string_view kDomain = "acme.test";

bool is_stripped(const AddrSpec& spec) {
  return spec.key().ends_with("@" + std::string(kDomain));
}

bool is_word(char c) {
  return is_alnum(c) || is_8bit(c);
}

/// "x@acme.test" as a search for a string would find it.
bool names_domain(std::string_view value) {
  const std::string text = to_lower(value);
  const std::string wanted = "@" + std::string(kDomain);
  for (std::size_t at = text.find(wanted); at != text.npos; at = text.find(wanted, at + 1)) {
    const char next = at + wanted.size() < text.size() ? text[at + wanted.size()] : ' ';
    const bool ends = !is_word(next) && !std::string_view("-._").contains(next);
    if (at > 0 && is_word(text[at - 1]) && ends) return true;
  }
  return false;
}

void check_fields(const Header& header) {
  constexpr auto kAllowed = std::to_array<std::string_view>(
      {"Date", "From", "Sender", "Reply-To", "To", "Cc", "Subject", "Message-ID", "In-Reply-To", "References",
       "MIME-Version", "Importance", "Priority", "X-Priority", "Auto-Submitted", "X-Privet-Verdict",
       "Sensitivity"});
  constexpr auto kParties = std::to_array<std::string_view>({"Sender", "Reply-To", "To", "Cc"});
  for (const Field& field : header.fields()) {
    const auto is_named = [&](std::string_view name) { return field.is(name); };
    if (!starts_with_ignoring_case(field.name, "Content-") && std::ranges::none_of(kAllowed, is_named))
      __builtin_trap();
    if (std::ranges::none_of(kParties, is_named)) continue;
    if (names_domain(field.value) || names_domain(decode_header_text(field.value).text)) __builtin_trap();
  }
  if (header.count("X-Privet-Verdict") != 1 || header.count("Sensitivity") != 1) __builtin_trap();
  if (header.count("Message-ID") == 0) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view content(reinterpret_cast<const char*>(data), size);
  const privet::Result<Header> header = Header::parse(content);
  if (!header) return 0;
  const Redaction redaction{.strip = is_stripped,
                            .verdict = "private",
                            .mark_private = true,
                            .message_id = "<inserted@privet.test>"};
  const privet::Result<Redacted> redacted = redact(*header, redaction);
  if (!redacted) return 0;

  if (redacted->body.data() != header->body().data() || redacted->body.size() != header->body().size())
    __builtin_trap();
  const std::string copy = redacted->header + std::string(redacted->body);
  const privet::Result<Header> again = Header::parse(copy);
  if (!again || again->body() != redacted->body) __builtin_trap();
  check_fields(*again);

  const privet::Result<HeaderParties> parties = header_parties(*again);
  if (!parties || std::ranges::any_of(parties->others, is_stripped)) __builtin_trap();
  const privet::Result<HeaderParties> before = header_parties(*header);
  if (!before || before->from.front().key() != parties->from.front().key()) __builtin_trap();
  for (const AddrSpec& spec : before->to) {
    const auto is_same = [&](const AddrSpec& other) { return other.key() == spec.key(); };
    if (!is_stripped(spec) && std::ranges::none_of(parties->to, is_same)) __builtin_trap();
  }

  const privet::Result<Redacted> twice = redact(*again, redaction);
  if (!twice || twice->header != redacted->header) __builtin_trap();
  return 0;
}
