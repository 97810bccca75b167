#include "proxy/smtp/upstream_smtp.h"

#include <stdexcept>
#include <string>
#include <utility>

#include "proxy/limits.h"
#include "proxy/line.h"
#include "proxy/log.h"

namespace privet::smtp {

namespace {

// Thrown and caught in this file only: the upstream answered what it may not (or what makes going on
// pointless).
class ProtocolError : public std::runtime_error {
 public:
  explicit ProtocolError(const std::string& what, bool about_tls = false)
      : std::runtime_error(what), about_tls_(about_tls) {}
  bool about_tls() const { return about_tls_; }

 private:
  bool about_tls_;
};

const Reply kLost{451, "4.4.2", "Connection to the mail server was lost"};
const Reply kBroken{451, "4.3.0", "The mail server gave an unexpected answer"};
const Reply kUnreachable{421, "4.4.1", "The mail server cannot be reached, try again later"};
const Reply kNoTls{421, "4.7.0", "No secure connection to the mail server, try again later"};

std::string quoted_code(const Reply& reply) {
  return std::to_string(reply.code) + " " + log::loggable(reply.text);
}

// A 3xx where nothing more is to be sent would make the next command an answer to it. Its text may repeat
// what was sent, a password too.
Reply expect_final(Reply reply) {
  if (reply.intermediate()) throw ProtocolError("unexpected " + std::to_string(reply.code));
  return reply;
}

}  // namespace

net::Task<std::optional<Reply>> SmtpUpstream::open(Environment& environment, const policy::Tenant& tenant) {
  const policy::MailServer& where = role_ == Role::Relay ? tenant.copy.relay->smtp : *tenant.smtp;
  const auto context = environment.client_contexts.find(where.ca_file);
  const auto tls = context == environment.client_contexts.end() ? nullptr : context->second;
  if (tls == nullptr && where.tls != policy::TlsMode::None) {
    // A reload took the authority away between two transactions.
    co_return Reply{421, "4.3.2", "The configuration has changed, connect again"};
  }
  const net::Deadline enough = loop_.after(limits::kOpenUpstream);
  std::vector<Host> hosts;
  Failure failure{kUnreachable, ""};
  try {
    hosts = co_await find_hosts(connector_, where, "submission", loop_.after(limits::kConnect));
  } catch (const net::StreamError& error) {
    failure.cause = error.what();
  }
  hosts = resting_last(std::move(hosts), environment.resting, loop_.now());
  for (const Host& host : hosts) {
    auto failed = co_await try_host(host, where.tls, environment.hostname, tls.get());
    if (!failed) {
      tenant_ = tenant.name;
      host_ = host.to_string();
      environment.resting.erase(host_);
      if (role_ == Role::Submission) remember_announced(environment, tenant);
      co_return std::nullopt;
    }
    failure = std::move(*failed);
    failure.cause = host.to_string() + ": " + failure.cause;
    if (cancelled_) break;
    environment.resting[host.to_string()] = loop_.after(limits::kHostRest);
    if (&host == &hosts.back() || loop_.now() >= enough) break;
    log::event(log::Level::Warning, "upstream host failed",
               {{"tenant", tenant.name}, {"cause", failure.cause}});
  }
  abandon();
  log::event(log::Level::Error, "upstream unavailable", {{"tenant", tenant.name}, {"cause", failure.cause}});
  co_return failure.reply;
}

net::Task<std::optional<SmtpUpstream::Failure>> SmtpUpstream::try_host(const Host& host, policy::TlsMode mode,
                                                                       const std::string& hostname,
                                                                       ssl_ctx_st* tls) {
  Failure failure{kUnreachable, ""};
  try {
    const policy::Endpoint& endpoint = host.endpoint;
    stream_ = co_await connector_.connect(endpoint.host, endpoint.port, loop_.after(limits::kConnect));
    co_await greet(host.certificate_name, mode, hostname, tls);
    co_return std::nullopt;
  } catch (const net::StreamError& error) {
    failure.cause = error.what();
    if (error.fault() == net::StreamFault::Tls) failure.reply = kNoTls;
  } catch (const ProtocolError& error) {
    failure.cause = error.what();
    if (error.about_tls()) failure.reply = kNoTls;
  }
  stream_.close();
  co_return failure;
}

net::Task<void> SmtpUpstream::greet(const std::string& host, policy::TlsMode mode,
                                    const std::string& hostname, ssl_ctx_st* tls) {
  if (mode == policy::TlsMode::Implicit) {
    co_await stream_.start_tls_client(tls, host, loop_.after(limits::kHandshake));
  }
  const Reply greeting = co_await read_reply(loop_.after(limits::kUpstreamHello));
  if (!greeting.positive()) throw ProtocolError("greeting was " + quoted_code(greeting));
  co_await hello(hostname);
  if (mode != policy::TlsMode::StartTls) co_return;

  if (!extensions_.start_tls) throw ProtocolError("STARTTLS is not offered", true);
  const Reply ready = co_await exchange("STARTTLS", loop_.after(limits::kUpstreamHello));
  if (!ready.positive()) throw ProtocolError("STARTTLS was answered " + quoted_code(ready), true);
  // Bytes behind the 220 came in clear and would be read as if they had come under TLS.
  if (!stream_.input().empty())
    throw ProtocolError("clear text behind the answer to STARTTLS (response injection)", true);
  co_await stream_.start_tls_client(tls, host, loop_.after(limits::kHandshake));
  co_await hello(hostname);
}

net::Task<void> SmtpUpstream::hello(const std::string& hostname) {
  const Reply reply = co_await exchange("EHLO " + hostname, loop_.after(limits::kUpstreamHello));
  extensions_ = Extensions();
  if (reply.positive()) {
    extensions_ = parse_ehlo_reply(reply);
    extensions_.require_tls = extensions_.require_tls && stream_.tls();  // it could not be kept in clear
    co_return;
  }
  if (!reply.permanent()) throw ProtocolError("EHLO was answered " + quoted_code(reply));
  const Reply plain = co_await exchange("HELO " + hostname, loop_.after(limits::kUpstreamHello));
  if (!plain.positive()) throw ProtocolError("HELO was answered " + quoted_code(plain));
}

net::Task<Reply> SmtpUpstream::log_in(const Credentials& credentials) {
  if (lost_) co_return kLost;
  const net::Deadline deadline = loop_.after(limits::kUpstreamReply);
  const bool has_password =
      credentials.mechanism == Mechanism::Plain || credentials.mechanism == Mechanism::Login;
  Reply failure;
  try {
    if (has_password && extensions_.offers(Mechanism::Plain)) {
      const Secret message = plain_message(credentials);
      put_secret("AUTH PLAIN ", message.reveal());
      Reply reply = co_await read_reply(deadline);
      co_return expect_final(std::move(reply));
    }
    if (has_password && extensions_.offers(Mechanism::Login)) {
      const Reply ask_login = co_await exchange("AUTH LOGIN", deadline);
      if (ask_login.code != 334) co_return expect_final(ask_login);
      put_secret("", credentials.login);
      const Reply ask_password = co_await read_reply(deadline);
      if (ask_password.code != 334) co_return expect_final(ask_password);
      put_secret("", credentials.password.reveal());
      Reply reply = co_await read_reply(deadline);
      co_return expect_final(std::move(reply));
    }
    if (!has_password && extensions_.offers(credentials.mechanism)) {
      // Upper case always: one large upstream compares the mechanism with case.
      put_secret("AUTH " + std::string(to_string(credentials.mechanism)) + " ", credentials.message.reveal());
      Reply reply = co_await read_reply(deadline);
      co_return reply.code == 334 ? std::move(reply) : expect_final(std::move(reply));
    }
    co_return Reply{504, "5.5.4", "The mail server does not offer this mechanism"};
  } catch (const net::StreamError& error) {
    failure = lose(error.what(), kLost);
  } catch (const ProtocolError& error) {
    failure = lose(error.what(), kBroken);
  }
  co_return failure;
}

net::Task<Reply> SmtpUpstream::answer_challenge(std::string_view line) {
  if (lost_) co_return kLost;
  stream_.put_secret(line);
  stream_.put("\r\n");
  Reply failure;
  try {
    Reply reply = co_await read_reply(loop_.after(limits::kUpstreamReply));
    co_return reply.code == 334 ? std::move(reply) : expect_final(std::move(reply));
  } catch (const net::StreamError& error) {
    failure = lose(error.what(), kLost);
  } catch (const ProtocolError& error) {
    failure = lose(error.what(), kBroken);
  }
  co_return failure;
}

void SmtpUpstream::put(const Command& command) {
  if (lost_) return;
  stream_.put(to_line(command));
  stream_.put("\r\n");
  data_sent_ = command.verb == Verb::Data;
  if (command.verb == Verb::Mail) ++transactions_;
}

net::Task<Reply> SmtpUpstream::reply() {
  if (lost_) co_return kLost;
  const bool to_data = std::exchange(data_sent_, false);
  Reply failure;
  try {
    Reply reply = co_await read_reply(loop_.after(limits::kUpstreamReply));
    if (to_data && reply.code == 354) co_return reply;
    // A 2xx to DATA would make content into commands.
    if (to_data && reply.positive()) throw ProtocolError("unexpected " + quoted_code(reply));
    co_return expect_final(std::move(reply));
  } catch (const net::StreamError& error) {
    failure = lose(error.what(), kLost);
  } catch (const ProtocolError& error) {
    failure = lose(error.what(), kBroken);
  }
  co_return failure;
}

void SmtpUpstream::put_content(std::string_view wire) {
  if (lost_) return;
  if (wire.size() < limits::kSendAtOnce) {
    stream_.put(wire);
  } else {
    stream_.send(wire);
  }
}

net::Task<void> SmtpUpstream::drained() {
  if (lost_) co_return;
  try {
    co_await stream_.drained(limits::kWriteHighWater, loop_.after(limits::kContentBlock));
  } catch (const net::StreamError& error) {
    lose(error.what(), kLost);
  }
}

net::Task<Reply> SmtpUpstream::finish_content() {
  if (lost_) co_return kLost;
  // It left before the dot: nothing is in doubt.
  if (stream_.peer_gone()) co_return lose("closed the connection", kLost);
  stream_.put(".\r\n");
  stream_.flush();  // a reply that came early must not keep the dot back
  in_doubt_ = true;
  Reply failure;
  try {
    Reply reply = expect_final(co_await read_reply(loop_.after(limits::kFinalReply)));
    in_doubt_ = false;
    co_return reply;
  } catch (const net::StreamError& error) {
    failure =
        lose(error.what(), Reply{451, "4.4.2", "Connection to the mail server was lost, outcome unknown"});
  } catch (const ProtocolError& error) {
    failure = lose(error.what(), kBroken);
  }
  co_return failure;
}

net::Task<void> SmtpUpstream::quit() {
  if (lost_) co_return;
  try {
    const net::Deadline deadline = loop_.after(limits::kQuit);
    stream_.put("QUIT\r\n");
    co_await read_reply(deadline);
  } catch (const std::runtime_error&) {
    // It is leaving anyway.
  }
  abandon();
}

void SmtpUpstream::abandon() {
  lost_ = true;
  stream_.close();
}

void SmtpUpstream::cancel() {
  cancelled_ = true;
  // Whoever waits may be done with this upstream before cancel() returns: nothing may follow.
  if (stream_) {
    stream_.cancel();
  } else {
    connector_.cancel();
  }
}

net::Task<Reply> SmtpUpstream::read_reply(net::Deadline deadline) {
  ReplyParser parser;
  while (true) {
    const Line line = co_await read_line(stream_, limits::kReplyLineRead, deadline);
    if (line.kind == Line::Kind::TimedOut)
      throw net::StreamError(net::StreamFault::TimedOut, "did not answer in time");
    if (line.kind == Line::Kind::End)
      throw net::StreamError(net::StreamFault::Closed, "closed the connection");
    if (line.kind != Line::Kind::Text) throw ProtocolError("a reply line that is too long or malformed");
    const auto reply = parser.feed(line.text);
    if (!reply) throw ProtocolError(reply.error().what);
    if (*reply) co_return **reply;
  }
}

net::Task<Reply> SmtpUpstream::exchange(std::string line, net::Deadline deadline) {
  line += "\r\n";
  stream_.put(line);
  co_return co_await read_reply(deadline);
}

void SmtpUpstream::put_secret(std::string_view command, std::string_view secret) {
  std::string encoded = base64_encode(secret);
  stream_.put(command);
  stream_.put_secret(encoded);
  stream_.put("\r\n");
  wipe(encoded);
}

Reply SmtpUpstream::lose(const std::string& why, Reply reply) {
  log::event(log::Level::Warning, "upstream lost", {{"tenant", tenant_}, {"cause", host_ + ": " + why}});
  abandon();
  return reply;
}

}  // namespace privet::smtp
