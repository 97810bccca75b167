// AUTH: the login chooses the tenant, the tenant's upstream decides whether it is good (RFC 4954; field rules
// for relaying).
#include <string>
#include <utility>

#include "mime/ascii.h"
#include "proxy/limits.h"
#include "proxy/log.h"
#include "proxy/smtp/session.h"

namespace privet::smtp {

namespace {

const Reply kMalformed{501, "5.5.2", "The login could not be read"};
const Reply kShuttingDown{421, "4.3.2", "Shutting down, try again later"};
constexpr int kFirstRefusal = 530;  // RFC 4954 6: below are faults of syntax
const Reply kBadLogin{535, "5.7.8", "Authentication failed"};

}  // namespace

net::Task<Reply> Session::auth(const Command& command) {
  const auto mechanism = find_mechanism(command.argument);
  if (!mechanism || !announced().offers(*mechanism))
    co_return Reply{504, "5.5.4", "This mechanism is not offered"};
  Reply refusal;
  const std::optional<Credentials> credentials = co_await read_credentials(*mechanism, command, refusal);
  if (!credentials) co_return refusal;
  const std::string user = mime::to_lower(credentials->login);
  const LoginVerdict guard = environment_.guard->before_login(client_address_, user, steady_now());
  const bool in_peace = co_await pause(guard.delay);
  if (!in_peace) co_return kShuttingDown;
  if (policy_ != environment_.policy) co_return kChanged;  // a password is for the server that is named now
  const policy::Tenant* const tenant = policy_->find_by_login(credentials->login);
  std::string cause =
      guard.refused ? "too many failed logins of this user or from this address, the server was not asked"
                    : why_not_asked(tenant);
  // Where no mail is sent at all, it is no guess: neither the user nor the address may be locked out for it.
  Reply reply = tenant != nullptr && !tenant->smtp && !guard.refused ? kNoMail : kBadLogin;
  if (cause.empty()) {
    reply = co_await relay_login(*credentials, *tenant);
    cause = upstream_ == nullptr ? "the server was not asked: " + reply.text
            : upstream_->lost()  ? "the connection to the server was lost"
                                 : "it was answered with " + std::to_string(reply.code);
  }
  if (reply.positive()) {
    client_.set_sensitive(false);
    user_ = user;
    delivery_.reset();  // idle since relay_login(); it was for a network's mail, not for this user's
    environment_.guard->login_succeeded(user);
    log::event(log::Level::Info, "login", {{"session", id_}, {"tenant", tenant_->name}});
    co_return reply;
  }
  if (!trusted_) tenant_ = policy_->find(fixed_tenant_);
  // The next login may belong elsewhere.
  co_await await_delivery();
  if (upstream_ && (policy_->tenants().size() > 1 || upstream_->lost())) drop_upstream();
  log::event(log::Level::Warning, "login failed",
             {{"session", id_},
              {"client", client_address_},
              {"tenant", tenant == nullptr ? "" : tenant->name},
              {"cause", cause}});
  const bool is_guess = reply.code >= kFirstRefusal && reply != kNoMail;
  if (is_guess && !guard.refused) {
    const auto delay = environment_.guard->login_failed(client_address_, user, steady_now());
    co_await pause(delay);
  }
  if (++login_failures_ >= limits::kLoginFailures) co_return Reply{421, "4.7.0", "Too many failed logins"};
  co_return reply;
}

net::Task<bool> Session::pause(std::chrono::milliseconds time) {
  if (time.count() == 0) co_return true;
  const net::Deadline end = environment_.loop.after(time);
  const bool ending = co_await wake_.wait(end);
  co_return !ending;
}

std::string Session::why_not_asked(const policy::Tenant* tenant) const {
  if (tenant == nullptr) return "no tenant has this user";
  if (!fixed_tenant_.empty() && tenant->name != fixed_tenant_)
    return "the user's tenant is " + tenant->name + ", and this listener or name is for " + fixed_tenant_;
  if (trusted_ && tenant != tenant_) return "the user's tenant is not that of the client's network";
  if (!tenant->smtp) return "tenant " + tenant->name + " has no upstream.smtp";
  return "";
}

net::Task<Reply> Session::relay_login(const Credentials& credentials, const policy::Tenant& tenant) {
  tenant_ = &tenant;
  const std::optional<Reply> failure = co_await ensure_upstream();
  if (failure) co_return *failure;
  Reply reply = co_await upstream_->log_in(credentials);
  // A mechanism of several messages goes on; a bearer mechanism tells what is wrong in a challenge, and the
  // client has to answer it before the upstream refuses.
  for (int round = 0; reply.code == 334; ++round) {
    Reply refusal{501, "5.7.0", "The login did not come to an end"};
    std::optional<std::string> response;
    if (round < limits::kLoginRounds) response = co_await challenge(reply.text, refusal);
    if (!response) {
      upstream_->abandon();
      co_return refusal;
    }
    reply = co_await upstream_->answer_challenge(*response);
    wipe(*response);
  }
  co_return reply;
}

net::Task<std::optional<Credentials>> Session::read_credentials(Mechanism mechanism, const Command& command,
                                                                Reply& refusal) {
  std::optional<std::string> first;
  if (command.has_initial_response) {
    first = command.initial_response == "=" ? std::string() : command.initial_response;
  } else {
    first = co_await challenge(mechanism == Mechanism::Login ? "VXNlcm5hbWU6" : "", refusal);
  }
  if (!first) co_return std::nullopt;
  std::optional<std::string> message = base64_decode(*first);
  wipe(*first);
  std::optional<Credentials> credentials;
  if (message && mechanism == Mechanism::Login) {
    std::optional<std::string> second = co_await challenge("UGFzc3dvcmQ6", refusal);
    if (!second) co_return std::nullopt;
    std::optional<std::string> password = base64_decode(*second);
    wipe(*second);
    if (password) {
      credentials = login_credentials(*message, *password);
      wipe(*password);
    }
  } else if (message) {
    credentials = parse_credentials(mechanism, *message);
  }
  if (message) wipe(*message);
  if (!credentials) refusal = kMalformed;
  co_return credentials;
}

net::Task<std::optional<std::string>> Session::challenge(std::string_view text, Reply& refusal) {
  client_.put("334 ");
  client_.put(text);
  client_.put("\r\n");
  Line line = co_await read_line(client_, limits::kAuthLine, command_deadline());
  switch (line.kind) {
    case Line::Kind::Text:
      if (line.text != "*") co_return std::move(line.text);
      refusal = {501, "5.7.0", "Login cancelled"};
      break;
    case Line::Kind::TooLong:
      refusal = {500, "5.5.6", "The login is too long"};
      break;
    case Line::Kind::Malformed:
      refusal = {521, "5.5.2", "Lines must end with CRLF and hold no NUL"};
      break;
    case Line::Kind::TimedOut:
      refusal = {421, "4.4.2", "Nothing was heard for too long"};
      break;
    default:
      throw net::StreamError(net::StreamFault::Closed, "the client left during its login");
  }
  co_return std::nullopt;
}

}  // namespace privet::smtp
