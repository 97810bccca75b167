#include "proxy/net/connect.h"

#include <netdb.h>

#include <coroutine>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "proxy/net/stream_impl.h"

namespace privet::net {

namespace {

using Addresses = std::vector<sockaddr_storage>;

struct Lookup {
  uv_getaddrinfo_t request;
  std::coroutine_handle<> awaiter;
  Addresses addresses;
  int status = 0;
};

// Awaitable: every address of a name.
class Resolve {
 public:
  Resolve(Loop& loop, const std::string& host, std::uint16_t port) : loop_(loop), host_(host), port_(port) {}
  bool await_ready() {
    sockaddr_storage literal{};
    if (uv_ip4_addr(host_.c_str(), port_, reinterpret_cast<sockaddr_in*>(&literal)) == 0 ||
        uv_ip6_addr(host_.c_str(), port_, reinterpret_cast<sockaddr_in6*>(&literal)) == 0) {
      lookup_.addresses.push_back(literal);
      return true;
    }
    return false;
  }
  bool await_suspend(std::coroutine_handle<> awaiter) {
    lookup_.awaiter = awaiter;
    lookup_.request.data = &lookup_;
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    lookup_.status = uv_getaddrinfo(
        &loop_.impl().uv, &lookup_.request,
        [](uv_getaddrinfo_t* request, int status, addrinfo* list) {
          auto* lookup = static_cast<Lookup*>(request->data);
          lookup->status = status;
          for (const addrinfo* each = list; each != nullptr; each = each->ai_next) {
            std::memcpy(&lookup->addresses.emplace_back(), each->ai_addr, each->ai_addrlen);
          }
          uv_freeaddrinfo(list);
          lookup->awaiter.resume();
        },
        host_.c_str(), std::to_string(port_).c_str(), &hints);
    return lookup_.status == 0;
  }
  Addresses await_resume() {
    if (lookup_.status != 0) {
      throw StreamError(StreamFault::Connect, "cannot resolve " + host_ + ": " + uv_strerror(lookup_.status));
    }
    return std::move(lookup_.addresses);
  }

 private:
  Loop& loop_;
  const std::string& host_;
  std::uint16_t port_;
  Lookup lookup_;
};

// Awaitable: the status of one connection attempt; on a deadline the socket is closed, which ends the
// attempt.
class Attempt {
 public:
  Attempt(Stream::Impl* impl, const sockaddr_storage& address, Deadline deadline)
      : impl_(impl), address_(address), deadline_(deadline) {}
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> awaiter) {
    auto* request = new uv_connect_t;
    request->data = this;
    const auto connected = [](uv_connect_t* done, int status) {
      const std::unique_ptr<uv_connect_t> owned(done);
      auto* self = static_cast<Attempt*>(owned->data);
      if (status == UV_ECANCELED)
        return;  // the stream was closed after its deadline; nobody waits here any more
      self->status_ = status;
      self->impl_->resume();
    };
    status_ = uv_tcp_connect(request, &impl_->tcp, reinterpret_cast<const sockaddr*>(&address_), connected);
    if (status_ != 0) {
      delete request;
      return false;
    }
    impl_->wait(Stream::Impl::Wait::Drain, awaiter, deadline_);
    return true;
  }
  int await_resume() const { return impl_->faulty ? UV_ETIMEDOUT : status_; }

 private:
  Stream::Impl* impl_;
  const sockaddr_storage& address_;
  Deadline deadline_;
  int status_ = 0;
};

}  // namespace

Task<Stream> connect(Loop& loop, std::string host, std::uint16_t port, Deadline deadline) {
  const Addresses addresses = co_await Resolve(loop, host, port);
  int status = UV_EAI_NONAME;
  for (const sockaddr_storage& address : addresses) {
    auto* impl = new Stream::Impl(loop);
    Stream stream(impl);
    status = co_await Attempt(impl, address, deadline);
    if (status == 0) {
      impl->open();
      co_return stream;
    }
    if (loop.now() >= deadline) break;
  }
  const StreamFault fault = status == UV_ETIMEDOUT ? StreamFault::TimedOut : StreamFault::Connect;
  throw StreamError(fault,
                    "cannot connect to " + host + ":" + std::to_string(port) + ": " + uv_strerror(status));
}

}  // namespace privet::net
