// The other side of a session: the tenant's submission server, or a stand-in with the same manners.
//
// Commands are put() and their replies read in order, so that pipelined commands stay pipelined. A lost
// upstream is no exception here: every reply after it is 451 4.4.2 (or 4.3.0 when it broke the protocol) and
// lost() is true.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "policy/policy.h"
#include "proxy/net/task.h"
#include "proxy/sasl.h"
#include "proxy/smtp/command.h"
#include "proxy/smtp/environment.h"
#include "proxy/smtp/extension.h"
#include "proxy/smtp/reply.h"

namespace privet::smtp {

class Upstream {
 public:
  Upstream() = default;
  Upstream(const Upstream&) = delete;
  Upstream& operator=(const Upstream&) = delete;
  virtual ~Upstream() = default;

  /// What it announced, after TLS where there is TLS.
  const Extensions& extensions() const { return extensions_; }
  bool lost() const { return lost_; }
  /// Under TLS with a certificate that was checked.
  virtual bool tls() const { return false; }
  /// The final dot was sent and no reply to it came: the content may have been accepted (RFC 1047).
  bool in_doubt() const { return in_doubt_; }
  /// Transactions begun so far.
  std::size_t transactions() const { return transactions_; }

  /// Connects and learns what it announces. The result is the reply for the client when that fails
  /// (421 4.4.1, 4.7.0); its cause is in the log. Never in clear where the tenant asked for TLS.
  virtual net::Task<std::optional<Reply>> open(Environment& environment, const policy::Tenant& tenant) = 0;

  /// Logs the user in; PLAIN and LOGIN are each written as whichever the upstream offers. A 334 (a bearer
  /// mechanism's error) is for the client, whose answer goes to answer_challenge(). 504 5.5.4 when the
  /// upstream offers no fitting mechanism.
  virtual net::Task<Reply> log_in(const Credentials& credentials) = 0;
  virtual net::Task<Reply> answer_challenge(std::string_view line) = 0;

  /// Sends a command without waiting; reply() gives the oldest answer still owed.
  virtual void put(const Command& command) = 0;
  virtual net::Task<Reply> reply() = 0;
  net::Task<Reply> execute(const Command& command);

  /// Content in wire form after a 354, in any number of pieces.
  virtual void put_content(std::string_view wire) = 0;
  /// Waits while the upstream is slower than the client.
  virtual net::Task<void> drained() = 0;
  /// Sends the terminator and waits for the final reply.
  virtual net::Task<Reply> finish_content() = 0;

  /// QUIT, politely and briefly.
  virtual net::Task<void> quit() = 0;
  /// Ends the connection at once; content under way is never completed.
  virtual void abandon() = 0;
  /// From outside the session: what it waits for here ends as if the upstream were lost.
  virtual void cancel() = 0;

 protected:
  /// Notes extensions_ for listeners that do not know their tenant yet, unless a reload has replaced `tenant`
  /// meanwhile.
  void remember_announced(Environment& environment, const policy::Tenant& tenant) const;

  Extensions extensions_;
  bool lost_ = false;
  bool in_doubt_ = false;
  std::size_t transactions_ = 0;
};

/// The kind of upstream a tenant has, which it must, not connected yet.
std::unique_ptr<Upstream> make_upstream(Environment& environment, const policy::Tenant& tenant);
/// The tenant's relay for copies, which it must have.
std::unique_ptr<Upstream> make_relay(Environment& environment);

}  // namespace privet::smtp
