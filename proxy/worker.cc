#include "proxy/worker.h"

#include <exception>
#include <utility>

#include "proxy/limits.h"
#include "proxy/log.h"

namespace privet {

namespace {

// Unique within this process and short: enough to follow one session through the log.
std::string next_session_id() {
  static std::atomic<std::uint64_t> counter{0};
  return "s" + std::to_string(++counter);
}

}  // namespace

Worker::Worker(std::shared_ptr<const Config> config, Shared& shared, bool keeps_spool)
    : shared_(shared),
      environment_{.loop = loop_,
                   .guard = &shared.guard,
                   .notices = &shared.notices,
                   .bad_recipients = &shared.bad_recipients},
      imap_environment_{.loop = loop_, .guard = &shared.guard} {
  take(std::move(config));
  environment_.errand_done = [this] { end_if_drained(); };
  if (keeps_spool) courier_ = std::make_unique<Courier>(environment_);
}

void Worker::apply(std::shared_ptr<const Config> config) {
  take(std::move(config));
  learn();
}

void Worker::take(std::shared_ptr<const Config> config) {
  config_ = std::move(config);
  environment_.hostname = config_->hostname;
  environment_.message_size = config_->message_size;
  environment_.disk_patience = config_->disk_patience;
  environment_.policy = config_->policy;
  environment_.certificates = config_->certificates;
  environment_.client_contexts = config_->client_contexts;
  environment_.announced.clear();
  imap_environment_.message_size = config_->message_size;
  imap_environment_.policy = config_->policy;
  imap_environment_.certificates = config_->certificates;
  imap_environment_.client_contexts = config_->client_contexts;
}

Result<void> Worker::listen(std::vector<std::uint16_t>& ports) {
  environment_.content_folder = config_->state;
  environment_.spool = shared_.spool.get();
  imap_environment_.store = shared_.store.get();
  ports.resize(config_->listeners.size());
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const ListenerConfig& where = config_->listeners[i];
    listening_.push_back(std::make_unique<const Listening>(Listening{.tls = where.tls,
                                                                     .lmtp = where.protocol == Protocol::Lmtp,
                                                                     .imap = where.protocol == Protocol::Imap,
                                                                     .tenant = where.tenant,
                                                                     .proxy_protocol = where.proxy_protocol,
                                                                     .xclient = where.xclient}));
    const Listening& how = *listening_.back();
    auto listener = net::Listener::open(loop_, where.address, ports[i] != 0 ? ports[i] : where.port,
                                        [this, &how](net::Stream client) { accept(std::move(client), how); });
    if (!listener) return std::unexpected(listener.error());
    ports[i] = listener->port();
    listeners_.push_back(std::move(*listener));
  }
  return {};
}

void Worker::run() {
  learn();
  if (courier_ && !environment_.draining) courier_->start([this] { end_if_drained(); });
  loop_.run();
}

void Worker::accept(net::Stream client, const Listening& listening) {
  if (shared_.sessions.fetch_add(1) >= config_->sessions) {
    --shared_.sessions;
    // Under implicit TLS a reply would need the handshake that is to be saved here: the connection is closed
    // instead.
    if (listening.tls != policy::TlsMode::Implicit) loop_.spawn(refuse(std::move(client), listening.imap));
    return;
  }
  if (listening.imap) {
    begin(imap_sessions_, imap_environment_, std::move(client), listening);
  } else {
    begin(sessions_, environment_, std::move(client), listening);
  }
}

template <class Session>
void Worker::begin(std::list<Session>& sessions, auto& environment, net::Stream client,
                   const Listening& listening) {
  std::string id = next_session_id();
  sessions.emplace_front(environment, std::move(client), listening, id);
  loop_.spawn(serve(sessions, sessions.begin(), std::move(id)));
}

template <class Session>
net::Task<void> Worker::serve(std::list<Session>& sessions, typename std::list<Session>::iterator session,
                              std::string id) {
  try {
    co_await session->run();
  } catch (const net::StreamError& error) {
    log::event(log::Level::Info, "session ended early", {{"session", id}, {"cause", error.what()}});
  } catch (const std::exception& error) {
    log::event(log::Level::Error, "session failed", {{"session", id}, {"cause", error.what()}});
  }
  sessions.erase(session);
  --shared_.sessions;
  end_if_drained();
}

net::Task<void> Worker::refuse(net::Stream client, bool imap) {
  try {
    client.put(imap ? "* BYE [LIMIT] Too many connections, try again later\r\n"
                    : "421 4.3.2 Too many connections, try again later\r\n");
    co_await client.finish(loop_.after(limits::kFarewell));
  } catch (const net::StreamError&) {
    // It left before it could be told.
  }
}

void Worker::learn() {
  if (config_->policy->tenants().size() > 1) loop_.spawn(learn_upstreams());
}

net::Task<void> Worker::learn_upstreams() {
  // A listener whose tenant is known only after login announces what every tenant's upstream can.
  const auto policy = environment_.policy;
  for (const policy::Tenant& tenant : policy->tenants()) {
    if (!tenant.smtp) continue;
    const auto upstream = smtp::make_upstream(environment_, tenant);
    probes_.insert(upstream.get());
    const auto failure = co_await upstream->open(environment_, tenant);
    if (!failure) co_await upstream->quit();
    probes_.erase(upstream.get());
    if (environment_.draining || policy != environment_.policy) co_return;
  }
}

void Worker::drain() {
  if (std::exchange(environment_.draining, true)) return;
  imap_environment_.draining = true;
  listeners_.clear();
  if (courier_) courier_->stop();
  for (smtp::Upstream* probe : std::exchange(probes_, {})) probe->cancel();
  tell_sessions(&smtp::Session::drain, &imap::Session::drain);
  if (!has_sessions()) {
    end_if_drained();
  } else {
    loop_.spawn(end_patience());
  }
}

void Worker::tell_sessions(void (smtp::Session::*smtp)(), void (imap::Session::*imap)()) {
  // Being told may end and erase a session.
  for (auto it = sessions_.begin(); it != sessions_.end();) ((*it++).*smtp)();
  for (auto it = imap_sessions_.begin(); it != imap_sessions_.end();) ((*it++).*imap)();
}

net::Task<void> Worker::end_patience() {
  const net::Deadline end = loop_.after(config_->patience);
  while (has_sessions() && loop_.now() < end) co_await loop_.sleep(limits::kDrainStep);
  while (has_sessions()) {
    tell_sessions(&smtp::Session::cancel, &imap::Session::cancel);
    if (has_sessions()) co_await loop_.sleep(limits::kDrainStep);
  }
}

void Worker::end_if_drained() {
  const bool delivering = environment_.errands > 0 || (courier_ && !courier_->idle());
  if (environment_.draining && !has_sessions() && !delivering) loop_.close_door();
}

}  // namespace privet
