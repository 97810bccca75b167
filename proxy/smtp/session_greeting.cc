// Who the client is: its address (as its proxy or relay tells it, where that one is trusted), and with it the
// tenant (listener, SNI, network; the login may follow).
#include <algorithm>
#include <string>
#include <utility>

#include "proxy/client_address.h"
#include "proxy/limits.h"
#include "proxy/log.h"
#include "proxy/smtp/session.h"
#include "proxy/smtp/xclient.h"

namespace privet::smtp {

namespace {

bool is_among(const std::vector<policy::Network>& networks, const std::string& address) {
  return std::ranges::any_of(networks, [&](const policy::Network& each) { return each.contains(address); });
}

}  // namespace

net::Task<bool> Session::greet() {
  client_.set_sensitive(true);  // until a login went well
  const bool proxied = is_proxied(listening_, client_address_);
  if (proxied) {
    const bool told = co_await read_proxy_header();
    if (!told) co_return false;
  }
  // Behind a balancer the peer is the balancer, whoever speaks.
  may_relay_ = is_among(listening_.xclient, client_address_);
  if (!admission_.enter(client_address_)) {
    log::event(log::Level::Warning, "too many connections", {{"session", id_}, {"client", client_address_}});
    if (listening_.tls != policy::TlsMode::Implicit)
      client_.put(to_wire({421, "4.7.0", "Too many connections from your address"}));
    co_return false;
  }
  if (listening_.tls == policy::TlsMode::Implicit) {
    const auto certificates = environment_.certificates;
    // Behind a PROXY header the handshake may have begun already.
    co_await client_.start_tls_server(certificates->context(), environment_.loop.after(limits::kHandshake),
                                      proxied);
  }
  identify();
  if (listening_.tls == policy::TlsMode::Implicit) sequence_.set_tls();
  if (listening_.tls != policy::TlsMode::Implicit && client_.has_early_input()) {
    client_.put(to_wire({554, "5.5.0", "The server speaks first"}));
    co_return false;
  }
  client_.put(to_wire(greeting()));
  co_return true;
}

net::Task<bool> Session::read_proxy_header() {
  const net::Deadline deadline = environment_.loop.after(limits::kProxyHeaderWait);
  std::optional<std::string> address = co_await read_client_address(client_, client_address_, deadline);
  if (!address) {
    log::event(log::Level::Warning, "no PROXY header", {{"session", id_}, {"client", client_address_}});
    co_return false;
  }
  client_address_ = *std::move(address);
  co_return true;
}

void Session::identify() {
  const std::string server_name = client_.server_name();
  const policy::Tenant* named = !listening_.tenant.empty() ? policy_->find(listening_.tenant)
                                : server_name.empty()      ? nullptr
                                                           : policy_->find_by_name(server_name);
  const policy::Tenant* trusting = policy_->find_trusting(client_address_);
  fixed_tenant_ = named == nullptr ? "" : named->name;
  trusted_ = trusting != nullptr && (named == nullptr || named == trusting);
  const policy::Tenant* const before = std::exchange(tenant_, trusted_ ? trusting : named);
  if (upstream_ != nullptr && before != tenant_) drop_upstream();
  if (trusted_) client_.set_sensitive(false);
  sequence_ = Sequence({.offer_start_tls = listening_.tls == policy::TlsMode::StartTls,
                        .require_tls = listening_.tls == policy::TlsMode::StartTls,
                        .require_login = !trusted_,
                        .lmtp = listening_.lmtp,
                        .chunking = true,
                        .xclient = may_relay_,
                        .xforward = may_relay_});
}

net::Task<Reply> Session::take_client_of(const Command& xclient) {
  co_await await_delivery();  // it may go by an upstream that the next client does not have
  const std::string* address = xclient.parameter("ADDR");
  // A client whose address the relay does not know is nobody's, and in no trusted network.
  if (address != nullptr) client_address_ = address_literal(*address);
  log::event(log::Level::Info, "client told by relay", {{"session", id_}, {"client", client_address_}});
  const bool tls = sequence_.tls();
  identify();
  if (tls) sequence_.set_tls();
  co_return greeting();
}

Reply Session::greeting() const {
  return {220, "", environment_.hostname + (listening_.lmtp ? " LMTP Privet" : " ESMTP Privet")};
}

}  // namespace privet::smtp
