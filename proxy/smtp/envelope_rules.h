// Which parameters of MAIL and RCPT may go where (RFC 1870, 3461, 3030, 6152, 6531, 6710, 8689). Pure.
//
// Promise: nothing goes to an upstream that it did not announce, and whatever the client was told it may use
// is accepted; a parameter that the client relies on is never dropped silently.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "proxy/smtp/command.h"
#include "proxy/smtp/extension.h"
#include "proxy/smtp/reply.h"

namespace privet::smtp {

/// Why MAIL is refused, if it is: 555 5.5.4 a parameter that `offered` has not, 552 5.3.4 SIZE above the
/// offered limit, 553 5.6.7 a sender beyond ASCII without SMTPUTF8. `offered` is what announce() makes of the
/// upstream; nullptr after HELO, when there are no parameters.
std::optional<Reply> check_mail(const Command& mail, const Extensions* offered);
/// The same of RCPT within the transaction that `mail` opened (nullptr: none, order is judged elsewhere).
std::optional<Reply> check_rcpt(const Command& rcpt, const Extensions* offered, const Command* mail);

/// MAIL as it goes to the upstream: SIZE with room for a Message-ID that may have to be put in front, and
/// only where it was announced; without AUTH (vouching for a submitter is between us and the client), and
/// without a BODY=7BIT that the upstream would not know. RCPT goes on as it is.
Command upstream_mail(Command mail, const Extensions& theirs);

/// What MAIL of a copy depends on.
struct CopyTraits {
  std::uint64_t size = 0;            ///< header and body
  bool eight_bit_header = true;      ///< the redacted header holds 8-bit octets
  bool eight_bit_body = true;        ///< the body does, or it is not known
  bool non_ascii_recipient = false;  ///< the CRM's address is beyond ASCII
  std::string_view envelope_id;      ///< xtext, at most 100 characters; empty: reports name none
};

/// MAIL of a CRM's copy: the sender, what of the original's parameters the copy still needs, its own SIZE,
/// and RET=HDRS ENVID=<id> where `theirs` has DSN. Never MT-PRIORITY, nor the client's ENVID and RET: those
/// are about the original. The error is why this upstream cannot take the copy: 550 5.7.30 REQUIRETLS,
/// 553 5.6.7 SMTPUTF8, 554 5.6.3 8BITMIME is needed and missing. REQUIRETLS
/// has to be taken off `theirs` by a caller whose connection is not under verified TLS.
std::expected<Command, Reply> copy_mail(const Command& original, const CopyTraits& copy,
                                        const Extensions& theirs);
/// RCPT of a CRM's copy: where `theirs` has DSN the NOTIFY that the client gave with this recipient, else
/// NOTIFY=FAILURE. Never ORCPT, which may name somebody.
Command copy_rcpt(const Command& original, const Extensions& theirs);

}  // namespace privet::smtp
