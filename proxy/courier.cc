#include "proxy/courier.h"

#include <utility>

#include "proxy/limits.h"
#include "proxy/log.h"
#include "proxy/smtp/owed.h"
#include "proxy/smtp/report.h"

namespace privet {

namespace {

Credentials credentials(const policy::Relay& relay) {
  return {.mechanism = Mechanism::Plain, .login = relay.user, .password = Secret(relay.password)};
}

}  // namespace

Courier::Courier(smtp::Environment& environment) : environment_(environment), wake_(environment.loop) {}

void Courier::start(std::function<void()> ended) {
  ended_ = std::move(ended);
  ++running_;
  environment_.loop.spawn(run());
}

void Courier::stop() {
  if (std::exchange(stopping_, true)) return;
  for (const auto& [tenant, relay] : std::exchange(under_way_, {})) relay->cancel();
  wake_.open();
}

void Courier::end_one() {
  if (--running_ == 0) ended_();
}

net::Task<void> Courier::run() {
  while (!stopping_) {
    environment_.spool->glance();
    co_await report_expired();
    if (stopping_) break;
    visit_relays();
    const net::Deadline next = environment_.loop.after(limits::kCourierRound);
    co_await wake_.wait(next);
  }
  end_one();
}

net::Task<void> Courier::report_expired() {
  for (const spool::Waiting& each : environment_.spool->expired(limits::kCourierCopies)) {
    if (stopping_) co_return;
    if (!environment_.spool->claim(each.id)) continue;
    auto loading = environment_.spool->load(environment_.loop, each.id);
    auto loaded = co_await loading;
    if (!loaded) continue;
    const smtp::OwedCopy copy = smtp::owed(*std::move(loaded));
    const std::string last = copy.events.empty() ? "" : copy.events.back().text;
    log::event(log::Level::Error, "copy expired",
               {{"copy", each.id}, {"tenant", each.tenant}, {"upstream_reply", last}});
    smtp::give_up(environment_, copy, mime::NoticeReason::Expired, last);
  }
}

void Courier::visit_relays() {
  const auto policy = environment_.policy;
  const spool::Time now = environment_.spool->now();
  const auto can_be_visited = [&](std::string_view name) {
    const policy::Tenant* tenant = policy->find(name);
    const auto rest = rests_.find(name);
    return tenant != nullptr && tenant->copy.relay && !under_way_.contains(name) &&
           (rest == rests_.end() || rest->second.until <= now);
  };
  std::map<std::string, std::vector<std::string>> due;
  for (spool::Waiting& each : environment_.spool->due(can_be_visited, limits::kCourierCopies))
    due[each.tenant].push_back(std::move(each.id));
  for (auto& [tenant, ids] : due) {
    ++running_;
    environment_.loop.spawn(visit(policy, tenant, std::move(ids)));
  }
}

net::Task<void> Courier::visit(std::shared_ptr<const policy::Policy> policy, std::string tenant,
                               std::vector<std::string> due) {
  const auto relay = smtp::make_relay(environment_);
  under_way_[tenant] = relay.get();
  const bool open_now = co_await open(*relay, *policy->find(tenant));
  if (open_now) co_await deliver(*relay, std::move(due));
  if (!relay->lost()) {
    rests_.erase(tenant);
    co_await relay->quit();
  } else {
    Rest& rest = rests_[tenant];
    rest.until = environment_.spool->now() + smtp::back_off(rest.failures++, 1).count();
  }
  under_way_.erase(tenant);
  end_one();
}

net::Task<bool> Courier::open(smtp::Upstream& relay, const policy::Tenant& tenant) {
  const std::optional<smtp::Reply> failure = co_await relay.open(environment_, tenant);
  if (failure || stopping_) co_return false;
  if (tenant.copy.relay->user.empty()) co_return true;
  const Credentials login = credentials(*tenant.copy.relay);
  const smtp::Reply reply = co_await relay.log_in(login);
  if (reply.positive()) co_return true;
  log::event(log::Level::Error, "login at the relay failed",
             {{"tenant", tenant.name},
              {"upstream_reply", std::to_string(reply.code) + " " + log::loggable(reply.text)}});
  relay.abandon();
  co_return false;
}

net::Task<void> Courier::deliver(smtp::Upstream& relay, std::vector<std::string> due) {
  for (const std::string& id : due) {
    if (stopping_ || relay.lost()) co_return;
    if (!environment_.spool->claim(id)) continue;
    auto loading = environment_.spool->load(environment_.loop, id);
    auto loaded = co_await loading;
    if (!loaded) continue;
    smtp::OwedCopy copy = smtp::owed(*std::move(loaded));
    co_await smtp::send_owed(environment_, relay, std::move(copy), smtp::Way::Relay);
  }
}

}  // namespace privet
