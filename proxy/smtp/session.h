// One client connection (RFC 5321 3.1): reads commands, asks the upstream, answers. run() reads top to
// bottom; session_login.cc and session_content.cc hold AUTH and DATA.
//
// Promise: people's mail goes to the upstream byte for byte and the client sees the upstream's own answers; a
// CRM address never reaches the upstream in the people's transaction; the CRM gets only what policy::split
// made.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mime/envelope.h"
#include "policy/policy.h"
#include "policy/split.h"
#include "proxy/net/stream.h"
#include "proxy/net/task.h"
#include "proxy/smtp/command.h"
#include "proxy/smtp/content_buffer.h"
#include "proxy/smtp/environment.h"
#include "proxy/smtp/line.h"
#include "proxy/smtp/sequence.h"
#include "proxy/smtp/upstream.h"

namespace privet::smtp {

class Session {
 public:
  /// `trusted` is the tenant whose trusted_networks hold the client, or nullptr: then the login chooses. `id`
  /// is for the log.
  Session(Environment& environment, net::Stream client, policy::TlsMode tls, const policy::Tenant* trusted,
          std::string id);

  /// Until either side leaves. Throws net::StreamError when the client is gone.
  net::Task<void> run();
  /// Shutdown: ends the session now if no transaction is open, else after it.
  void drain();
  /// Shutdown's patience is over: ends the session wherever it is.
  void cancel();

 private:
  // A command of a pipelined group whose reply is still to come.
  struct Pending {
    Command command;
    std::optional<Reply> local;  // answered here, the upstream is not asked
    bool crm = false;            // a CRM recipient: held back
  };
  // MAIL to end of data.
  struct Transaction {
    Command mail;
    mime::Envelope envelope;
    std::size_t people_accepted = 0;
    bool open_upstream = false;  // the upstream said 250 to MAIL and has not ended it
  };
  // Copies that are owed to CRMs after the original was accepted, with the content they borrow from.
  struct Outgoing {
    explicit Outgoing(std::string folder) : content(std::move(folder)) {}
    ContentBuffer content;
    policy::Split split;
    Command mail;
    std::size_t next = 0;  // copies before it are done
  };

  net::Task<void> greet();
  net::Task<Line> next_line();
  net::Task<Next> serve(Line line);
  net::Task<Next> answer(Command command);
  net::Task<Reply> ask(const Command& command);
  net::Task<Reply> hello(const Command& command);
  net::Task<Reply> reset();
  net::Task<Reply> end_upstream_transaction();
  net::Task<std::optional<Reply>> ensure_upstream();
  Next say(Verb verb, const Reply& reply);
  Next refuse(const Reply& reply);
  /// Within a pipelined group the reply waits until those before it are given.
  net::Task<Next> refuse_in_turn(Reply reply);

  net::Task<void> enqueue(Command command);
  std::optional<Reply> begin_transaction(Command& mail);
  std::optional<Reply> check_parameters(const Command& command) const;
  bool group_goes_on() const;
  net::Task<Next> settle();
  net::Task<Reply> resolve(Pending& pending);
  Reply accept_crm_recipient(const Command& rcpt);

  net::Task<Reply> auth(const Command& command);
  net::Task<std::optional<Credentials>> read_credentials(Mechanism mechanism, const Command& command,
                                                         Reply& refusal);
  net::Task<std::optional<std::string>> challenge(std::string_view text, Reply& refusal);
  Reply count_login_failure(Reply reply);

  net::Task<Reply> data();
  net::Task<Reply> stream_through();
  net::Task<Reply> split_content();
  net::Task<std::optional<Reply>> read_content(ContentBuffer& content);
  /// More content, or StreamError when there is none or no end to it.
  net::Task<void> await_content(std::uint64_t so_far);
  net::Task<Reply> transmit(std::string_view prefix, std::string_view header, std::string_view body);
  net::Task<Reply> send_first_copy(Outgoing& outgoing);
  net::Task<Reply> send_copy(Outgoing& outgoing, const policy::CrmCopy& copy);
  net::Task<void> deliver_copies();
  void log_copy(const policy::CrmCopy& copy, const Reply* reply) const;

  Extensions announced() const;
  bool in_clear_before_tls() const { return tls_ == policy::TlsMode::StartTls && !sequence_.tls(); }
  net::Deadline command_deadline() const;

  Environment& environment_;
  net::Stream client_;
  std::unique_ptr<Upstream> upstream_;
  std::shared_ptr<const policy::Policy> policy_;  // keeps tenant_ alive
  const policy::Tenant* tenant_;
  const bool trusted_;
  const policy::TlsMode tls_;
  Sequence sequence_;
  std::string id_;
  std::vector<Pending> pending_;
  std::unique_ptr<Transaction> transaction_;
  std::unique_ptr<Outgoing> outgoing_;
  net::Deadline login_deadline_;
  std::uint32_t transactions_ = 0;
  std::uint8_t errors_ = 0;
  std::uint8_t junk_ = 0;
  std::uint8_t login_failures_ = 0;
  bool idle_ = false;  // waits for a command with no transaction open
};

}  // namespace privet::smtp
