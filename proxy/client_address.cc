#include "proxy/client_address.h"

#include <algorithm>
#include <utility>

#include "proxy/proxy_header.h"

namespace privet {

bool is_proxied(const Listening& listening, const std::string& peer) {
  return std::ranges::any_of(listening.proxy_protocol,
                             [&](const policy::Network& each) { return each.contains(peer); });
}

net::Task<std::optional<std::string>> read_client_address(net::Stream& stream, std::string peer,
                                                          net::Deadline deadline) {
  while (true) {
    const auto header = parse_proxy_header(stream.input());
    if (header) {
      stream.consume(header->size);
      co_return header->local ? std::move(peer) : header->source;
    }
    net::Input more = net::Input::End;
    if (header.error() == ProxyHeaderError::NeedMore) more = co_await stream.fill(deadline);
    if (more != net::Input::Bytes) co_return std::nullopt;
  }
}

}  // namespace privet
