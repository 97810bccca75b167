#include "proxy/queue.h"

#include <ostream>
#include <string_view>

#include "proxy/queue_view.h"
#include "proxy/spool/browse.h"

namespace privet {

namespace {

using spool::Item;
using spool::Time;

constexpr int kOk = 0;
constexpr int kFailure = 1;

int complain(const Error& error, std::ostream& errors) {
  errors << error.to_string() << "\n";
  return kFailure;
}

int list(const QueueOptions& options, Time now, std::ostream& out, std::ostream& errors) {
  auto listing = spool::list(options.folder);
  if (!listing) return complain(listing.error(), errors);
  if (!options.tenant.empty()) {
    std::erase_if(listing->items, [&](const Item& item) { return item.record.tenant != options.tenant; });
    listing->aside.clear();  // nobody knows whose it is
  }
  if (options.json) {
    write_json(*listing, out);
  } else {
    write_text(*listing, now, out);
  }
  return kOk;
}

int show(const QueueOptions& options, Time now, std::ostream& out, std::ostream& errors) {
  const auto found = spool::show(options.folder, options.ids.front());
  if (!found) return complain(found.error(), errors);
  if (options.content) {
    out << found->content;
  } else if (options.json) {
    write_json(found->item, out);
  } else {
    write_text(found->item, now, out);
  }
  return kOk;
}

// What was delivered while the others were hurried is no failure: so only what is still there counts.
int flush_many(const QueueOptions& options, Time now, std::ostream& out, std::ostream& errors) {
  const auto listing = spool::list(options.folder);
  if (!listing) return complain(listing.error(), errors);
  int status = kOk;
  std::size_t done = 0;
  for (const Item& item : listing->items) {
    if (!is_waiting(item) || (!options.all && item.record.tenant != options.tenant)) continue;
    const auto flushed = spool::flush(options.folder, item.record.id, now);
    if (flushed) {
      ++done;
    } else if (spool::show(options.folder, item.record.id)) {
      status = complain(flushed.error(), errors);
    }
  }
  out << "flushed " << done << "\n";
  return status;
}

Result<void> change(const QueueOptions& options, const std::string& id, Time now) {
  switch (options.verb) {
    case QueueOptions::Verb::Flush:
      return spool::flush(options.folder, id, now);
    case QueueOptions::Verb::Hold:
      return spool::hold(options.folder, id, now);
    case QueueOptions::Verb::Release:
      return spool::release(options.folder, id, now);
    default:
      return spool::remove(options.folder, id);
  }
}

std::string_view past_tense(QueueOptions::Verb verb) {
  switch (verb) {
    case QueueOptions::Verb::Flush:
      return "flushed ";
    case QueueOptions::Verb::Hold:
      return "held ";
    case QueueOptions::Verb::Release:
      return "released ";
    default:
      return "removed ";
  }
}

}  // namespace

int queue(const QueueOptions& options, Time now, std::ostream& out, std::ostream& errors) {
  if (options.verb == QueueOptions::Verb::List) return list(options, now, out, errors);
  if (options.verb == QueueOptions::Verb::Show) return show(options, now, out, errors);
  if (options.all || !options.tenant.empty()) return flush_many(options, now, out, errors);
  int status = kOk;
  for (const std::string& id : options.ids) {
    if (const auto changed = change(options, id, now)) {
      out << past_tense(options.verb) << id << "\n";
    } else {
      status = complain(changed.error(), errors);
    }
  }
  return status;
}

}  // namespace privet
