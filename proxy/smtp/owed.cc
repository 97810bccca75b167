#include "proxy/smtp/owed.h"

#include <algorithm>
#include <random>

#include "mime/ascii.h"
#include "proxy/limits.h"
#include "proxy/log.h"
#include "proxy/smtp/envelope_rules.h"
#include "proxy/smtp/report.h"

namespace privet::smtp {

namespace {

double random_jitter() {
  thread_local std::minstd_rand generator{std::random_device()()};
  return std::uniform_real_distribution<double>(0, 1)(generator);
}

std::string loggable(const Reply& reply) {
  return std::to_string(reply.code) + " " + log::loggable(reply.text);
}

bool was_in_doubt(const OwedCopy& copy) {
  return std::ranges::any_of(
      copy.events, [](const spool::Event& event) { return event.what == spool::Event::What::Maybe; });
}

std::vector<Parameter> parameters(ParameterOwner owner, const std::string& text) {
  return parse_parameters(owner, text).value_or(std::vector<Parameter>());
}

}  // namespace

OwedCopy owed(spool::Loaded loaded) {
  return {.record = std::move(loaded.record),
          .content = {.parts = {loaded.content}, .mapped = loaded.mapped},
          .keep = std::move(loaded.keep),
          .events = std::move(loaded.events)};
}

std::expected<std::pair<Command, Command>, Reply> commands_for(const OwedCopy& copy, const Extensions& theirs,
                                                               Way way) {
  const spool::Record& record = copy.record;
  // A notice has no reverse path, so that nothing answers it; an upstream that knows its user may want one.
  const bool as_user = record.kind == spool::Kind::Notice && way == Way::OwnSession;
  const Command original{.verb = Verb::Mail,
                         .argument = as_user ? record.recipient : record.reverse_path,
                         .parameters = parameters(ParameterOwner::Mail, record.mail_parameters)};
  const std::string_view header = header_of(copy);
  const CopyTraits traits{.size = copy.content.size(),
                          .eight_bit_header = std::ranges::any_of(header, mime::is_8bit),
                          .non_ascii_recipient = std::ranges::any_of(record.recipient, mime::is_8bit),
                          .envelope_id = record.id};
  auto mail = copy_mail(original, traits, theirs);
  if (!mail) return std::unexpected(mail.error());
  const Command recipient{.verb = Verb::Rcpt,
                          .argument = record.recipient,
                          .parameters = parameters(ParameterOwner::Rcpt, record.rcpt_parameters)};
  return std::pair{*std::move(mail), copy_rcpt(recipient, theirs)};
}

std::string_view header_of(const OwedCopy& copy) {
  const std::string_view first = copy.content.parts[0];
  const std::size_t end = first.find("\r\n\r\n");
  return end == std::string_view::npos ? first : first.substr(0, end + 4);
}

net::Task<Outcome> try_owed(Upstream& upstream, const OwedCopy& copy, Way way) {
  const SessionLimits& limits = upstream.extensions().limits;
  if (limits.mail_max > 0 && upstream.transactions() >= limits.mail_max) {
    co_return Outcome{.fate = Fate::Later,
                      .reply = {451, "4.7.0", "The mail server takes no more in one session"}};
  }
  auto commands = commands_for(copy, upstream.extensions(), way);
  if (!commands) co_return Outcome{.fate = Fate::Never, .reply = std::move(commands.error())};
  co_return co_await send_message(upstream, std::move(commands->first), std::move(commands->second),
                                  copy.content);
}

net::Task<void> send_owed(Environment& environment, Upstream& upstream, OwedCopy copy, Way way) {
  const Outcome outcome = co_await try_owed(upstream, copy, way);
  settle(environment, copy, outcome, way);
}

void settle(Environment& environment, const OwedCopy& copy, const Outcome& outcome, Way way) {
  log_outcome(copy, outcome);
  spool::Spool& spool = *environment.spool;
  const std::string& id = copy.record.id;
  if (outcome.fate == Fate::Delivered) return spool.delivered(id);
  if (outcome.fate == Fate::Later || (outcome.fate == Fate::Unknown && !was_in_doubt(copy))) {
    const policy::Tenant* tenant = environment.policy->find(copy.record.tenant);
    const bool relay_is_next = way == Way::OwnSession && tenant != nullptr && tenant->copy.relay;
    const auto wait = relay_is_next ? std::chrono::seconds(0) : back_off(copy.events.size(), random_jitter());
    const auto what = outcome.fate == Fate::Unknown ? spool::Event::What::Maybe : spool::Event::What::Tried;
    const spool::Time now = spool.now();
    return spool.deferred(id, {.what = what, .time = now, .text = loggable(outcome.reply)},
                          now + wait.count());
  }
  // A relay's refusal may be about the relay.
  if (outcome.recipient_refused && way == Way::OwnSession) {
    environment.bad_recipients->add(copy.record.tenant, copy.record.recipient, outcome.reply,
                                    environment.loop.after(limits::kBadRecipient));
  }
  give_up(environment, copy, mime::NoticeReason::Refused, loggable(outcome.reply));
}

void log_outcome(const OwedCopy& copy, const Outcome& outcome) {
  const bool notice = copy.record.kind == spool::Kind::Notice;
  log::Level level = log::Level::Info;
  std::string what = notice ? "notice" : "copy";
  switch (outcome.fate) {
    case Fate::Delivered:
      what += " sent";
      break;
    case Fate::Later:
      what += " deferred";
      level = log::Level::Warning;
      break;
    case Fate::Unknown:
      what += " in doubt";
      level = log::Level::Warning;
      break;
    case Fate::Never:
      what += " failed";
      level = log::Level::Error;
      break;
  }
  log::event(level, what,
             {{"copy", copy.record.id},
              {"tenant", copy.record.tenant},
              {"verdict", copy.record.verdict},
              {"rule", copy.record.rule},
              {"tries", std::to_string(copy.events.size() + 1)},
              {"upstream_reply", loggable(outcome.reply)}});
}

std::chrono::seconds back_off(std::size_t tries, double jitter) {
  std::chrono::seconds wait = limits::kFirstRetry;
  for (; tries > 0 && wait < limits::kLongestRetry; --tries) wait *= 2;
  wait = std::min(wait, std::chrono::seconds(limits::kLongestRetry));
  const double spread = 0.75 + jitter / 2;
  return std::chrono::seconds(static_cast<std::int64_t>(static_cast<double>(wait.count()) * spread));
}

}  // namespace privet::smtp
