// The SMTP envelope as a value (RFC 5321 2.3.1): reverse-path and recipients, without their parameters.
#pragma once

#include <string>
#include <vector>

namespace privet::mime {

struct Envelope {
  std::string reverse_path;                 ///< without angle brackets; empty for <>
  std::vector<std::string> recipients;      ///< forward-paths of people, accepted or refused by the upstream
  std::vector<std::string> crm_recipients;  ///< CRM addresses, byte-exact as the client named them
};

}  // namespace privet::mime
