// The tenant's IMAP server, as a client of it (RFC 9051 2.2.1): connection, TLS, login, commands and
// responses.
//
// Commands go out with tags of our own and are answered in whatever order the upstream likes. Responses are
// looked at one after the other, without a wait for each: poll() while there is one, more() when there is
// none.
//
// Promise: never in clear where the tenant asked for TLS; the certificate is checked. A lost upstream, or one
// that cannot be understood, is an UpstreamError, thrown by the functions that wait and by poll().
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "policy/policy.h"
#include "proxy/imap/capability.h"
#include "proxy/imap/environment.h"
#include "proxy/imap/response.h"
#include "proxy/imap/response_frame.h"
#include "proxy/imap/write.h"
#include "proxy/net/connect.h"
#include "proxy/net/stream.h"
#include "proxy/sasl.h"

namespace privet::imap {

/// What the upstream did to make going on impossible, for the log.
class UpstreamError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// How a login ended.
struct LoginResult {
  enum class Kind {
    Ok,
    Refused,      ///< it knows the user not, or the password is wrong
    Unavailable,  ///< it cannot say now
    Challenge,    ///< a bearer mechanism's error, in base64, for the client: answer_challenge() follows
  };
  Kind kind = Kind::Unavailable;
  std::string challenge = {};
  std::string cause = {};  ///< of a refusal, for the log
};

/// A tagged response, kept.
struct Completion {
  Condition condition = Condition::Bad;
  std::string code = {};       ///< its name in upper case; empty for none
  std::string arguments = {};  ///< of the code

  bool ok() const { return condition == Condition::Ok; }
};

/// The upstream takes its leave (RFC 9051 7.1.5).
bool says_bye(const Response& response);
/// Throws UpstreamError where it does, whether it closes the connection or not.
void refuse_bye(const Response& response);

class Upstream {
 public:
  explicit Upstream(Environment& environment);
  Upstream(const Upstream&) = delete;
  Upstream& operator=(const Upstream&) = delete;

  /// Connects to the first of the tenant's hosts that greets; false when none does (the cause is in the log).
  net::Task<bool> open(const policy::Tenant& tenant);
  /// PLAIN and LOGIN are each written as whichever the upstream offers.
  net::Task<LoginResult> log_in(const Credentials& credentials);
  /// The client's answer to a challenge, base64.
  net::Task<LoginResult> answer_challenge(std::string_view line);
  /// As the upstream is after login.
  const Capabilities& capabilities() const { return capabilities_; }

  /// A tag that was not used yet on this connection.
  std::string next_tag() { return "P" + std::to_string(++tags_); }
  /// How strings may be written to it.
  LiteralForm literal_form() const;
  /// Sends a command that a Writer wrote; waits where it has to. Where it is refused meanwhile the rest is
  /// not sent, and what waits for its "+" or completion next gets the refusal.
  net::Task<void> send(std::string_view command, std::span<const std::size_t> waits = {});

  /// What poll() found.
  struct Received {
    Frame frame;           ///< valid until the next poll() or wait
    bool literal = false;  ///< frame is what comes before a literal of `literal_size` bytes
    std::uint64_t literal_size = 0;
  };
  /// The next response where it is there already.
  std::optional<Received> poll();
  /// Waits until there is more for poll(), or of a literal.
  net::Task<void> more(net::Deadline deadline);

  /// Behind a frame with `literal` set, before the literal's bytes are asked for: the frame's own are done
  /// with.
  void begin_literal() { stream_.consume(std::exchange(used_, 0)); }
  /// Part of the literal that was announced, at most `most` bytes of what has come; take_literal() then
  /// consumes it.
  std::string_view literal_input(std::uint64_t most) const;
  void take_literal(std::size_t bytes) { stream_.consume(bytes); }
  /// All of the literal was taken.
  void end_literal() { framer_.literal_done(); }

  using Note = std::function<void(const Response&)>;
  /// Reads to the completion of the command `tag`. `note` gets each other response, literals of one beyond
  /// its frame are dropped.
  net::Task<Completion> complete(std::string tag, const Note& note);
  /// Whether messages came or went while send() waited, when nobody took note.
  bool has_missed() const { return missed_; }
  bool take_missed() { return std::exchange(missed_, false); }
  /// Reads until it says "+", which is not told, or until it completes the command `tag`: it does not want
  /// what comes then.
  net::Task<std::optional<Completion>> await_continuation_or(std::string tag, const Note& note);
  /// The octets of a literal that was announced.
  net::Task<void> send_content(std::string_view content);
  /// Sends words of ours and reads to their completion.
  net::Task<Completion> run(Words words, const Note& note);

  /// Sends words of ours without their completion, which is that of `tag`: IDLE.
  void put(std::string_view tag, Words words);
  /// A line that is no command: DONE.
  void put_line(Words words);
  /// Waits until the upstream says something, is gone, or interrupt() is called. For the time in which the
  /// session waits for its client.
  net::Task<void> watch();
  void interrupt() { stream_.interrupt(); }

  /// LOGOUT, without waiting.
  void log_out();
  /// From outside: whatever is waited for here fails now.
  void cancel();
  bool cancelled() const { return cancelled_; }
  /// Something is waited for here.
  bool waiting() const { return connecting_ || stream_.waiting(); }

 private:
  net::Task<void> greet(const std::string& host, policy::TlsMode mode, ssl_ctx_st* tls);
  net::Task<void> ask_capabilities();
  net::Task<LoginResult> send_login(const Credentials& credentials);
  net::Task<LoginResult> authenticate(Mechanism mechanism, std::string_view message);
  net::Task<LoginResult> finish_login();
  /// What send() was told instead of "+".
  std::optional<Completion> refused_at_send(std::string_view tag);
  net::Task<void> drop_literal(std::uint64_t size);
  void learn(const Response& response);
  void put_secret_line(std::string_view secret);

  Environment& environment_;
  net::Connector connector_;
  net::Stream stream_;
  ResponseFramer framer_;
  std::size_t used_ = 0;  // of the input, by the frame that poll() gave
  Capabilities capabilities_;
  bool told_capabilities_ = false;  // since it was last asked
  bool missed_ = false;             // see has_missed()
  bool cancelled_ = false;
  bool connecting_ = false;
  std::optional<std::pair<std::string, Completion>> refused_;  // tag and answer, see send()
  std::uint64_t tags_ = 0;
  std::string login_tag_;
};

/// The answer to a tagged response with this tag; nullopt for any other response.
std::optional<Completion> completion_of(const Response& response, std::string_view tag);

}  // namespace privet::imap
