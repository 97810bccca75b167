#include "proxy/smtp/sequence.h"

#include <string>

#include "proxy/limits.h"

namespace privet::smtp {
namespace {

Reply out_of_order(std::string text) {
  return {503, "5.5.1", std::move(text)};
}

}  // namespace

std::optional<Reply> Sequence::local_answer(const Command& command) const {
  switch (command.verb) {
    case Verb::Noop:
      return Reply{250, "2.0.0", "Ok"};
    case Verb::Vrfy:
      return Reply{252, "2.5.2", "Send mail to find out"};
    case Verb::Help:
      return Reply{214, "2.0.0", "See RFC 5321"};
    case Verb::Quit:
      return Reply{221, "2.0.0", "Bye"};
    case Verb::Ehlo:
    case Verb::Helo:
      return std::nullopt;
    case Verb::Rset:
      if (!in_transaction_) return Reply{250, "2.0.0", "Ok"};
      return std::nullopt;

    case Verb::StartTls:
      if (tls_) return out_of_order("TLS is already on");
      if (!rules_.offer_start_tls) return Reply{502, "5.5.1", "STARTTLS is not offered"};
      if (!extended_) return out_of_order("Send EHLO first");
      if (logged_in_) return out_of_order("STARTTLS comes before AUTH");
      return Reply{220, "2.0.0", "Ready to start TLS"};

    case Verb::Auth:
      if (!extended_) return out_of_order("Send EHLO first");
      if (logged_in_) return out_of_order("Already logged in");
      if (in_transaction_) return out_of_order("AUTH is not possible inside a transaction");
      if (rules_.require_tls && !tls_)
        return Reply{538, "5.7.11", "Encryption is required: send STARTTLS first"};
      return std::nullopt;

    case Verb::Mail:
      if (!greeted_) return out_of_order("Send EHLO first");
      if (in_transaction_) return out_of_order("A transaction is already open");
      if (rules_.require_tls && !tls_) return Reply{530, "5.7.0", "Send STARTTLS first"};
      if (rules_.require_login && !logged_in_) return Reply{530, "5.7.0", "Authentication is required"};
      return std::nullopt;

    case Verb::Rcpt:
      if (!in_transaction_) return out_of_order("Send MAIL first");
      if (recipients_ >= limits::kRecipients) return Reply{452, "4.5.3", "Too many recipients"};
      return std::nullopt;

    case Verb::Data:
      if (!in_transaction_) return out_of_order("Send MAIL first");
      if (recipients_ == 0) return Reply{554, "5.5.1", "No valid recipients"};
      return std::nullopt;
  }
  return std::nullopt;
}

Next Sequence::advance(Verb verb, const Reply& reply) {
  if (verb == Verb::Quit || reply.code == 421 || reply.code == 521) return Next::Close;
  const bool ends_transaction =
      (reply.positive() && (verb == Verb::Ehlo || verb == Verb::Helo || verb == Verb::Rset)) ||
      // DATA that was refused for want of a recipient leaves the transaction open, as in Postfix.
      (verb == Verb::Data && !reply.intermediate() && recipients_ > 0);
  if (ends_transaction) {
    in_transaction_ = false;
    recipients_ = 0;
  }
  if (!reply.positive()) return Next::Continue;

  switch (verb) {
    case Verb::Ehlo:
    case Verb::Helo:
      greeted_ = true;
      extended_ = verb == Verb::Ehlo;
      break;
    case Verb::Auth:
      logged_in_ = true;
      break;
    case Verb::Mail:
      in_transaction_ = true;
      break;
    case Verb::Rcpt:
      if (in_transaction_) ++recipients_;
      break;
    case Verb::StartTls:
      *this = Sequence(rules_);
      return Next::StartTls;
    default:
      break;
  }
  return Next::Continue;
}

}  // namespace privet::smtp
