// What a session needs from the loop it runs on. One per loop, touched on its thread only; a reload replaces
// the shared parts between two events, and a session takes them anew at its next transaction.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "certs/store.h"
#include "policy/policy.h"
#include "proxy/guard.h"
#include "proxy/limits.h"
#include "proxy/net/loop.h"
#include "proxy/notice_limiter.h"
#include "proxy/route.h"
#include "proxy/smtp/bad_recipients.h"
#include "proxy/smtp/extension.h"
#include "proxy/spool/spool.h"

struct ssl_ctx_st;

namespace privet::smtp {

struct Environment {
  net::Loop& loop;
  std::string hostname;            ///< in greetings, EHLO and trace
  std::uint64_t message_size = 0;  ///< largest content accepted, bytes
  std::string content_folder;      ///< for temporary files of large messages
  std::shared_ptr<const policy::Policy> policy;
  std::shared_ptr<const certs::Store> certificates;  ///< null when no listener speaks TLS
  std::map<std::string, std::shared_ptr<ssl_ctx_st>, std::less<>>
      client_contexts;                                       ///< by MailServer::ca_file
  std::map<std::string, Extensions, std::less<>> announced;  ///< by tenant: what its upstream said last
  Resting resting;                                           ///< hosts of upstreams that failed lately
  std::chrono::milliseconds disk_patience = limits::kDiskPatience;  ///< for copies to be durable
  spool::Spool* spool = nullptr;                                    ///< shared by all loops, as the next
  Guard* guard = nullptr;
  NoticeLimiter* notices = nullptr;
  BadRecipients* bad_recipients = nullptr;  ///< CRM addresses refused lately
  bool draining = false;                    ///< no new transaction may begin
  std::size_t errands = 0;                  ///< tasks without a session that are under way
  std::function<void()> errand_done;        ///< called when one has ended
};

}  // namespace privet::smtp
