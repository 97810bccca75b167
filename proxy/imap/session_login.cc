// Who the client is: PROXY header, TLS, and the login, which the tenant's own server decides about (RFC
// 9051 6.2).
#include <algorithm>
#include <utility>

#include "mime/ascii.h"
#include "proxy/base64.h"
#include "proxy/client_address.h"
#include "proxy/imap/session.h"
#include "proxy/limits.h"
#include "proxy/log.h"

namespace privet::imap {

namespace {

constexpr std::string_view kRefused = "NO [AUTHENTICATIONFAILED] Authentication failed";
constexpr std::string_view kUnavailable =
    "NO [UNAVAILABLE] The mail server is not available, try again later";
constexpr std::string_view kShuttingDown = "BYE [UNAVAILABLE] Shutting down, try again later";
constexpr std::string_view kPrivacyRequired = "NO [PRIVACYREQUIRED] Use STARTTLS first";

constexpr std::uint8_t kMechanisms =
    static_cast<std::uint8_t>(Mechanism::Plain) | static_cast<std::uint8_t>(Mechanism::Login) |
    static_cast<std::uint8_t>(Mechanism::XOauth2) | static_cast<std::uint8_t>(Mechanism::OauthBearer);

LoginResult refused_for(std::string cause) {
  return {.kind = LoginResult::Kind::Refused, .cause = std::move(cause)};
}

}  // namespace

net::Task<bool> Session::greet() {
  client_.set_sensitive(true);  // until a login went well
  const bool proxied = is_proxied(listening_, client_address_);
  if (proxied) {
    const bool told = co_await read_proxy_header();
    if (!told) co_return false;
  }
  if (!admission_.enter(client_address_)) {
    log::event(log::Level::Warning, "too many connections", {{"session", id_}, {"client", client_address_}});
    if (listening_.tls != policy::TlsMode::Implicit)
      say_untagged("BYE [LIMIT] Too many connections from your address");
    co_return false;
  }
  if (listening_.tls == policy::TlsMode::Implicit) {
    const auto certificates = environment_.certificates;
    co_await client_.start_tls_server(certificates->context(), environment_.loop.after(limits::kHandshake),
                                      proxied);
  }
  say_untagged("OK [CAPABILITY " + capabilities() + "] Privet ready");
  co_return true;
}

net::Task<bool> Session::read_proxy_header() {
  const net::Deadline deadline = environment_.loop.after(limits::kProxyHeaderWait);
  std::optional<std::string> address = co_await read_client_address(client_, client_address_, deadline);
  if (!address) {
    log::event(log::Level::Warning, "no PROXY header", {{"session", id_}, {"client", client_address_}});
    co_return false;
  }
  client_address_ = *std::move(address);
  co_return true;
}

std::uint8_t Session::mechanisms() const {
  return in_clear_before_tls() ? std::uint8_t{0} : kMechanisms;
}

std::string Session::capabilities() const {
  return capabilities_for({.in_clear = in_clear_before_tls(),
                           .logged_in = state_ != State::Greeted,
                           .mechanisms = mechanisms(),
                           .uid_plus = may_write() && upstream_->capabilities().uid_plus,
                           .move = may_write() && upstream_->capabilities().move,
                           .condstore = offers_condstore()});
}

net::Task<void> Session::handle(Tag tag, const command::StartTls&) {
  if (listening_.tls != policy::TlsMode::StartTls || client_.tls()) {
    say(tag, "BAD STARTTLS is not offered");
    co_return;
  }
  if (!client_.input().empty() || !framer_.between_commands()) {
    // What was sent behind it in clear would be taken for the client's own words under TLS.
    say_untagged("BYE Commands were sent ahead of TLS");
    state_ = State::Leaving;
    co_return;
  }
  say(tag, "OK Begin TLS negotiation now");
  const auto certificates = environment_.certificates;
  co_await client_.start_tls_server(certificates->context(), environment_.loop.after(limits::kHandshake));
}

net::Task<void> Session::handle(Tag tag, const command::Login& login) {
  if (in_clear_before_tls()) {
    say(tag, kPrivacyRequired);
    co_return;
  }
  co_await log_in(tag, login_credentials(login.user, login.password.reveal()));
}

net::Task<void> Session::handle(Tag tag, const command::Authenticate& authenticate) {
  if (in_clear_before_tls()) {
    say(tag, kPrivacyRequired);
    co_return;
  }
  const auto mechanism = find_mechanism(authenticate.mechanism);
  if (!mechanism || (mechanisms() & static_cast<std::uint8_t>(*mechanism)) == 0) {
    say(tag, "NO [CANNOT] This mechanism is not offered");
    co_return;
  }
  const bool in_two = *mechanism == Mechanism::Login;
  std::optional<std::string> first;
  if (authenticate.initial_response) {
    first = std::string(authenticate.initial_response->reveal());
  } else {
    first = co_await ask_client(in_two ? "VXNlcm5hbWU6" : "");
  }
  std::optional<std::string> second;
  if (first && in_two) second = co_await ask_client("UGFzc3dvcmQ6");
  if (!first || (in_two && !second)) {
    if (state_ != State::Leaving) say(tag, "BAD Login cancelled");
    co_return;
  }
  std::optional<std::string> message = base64_decode(*first);
  wipe(*first);
  std::optional<Credentials> credentials;
  if (in_two) {
    std::optional<std::string> password = base64_decode(*second);
    wipe(*second);
    if (message && password) credentials = login_credentials(*message, *password);
    if (password) wipe(*password);
  } else if (message) {
    credentials = parse_credentials(*mechanism, *message);
  }
  if (message) wipe(*message);
  if (!credentials) {
    say(tag, "BAD The login could not be read");
    co_return;
  }
  co_await log_in(tag, std::move(credentials));
}

net::Task<std::optional<std::string>> Session::ask_client(std::string_view challenge) {
  client_.put("+ ");
  client_.put(challenge);
  client_.put("\r\n");
  framer_.expect_line();
  while (true) {
    const CommandFramer::Step step = framer_.feed(client_.input());
    client_.consume(step.used);
    if (step.event == CommandFramer::Event::Command) {
      std::string line(framer_.frame());
      if (line == "*") co_return std::nullopt;
      co_return line;
    }
    bool more = false;
    if (step.event == CommandFramer::Event::NeedMore) more = co_await wait_for_client();
    if (more) continue;
    if (step.event != CommandFramer::Event::NeedMore)
      say_untagged(std::string("BYE ").append(framer_.refusal()));
    state_ = State::Leaving;
    co_return std::nullopt;
  }
}

net::Task<void> Session::log_in(Tag tag, std::optional<Credentials> credentials) {
  if (!credentials) {
    say(tag, kRefused);
    co_return;
  }
  const std::string user = mime::to_lower(credentials->login);
  const LoginVerdict guard = environment_.guard->before_login(client_address_, user, steady_now());
  const bool in_peace = co_await pause(guard.delay);
  if (!in_peace) {
    say_untagged(kShuttingDown);
    state_ = State::Leaving;
    co_return;
  }
  // Another's mailbox, by his own rules: whose they are is looked up by the login.
  const bool as_another =
      !credentials->authorization.empty() && mime::to_lower(credentials->authorization) != user;
  LoginResult result;
  if (guard.refused) {
    result =
        refused_for("too many failed logins of this user or from this address, the server was not asked");
  } else if (as_another) {
    result = refused_for("it is for a mailbox of another user");
  } else {
    result = co_await relay_login(*credentials);
  }
  if (result.kind == LoginResult::Kind::Ok) {
    client_.set_sensitive(false);
    environment_.guard->login_succeeded(user);
    user_ = user;
    credentials_ = std::move(*credentials);
    state_ = State::LoggedIn;
    log::event(log::Level::Info, "login",
               {{"session", id_}, {"tenant", tenant_->name}, {"protocol", "imap"}});
    say(tag, "OK [CAPABILITY " + capabilities() + "] Logged in");
    co_return;
  }
  upstream_.reset();
  tenant_ = nullptr;
  const policy::Tenant* const tenant = policy_->find_by_login(user);
  log::event(log::Level::Warning, "login failed",
             {{"session", id_},
              {"client", client_address_},
              {"tenant", tenant == nullptr ? "" : tenant->name},
              {"protocol", "imap"},
              {"cause", result.cause}});
  if (state_ == State::Leaving) co_return;
  const bool refused = result.kind == LoginResult::Kind::Refused;
  if (refused && !guard.refused) {
    const auto delay = environment_.guard->login_failed(client_address_, user, steady_now());
    co_await pause(delay);
  }
  say(tag, refused ? kRefused : kUnavailable);
  if (++login_failures_ < limits::kLoginFailures) co_return;
  say_untagged("BYE Too many failed logins");
  state_ = State::Leaving;
}

net::Task<bool> Session::pause(std::chrono::milliseconds time) {
  if (time.count() == 0) co_return true;
  const net::Deadline end = environment_.loop.after(time);
  const bool ending = co_await wake_.wait(end);
  co_return !ending;
}

net::Task<LoginResult> Session::relay_login(const Credentials& credentials) {
  policy_ = environment_.policy;
  const policy::Tenant* const tenant = policy_->find_by_login(credentials.login);
  const policy::Tenant* const named =
      client_.server_name().empty() ? nullptr : policy_->find_by_name(client_.server_name());
  const std::string fixed = !listening_.tenant.empty() ? listening_.tenant
                            : named != nullptr         ? named->name
                                                       : "";
  if (tenant == nullptr) co_return refused_for("no tenant has this user");
  if (!fixed.empty() && tenant->name != fixed)
    co_return refused_for("the user's tenant is " + tenant->name + ", and this listener or name is for " +
                          fixed);
  if (!tenant->imap) {
    // No guess: neither the user nor the address may be locked out for it.
    co_return LoginResult{.kind = LoginResult::Kind::Unavailable,
                          .cause = "tenant " + tenant->name + " has no upstream.imap"};
  }
  tenant_ = tenant;
  upstream_ = std::make_unique<Upstream>(environment_);
  LoginResult result;
  try {
    const bool open = co_await upstream_->open(*tenant);
    if (!open) {
      result.cause = "the server cannot be reached";
      co_return result;
    }
    result = co_await upstream_->log_in(credentials);
    while (result.kind == LoginResult::Kind::Challenge) {
      // A bearer mechanism says what is wrong, and the client has to answer before it is refused (RFC
      // 7628 3.2.3).
      const std::optional<std::string> answer = co_await ask_client(result.challenge);
      if (!answer) co_return refused_for("the client did not end it");
      result = co_await upstream_->answer_challenge(*answer);
    }
  } catch (const UpstreamError& error) {
    result.cause = std::string("the server did not answer: ") + error.what();
  }
  co_return result;
}

}  // namespace privet::imap
