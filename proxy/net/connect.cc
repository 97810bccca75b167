#include "proxy/net/connect.h"

#include <algorithm>
#include <coroutine>
#include <memory>
#include <utility>
#include <vector>

#include "proxy/net/stream_impl.h"

namespace privet::net {

namespace {

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
  // Faulty: the deadline passed, or cancel() came.
  int await_resume() const {
    if (!impl_->faulty) return status_;
    return impl_->fault == StreamFault::TimedOut ? UV_ETIMEDOUT : UV_ECANCELED;
  }

 private:
  Stream::Impl* impl_;
  const sockaddr_storage& address_;
  Deadline deadline_;
  int status_ = 0;
};

}  // namespace

Task<Stream> Connector::connect(std::string host, std::uint16_t port, Deadline deadline) {
  const std::vector<sockaddr_storage> addresses = co_await lookup_.addresses(host, port, deadline);
  int status = UV_ECANCELED;
  for (const sockaddr_storage& address : addresses) {
    if (cancelled_ || loop_.now() >= deadline) break;
    const bool last = &address == &addresses.back();
    const Deadline soon = loop_.after(limits::kConnectAddress);
    auto* impl = new Stream::Impl(loop_);
    stream_ = Stream(impl);
    status = co_await Attempt(impl, address, last ? deadline : std::min(deadline, soon));
    if (status == 0) {
      impl->open();
      co_return std::move(stream_);
    }
    stream_.close();
  }
  if (cancelled_) throw StreamError(StreamFault::Closed, "ended from this side");
  throw StreamError(status == UV_ETIMEDOUT ? StreamFault::TimedOut : StreamFault::Connect,
                    std::string("cannot connect: ") + uv_strerror(status));
}

Task<std::vector<Service>> Connector::services(std::string name, Deadline deadline) {
  co_return co_await lookup_.services(std::move(name), deadline);
}

void Connector::cancel() {
  cancelled_ = true;
  // Whoever waits may be done with this connector before cancel() returns: nothing may follow.
  if (stream_) {
    stream_.cancel();
  } else {
    lookup_.cancel();
  }
}

Task<Stream> connect(Loop& loop, std::string host, std::uint16_t port, Deadline deadline) {
  Connector connector(loop);
  co_return co_await connector.connect(std::move(host), port, deadline);
}

}  // namespace privet::net
