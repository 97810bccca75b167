// ESMTP parameters of MAIL and RCPT (RFC 5321 4.1.2, RFC 1870, 3461, 4954 5, 6152, 6531, 6710, 8689). Pure.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/smtp/reply.h"

namespace privet::smtp {

/// An esmtp parameter; keyword in upper case, so are the values that are words of the protocol (BODY, RET,
/// NOTIFY). Other values are as given (xtext stays xtext, but its decoded form was checked).
struct Parameter {
  std::string keyword;
  std::string value;
  bool operator==(const Parameter&) const = default;
};

enum class ParameterOwner { Mail, Rcpt };

/// Reads what follows a path. The error is the reply: 555 5.5.4 for a keyword that `owner` does not know,
/// 501 5.5.4 for one given twice or with a value it cannot have.
std::expected<std::vector<Parameter>, Reply> parse_parameters(ParameterOwner owner, std::string_view text);

/// xtext of RFC 3461 4 decoded; nullopt where it is none, or hides anything but clean UTF-8.
std::optional<std::string> decode_xtext(std::string_view text);
std::string encode_xtext(std::string_view text);

}  // namespace privet::smtp
