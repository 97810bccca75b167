// Sending content to an upstream: what the original, its copies and later tries have in common (RFC
// 5321 3.3).
#pragma once

#include <array>
#include <string_view>

#include "proxy/net/task.h"
#include "proxy/smtp/command.h"
#include "proxy/smtp/reply.h"
#include "proxy/smtp/upstream.h"

namespace privet::smtp {

/// One content in order of its parts.
struct Pieces {
  std::array<std::string_view, 3> parts;
  bool mapped =
      false;  ///< the last part that is not empty is a view of a file: its pages are given back once sent

  std::size_t size() const { return parts[0].size() + parts[1].size() + parts[2].size(); }
};

/// Writes content for an upstream that said 354; the final dot is left to Upstream::finish_content().
net::Task<void> put_encoded(Upstream& upstream, Pieces pieces);

/// What became of a transaction.
enum class Fate {
  Delivered,  ///< 2xx to the final dot
  Later,      ///< 4xx, or the upstream was lost before the final dot
  Unknown,    ///< the upstream was lost behind the final dot
  Never,      ///< 5xx
};
Fate fate_of(const Upstream& upstream, const Reply& reply);

struct Outcome {
  Fate fate = Fate::Later;
  Reply reply;
  bool recipient_refused = false;  ///< 5xx to RCPT: the address itself is bad
};

/// A transaction of its own: `mail`, `rcpt`, content. Leaves the upstream without an open transaction, or
/// lost.
net::Task<Outcome> send_message(Upstream& upstream, Command mail, Command rcpt, Pieces content);

/// RSET. An upstream that does not say 250 may still hold the transaction: it is given up.
net::Task<Reply> end_transaction(Upstream& upstream);

}  // namespace privet::smtp
