#include "proxy/smtp/report.h"

#include <array>
#include <chrono>
#include <ctime>
#include <memory>
#include <utility>
#include <vector>

#include "proxy/limits.h"
#include "proxy/log.h"
#include "proxy/smtp/errand.h"
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

// What a report made before, of whichever process, is found by it.
std::string key_of_notice(const spool::Spool& spool, const spool::Record& failed) {
  return spool.key_for(failed.tenant, failed.user, failed.reverse_path, failed.id, "notice");
}

/// The error is why the disk has no notice.
net::Task<Result<void>> file(Environment& environment, spool::Record record,
                             std::shared_ptr<const std::string> content) {
  std::vector<spool::Draft> drafts;
  drafts.push_back({.record = std::move(record), .header = *content, .body = {}, .keep = content});
  auto preparing = environment.spool->prepare(environment.loop, std::move(drafts));
  const auto results = co_await preparing;
  if (!results) co_return std::unexpected(results.error());
  const spool::Prepared notice = results->front();
  if (notice.state != spool::State::Prepared && notice.state != spool::State::InDoubt)
    co_return Result<void>();
  const std::vector<std::string> ids = {notice.id};
  auto committing = environment.spool->commit(environment.loop, ids);
  const bool durable = co_await committing;
  if (notice.claimed) environment.spool->release(notice.id);
  if (!durable) co_return failure("cannot commit it");
  co_return Result<void>();
}

net::Task<void> file_and_end(Environment& environment, spool::Record failed, spool::Record record,
                             std::shared_ptr<const std::string> content) {
  const Result<void> filed = co_await file(environment, std::move(record), std::move(content));
  spool::Spool& spool = *environment.spool;
  const spool::Time now = spool.now();
  const bool lost = !filed && now >= failed.expires + std::chrono::seconds(limits::kNoticePatience).count();
  if (!filed) {
    log::event(log::Level::Error, lost ? "notice not filed, sender not told" : "notice not filed for now",
               {{"copy", failed.id}, {"cause", filed.error().to_string()}});
  }
  if (filed || lost) co_return spool.failed(failed.id);
  spool.postpone(failed.id, now + std::chrono::seconds(limits::kNoticeRetry).count());
}

/// What the sender is told; nothing where that is not to be.
std::shared_ptr<const std::string> write_notice(Environment& environment, const OwedCopy& copy,
                                                mime::NoticeReason reason, std::string reply) {
  const spool::Record& failed = copy.record;
  if (failed.kind == spool::Kind::Notice || !failed.notify || failed.reverse_path.empty()) return nullptr;
  const std::chrono::milliseconds steady(environment.loop.now());
  if (!environment.notices->allow(failed.reverse_path, steady)) {
    log::event(log::Level::Warning, "sender not told, was told often enough", {{"copy", failed.id}});
    return nullptr;
  }
  auto notice = mime::make_notice({.from = failed.reverse_path,
                                   .to = failed.reverse_path,
                                   .date = date_time(environment.spool->now()),
                                   .message_id = "<" + random_hex() + "@" + environment.hostname + ">",
                                   .reporting_mta = environment.hostname,
                                   .copy_id = failed.id,
                                   .recipient = failed.recipient,
                                   .reason = reason,
                                   .reply = std::move(reply),
                                   .copy_header = header_of(copy)});
  if (notice) return std::make_shared<const std::string>(*std::move(notice));
  log::event(log::Level::Error, "notice not written",
             {{"copy", failed.id}, {"cause", notice.error().to_string()}});
  return nullptr;
}

}  // namespace

void give_up(Environment& environment, const OwedCopy& copy, mime::NoticeReason reason, std::string reply) {
  const spool::Record& failed = copy.record;
  auto notice = write_notice(environment, copy, reason, std::move(reply));
  if (notice == nullptr) return environment.spool->failed(failed.id);
  const spool::Time now = environment.spool->now();
  spool::Record record{.kind = spool::Kind::Notice,
                       .tenant = failed.tenant,
                       .user = failed.user,
                       .recipient = failed.reverse_path,
                       .key = key_of_notice(*environment.spool, failed),
                       .created = now,
                       .expires = now + (failed.expires - failed.created)};
  net::Task<void> errand = file_and_end(environment, failed, std::move(record), std::move(notice));
  environment.loop.spawn(run_errand(environment, std::move(errand)));
}

}  // namespace privet::smtp
