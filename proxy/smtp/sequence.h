// The order rules of a session as one pure table (RFC 5321 4.1.4, RFC 3207 4.2, RFC 4954 4).
#pragma once

#include <cstddef>
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
  };
  explicit Sequence(Rules rules) : rules_(rules) {}

  /// The reply when the command needs nobody else: out of order (503 5.5.1), 530 5.7.0 must STARTTLS or log
  /// in first, 538 5.7.11 AUTH in clear, 502 5.5.1 STARTTLS where it is not offered, 503 for a second AUTH or
  /// STARTTLS, AUTH after HELO and STARTTLS after AUTH (the upstream's login cannot be forgotten), 554 5.5.1
  /// DATA without accepted recipient, 452 4.5.3 too many recipients, and the plain answers: NOOP 250 2.0.0,
  /// VRFY 252 2.5.2, HELP 214 2.0.0, RSET 250 2.0.0 with no transaction open, QUIT 221 2.0.0, STARTTLS
  /// 220 2.0.0.
  std::optional<Reply> local_answer(const Command& command) const;

  /// Records what was answered. STARTTLS with 220 forgets everything (set_tls() when the handshake is done);
  /// QUIT and every 421 and 521 close. DATA ends the transaction with any final reply but the 554 for want of
  /// a recipient.
  Next advance(Verb verb, const Reply& reply);

  bool greeted() const { return greeted_; }
  bool extended() const { return extended_; }  ///< EHLO, not HELO
  bool tls() const { return tls_; }
  void set_tls() { tls_ = true; }
  bool logged_in() const { return logged_in_; }
  bool in_transaction() const { return in_transaction_; }
  std::size_t recipients() const { return recipients_; }  ///< accepted in this transaction

 private:
  Rules rules_;
  bool greeted_ = false, extended_ = false, tls_ = false, logged_in_ = false, in_transaction_ = false;
  std::size_t recipients_ = 0;
};

}  // namespace privet::smtp
