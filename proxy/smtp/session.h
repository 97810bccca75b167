// One client connection (RFC 5321 3.1): reads commands, asks the upstream, answers. run() reads top to
// bottom; the files beside it hold greeting, AUTH, MAIL and RCPT, DATA, BDAT and the split.
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
#include "proxy/admission.h"
#include "proxy/line.h"
#include "proxy/listening.h"
#include "proxy/net/gate.h"
#include "proxy/net/stream.h"
#include "proxy/net/task.h"
#include "proxy/smtp/chunk.h"
#include "proxy/smtp/command.h"
#include "proxy/smtp/content_buffer.h"
#include "proxy/smtp/delivery.h"
#include "proxy/smtp/environment.h"
#include "proxy/smtp/hops.h"
#include "proxy/smtp/outgoing.h"
#include "proxy/smtp/sequence.h"
#include "proxy/smtp/upstream.h"

namespace privet::smtp {

/// To a client who was let in by a configuration that is no more.
inline const Reply kChanged{421, "4.3.2", "The configuration has changed, connect again"};
/// To a client whose tenant has no server for mail.
inline const Reply kNoMail{550, "5.3.2", "No mail is sent here, only mailboxes are shown"};

class Session {
 public:
  /// The tenant is that of the listener, of the name the client asked for (SNI), of the trusted network it is
  /// in, or of its login; the first that is there has to be met by the login. `listening` must outlive the
  /// session; `id` is for the log.
  Session(Environment& environment, net::Stream client, const Listening& listening, std::string id);

  /// Until either side leaves. Throws net::StreamError when the client is gone.
  net::Task<void> run();
  /// Shutdown: ends the session now if no transaction is open, else after it.
  void drain();
  /// Shutdown's patience is over: ends what the session waits for; to be called again until it has ended. A
  /// transaction whose final dot is sent is left in peace: its outcome would be lost.
  void cancel();

 private:
  using PrepareResult = Result<std::vector<spool::Prepared>>;
  using PrepareTicket = spool::Ticket<PrepareResult>;
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
    std::vector<Command> crm;  // the RCPTs held back, as envelope.crm_recipients
    // Each RCPT that was answered 250, in order: kPerson, or its place in `crm`.
    std::vector<std::size_t> accepted;
    bool open_upstream = false;  // the upstream said 250 to MAIL and has not ended it
    // The CRM must not record a mail that nobody got.
    bool nobody_got_it() const { return !envelope.recipients.empty() && people_accepted == 0; }
  };
  static constexpr std::size_t kPerson = static_cast<std::size_t>(-1);
  // Content that comes by BDAT, until its last chunk.
  struct Chunks {
    explicit Chunks(const std::string& folder) : message(std::make_shared<Outgoing>(folder)) {}
    std::shared_ptr<Outgoing> message;
    ChunkDecoder decoder;
    HopCounter hops;
  };
  // A copy that was made durable, to be committed with its original.
  struct Preparation {
    spool::Record record;
    std::size_t copy = 0;  // index into Split::copies
    bool claimed = true;   // false: another session carries the same copy and delivers it
  };
  using Preparations = std::vector<Preparation>;

  net::Task<bool> greet();
  net::Task<bool> read_proxy_header();
  void identify();
  net::Task<Reply> take_client_of(const Command& xclient);
  Reply greeting() const;
  net::Task<void> talk();
  net::Task<void> linger();
  net::Task<Line> next_line();
  net::Task<Next> serve(Line line);
  net::Task<Next> answer(Command command);
  net::Task<Reply> ask(const Command& command);
  net::Task<Reply> hello(const Command& command);
  net::Task<Reply> reset();
  net::Task<std::optional<Reply>> ensure_upstream();
  net::Task<void> await_delivery();
  /// Behind await_delivery(), where a delivery may be under way.
  void drop_upstream();
  Next say(Verb verb, const Reply& reply, bool last = false);
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
  /// Why the server is not asked about a login of this tenant's (null: nobody's), for the log; empty when it
  /// is.
  std::string why_not_asked(const policy::Tenant* tenant) const;
  net::Task<Reply> relay_login(const Credentials& credentials, const policy::Tenant& tenant);
  /// False, at once, when the server is to end.
  net::Task<bool> pause(std::chrono::milliseconds time);

  net::Task<Reply> data();
  net::Task<Reply> stream_through();
  net::Task<Reply> hold_content();
  net::Task<Reply> chunk(const Command& command);
  net::Task<Reply> send_held(std::shared_ptr<Outgoing> message);
  void note_transaction(const Reply& reply) const;
  /// LMTP has a reply for each recipient that was accepted: gives all but the last, which is returned.
  Reply answer_each(const Reply& reply);
  Reply answer_each(const Reply& people, const std::vector<Reply>& crm);
  /// Why content is refused; nothing while it may go on.
  std::optional<Reply> refusal_of(ContentFault fault, std::uint64_t size, const HopCounter& hops) const;
  net::Task<std::optional<Reply>> read_content(ContentBuffer& content);
  /// More content, or StreamError when there is none or no end to it.
  net::Task<void> await_content(std::uint64_t so_far);

  net::Task<void> split(Outgoing& message);
  net::Task<Reply> submit(std::shared_ptr<Outgoing> message);
  net::Task<Reply> submit_to_each(std::shared_ptr<Outgoing> message);
  net::Task<Reply> transmit(Pieces content, std::optional<PrepareTicket> ticket, Preparations& prepared);
  /// Nothing when the disk takes longer; the copies are then aborted whenever it has written them.
  net::Task<std::optional<PrepareResult>> prepare_by(net::Deadline deadline, PrepareTicket ticket);
  std::vector<spool::Draft> drafts(const std::shared_ptr<Outgoing>& message, std::size_t sent_itself,
                                   Preparations& prepared) const;
  net::Task<void> settle_copies(const std::shared_ptr<Outgoing>& message, const Reply& reply,
                                Preparations prepared);
  spool::Record record_of(const Outgoing& message, std::size_t which) const;
  static void take(Preparations& prepared, const std::vector<spool::Prepared>& results);
  void deliver(const std::shared_ptr<Outgoing>& message, Preparations prepared);
  void start_delivery();
  void log_withheld(const policy::CrmCopy& copy) const;

  Extensions announced() const;
  bool in_clear_before_tls() const { return listening_.tls == policy::TlsMode::StartTls && !sequence_.tls(); }
  net::Deadline command_deadline() const;
  std::chrono::milliseconds steady_now() const { return std::chrono::milliseconds(environment_.loop.now()); }

  Environment& environment_;
  net::Stream client_;
  std::unique_ptr<Upstream> upstream_;
  std::shared_ptr<const policy::Policy> policy_;  // keeps tenant_ alive
  const policy::Tenant* tenant_ = nullptr;
  std::string fixed_tenant_;  // name of the listener's or SNI's tenant
  bool trusted_ = false;      // the client needs no login
  bool may_relay_ = false;    // the client may say whom it speaks for (XCLIENT)
  const Listening& listening_;
  Admission admission_;
  Sequence sequence_;
  std::string id_;
  std::vector<Pending> pending_;
  std::unique_ptr<Transaction> transaction_;
  std::unique_ptr<Chunks> chunks_;
  std::unique_ptr<Delivery> delivery_;
  std::string user_;            // login, lower case
  std::string client_address_;  // as its own proxy told it, where that is trusted
  net::Gate wake_;              // opened at shutdown
  net::Deadline login_deadline_;
  net::Deadline content_began_ = 0;
  std::uint32_t transactions_ = 0;
  std::uint8_t errors_ = 0;
  std::uint8_t junk_ = 0;
  std::uint8_t login_failures_ = 0;
  bool idle_ = false;      // waits for a command with no transaction open
  bool past_dot_ = false;  // the original's end is sent: its answer is waited for, whatever happens
  bool ending_ = false;    // cancel() was called
};

}  // namespace privet::smtp
