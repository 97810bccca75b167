// The order rules of a session as one pure table (RFC 5321 4.1.4, RFC 2033 4, RFC 3030 2, RFC 3207 4.2,
// RFC 4954 4, Postfix XCLIENT_README).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "proxy/smtp/command.h"
#include "proxy/smtp/reply.h"

namespace privet::smtp {

/// What the session does after a reply.
enum class Next { Continue, StartTls, Close };

class Sequence {
 public:
  struct Rules {
    bool offer_start_tls = false;  ///< STARTTLS is announced while in clear
    bool require_tls = false;      ///< AUTH and MAIL only under TLS
    bool require_login = true;     ///< MAIL only after AUTH (false: a trusted network)
    bool lmtp = false;             ///< LHLO in the place of EHLO and HELO, no AUTH
    bool chunking = false;         ///< CHUNKING is announced
    bool xclient = false;          ///< the peer may say who its client is
    bool xforward = false;
  };
  explicit Sequence(Rules rules) : rules_(rules) {}

  /// The reply when the command needs nobody else: out of order (503 5.5.1), 530 5.7.0 must STARTTLS or log
  /// in first, 538 5.7.11 AUTH in clear, 502 5.5.1 STARTTLS where it is not offered, 503 for a second AUTH or
  /// STARTTLS, AUTH after HELO, STARTTLS and XCLIENT after AUTH (the upstream's login cannot be forgotten),
  /// 554 5.5.1 (LMTP: 503) DATA or BDAT without accepted recipient, 503 5.5.1 RCPT and DATA behind a BDAT,
  /// and BDAT behind one that was refused, until RSET, 521 5.5.1 BDAT that was not offered, 500 5.5.1 EHLO
  /// in LMTP and LHLO in SMTP, 502 5.5.1 AUTH in LMTP, 550 5.7.0 XCLIENT and XFORWARD of a peer that may
  /// not, 452 4.5.3 too many recipients, and the plain answers: NOOP 250 2.0.0, VRFY 252 2.5.2, HELP 214
  /// 2.0.0, RSET 250 2.0.0 with no transaction open, QUIT 221 2.0.0, STARTTLS 220 2.0.0. After any refusal of
  /// a BDAT but 521 its octets are still to be read, and dropped.
  std::optional<Reply> local_answer(const Command& command) const;

  /// Records what was answered; of BDAT local answers too, for a chunk is missing then. STARTTLS with 220
  /// forgets everything (set_tls() when the handshake is done); so does XCLIENT with 220, except for TLS.
  /// QUIT and every 421 and 521 close. DATA, and the BDAT that is the last of its transaction, end it with
  /// any final reply but one for want of a recipient or order. `last`: of a BDAT.
  Next advance(Verb verb, const Reply& reply, bool last = false);

  const Rules& rules() const { return rules_; }
  bool greeted() const { return greeted_; }
  bool extended() const { return extended_; }  ///< EHLO or LHLO, not HELO
  bool tls() const { return tls_; }
  void set_tls() { tls_ = true; }
  bool logged_in() const { return logged_in_; }
  bool in_transaction() const { return in_transaction_; }
  bool chunking() const { return chunks_ != Chunks::None; }  ///< a BDAT of this transaction was answered
  std::size_t recipients() const { return recipients_; }     ///< accepted in this transaction

 private:
  enum class Chunks : std::uint8_t { None, Open, Failed };
  std::optional<Reply> order_of_content() const;
  void end_transaction();

  Rules rules_;
  Chunks chunks_ = Chunks::None;
  bool greeted_ = false, extended_ = false, tls_ = false, logged_in_ = false, in_transaction_ = false;
  std::size_t recipients_ = 0;
};

}  // namespace privet::smtp
