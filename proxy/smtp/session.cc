#include "proxy/smtp/session.h"

#include <algorithm>
#include <utility>

#include "proxy/limits.h"
#include "proxy/log.h"
#include "proxy/smtp/text.h"

namespace privet::smtp {

namespace {

const Reply kShuttingDown{421, "4.3.2", "Shutting down, try again later"};
const Reply kPipeliningViolation{554, "5.5.0",
                                 "Commands were sent ahead of an answer that had to be waited for"};

constexpr std::string_view kCrlf = "\r\n";
constexpr std::string_view kAuth = "AUTH ";

// RFC 2920 3.1: these must be the last of a pipelined group; what is sent behind them is either a mistake or
// an injection.
bool must_be_last(Verb verb) {
  return verb == Verb::Ehlo || verb == Verb::Helo || verb == Verb::Lhlo || verb == Verb::StartTls ||
         verb == Verb::Auth || verb == Verb::Data || verb == Verb::Xclient;
}

bool is_login(std::string_view line) {
  return equals_ignoring_case(line.substr(0, kAuth.size()), kAuth);
}

bool is_junk(Verb verb) {
  return verb == Verb::Noop || verb == Verb::Vrfy || verb == Verb::Help || verb == Verb::Rset;
}

}  // namespace

Session::Session(Environment& environment, net::Stream client, policy::TlsMode tls,
                 const policy::Tenant* trusted, std::string id)
    : environment_(environment),
      client_(std::move(client)),
      policy_(environment.policy),
      tenant_(trusted),
      trusted_(trusted != nullptr),
      tls_(tls),
      sequence_({.offer_start_tls = tls == policy::TlsMode::StartTls,
                 .require_tls = tls == policy::TlsMode::StartTls,
                 .require_login = trusted == nullptr}),
      id_(std::move(id)),
      login_deadline_(environment.loop.after(limits::kBeforeLogin)) {}

net::Task<void> Session::run() {
  co_await greet();
  while (true) {
    Line line = co_await next_line();
    const Next next = co_await serve(std::move(line));
    if (next == Next::Close) break;
    if (next == Next::StartTls) {
      const auto certificates = environment_.certificates;
      co_await client_.start_tls_server(certificates->context(), environment_.loop.after(limits::kHandshake));
      sequence_.set_tls();
    }
    if (outgoing_) co_await deliver_copies();
  }
  client_.end_output();
  if (upstream_) co_await upstream_->quit();
  co_await client_.finish(environment_.loop.after(limits::kFarewell));
}

net::Task<void> Session::greet() {
  if (tls_ == policy::TlsMode::Implicit) {
    const auto certificates = environment_.certificates;
    co_await client_.start_tls_server(certificates->context(), environment_.loop.after(limits::kHandshake));
    sequence_.set_tls();
  }
  client_.put(to_wire({220, "", environment_.hostname + " ESMTP Privet"}));
}

net::Task<Line> Session::next_line() {
  if (environment_.draining && !sequence_.in_transaction())
    co_return Line{.kind = Line::Kind::Interrupted, .text = {}};
  idle_ = !sequence_.in_transaction();
  Line line = co_await read_line(client_, limits::kAuthLine, command_deadline());
  idle_ = false;
  // Only a login may be long: bearer tokens are.
  const bool too_long = line.text.size() + kCrlf.size() > limits::kCommandLine && !is_login(line.text);
  if (too_long) line = {.kind = Line::Kind::TooLong, .text = {}};
  co_return line;
}

net::Task<Next> Session::serve(Line line) {
  switch (line.kind) {
    case Line::Kind::Text:
      break;
    case Line::Kind::End:
      co_return Next::Close;
    case Line::Kind::Interrupted:
      co_return say(Verb::Quit, kShuttingDown);
    case Line::Kind::TimedOut:
      co_return say(Verb::Quit, {421, "4.4.2", "Nothing was heard for too long"});
    case Line::Kind::Malformed:
      co_return say(Verb::Quit, {521, "5.5.2", "Lines must end with CRLF and hold no NUL"});
    case Line::Kind::TooLong:
      co_return co_await refuse_in_turn({500, "5.5.2", "Line too long"});
  }
  auto command = parse_command(line.text);
  wipe(line.text);  // it may hold a password
  if (!command) co_return co_await refuse_in_turn(std::move(command.error()));
  co_return co_await answer(std::move(*command));
}

net::Task<Next> Session::refuse_in_turn(Reply reply) {
  if (pending_.empty()) co_return refuse(reply);
  pending_.push_back({.command = {.verb = Verb::Rcpt}, .local = std::move(reply)});
  if (group_goes_on()) co_return Next::Continue;
  co_return co_await settle();
}

net::Task<Next> Session::answer(Command command) {
  if (command.verb == Verb::Mail || command.verb == Verb::Rcpt) {
    co_await enqueue(std::move(command));
    if (group_goes_on()) co_return Next::Continue;
    co_return co_await settle();
  }
  if (must_be_last(command.verb) && !client_.input().empty()) co_return say(Verb::Quit, kPipeliningViolation);
  if (is_junk(command.verb) && ++junk_ >= limits::kJunkCommands) {
    co_return say(Verb::Quit, {421, "4.7.0", "Too many commands without mail"});
  }
  if (const auto local = sequence_.local_answer(command)) {
    co_return local->code < 400 ? say(command.verb, *local) : refuse(*local);
  }
  const Reply reply = co_await ask(command);
  wipe(command.initial_response);
  co_return say(command.verb, reply);
}

net::Task<Reply> Session::ask(const Command& command) {
  switch (command.verb) {
    case Verb::Ehlo:
    case Verb::Helo:
      co_return co_await hello(command);
    case Verb::Auth:
      co_return co_await auth(command);
    case Verb::Data:
      co_return co_await data();
    default:
      co_return co_await reset();
  }
}

net::Task<Reply> Session::hello(const Command& command) {
  if (transaction_) co_await reset();
  if (command.verb == Verb::Helo) co_return Reply{250, "", environment_.hostname};
  const bool route_known = tenant_ != nullptr || policy_->tenants().size() == 1;
  if (route_known && !in_clear_before_tls()) {
    const std::optional<Reply> failure = co_await ensure_upstream();
    if (failure) co_return *failure;
  }
  co_return ehlo_reply(environment_.hostname, announced());
}

Extensions Session::announced() const {
  Extensions ours;
  if (upstream_ != nullptr) {
    ours = announce(upstream_->extensions(), {.own_size_limit = environment_.message_size});
  } else {
    // The tenant is not known yet: what every tenant's upstream can. Before any has been asked, logins with a
    // password, which can be relayed to nearly every one.
    ours = announce({.mechanisms = static_cast<std::uint8_t>(Mechanism::Plain)},
                    {.own_size_limit = environment_.message_size});
    bool first = true;
    for (const auto& [tenant, extensions] : environment_.announced) {
      const Extensions each = announce(extensions, {.own_size_limit = environment_.message_size});
      ours = std::exchange(first, false) ? each : intersect(ours, each);
    }
  }
  if (in_clear_before_tls()) {
    ours.start_tls = true;
    ours.mechanisms = 0;
  }
  return ours;
}

net::Task<std::optional<Reply>> Session::ensure_upstream() {
  if (upstream_ != nullptr && !upstream_->lost()) co_return std::nullopt;
  if (upstream_ != nullptr && sequence_.logged_in()) {
    co_return Reply{421, "4.4.2", "Connection to the mail server was lost, log in again"};
  }
  const policy::Tenant& tenant = tenant_ != nullptr ? *tenant_ : policy_->tenants().front();
  upstream_ = make_upstream(environment_, tenant);
  std::optional<Reply> failure = co_await upstream_->open(environment_, tenant);
  if (failure) upstream_.reset();
  co_return failure;
}

net::Task<Reply> Session::reset() {
  const bool open_upstream = transaction_ != nullptr && transaction_->open_upstream;
  transaction_.reset();
  if (!open_upstream) co_return Reply{250, "2.0.0", "Ok"};
  co_return co_await end_upstream_transaction();
}

net::Task<Reply> Session::end_upstream_transaction() {
  Reply reply = co_await upstream_->execute({.verb = Verb::Rset});
  if (reply.positive()) co_return reply;
  // The client's transaction is over all the same; an upstream that may still hold it is not used again.
  upstream_->abandon();
  co_return Reply{250, "2.0.0", "Ok"};
}

Next Session::say(Verb verb, const Reply& reply) {
  // RFC 2034 3: the answers to EHLO and HELO carry no enhanced code.
  const bool hello = verb == Verb::Ehlo || verb == Verb::Helo;
  client_.put(to_wire(hello ? reply : with_enhanced_code(reply)));
  return sequence_.advance(verb, reply);
}

Next Session::refuse(const Reply& reply) {
  if (++errors_ >= limits::kErrors) return say(Verb::Quit, {421, "4.7.0", "Too many errors"});
  return say(Verb::Noop, reply);
}

net::Deadline Session::command_deadline() const {
  const net::Deadline command = environment_.loop.after(limits::kCommand);
  return sequence_.logged_in() || trusted_ ? command : std::min(command, login_deadline_);
}

void Session::drain() {
  if (idle_) client_.interrupt();
}

void Session::cancel() {
  // Only one of the two is waited for, and ending that wait may end and free the session.
  const bool waits_for_client = client_.waiting();
  client_.cancel();
  if (!waits_for_client && upstream_) upstream_->cancel();
}

}  // namespace privet::smtp
