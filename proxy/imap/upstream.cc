#include "proxy/imap/upstream.h"

#include <algorithm>
#include <utility>

#include "proxy/limits.h"
#include "proxy/log.h"
#include "proxy/text.h"

namespace privet::imap {

namespace {

std::string upper(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c; });
  return result;
}

}  // namespace

std::optional<Completion> completion_of(const Response& response, std::string_view tag) {
  const Status* const status = std::get_if<Status>(&response);
  if (status == nullptr || status->tag.empty() || status->tag != tag) return std::nullopt;
  Completion completion{.condition = status->condition};
  if (status->code) {
    completion.code = upper(status->code->name);
    completion.arguments = status->code->arguments;
  }
  return completion;
}

bool says_bye(const Response& response) {
  const Status* const status = std::get_if<Status>(&response);
  return status != nullptr && status->tag.empty() && status->condition == Condition::Bye;
}

void refuse_bye(const Response& response) {
  if (says_bye(response)) throw UpstreamError("said BYE");
}

Upstream::Upstream(Environment& environment) : environment_(environment), connector_(environment.loop) {}

net::Task<bool> Upstream::open(const policy::Tenant& tenant) {
  const policy::MailServer& where = *tenant.imap;
  net::Loop& loop = environment_.loop;
  const auto context = environment_.client_contexts.find(where.ca_file);
  const auto tls = context == environment_.client_contexts.end() ? nullptr : context->second;
  if (tls == nullptr && where.tls != policy::TlsMode::None)
    co_return false;  // a reload took the authority away
  std::vector<Host> hosts;
  std::string cause;
  connecting_ = true;
  try {
    hosts = co_await find_hosts(connector_, where, "imap", loop.after(limits::kConnect));
  } catch (const net::StreamError& error) {
    cause = error.what();
  }
  connecting_ = false;
  hosts = resting_last(std::move(hosts), environment_.resting, loop.now());
  const net::Deadline enough = loop.after(limits::kOpenUpstream);
  for (const Host& host : hosts) {
    try {
      stream_ =
          co_await connector_.connect(host.endpoint.host, host.endpoint.port, loop.after(limits::kConnect));
      co_await greet(host.certificate_name, where.tls, tls.get());
      environment_.resting.erase(host.to_string());
      co_return true;
    } catch (const std::runtime_error& error) {
      cause = host.to_string() + ": " + error.what();
    }
    connecting_ = false;
    stream_.close();
    if (cancelled_) break;
    environment_.resting[host.to_string()] = loop.after(limits::kHostRest);
    if (loop.now() >= enough) break;
  }
  log::event(log::Level::Error, "mailboxes unavailable", {{"tenant", tenant.name}, {"cause", cause}});
  co_return false;
}

net::Task<void> Upstream::greet(const std::string& host, policy::TlsMode mode, ssl_ctx_st* tls) {
  net::Loop& loop = environment_.loop;
  framer_ = ResponseFramer();
  used_ = 0;
  capabilities_ = {};
  if (mode == policy::TlsMode::Implicit)
    co_await stream_.start_tls_client(tls, host, loop.after(limits::kHandshake));
  const net::Deadline deadline = loop.after(limits::kUpstreamHello);
  std::optional<Received> greeting = poll();
  while (!greeting) {
    co_await more(deadline);
    greeting = poll();
  }
  const auto response = parse_response(greeting->frame);
  const Status* const status = response ? std::get_if<Status>(&*response) : nullptr;
  if (greeting->literal || status == nullptr || !status->tag.empty() || status->condition != Condition::Ok) {
    // PREAUTH too: whose mailboxes these are would be a guess.
    throw UpstreamError("did not greet with OK");
  }
  learn(*response);
  if (mode != policy::TlsMode::StartTls) co_return co_await ask_capabilities();
  const Completion ready = co_await run("STARTTLS", nullptr);
  if (!ready.ok()) throw UpstreamError("STARTTLS was refused");
  stream_.consume(std::exchange(used_, 0));
  // What stands behind the answer came in clear and would be read as if it had come under TLS.
  if (!stream_.input().empty())
    throw UpstreamError("clear text behind the answer to STARTTLS (response injection)");
  co_await stream_.start_tls_client(tls, host, loop.after(limits::kHandshake));
  told_capabilities_ = false;
  co_await ask_capabilities();
}

net::Task<void> Upstream::ask_capabilities() {
  if (!std::exchange(told_capabilities_, false)) {
    const Completion asked = co_await run("CAPABILITY", nullptr);
    if (!asked.ok()) throw UpstreamError("CAPABILITY was refused");
  }
  told_capabilities_ = false;
  if (!capabilities_.imap4rev1) throw UpstreamError("does not speak IMAP4rev1");
}

void Upstream::learn(const Response& response) {
  if (const Capability* const list = std::get_if<Capability>(&response)) {
    capabilities_ = parse_capabilities(list->names);
    told_capabilities_ = true;
  }
  const Status* const status = std::get_if<Status>(&response);
  if (status != nullptr && status->code && status->code->is("CAPABILITY")) {
    std::vector<std::string_view> names;
    for (std::string_view rest = status->code->arguments; !rest.empty();)
      names.push_back(take_until(rest, ' '));
    capabilities_ = parse_capabilities(names);
    told_capabilities_ = true;
  }
}

LiteralForm Upstream::literal_form() const {
  if (capabilities_.literal_plus) return LiteralForm::Plus;
  return capabilities_.literal_minus ? LiteralForm::Minus : LiteralForm::Synchronising;
}

net::Task<void> Upstream::send(std::string_view command, std::span<const std::size_t> waits) {
  std::size_t sent = 0;
  for (const std::size_t wait : waits) {
    stream_.put(command.substr(sent, wait - sent));
    sent = wait;
    std::string tag(command.substr(0, command.find(' ')));
    std::optional<Completion> refused = co_await await_continuation_or(tag, nullptr);
    if (!refused) continue;
    refused_.emplace(std::move(tag), *std::move(refused));
    co_return;
  }
  stream_.put(command.substr(sent));
}

std::optional<Completion> Upstream::refused_at_send(std::string_view tag) {
  auto refused = std::exchange(refused_, std::nullopt);
  if (!refused || refused->first != tag) return std::nullopt;
  return std::move(refused->second);
}

net::Task<std::optional<Completion>> Upstream::await_continuation_or(std::string tag, const Note& note) {
  if (auto refused = refused_at_send(tag)) co_return refused;
  const net::Deadline deadline = environment_.loop.after(limits::kUpstreamReply);
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
    if (std::holds_alternative<Continuation>(*response)) co_return std::nullopt;
    refuse_bye(*response);
    learn(*response);
    if (auto completion = completion_of(*response, tag)) co_return *std::move(completion);
    const Status* const status = std::get_if<Status>(&*response);
    if (status != nullptr && !status->tag.empty()) throw UpstreamError("refused what it had to wait for");
    if (note) note(*response);
    missed_ = missed_ || (!note && (std::holds_alternative<Exists>(*response) ||
                                    std::holds_alternative<Expunge>(*response) ||
                                    std::holds_alternative<Vanished>(*response)));
  }
}

net::Task<void> Upstream::send_content(std::string_view content) {
  try {
    while (!content.empty()) {
      const std::string_view part = content.substr(0, limits::kWriteHighWater);
      content.remove_prefix(part.size());
      stream_.send(part);
      co_await stream_.drained(limits::kWriteHighWater, environment_.loop.after(limits::kContentBlock));
    }
  } catch (const net::StreamError& error) {
    throw UpstreamError(error.what());
  }
}

std::optional<Upstream::Received> Upstream::poll() {
  stream_.consume(std::exchange(used_, 0));
  const std::string_view input = stream_.input();
  if (input.empty()) return std::nullopt;
  const ResponseFramer::Step step = framer_.feed(input);
  used_ = step.used;
  switch (step.state) {
    case Framing::NeedMore:
      return std::nullopt;
    case Framing::Complete:
      return Received{.frame = framer_.frame()};
    case Framing::Literal:
      return Received{.frame = framer_.frame(), .literal = true, .literal_size = framer_.literal_size()};
    case Framing::Broken:
      break;
  }
  throw UpstreamError("a response that cannot be understood");
}

net::Task<void> Upstream::more(net::Deadline deadline) {
  stream_.consume(std::exchange(used_, 0));
  // It came while the session waited for its client, and nothing would announce it.
  if (!stream_.input().empty()) co_return;
  net::Input input = net::Input::End;
  std::string cause = "closed the connection";
  try {
    input = co_await stream_.fill(deadline);
  } catch (const net::StreamError& error) {
    cause = error.what();
  }
  if (input == net::Input::TimedOut) cause = "did not answer in time";
  if (input == net::Input::End || input == net::Input::TimedOut) throw UpstreamError(cause);
}

std::string_view Upstream::literal_input(std::uint64_t most) const {
  const std::string_view input = stream_.input();
  return input.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(most, input.size())));
}

net::Task<void> Upstream::drop_literal(std::uint64_t size) {
  begin_literal();
  while (size > 0) {
    const std::size_t now = literal_input(size).size();
    take_literal(now);
    size -= now;
    if (size > 0) co_await more(environment_.loop.after(limits::kUpstreamReply));
  }
  end_literal();
}

net::Task<Completion> Upstream::complete(std::string tag, const Note& note) {
  if (auto refused = refused_at_send(tag)) co_return *std::move(refused);
  while (true) {
    const std::optional<Received> received = poll();
    if (!received) {
      co_await more(environment_.loop.after(limits::kUpstreamReply));
      continue;
    }
    if (received->literal) {
      co_await drop_literal(received->literal_size);
      continue;
    }
    const auto response = parse_response(received->frame);
    if (!response) throw UpstreamError(response.error().what);
    refuse_bye(*response);
    learn(*response);
    if (auto completion = completion_of(*response, tag)) co_return *std::move(completion);
    if (note) note(*response);
  }
}

net::Task<Completion> Upstream::run(Words words, const Note& note) {
  std::string tag = next_tag();
  put(tag, words);
  co_return co_await complete(std::move(tag), note);
}

void Upstream::put(std::string_view tag, Words words) {
  std::string command;
  Writer(command, literal_form()).tag(tag).words(" ").words(words).end();
  stream_.put(command);
}

void Upstream::put_line(Words words) {
  std::string line;
  Writer(line, literal_form()).words(words).end();
  stream_.put(line);
}

net::Task<void> Upstream::watch() {
  stream_.consume(std::exchange(used_, 0));
  try {
    co_await stream_.fill(net::kNever);
  } catch (const net::StreamError&) {
    // Whoever is woken finds out.
  }
}

void Upstream::log_out() {
  if (!stream_) return;
  put(next_tag(), "LOGOUT");
  stream_.end_output();
}

void Upstream::cancel() {
  cancelled_ = true;
  connecting_ ? connector_.cancel() : stream_.cancel();
}

}  // namespace privet::imap
