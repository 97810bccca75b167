#include "proxy/smtp/xclient.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

#include "proxy/smtp/path.h"
#include "proxy/text.h"

namespace privet::smtp {
namespace {

constexpr std::size_t kValue = 255;  // XFORWARD_README, "after decoding"
constexpr std::string_view kIpv6 = "IPV6:";

/// The value as it is kept; nullopt when it cannot be one.
using Reader = std::optional<std::string> (*)(std::string_view value);

std::optional<std::string> read_text(std::string_view value) {
  return std::string(value);
}

std::optional<std::string> read_name(std::string_view value) {
  if (!is_client_name(value)) return std::nullopt;
  return std::string(value);
}

std::optional<std::string> read_port(std::string_view value) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), port);
  if (error != std::errc() || end != value.data() + value.size()) return std::nullopt;
  return std::to_string(port);
}

std::optional<std::string> read_address(std::string_view value) {
  const bool six = equals_ignoring_case(value.substr(0, kIpv6.size()), kIpv6);
  const std::string text(six ? value.substr(kIpv6.size()) : value);
  const int family = six ? AF_INET6 : AF_INET;
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  std::array<char, INET6_ADDRSTRLEN> written{};
  if (inet_pton(family, text.c_str(), bytes.data()) != 1) return std::nullopt;
  if (inet_ntop(family, bytes.data(), written.data(), written.size()) == nullptr) return std::nullopt;
  return std::string(six ? kIpv6 : "") + written.data();
}

template <std::size_t Size>
std::optional<std::string> read_one_of(std::string_view value, std::array<std::string_view, Size> words) {
  const std::string word = to_upper(value);
  if (std::ranges::find(words, word) == words.end()) return std::nullopt;
  return word;
}

std::optional<std::string> read_protocol(std::string_view value) {
  return read_one_of(value, std::array<std::string_view, 3>{"SMTP", "ESMTP", "LMTP"});
}

std::optional<std::string> read_source(std::string_view value) {
  return read_one_of(value, std::array<std::string_view, 2>{"LOCAL", "REMOTE"});
}

struct Attribute {
  std::string_view keyword;
  bool xclient;
  bool xforward;
  Reader read;
};

constexpr std::array<Attribute, 11> kAttributes{{
    {"NAME", true, true, read_name},
    {"ADDR", true, true, read_address},
    {"PORT", true, true, read_port},
    {"PROTO", true, true, read_protocol},
    {"HELO", true, true, read_text},
    {"LOGIN", true, false, read_text},
    {"DESTADDR", true, false, read_address},
    {"DESTPORT", true, false, read_port},
    {"REVERSE_NAME", true, false, read_name},
    {"IDENT", false, true, read_text},
    {"SOURCE", false, true, read_source},
}};

std::optional<std::string> read_value(const Attribute& attribute, std::string_view xtext) {
  const std::optional<std::string> value = decode_xtext(xtext);
  if (!value || value->empty() || value->size() > kValue) return std::nullopt;
  const std::string word = to_upper(*value);
  if (word == kUnavailable || word == kTemporarilyUnavailable) return word;
  return attribute.read(*value);
}

std::unexpected<Reply> bad(std::string text) {
  return std::unexpected(Reply{501, "5.5.4", std::move(text)});
}

}  // namespace

std::expected<std::vector<Parameter>, Reply> parse_attributes(AttributeOwner owner, std::string_view text) {
  std::vector<Parameter> attributes;
  for (text = trim_blanks(text); !text.empty(); text = trim_blanks(text)) {
    std::string_view value = take_until(text, ' ');
    const std::string keyword = to_upper(take_until(value, '='));
    const auto known = std::ranges::find_if(kAttributes, [&](const Attribute& each) {
      return each.keyword == keyword && (owner == AttributeOwner::Xclient ? each.xclient : each.xforward);
    });
    if (known == kAttributes.end()) return bad("Attribute not recognised");
    std::optional<std::string> read = read_value(*known, value);
    if (!read) return bad("Bad value of attribute " + keyword);
    if (std::ranges::find(attributes, keyword, &Parameter::keyword) != attributes.end()) {
      return bad("Attribute " + keyword + " given twice");
    }
    attributes.push_back({.keyword = keyword, .value = *std::move(read)});
  }
  if (attributes.empty()) return bad("An attribute must follow");
  return attributes;
}

std::string_view address_literal(std::string_view value) {
  if (value == kUnavailable || value == kTemporarilyUnavailable) return {};
  return value.starts_with(kIpv6) ? value.substr(kIpv6.size()) : value;
}

}  // namespace privet::smtp
