// A copy that is owed to a CRM, wherever it comes from (the transaction just done, the spool) and whichever
// way it goes (the sender's own upstream session, the tenant's relay); and what follows from each outcome
// (field rules F17 to F20).
#pragma once

#include <chrono>
#include <expected>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "proxy/smtp/environment.h"
#include "proxy/smtp/transmit.h"
#include "proxy/spool/spool.h"

namespace privet::smtp {

struct OwedCopy {
  spool::Record record;  ///< its `id` is empty when the disk refused it: then there is only this one try
  Pieces content;
  std::shared_ptr<const void> keep;  ///< what `content` borrows from
  std::vector<spool::Event> events;  ///< of earlier tries
};

/// The header section of a copy, however it is cut into parts.
std::string_view header_of(const OwedCopy& copy);

/// A copy read back from the spool.
OwedCopy owed(spool::Loaded loaded);

/// Who carries a copy.
enum class Way {
  OwnSession,  ///< an upstream session of the user who sent the original
  Relay,       ///< the tenant's relay
};

/// MAIL and RCPT for this upstream. The error is the refusal that the copy would meet there for certain.
std::expected<std::pair<Command, Command>, Reply> commands_for(const OwedCopy& copy, const Extensions& theirs,
                                                               Way way);

/// Tries it once on a logged-in upstream.
net::Task<Outcome> try_owed(Upstream& upstream, const OwedCopy& copy, Way way);
/// The same, and settle()s it.
net::Task<void> send_owed(Environment& environment, Upstream& upstream, OwedCopy copy, Way way);

/// Notes in the spool and in the log what became of it, reports a failure to the sender, and remembers a bad
/// address.
void settle(Environment& environment, const OwedCopy& copy, const Outcome& outcome, Way way);
void log_outcome(const OwedCopy& copy, const Outcome& outcome);

/// Time until the next try after `tries`: doubled each time, up to limits::kLongestRetry. `jitter` of 0 to 1
/// spreads it by a quarter to either side, so that copies that failed together do not come back together.
std::chrono::seconds back_off(std::size_t tries, double jitter);

}  // namespace privet::smtp
