// Login at the upstream (RFC 9051 6.2.2, RFC 4959, RFC 7628): the client's own credentials, in whichever form
// the upstream takes them.
#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "proxy/base64.h"
#include "proxy/imap/upstream.h"
#include "proxy/limits.h"

namespace privet::imap {

namespace {

LoginResult::Kind kind_of(const Completion& completion) {
  if (completion.ok()) return LoginResult::Kind::Ok;
  const bool later = completion.code == "UNAVAILABLE" || completion.code == "INUSE" ||
                     completion.code == "LIMIT" || completion.code == "SERVERBUG" ||
                     completion.code == "CONTACTADMIN";
  return later ? LoginResult::Kind::Unavailable : LoginResult::Kind::Refused;
}

/// What a login may end with (RFC 5530 3): anything else could name somebody in the log.
bool is_known_code(std::string_view code) {
  constexpr std::array<std::string_view, 13> kCodes = {"ALERT",
                                                       "AUTHENTICATIONFAILED",
                                                       "AUTHORIZATIONFAILED",
                                                       "CANNOT",
                                                       "CLIENTBUG",
                                                       "CONTACTADMIN",
                                                       "EXPIRED",
                                                       "INUSE",
                                                       "LIMIT",
                                                       "NOPERM",
                                                       "PRIVACYREQUIRED",
                                                       "SERVERBUG",
                                                       "UNAVAILABLE"};
  return std::ranges::find(kCodes, code) != kCodes.end();
}

LoginResult result_of(const Completion& completion) {
  const LoginResult::Kind kind = kind_of(completion);
  std::string cause =
      kind == LoginResult::Kind::Refused ? "the server refused it" : "the server cannot say now";
  if (is_known_code(completion.code)) cause += " [" + completion.code + "]";
  return {.kind = kind, .cause = std::move(cause)};
}

LoginResult not_to_be_passed_on() {
  return {.kind = LoginResult::Kind::Refused, .cause = "the server offers nothing that carries this login"};
}

/// What LOGIN can carry without a literal.
bool is_quotable(std::string_view text) {
  for (const char c : text) {
    if (c < ' ' || c > '~') return false;
  }
  return text.size() <= limits::kImapQuoted;
}

std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

}  // namespace

net::Task<LoginResult> Upstream::log_in(const Credentials& credentials) {
  LoginResult result = co_await send_login(credentials);
  if (result.kind == LoginResult::Kind::Ok) co_await ask_capabilities();
  co_return result;
}

net::Task<LoginResult> Upstream::send_login(const Credentials& credentials) {
  const bool has_password =
      credentials.mechanism == Mechanism::Plain || credentials.mechanism == Mechanism::Login;
  told_capabilities_ = false;
  if (!has_password) {
    if (!capabilities_.offers(credentials.mechanism)) co_return not_to_be_passed_on();
    co_return co_await authenticate(credentials.mechanism, credentials.message.reveal());
  }
  if (capabilities_.offers(Mechanism::Plain)) {
    const Secret message = plain_message(credentials);
    co_return co_await authenticate(Mechanism::Plain, message.reveal());
  }
  const std::string_view password = credentials.password.reveal();
  const bool acting_for =
      !credentials.authorization.empty() && credentials.authorization != credentials.login;
  if (capabilities_.login_disabled || acting_for || !is_quotable(credentials.login) || !is_quotable(password))
    co_return not_to_be_passed_on();
  login_tag_ = next_tag();
  std::string command = login_tag_ + " LOGIN " + quoted(credentials.login) + " ";
  stream_.put(command);
  std::string secret = quoted(password);
  put_secret_line(secret);
  wipe(secret);
  co_return co_await finish_login();
}

net::Task<LoginResult> Upstream::authenticate(Mechanism mechanism, std::string_view message) {
  login_tag_ = next_tag();
  std::string encoded = base64_encode(message);
  std::string command = login_tag_ + " AUTHENTICATE " + std::string(to_string(mechanism));
  if (capabilities_.sasl_ir) {
    stream_.put(command + " ");
    put_secret_line(encoded);
    wipe(encoded);
    co_return co_await finish_login();
  }
  stream_.put(command + "\r\n");
  const LoginResult ready = co_await finish_login();
  if (ready.kind == LoginResult::Kind::Challenge) put_secret_line(encoded);
  wipe(encoded);
  if (ready.kind != LoginResult::Kind::Challenge) co_return ready;
  co_return co_await finish_login();
}

net::Task<LoginResult> Upstream::answer_challenge(std::string_view line) {
  put_secret_line(line);
  LoginResult result = co_await finish_login();
  if (result.kind == LoginResult::Kind::Ok) co_await ask_capabilities();
  co_return result;
}

net::Task<LoginResult> Upstream::finish_login() {
  net::Deadline deadline = environment_.loop.after(limits::kUpstreamReply);
  while (true) {
    const std::optional<Received> received = poll();
    if (!received) {
      co_await more(deadline);
      continue;
    }
    if (received->literal) {
      co_await drop_literal(received->literal_size);
      continue;
    }
    const auto response = parse_response(received->frame);
    if (!response) throw UpstreamError(response.error().what);
    if (const Continuation* const challenge = std::get_if<Continuation>(&*response))
      co_return LoginResult{LoginResult::Kind::Challenge, std::string(challenge->text)};
    // A refusal may follow, and a guess is one however it is refused.
    if (says_bye(*response)) deadline = environment_.loop.after(limits::kFarewell);
    learn(*response);
    if (const auto completion = completion_of(*response, login_tag_)) co_return result_of(*completion);
  }
}

void Upstream::put_secret_line(std::string_view secret) {
  stream_.put_secret(secret);
  stream_.put("\r\n");
}

}  // namespace privet::imap
