#include "proxy/smtp/report.h"

#include <array>
#include <ctime>
#include <memory>
#include <utility>
#include <vector>

#include "proxy/log.h"
#include "proxy/smtp/random.h"

namespace privet::smtp {

namespace {

// RFC 5322 3.3, in UTC.
std::string date_time(spool::Time time) {
  const std::time_t seconds = time;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  const std::size_t length = strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S +0000", &parts);
  return {text.data(), length};
}

net::Task<void> file(Environment& environment, spool::Record record,
                     std::shared_ptr<const std::string> content) {
  std::vector<spool::Draft> drafts;
  drafts.push_back({.record = std::move(record), .header = *content, .body = {}, .keep = content});
  auto preparing = environment.spool->prepare(environment.loop, std::move(drafts));
  const auto prepared = co_await preparing;
  if (!prepared) {
    log::event(log::Level::Error, "notice not filed", {{"cause", prepared.error().to_string()}});
    co_return;
  }
  const std::string id = prepared->front().id;
  auto committing = environment.spool->commit(environment.loop, {id});
  co_await committing;
  environment.spool->release(id);
}

net::Task<void> run_errand(Environment& environment, net::Task<void> errand) {
  ++environment.errands;
  co_await errand;
  --environment.errands;
  environment.errand_done();
}

}  // namespace

void report(Environment& environment, const OwedCopy& copy, mime::NoticeReason reason, std::string reply) {
  const spool::Record& failed = copy.record;
  if (failed.kind == spool::Kind::Notice || !failed.notify || failed.reverse_path.empty()) return;
  const std::chrono::milliseconds steady(environment.loop.now());
  if (!environment.notices->allow(failed.reverse_path, steady)) {
    log::event(log::Level::Warning, "sender not told, was told often enough", {{"copy", failed.id}});
    return;
  }
  const spool::Time now = environment.spool->now();
  const auto notice = mime::make_notice({.from = failed.reverse_path,
                                         .to = failed.reverse_path,
                                         .date = date_time(now),
                                         .message_id = "<" + random_hex() + "@" + environment.hostname + ">",
                                         .reporting_mta = environment.hostname,
                                         .copy_id = failed.id,
                                         .recipient = failed.recipient,
                                         .reason = reason,
                                         .reply = std::move(reply),
                                         .copy_header = header_of(copy)});
  if (!notice) {
    log::event(log::Level::Error, "notice not written",
               {{"copy", failed.id}, {"cause", notice.error().to_string()}});
    return;
  }
  spool::Record record{.kind = spool::Kind::Notice,
                       .tenant = failed.tenant,
                       .user = failed.user,
                       .recipient = failed.reverse_path,
                       .created = now,
                       .expires = now + (failed.expires - failed.created)};
  net::Task<void> errand = file(environment, std::move(record), std::make_shared<const std::string>(*notice));
  environment.loop.spawn(run_errand(environment, std::move(errand)));
}

}  // namespace privet::smtp
