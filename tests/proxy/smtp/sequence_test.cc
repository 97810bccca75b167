#include "proxy/smtp/sequence.h"

#include <gtest/gtest.h>

#include <random>
#include <string_view>
#include <vector>

#include "proxy/limits.h"

namespace privet::smtp {
namespace {

const Reply kYes{250, "2.0.0", "Ok"};
const Reply kNo{550, "5.0.0", "No"};

/// The code of the local answer, 0 when the upstream is to be asked; the answer, or `upstream`, is recorded.
int send(Sequence& sequence, Verb verb, const Reply& upstream = kYes) {
  const std::optional<Reply> local = sequence.local_answer({.verb = verb});
  sequence.advance(verb, local ? *local : upstream);
  return local ? local->code : 0;
}

Sequence logged_in() {
  Sequence sequence({.require_login = true});
  send(sequence, Verb::Ehlo);
  send(sequence, Verb::Auth, {235, "2.7.0", "Ok"});
  return sequence;
}

TEST(Sequence, AnswersWhatNeedsNobodyElse) {
  Sequence sequence({});
  EXPECT_EQ(send(sequence, Verb::Noop), 250);
  EXPECT_EQ(send(sequence, Verb::Vrfy), 252);
  EXPECT_EQ(send(sequence, Verb::Help), 214);
  EXPECT_EQ(send(sequence, Verb::Rset), 250);
  EXPECT_EQ(send(sequence, Verb::Quit), 221);
}

TEST(Sequence, HoldsTheOrderOfCommands) {
  struct {
    std::string_view name;
    Sequence::Rules rules;
    std::vector<Verb> before;
    Verb verb;
    int code;
    std::string_view enhanced;
  } const kRows[] = {
      {"MailBeforeEhlo", {.require_login = false}, {}, Verb::Mail, 503, "5.5.1"},
      {"AuthBeforeEhlo", {}, {}, Verb::Auth, 503, "5.5.1"},
      {"AuthAfterHelo", {}, {Verb::Helo}, Verb::Auth, 503, "5.5.1"},
      {"MailAfterHelo", {}, {Verb::Helo}, Verb::Mail, 530, "5.7.0"},
      {"MailBeforeAuth", {}, {Verb::Ehlo}, Verb::Mail, 530, "5.7.0"},
      {"MailInClear", {.offer_start_tls = true, .require_tls = true}, {Verb::Ehlo}, Verb::Mail, 530, "5.7.0"},
      {"AuthInClear",
       {.offer_start_tls = true, .require_tls = true},
       {Verb::Ehlo},
       Verb::Auth,
       538,
       "5.7.11"},
      {"SecondAuth", {}, {Verb::Ehlo, Verb::Auth}, Verb::Auth, 503, "5.5.1"},
      {"AuthInTransaction", {.require_login = false}, {Verb::Ehlo, Verb::Mail}, Verb::Auth, 503, "5.5.1"},
      {"SecondMail", {.require_login = false}, {Verb::Ehlo, Verb::Mail}, Verb::Mail, 503, "5.5.1"},
      {"RcptBeforeMail", {.require_login = false}, {Verb::Ehlo}, Verb::Rcpt, 503, "5.5.1"},
      {"DataBeforeMail", {.require_login = false}, {Verb::Ehlo}, Verb::Data, 503, "5.5.1"},
      {"DataBeforeRcpt", {.require_login = false}, {Verb::Ehlo, Verb::Mail}, Verb::Data, 554, "5.5.1"},
      {"DataAfterRset",
       {.require_login = false},
       {Verb::Ehlo, Verb::Mail, Verb::Rcpt, Verb::Rset},
       Verb::Data,
       503,
       "5.5.1"},
      {"DataAfterEhlo",
       {.require_login = false},
       {Verb::Ehlo, Verb::Mail, Verb::Rcpt, Verb::Ehlo},
       Verb::Data,
       503,
       "5.5.1"},
      {"StartTlsNotOffered", {}, {Verb::Ehlo}, Verb::StartTls, 502, "5.5.1"},
      {"StartTlsBeforeEhlo", {.offer_start_tls = true}, {}, Verb::StartTls, 503, "5.5.1"},
      {"StartTlsAfterAuth",
       {.offer_start_tls = true},
       {Verb::Ehlo, Verb::Auth},
       Verb::StartTls,
       503,
       "5.5.1"},
      {"StartTls", {.offer_start_tls = true}, {Verb::Ehlo}, Verb::StartTls, 220, "2.0.0"},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    Sequence sequence(row.rules);
    for (const Verb verb : row.before) send(sequence, verb);
    const auto answer = sequence.local_answer({.verb = row.verb});
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->code, row.code);
    EXPECT_EQ(answer->enhanced, row.enhanced);
  }
}

TEST(Sequence, AsksTheUpstreamOnTheOrdinaryWay) {
  Sequence sequence = logged_in();
  EXPECT_EQ(send(sequence, Verb::Mail), 0);
  EXPECT_EQ(send(sequence, Verb::Rcpt), 0);
  EXPECT_EQ(send(sequence, Verb::Rcpt, kNo), 0);
  EXPECT_EQ(sequence.recipients(), 1u);
  EXPECT_EQ(send(sequence, Verb::Data), 0);
  EXPECT_FALSE(sequence.in_transaction());
  EXPECT_EQ(sequence.recipients(), 0u);
  EXPECT_TRUE(sequence.logged_in());
  EXPECT_EQ(send(sequence, Verb::Mail), 0);
}

TEST(Sequence, AsksTheUpstreamToResetAnOpenTransaction) {
  Sequence sequence = logged_in();
  send(sequence, Verb::Mail);
  EXPECT_EQ(send(sequence, Verb::Rset), 0);
  EXPECT_FALSE(sequence.in_transaction());
}

TEST(Sequence, CountsOnlyAcceptedRecipientsUpToTheLimit) {
  Sequence sequence = logged_in();
  send(sequence, Verb::Mail);
  for (std::size_t i = 0; i < limits::kRecipients; ++i) ASSERT_EQ(send(sequence, Verb::Rcpt), 0);
  EXPECT_EQ(send(sequence, Verb::Rcpt), 452);
  EXPECT_EQ(sequence.recipients(), limits::kRecipients);
}

TEST(Sequence, KeepsTheTransactionWhenDataIsRefusedForWantOfARecipient) {
  Sequence sequence = logged_in();
  send(sequence, Verb::Mail);
  EXPECT_EQ(send(sequence, Verb::Data), 554);
  EXPECT_EQ(send(sequence, Verb::Rcpt), 0);
  EXPECT_EQ(send(sequence, Verb::Data), 0);
}

TEST(Sequence, EndsTheTransactionWithAnyFinalReplyToContent) {
  for (const Reply& reply : {kYes, kNo, Reply{451, "4.3.0", "Later"}}) {
    Sequence sequence = logged_in();
    send(sequence, Verb::Mail);
    send(sequence, Verb::Rcpt);
    sequence.advance(Verb::Data, {354, "", "Go on"});
    EXPECT_TRUE(sequence.in_transaction());
    sequence.advance(Verb::Data, reply);
    EXPECT_FALSE(sequence.in_transaction());
  }
}

TEST(Sequence, RefusedCommandsChangeNothing) {
  Sequence sequence({.require_login = true});
  send(sequence, Verb::Ehlo, kNo);
  EXPECT_FALSE(sequence.greeted());
  send(sequence, Verb::Ehlo);
  send(sequence, Verb::Auth, {535, "5.7.8", "No"});
  EXPECT_FALSE(sequence.logged_in());
  send(sequence, Verb::Auth, {334, "", ""});
  EXPECT_FALSE(sequence.logged_in());
}

TEST(Sequence, ForgetsEverythingAfterStartTls) {
  Sequence sequence({.offer_start_tls = true, .require_login = false});
  send(sequence, Verb::Ehlo);
  send(sequence, Verb::Mail);
  send(sequence, Verb::Rcpt);
  EXPECT_EQ(sequence.advance(Verb::StartTls, *sequence.local_answer({.verb = Verb::StartTls})),
            Next::StartTls);
  EXPECT_FALSE(sequence.greeted() || sequence.extended() || sequence.in_transaction());
  EXPECT_EQ(sequence.recipients(), 0u);
  sequence.set_tls();
  EXPECT_EQ(send(sequence, Verb::Mail), 503);
  EXPECT_EQ(send(sequence, Verb::Ehlo), 0);
  EXPECT_EQ(send(sequence, Verb::StartTls), 503);
}

Sequence with_recipient(Sequence::Rules rules) {
  Sequence sequence(rules);
  send(sequence, rules.lmtp ? Verb::Lhlo : Verb::Ehlo);
  send(sequence, Verb::Mail);
  send(sequence, Verb::Rcpt);
  return sequence;
}

constexpr Sequence::Rules kChunking{.require_login = false, .chunking = true};

TEST(Sequence, EndsTheConnectionAtAChunkThatNobodyOffered) {
  Sequence sequence = with_recipient({.require_login = false});
  const auto reply = sequence.local_answer({.verb = Verb::Bdat});
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(sequence.advance(Verb::Bdat, *reply), Next::Close);
}

TEST(Sequence, TakesChunksUntilTheLast) {
  Sequence sequence = with_recipient(kChunking);
  EXPECT_EQ(send(sequence, Verb::Bdat), 0);
  EXPECT_TRUE(sequence.in_transaction() && sequence.chunking());
  EXPECT_EQ(send(sequence, Verb::Bdat), 0);
  for (const Verb verb : {Verb::Data, Verb::Rcpt, Verb::Mail}) {
    EXPECT_EQ(sequence.local_answer({.verb = verb})->code, 503);
  }
  sequence.advance(Verb::Bdat, kYes, true);
  EXPECT_FALSE(sequence.in_transaction() || sequence.chunking());
  EXPECT_EQ(send(sequence, Verb::Mail), 0);
  EXPECT_EQ(send(sequence, Verb::Rcpt), 0);
  EXPECT_EQ(send(sequence, Verb::Data), 0);
}

TEST(Sequence, EndsTheTransactionWhenTheLastChunkIsRefused) {
  Sequence sequence = with_recipient(kChunking);
  sequence.advance(Verb::Bdat, kYes);
  sequence.advance(Verb::Bdat, kNo, true);
  EXPECT_FALSE(sequence.in_transaction() || sequence.chunking());
}

TEST(Sequence, TakesNothingBehindARefusedChunkUntilReset) {
  for (const bool recipient : {true, false}) {
    SCOPED_TRACE(recipient);
    Sequence sequence(kChunking);
    send(sequence, Verb::Ehlo);
    send(sequence, Verb::Mail);
    if (recipient) send(sequence, Verb::Rcpt);
    EXPECT_EQ(send(sequence, Verb::Bdat, kNo), recipient ? 0 : 554);
    for (const Verb verb : {Verb::Bdat, Verb::Data, Verb::Rcpt, Verb::Mail, Verb::Bdat}) {
      EXPECT_EQ(send(sequence, verb), 503);
    }
    sequence.advance(Verb::Bdat, *sequence.local_answer({.verb = Verb::Bdat, .last = true}), true);
    EXPECT_EQ(send(sequence, Verb::Data), 503);
    EXPECT_TRUE(sequence.in_transaction());
    send(sequence, Verb::Rset);
    EXPECT_FALSE(sequence.in_transaction() || sequence.chunking());
    EXPECT_EQ(send(sequence, Verb::Mail), 0);
  }
}

TEST(Sequence, NeverTakesContentOfWhichAChunkWasRefused) {
  constexpr Verb kVerbs[] = {Verb::Ehlo, Verb::Mail, Verb::Rcpt, Verb::Data,
                             Verb::Bdat, Verb::Bdat, Verb::Rset};
  std::mt19937 random(4);
  int contents = 0;
  for (int session = 0; session < 3000; ++session) {
    Sequence sequence(kChunking);
    bool refused = false, chunks = false;
    for (int step = 0; step < 120; ++step) {
      const Verb verb = kVerbs[random() % std::size(kVerbs)];
      const bool last = random() % 2 == 0;
      const bool in_transaction = sequence.in_transaction();
      const std::optional<Reply> local = sequence.local_answer({.verb = verb, .last = last});
      const Reply reply = local ? *local : random() % 4 == 0 ? kNo : kYes;
      const bool content = verb == Verb::Data || verb == Verb::Bdat;
      if (content && !local) {
        ASSERT_FALSE(refused);
        ASSERT_FALSE(verb == Verb::Data && chunks);
        ++contents;
      }
      sequence.advance(verb, reply, last);
      if (verb == Verb::Bdat && in_transaction) chunks = true, refused = refused || !reply.positive();
      if (!sequence.in_transaction()) chunks = false, refused = false;
    }
  }
  EXPECT_GT(contents, 1000);
}

TEST(Sequence, RefusesChunksWithoutATransaction) {
  Sequence sequence(kChunking);
  EXPECT_EQ(send(sequence, Verb::Bdat), 503);
  send(sequence, Verb::Ehlo);
  EXPECT_EQ(send(sequence, Verb::Bdat), 503);
  EXPECT_EQ(send(sequence, Verb::Mail), 0);
  EXPECT_EQ(send(sequence, Verb::Rcpt), 0);
  EXPECT_EQ(send(sequence, Verb::Data), 0);
}

TEST(Sequence, GreetsInLmtpWithLhloOnly) {
  Sequence lmtp({.require_login = false, .lmtp = true});
  EXPECT_EQ(send(lmtp, Verb::Ehlo), 500);
  EXPECT_EQ(send(lmtp, Verb::Helo), 500);
  EXPECT_FALSE(lmtp.greeted());
  EXPECT_EQ(send(lmtp, Verb::Lhlo), 0);
  EXPECT_TRUE(lmtp.greeted() && lmtp.extended());
  EXPECT_EQ(send(lmtp, Verb::Auth), 502);
  EXPECT_EQ(send(lmtp, Verb::Mail), 0);
  EXPECT_EQ(send(lmtp, Verb::Data), 503);
  Sequence smtp({});
  EXPECT_EQ(send(smtp, Verb::Lhlo), 500);
  EXPECT_FALSE(smtp.greeted());
}

TEST(Sequence, HearsAboutClientsOnlyFromPeersThatMay) {
  Sequence stranger({.require_login = false});
  send(stranger, Verb::Ehlo);
  EXPECT_EQ(send(stranger, Verb::Xclient), 550);
  EXPECT_EQ(send(stranger, Verb::Xforward), 550);

  Sequence peer({.require_login = false, .xclient = true, .xforward = true});
  EXPECT_EQ(send(peer, Verb::Xclient), 503);
  EXPECT_EQ(send(peer, Verb::Xforward), 503);
  send(peer, Verb::Ehlo);
  EXPECT_EQ(send(peer, Verb::Xforward), 0);
  EXPECT_TRUE(peer.greeted());
  send(peer, Verb::Mail);
  EXPECT_EQ(send(peer, Verb::Xclient), 503);
  EXPECT_EQ(send(peer, Verb::Xforward), 503);
  send(peer, Verb::Rset);
  peer.set_tls();
  EXPECT_EQ(send(peer, Verb::Xclient, {220, "", "Hello again"}), 0);
  EXPECT_FALSE(peer.greeted() || peer.extended());
  EXPECT_TRUE(peer.tls());
  EXPECT_EQ(send(peer, Verb::Mail), 503);
}

TEST(Sequence, DoesNotChangeTheClientBehindALogin) {
  Sequence peer({.xclient = true});
  send(peer, Verb::Ehlo);
  send(peer, Verb::Auth, {235, "2.7.0", "Ok"});
  EXPECT_EQ(send(peer, Verb::Xclient), 503);
  EXPECT_TRUE(peer.logged_in());
}

TEST(Sequence, ClosesAfterQuitAndTheRepliesThatSaySo) {
  Sequence sequence({});
  EXPECT_EQ(sequence.advance(Verb::Quit, {221, "2.0.0", "Bye"}), Next::Close);
  EXPECT_EQ(sequence.advance(Verb::Noop, {421, "4.3.2", "Bye"}), Next::Close);
  EXPECT_EQ(sequence.advance(Verb::Noop, {521, "5.5.2", "Bye"}), Next::Close);
  EXPECT_EQ(sequence.advance(Verb::Noop, kYes), Next::Continue);
}

TEST(Sequence, LeadsNowhereToContentWithoutLoginMailAndRecipient) {
  constexpr Verb kVerbs[] = {Verb::Ehlo, Verb::Helo, Verb::StartTls, Verb::Auth, Verb::Mail, Verb::Rcpt,
                             Verb::Data, Verb::Rset, Verb::Noop,     Verb::Vrfy, Verb::Help};
  std::mt19937 random(3);
  int contents = 0;
  for (int session = 0; session < 3000; ++session) {
    Sequence sequence({.offer_start_tls = true, .require_tls = true, .require_login = true});
    bool tls = false, login = false, mail = false;
    int recipients = 0;
    for (int step = 0; step < 120; ++step) {
      const Verb verb = kVerbs[random() % std::size(kVerbs)];
      const std::optional<Reply> local = sequence.local_answer({.verb = verb});
      const Reply reply = local ? *local : random() % 4 == 0 ? kNo : kYes;
      if (verb == Verb::Data && !local) {
        ASSERT_TRUE(tls && login && mail && recipients > 0);
        ++contents;
      }
      const bool closes_transaction = verb == Verb::Ehlo || verb == Verb::Helo || verb == Verb::Rset;
      if (verb == Verb::StartTls && reply.code == 220) tls = true, login = false;
      if ((closes_transaction && reply.positive()) || (verb == Verb::Data && !local))
        mail = false, recipients = 0;
      if (verb == Verb::Auth && reply.positive()) login = true;
      if (verb == Verb::Mail && reply.positive()) mail = true;
      if (verb == Verb::Rcpt && reply.positive()) ++recipients;
      if (sequence.advance(verb, reply) == Next::StartTls) sequence.set_tls();
    }
  }
  EXPECT_GT(contents, 100);
}

}  // namespace
}  // namespace privet::smtp
