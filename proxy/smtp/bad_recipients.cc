#include "proxy/smtp/bad_recipients.h"

#include "proxy/limits.h"
#include "proxy/text.h"

namespace privet::smtp {

void BadRecipients::add(std::string_view tenant, std::string_view recipient, Reply reply,
                        net::Deadline until) {
  const std::lock_guard lock(mutex_);
  if (refusals_.size() >= limits::kBadRecipients) refusals_.clear();
  refusals_[Key(tenant, to_upper(recipient))] = {std::move(reply), until};
}

std::optional<Reply> BadRecipients::find(std::string_view tenant, std::string_view recipient,
                                         net::Deadline now) {
  const std::lock_guard lock(mutex_);
  if (refusals_.empty()) return std::nullopt;
  const auto found = refusals_.find(Key(tenant, to_upper(recipient)));
  if (found == refusals_.end()) return std::nullopt;
  if (found->second.until > now) return found->second.reply;
  refusals_.erase(found);
  return std::nullopt;
}

}  // namespace privet::smtp
