#include "proxy/smtp/sequence.h"

#include <string>

#include "proxy/limits.h"

namespace privet::smtp {
namespace {

const Reply kNotAuthorised{550, "5.7.0", "Not authorised"};

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
      if (rules_.lmtp) return Reply{500, "5.5.1", "This is LMTP: send LHLO"};
      return std::nullopt;
    case Verb::Lhlo:
      if (!rules_.lmtp) return Reply{500, "5.5.1", "This is SMTP: send EHLO"};
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
      if (rules_.lmtp) return Reply{502, "5.5.1", "AUTH is not offered"};
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

    case Verb::Xclient:
      if (!rules_.xclient) return kNotAuthorised;
      if (!greeted_) return out_of_order("Send EHLO first");
      if (logged_in_) return out_of_order("XCLIENT comes before AUTH");
      if (in_transaction_) return out_of_order("XCLIENT is not possible inside a transaction");
      return std::nullopt;

    case Verb::Xforward:
      if (!rules_.xforward) return kNotAuthorised;
      if (!greeted_) return out_of_order("Send EHLO first");
      if (in_transaction_) return out_of_order("XFORWARD is not possible inside a transaction");
      return std::nullopt;

    case Verb::Rcpt:
      if (!in_transaction_) return out_of_order("Send MAIL first");
      if (chunking()) return out_of_order("No recipient can follow BDAT");
      if (recipients_ >= limits::kRecipients) return Reply{452, "4.5.3", "Too many recipients"};
      return std::nullopt;

    case Verb::Data:
      if (chunking()) return out_of_order("DATA cannot follow BDAT: send RSET");
      return order_of_content();

    case Verb::Bdat:
      if (!rules_.chunking) return Reply{521, "5.5.1", "BDAT is not offered"};
      if (chunks_ == Chunks::Failed) return out_of_order("An earlier chunk was refused: send RSET");
      return order_of_content();
  }
  return std::nullopt;
}

std::optional<Reply> Sequence::order_of_content() const {
  if (!in_transaction_) return out_of_order("Send MAIL first");
  if (recipients_ > 0) return std::nullopt;
  return Reply{rules_.lmtp ? 503 : 554, "5.5.1", "No valid recipients"};  // RFC 2033 4.2
}

Next Sequence::advance(Verb verb, const Reply& reply, bool last) {
  if (verb == Verb::Quit || reply.code == 421 || reply.code == 521) return Next::Close;
  // Content that was refused for want of a recipient or order leaves the transaction open, as in Postfix.
  const bool takes_content = recipients_ > 0 && chunks_ != Chunks::Failed;
  if (verb == Verb::Data && !reply.intermediate() && takes_content && !chunking()) end_transaction();
  if (verb == Verb::Bdat && in_transaction_) {
    if (last && takes_content) {
      end_transaction();
    } else {
      chunks_ = reply.positive() ? Chunks::Open : Chunks::Failed;
    }
  }
  if (!reply.positive()) return Next::Continue;

  switch (verb) {
    case Verb::Ehlo:
    case Verb::Helo:
    case Verb::Lhlo:
      end_transaction();
      greeted_ = true;
      extended_ = verb != Verb::Helo;
      break;
    case Verb::Rset:
      end_transaction();
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
    case Verb::Xclient: {
      const bool tls = tls_;
      *this = Sequence(rules_);
      tls_ = tls;
      break;
    }
    default:
      break;
  }
  return Next::Continue;
}

void Sequence::end_transaction() {
  in_transaction_ = false;
  recipients_ = 0;
  chunks_ = Chunks::None;
}

}  // namespace privet::smtp
