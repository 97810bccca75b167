#include "proxy/smtp/upstream.h"

#include "proxy/log.h"
#include "proxy/smtp/upstream_maildir.h"
#include "proxy/smtp/upstream_smtp.h"

namespace privet::smtp {

net::Task<Reply> Upstream::execute(const Command& command) {
  put(command);
  co_return co_await reply();
}

net::Task<std::expected<std::unique_ptr<Upstream>, Reply>> open_upstream(Environment& environment,
                                                                         const policy::Tenant& tenant) {
  if (!tenant.smtp.maildir.empty()) {
    co_return std::make_unique<MaildirUpstream>(environment.loop, tenant.smtp.maildir,
                                                environment.message_size);
  }
  auto upstream = std::make_unique<SmtpUpstream>(environment.loop);
  const auto context = environment.client_contexts.find(tenant.smtp.ca_file);
  ssl_ctx_st* const tls = context == environment.client_contexts.end() ? nullptr : context->second.get();
  if (tls == nullptr && tenant.smtp.tls != policy::TlsMode::None) {
    // A reload took the authority away between two transactions.
    co_return std::unexpected(Reply{421, "4.3.2", "The configuration has changed, connect again"});
  }
  const Opened opened = co_await upstream->open(tenant.smtp, environment.hostname, tls);
  if (!opened.why_not.empty()) {
    log::event(log::Level::Error, "upstream unavailable",
               {{"tenant", tenant.name}, {"cause", opened.why_not}});
    co_return std::unexpected(opened.reply);
  }
  environment.announced[tenant.name] = upstream->extensions();
  co_return upstream;
}

}  // namespace privet::smtp
