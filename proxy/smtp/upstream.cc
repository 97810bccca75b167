#include "proxy/smtp/upstream.h"

#include "proxy/smtp/upstream_maildir.h"
#include "proxy/smtp/upstream_smtp.h"

namespace privet::smtp {

net::Task<Reply> Upstream::execute(const Command& command) {
  put(command);
  co_return co_await reply();
}

void Upstream::remember_announced(Environment& environment, const policy::Tenant& tenant) const {
  if (environment.policy->find(tenant.name) == &tenant) environment.announced[tenant.name] = extensions_;
}

std::unique_ptr<Upstream> make_upstream(Environment& environment, const policy::Tenant& tenant) {
  if (tenant.smtp->maildir.empty()) return std::make_unique<SmtpUpstream>(environment.loop);
  return std::make_unique<MaildirUpstream>(environment.loop, tenant.smtp->maildir, environment.message_size);
}

std::unique_ptr<Upstream> make_relay(Environment& environment) {
  return std::make_unique<SmtpUpstream>(environment.loop, SmtpUpstream::Role::Relay);
}

}  // namespace privet::smtp
