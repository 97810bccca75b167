// One SMTP command line as a value (RFC 5321 4.1, RFC 2033, RFC 3030, RFC 4954). Pure.
//
// Promise: what is not understood completely is refused here with its reply; nothing of a command is
// forwarded as it came: parse_command reads it into values, to_line writes it anew.
// parse_command(to_line(x)) == x.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/smtp/parameter.h"
#include "proxy/smtp/reply.h"

namespace privet::smtp {

enum class Verb {
  Ehlo,
  Helo,
  Lhlo,
  StartTls,
  Auth,
  Mail,
  Rcpt,
  Data,
  Bdat,
  Xclient,
  Xforward,
  Rset,
  Noop,
  Vrfy,
  Help,
  Quit
};
std::string_view to_string(Verb verb);

struct Command {
  Verb verb = Verb::Noop;
  std::string argument = {};          ///< path without brackets, client name, mechanism (upper case), or text
  std::string initial_response = {};  ///< AUTH only; "=" means empty
  bool has_initial_response = false;
  std::vector<Parameter> parameters = {};  ///< MAIL and RCPT; XCLIENT and XFORWARD with decoded values
  std::uint64_t chunk_size = 0;            ///< BDAT only: octets that follow its line
  bool last = false;                       ///< BDAT only

  const std::string* parameter(std::string_view keyword) const;
  bool operator==(const Command&) const = default;
};

/// Reads one line, without its CRLF. The error is the reply to give:
/// 500 5.5.1 unknown verb; 502 5.5.1 a verb we know but do not offer (EXPN, ETRN, TURN, ATRN, BURL);
/// 521 5.5.4 a BDAT whose size cannot be read: its octets would be read as commands, so the connection has
/// to end; 501 5.5.4 bad argument, attribute or parameter syntax; 501 5.1.7 bad sender, 501 5.1.3 bad
/// recipient (control, 8-bit that is not UTF-8, bidi override and empty or over-long parts included: local
/// part 64, domain 255, path 256); 550 5.7.1 source routes, "%", "!" and "@" in a local part, address
/// literals; 555 5.5.4 unknown parameter. MAIL knows SIZE BODY SMTPUTF8 RET
/// ENVID AUTH REQUIRETLS MT-PRIORITY; RCPT knows NOTIFY ORCPT. RCPT TO:<postmaster> is the one path without a
/// domain. A blank after the colon is let pass.
std::expected<Command, Reply> parse_command(std::string_view line);

/// The line to send, without CRLF.
std::string to_line(const Command& command);

}  // namespace privet::smtp
