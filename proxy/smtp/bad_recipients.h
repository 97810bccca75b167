// CRM addresses that an upstream refused for good a short while ago: naming one again is answered at once,
// instead of holding a copy that cannot arrive. One for all loops.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "proxy/net/loop.h"
#include "proxy/smtp/reply.h"

namespace privet::smtp {

class BadRecipients {
 public:
  /// `until` and `now` are of one steady clock, in milliseconds.
  void add(std::string_view tenant, std::string_view recipient, Reply reply, net::Deadline until);
  /// The upstream's own refusal while it is remembered.
  std::optional<Reply> find(std::string_view tenant, std::string_view recipient, net::Deadline now);

 private:
  using Key = std::pair<std::string, std::string>;
  struct Refusal {
    Reply reply;
    net::Deadline until;
  };
  std::mutex mutex_;
  std::map<Key, Refusal> refusals_;
};

}  // namespace privet::smtp
