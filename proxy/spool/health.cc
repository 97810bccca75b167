#include "proxy/spool/health.h"

#include <chrono>

#include "proxy/limits.h"
#include "proxy/log.h"

namespace privet::spool {

namespace {

constexpr Time kPause = std::chrono::seconds(limits::kSpoolProbe).count();

}  // namespace

void Health::failed(std::string_view what, SystemError error, Time now) {
  next_probe_ = now + kPause;
  if (!good_.exchange(false)) return;
  log::event(log::Level::Error, "spool failed: mail to a CRM is refused for now",
             {{"folder", root_}, {"what", std::string(what)}, {"cause", explain(error)}});
}

bool Health::wants_probe(Time now) {
  Time due = next_probe_;
  return !good_ && due <= now && next_probe_.compare_exchange_strong(due, now + kPause);
}

void Health::probe(const Disk& disk, Time now) {
  if (const SystemError error = disk.probe()) return failed("probing the disk", error, now);
  if (good_.exchange(true)) return;
  log::event(log::Level::Info, "spool works again", {{"folder", root_}});
}

}  // namespace privet::spool
