// What a session needs from the loop it runs on. One per loop, touched on its thread only; a reload replaces
// the shared parts between two events.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "certs/store.h"
#include "policy/policy.h"
#include "proxy/guard.h"
#include "proxy/net/loop.h"
#include "proxy/route.h"
#include "proxy/state/store.h"

struct ssl_ctx_st;

namespace privet::imap {

struct Environment {
  net::Loop& loop;
  std::uint64_t message_size = 0;  ///< largest message that is looked into, bytes; a larger one is hidden
  std::shared_ptr<const policy::Policy> policy;
  std::shared_ptr<const certs::Store> certificates;  ///< null when no listener speaks TLS
  std::map<std::string, std::shared_ptr<ssl_ctx_st>, std::less<>>
      client_contexts;            ///< by MailServer::ca_file
  Resting resting;                ///< hosts of upstreams that failed lately
  state::Store* store = nullptr;  ///< shared by all loops, as the next
  Guard* guard = nullptr;
  /// How often an upstream hung up at a message, by UID, when that was asked for alone; 0 where it was among
  /// others.
  std::map<state::MailboxId, std::map<std::uint32_t, int>> hang_ups;
  std::uint64_t incoming = 0;  ///< octets of messages that clients file just now, as announced
  bool draining = false;       ///< sessions are to end
};

}  // namespace privet::imap
