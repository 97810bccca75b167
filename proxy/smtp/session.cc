#include "proxy/smtp/session.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "proxy/limits.h"
#include "proxy/log.h"
#include "proxy/text.h"

namespace privet::smtp {

namespace {

const Reply kShuttingDown{421, "4.3.2", "Shutting down, try again later"};
const Reply kTooManyErrors{421, "4.7.0", "Too many errors"};
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
  return verb == Verb::Noop || verb == Verb::Vrfy || verb == Verb::Help || verb == Verb::Rset ||
         verb == Verb::Ehlo || verb == Verb::Helo || verb == Verb::Lhlo;
}

}  // namespace

Session::Session(Environment& environment, net::Stream client, const Listening& listening, std::string id)
    : environment_(environment),
      client_(std::move(client)),
      policy_(environment.policy),
      listening_(listening),
      admission_(*environment.guard),
      sequence_(Sequence::Rules()),
      id_(std::move(id)),
      client_address_(client_.peer_address()),
      wake_(environment.loop),
      login_deadline_(environment.loop.after(limits::kBeforeLogin)) {}

net::Task<void> Session::run() {
  std::exception_ptr gone;
  try {
    co_await talk();
    client_.end_output();
  } catch (...) {
    gone = std::current_exception();  // what was accepted is still taken to its end
  }
  if (upstream_) {
    co_await linger();
    co_await upstream_->quit();
  }
  if (gone) std::rethrow_exception(gone);
  co_await client_.finish(environment_.loop.after(limits::kFarewell));
}

net::Task<void> Session::talk() {
  const bool welcome = co_await greet();
  if (!welcome) co_return;
  while (true) {
    Line line = co_await next_line();
    const Next next = co_await serve(std::move(line));
    if (next == Next::Close) co_return;
    if (delivery_ != nullptr && delivery_->waits()) {
      client_.flush();  // the answer to the original does not wait for its copies
      delivery_->start();
    }
    if (next == Next::StartTls) {
      const auto certificates = environment_.certificates;
      co_await client_.start_tls_server(certificates->context(), environment_.loop.after(limits::kHandshake));
      identify();
      sequence_.set_tls();
    }
  }
}

net::Task<void> Session::linger() {
  // Their answers would be taken for those of a copy.
  const bool owes_answers =
      std::ranges::any_of(pending_, [](const Pending& each) { return !each.local && !each.crm; });
  if (transaction_ != nullptr || owes_answers) {
    // Within a transaction no copy is under way. Content that has begun is never completed.
    if (transaction_ != nullptr && !transaction_->open_upstream) upstream_->abandon();
    co_return;
  }
  const bool may_send = (sequence_.logged_in() || trusted_) && !upstream_->lost();
  if (delivery_ == nullptr && !may_send) co_return;
  start_delivery();
  const bool done = co_await delivery_->idle(environment_.loop.after(limits::kLinger));
  if (done) co_return;
  upstream_->cancel();
  co_await delivery_->idle(net::kNever);
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
  if (command.verb == Verb::Bdat) {
    const Reply reply = co_await chunk(command);
    if (reply.code >= 500 && ++errors_ >= limits::kErrors) co_return say(Verb::Quit, kTooManyErrors);
    co_return say(command.verb, reply, command.last);
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
    case Verb::Lhlo:
      co_return co_await hello(command);
    case Verb::Auth:
      co_return co_await auth(command);
    case Verb::Data:
      co_return co_await data();
    case Verb::Xclient:
      co_return co_await take_client_of(command);
    case Verb::Xforward:
      co_return Reply{250, "2.0.0", "Ok"};
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
  const bool may_relay = sequence_.rules().xclient;
  const Offer offer{.own_size_limit = environment_.message_size,
                    .upstream_tls_verified = upstream_ != nullptr && upstream_->tls(),
                    .chunking = true,
                    .scram = true,
                    .lmtp = listening_.lmtp,
                    .xclient = may_relay,
                    .xforward = may_relay};
  Extensions ours;
  if (upstream_ != nullptr) {
    ours = announce(upstream_->extensions(), offer);
  } else {
    // The tenant is not known yet: what every tenant's upstream can. Before any has been asked, logins with a
    // password, which can be relayed to nearly every one.
    ours = announce({.mechanisms = static_cast<std::uint8_t>(Mechanism::Plain)}, offer);
    bool first = true;
    for (const auto& [tenant, extensions] : environment_.announced) {
      const Extensions each = announce(extensions, offer);
      ours = std::exchange(first, false) ? each : intersect(ours, each);
    }
  }
  if (in_clear_before_tls()) {
    ours.start_tls = true;
    ours.mechanisms = 0;
  }
  return ours;
}

net::Task<void> Session::await_delivery() {
  if (delivery_ == nullptr || !delivery_->busy()) co_return;
  delivery_->hurry();
  const bool done = co_await delivery_->idle(environment_.loop.after(limits::kCopyYield));
  if (done) co_return;
  // Human mail first: the copy under way is deferred.
  upstream_->cancel();
  co_await delivery_->idle(net::kNever);
}

void Session::drop_upstream() {
  delivery_.reset();
  upstream_.reset();
}

net::Task<std::optional<Reply>> Session::ensure_upstream() {
  co_await await_delivery();
  if (upstream_ != nullptr && !upstream_->lost()) co_return std::nullopt;
  if (upstream_ != nullptr && sequence_.logged_in()) {
    co_return Reply{421, "4.4.2", "Connection to the mail server was lost, log in again"};
  }
  const policy::Tenant& tenant = tenant_ != nullptr ? *tenant_ : policy_->tenants().front();
  delivery_.reset();
  if (!tenant.smtp) co_return kNoMail;
  upstream_ = make_upstream(environment_, tenant);
  std::optional<Reply> failure = co_await upstream_->open(environment_, tenant);
  if (failure) upstream_.reset();
  co_return failure;
}

net::Task<Reply> Session::reset() {
  const bool open_upstream = transaction_ != nullptr && transaction_->open_upstream;
  transaction_.reset();
  chunks_.reset();
  if (!open_upstream) co_return Reply{250, "2.0.0", "Ok"};
  co_return co_await end_transaction(*upstream_);
}

Next Session::say(Verb verb, const Reply& reply, bool last) {
  // RFC 2034 3: greetings and the answers to EHLO and HELO carry no enhanced code.
  const bool hello = verb == Verb::Ehlo || verb == Verb::Helo || verb == Verb::Lhlo || verb == Verb::Xclient;
  client_.put(to_wire(hello ? reply : with_enhanced_code(reply)));
  return sequence_.advance(verb, reply, last);
}

Next Session::refuse(const Reply& reply) {
  if (++errors_ >= limits::kErrors) return say(Verb::Quit, kTooManyErrors);
  return say(Verb::Noop, reply);
}

net::Deadline Session::command_deadline() const {
  const net::Deadline command = environment_.loop.after(limits::kCommand);
  return sequence_.logged_in() || trusted_ ? command : std::min(command, login_deadline_);
}

void Session::drain() {
  if (idle_) return client_.interrupt();
  wake_.open();  // may end and free the session
}

void Session::cancel() {
  if (past_dot_) return;
  const bool first = !std::exchange(ending_, true);
  // Ending a wait may end and free the session: only one is ended at a time.
  if (client_.waiting()) return first ? client_.interrupt() : client_.cancel();
  if (upstream_) upstream_->cancel();
}

}  // namespace privet::smtp
