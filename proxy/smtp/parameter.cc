#include "proxy/smtp/parameter.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "proxy/text.h"

namespace privet::smtp {
namespace {

constexpr std::size_t kSizeDigits = 20;          // RFC 1870 4
constexpr std::size_t kEnvelopeId = 100;         // RFC 3461 4.4, before it is decoded
constexpr std::size_t kOriginalRecipient = 500;  // RFC 3461 4.2

bool is_size(std::string_view value) {
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), size);
  return value.size() <= kSizeDigits && error == std::errc() && end == value.data() + value.size();
}

bool is_notify(std::string_view value) {
  if (value == "NEVER") return true;
  if (value.empty() || value.ends_with(',')) return false;
  std::vector<std::string_view> seen;
  while (!value.empty()) {
    const std::string_view event = take_until(value, ',');
    if (event != "SUCCESS" && event != "FAILURE" && event != "DELAY") return false;
    if (std::ranges::find(seen, event) != seen.end()) return false;
    seen.push_back(event);
  }
  return true;
}

bool is_original_recipient(std::string_view value) {
  if (value.size() > kOriginalRecipient || !value.contains(';')) return false;
  const std::string_view type = take_until(value, ';');
  const bool atom =
      !type.empty() && std::ranges::all_of(type, [](char c) { return is_alnum(c) || c == '-'; });
  const std::optional<std::string> address = decode_xtext(value);
  return atom && address && !address->empty();
}

/// RFC 6710 5: -9 to 9, "-0" and signs of other numbers left out.
bool is_priority(std::string_view value) {
  const bool negative = value.starts_with('-');
  if (negative) value.remove_prefix(1);
  return value.size() == 1 && value.front() >= (negative ? '1' : '0') && value.front() <= '9';
}

bool is_envelope_id(std::string_view value) {
  return !value.empty() && value.size() <= kEnvelopeId && decode_xtext(value).has_value();
}

/// What is known of one keyword. The values of `words` are compared, and kept, in upper case.
struct Rule {
  ParameterOwner owner;
  std::string_view keyword;
  bool words;
  bool (*accepts)(std::string_view value);
};

constexpr std::array<Rule, 10> kRules{{
    {ParameterOwner::Mail, "SIZE", false, is_size},
    {ParameterOwner::Mail, "BODY", true, [](std::string_view v) { return v == "7BIT" || v == "8BITMIME"; }},
    {ParameterOwner::Mail, "RET", true, [](std::string_view v) { return v == "FULL" || v == "HDRS"; }},
    {ParameterOwner::Mail, "ENVID", false, is_envelope_id},
    {ParameterOwner::Mail, "AUTH", false,
     [](std::string_view v) { return v == "<>" || (!v.empty() && decode_xtext(v).has_value()); }},
    {ParameterOwner::Mail, "SMTPUTF8", false, nullptr},
    {ParameterOwner::Mail, "REQUIRETLS", false, nullptr},
    {ParameterOwner::Mail, "MT-PRIORITY", false, is_priority},
    {ParameterOwner::Rcpt, "NOTIFY", true, is_notify},
    {ParameterOwner::Rcpt, "ORCPT", false, is_original_recipient},
}};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::unexpected<Reply> bad(std::string text) {
  return std::unexpected(Reply{501, "5.5.4", std::move(text)});
}

}  // namespace

std::optional<std::string> decode_xtext(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c < '!' || c > '~' || c == '=') return std::nullopt;
    if (c != '+') {
      decoded += c;
      continue;
    }
    const int high = at + 2 < text.size() ? hex_digit(text[at + 1]) : -1;
    const int low = high < 0 ? -1 : hex_digit(text[at + 2]);
    if (low < 0) return std::nullopt;
    decoded += static_cast<char>(high * 16 + low);
    at += 2;
  }
  if (!is_clean_utf8(decoded)) return std::nullopt;
  return decoded;
}

std::string encode_xtext(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    if (c >= '!' && c <= '~' && c != '+' && c != '=') {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded.append("+").append(1, kDigits[byte >> 4]).append(1, kDigits[byte & 0xf]);
  }
  return encoded;
}

std::expected<std::vector<Parameter>, Reply> parse_parameters(ParameterOwner owner, std::string_view text) {
  std::vector<Parameter> parameters;
  for (text = trim_blanks(text); !text.empty(); text = trim_blanks(text)) {
    std::string_view value = take_until(text, ' ');
    const bool has_value = value.contains('=');
    Parameter parameter{.keyword = to_upper(take_until(value, '=')), .value = std::string(value)};
    const auto rule = std::ranges::find_if(
        kRules, [&](const Rule& r) { return r.owner == owner && r.keyword == parameter.keyword; });
    if (rule == kRules.end()) return std::unexpected(Reply{555, "5.5.4", "Parameter not recognised"});
    if (rule->words) parameter.value = to_upper(parameter.value);
    const bool accepted = rule->accepts ? has_value && rule->accepts(parameter.value) : !has_value;
    if (!accepted) return bad("Bad value of parameter " + parameter.keyword);
    if (std::ranges::find(parameters, parameter.keyword, &Parameter::keyword) != parameters.end()) {
      return bad("Parameter " + parameter.keyword + " given twice");
    }
    parameters.push_back(std::move(parameter));
  }
  return parameters;
}

}  // namespace privet::smtp
