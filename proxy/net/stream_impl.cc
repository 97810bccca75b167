#include "proxy/net/stream_impl.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

namespace privet::net {

namespace {

Stream::Impl* impl_of(const uv_handle_t* handle) {
  return static_cast<Stream::Impl*>(handle->data);
}

void lend_scratch(uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
  auto& scratch = impl_of(handle)->loop.impl().scratch;
  *buffer = uv_buf_init(scratch.data(), static_cast<unsigned>(scratch.size()));
}

void on_read(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer) {
  auto* impl = impl_of(reinterpret_cast<uv_handle_t*>(stream));
  if (count > 0) {
    impl->received({buffer->base, static_cast<std::size_t>(count)});
  } else if (count == UV_EOF) {
    impl->stop_reading();
    impl->end = true;
    if (impl->handshaking) {
      impl->fail(StreamFault::Tls, "the peer closed the connection during the TLS handshake");
    } else if (impl->waiting == Stream::Impl::Wait::Input) {
      impl->resume();
    }
  } else if (count < 0) {
    impl->fail(StreamFault::Closed, uv_strerror(static_cast<int>(count)));
  }
}

void on_deadline(uv_timer_t* timer) {
  auto* impl = impl_of(reinterpret_cast<uv_handle_t*>(timer));
  if (impl->waiting == Stream::Impl::Wait::Input) {
    impl->timed_out = true;
    impl->resume();
  } else {
    impl->fail(StreamFault::TimedOut, "deadline passed");
  }
}

void on_written(uv_write_t* write, int status) {
  auto* impl = static_cast<Stream::Impl*>(write->data);
  impl->writing = false;
  impl->forget(impl->in_flight);
  if (impl->closing) return;
  if (status != 0) {
    impl->fail(StreamFault::Closed, uv_strerror(status));
    return;
  }
  if (!impl->queued.empty()) impl->start_write();
  impl->shut_down_when_sent();
  if (impl->waiting == Stream::Impl::Wait::Drain &&
      impl->queued.size() + impl->in_flight.size() <= impl->high_water) {
    impl->resume();
  }
}

}  // namespace

void overwrite(std::string_view bytes) {
  OPENSSL_cleanse(const_cast<char*>(bytes.data()), bytes.size());
}

void append(std::string& to, std::string_view bytes, bool secret) {
  const std::size_t size = to.size() + bytes.size();
  if (secret && size > to.capacity()) {
    std::string wider;
    wider.reserve(std::max(2 * size, limits::kSecretRoom));
    wider.append(to);
    overwrite(to);
    to.swap(wider);
  }
  to.append(bytes);
}

Stream::Impl::Impl(Loop& owner) : loop(owner) {
  uv_tcp_init(&loop.impl().uv, &tcp);
  uv_timer_init(&loop.impl().uv, &timer);
  tcp.data = timer.data = write.data = this;
}

void Stream::Impl::open() {
  uv_tcp_nodelay(&tcp, 1);
  uv_tcp_keepalive(&tcp, 1, limits::kKeepAlive);
  start_reading();
}

void Stream::Impl::close() {
  if (std::exchange(closing, true)) return;
  if (sensitive) overwrite(pending);
  forget(output);
  forget(queued);
  const auto closed = [](uv_handle_t* handle) {
    auto* impl = impl_of(handle);
    if (--impl->open_handles == 0) delete impl;
  };
  uv_close(reinterpret_cast<uv_handle_t*>(&tcp), closed);
  uv_close(reinterpret_cast<uv_handle_t*>(&timer), closed);
}

void Stream::Impl::wait(Wait kind, std::coroutine_handle<> waiter, Deadline deadline) {
  waiting = kind;
  awaiter = waiter;
  if (deadline == kNever) return;
  const Deadline now = loop.now();
  uv_timer_start(&timer, on_deadline, deadline > now ? deadline - now : 0, 0);
}

void Stream::Impl::resume() {
  waiting = Wait::None;
  uv_timer_stop(&timer);
  std::exchange(awaiter, nullptr).resume();
}

void Stream::Impl::check() const {
  if (faulty) throw StreamError(fault, fault_text);
}

void Stream::Impl::fail(StreamFault kind, std::string what) {
  stop_reading();
  if (!faulty) {
    faulty = true;
    fault = kind;
    fault_text = std::move(what);
  }
  handshaking = false;
  if (waiting != Wait::None) resume();
}

void Stream::Impl::received(std::string_view wire) {
  if (!tls) {
    deliver(wire);
    return;
  }
  tls->receive(wire);
  if (handshaking) {
    step_handshake();
    if (handshaking || faulty) {
      tls->keep();
      return;
    }
  }
  auto& plain = loop.impl().plain_scratch;
  std::size_t size = 0;
  while (size < plain.size()) {
    const std::size_t count = tls->read(plain.data() + size, plain.size() - size);
    if (count == 0) break;
    size += count;
  }
  tls->keep();
  if (!tls->output().empty()) flush();
  end = end || tls->peer_closed();
  const bool handshake_done = waiting == Wait::Handshake;
  if (tls->failed() && size == 0) {
    fail(StreamFault::Tls, tls->error());
    return;
  }
  if (tls->failed()) {
    // What was good is still delivered; the next wait tells of the rest.
    stop_reading();
    faulty = true;
    fault = StreamFault::Tls;
    fault_text = tls->error();
  }
  if (handshake_done) {
    append(pending, {plain.data(), size}, sensitive);
    resume();
  } else if (size > 0) {
    deliver({plain.data(), size});
  } else if (end && waiting == Wait::Input) {
    resume();
  }
}

void Stream::Impl::deliver(std::string_view plain) {
  arrived = true;
  const bool kept = waiting != Wait::Input || !pending.empty();
  if (kept) {
    append(pending, plain, sensitive);
    if (sensitive) overwrite(plain);
  } else {
    fresh = plain;
  }
  if (waiting == Wait::Input) resume();
  if (!kept) {
    const std::string_view rest = std::exchange(fresh, {});
    if (!closing) append(pending, rest, sensitive);
    if (sensitive) overwrite(rest);
  }
  if (closing) return;
  if (pending.size() - consumed > limits::kReadAhead && waiting != Wait::Input) stop_reading();
}

void Stream::Impl::step_handshake() {
  const Tls::Progress progress = tls->handshake();
  if (!tls->output().empty()) write_wire(std::exchange(tls->output(), {}), {});
  if (progress == Tls::Progress::Done) {
    handshaking = false;
  } else if (progress == Tls::Progress::Failed) {
    fail(StreamFault::Tls, tls->error());
  }
}

void Stream::Impl::start_reading() {
  if (reading || end || faulty || closing) return;
  reading = true;
  const int status = uv_read_start(reinterpret_cast<uv_stream_t*>(&tcp), lend_scratch, on_read);
  if (status != 0) fail(StreamFault::Closed, uv_strerror(status));
}

void Stream::Impl::stop_reading() {
  if (std::exchange(reading, false) && !closing) uv_read_stop(reinterpret_cast<uv_stream_t*>(&tcp));
}

void Stream::Impl::flush() {
  if (faulty || closing) return;
  if (tls) {
    if (handshaking) return;
    tls->write(output);
    forget(output);
    if (!tls->output().empty()) write_wire(std::exchange(tls->output(), {}), {});
  } else if (!output.empty()) {
    write_wire(output, {});
    forget(output);
  }
}

void Stream::Impl::forget(std::string& bytes) {
  if (secret) overwrite(bytes);
  bytes = std::string();
  secret = secret && !(output.empty() && queued.empty() && in_flight.empty());
}

void Stream::Impl::write_wire(std::string_view first, std::string_view second) {
  if (output_ended) return;  // TLS may still want to answer the peer's goodbye
  std::size_t sent = 0;
  if (!writing) {
    uv_buf_t buffers[] = {
        uv_buf_init(const_cast<char*>(first.data()), static_cast<unsigned>(first.size())),
        uv_buf_init(const_cast<char*>(second.data()), static_cast<unsigned>(second.size()))};
    uv_buf_t* const from = first.empty() ? buffers + 1 : buffers;
    const unsigned count = (first.empty() ? 0u : 1u) + (second.empty() ? 0u : 1u);
    if (count == 0) return;
    const int result = uv_try_write(reinterpret_cast<uv_stream_t*>(&tcp), from, count);
    if (result >= 0) {
      sent = static_cast<std::size_t>(result);
    } else if (result != UV_EAGAIN) {
      faulty = true;
      fault_text = uv_strerror(result);
      return;
    }
  }
  const std::size_t of_first = std::min(sent, first.size());
  append(queued, first.substr(of_first), secret);
  append(queued, second.substr(sent - of_first), secret);
  if (!writing && !queued.empty()) start_write();
}

void Stream::Impl::shut_down_when_sent() {
  if (!output_ended || writing || faulty || !queued.empty()) return;
  uv_shutdown(&shutdown, reinterpret_cast<uv_stream_t*>(&tcp), [](uv_shutdown_t*, int) {});
}

void Stream::Impl::start_write() {
  in_flight = std::exchange(queued, {});
  writing = true;
  const uv_buf_t buffer = uv_buf_init(in_flight.data(), static_cast<unsigned>(in_flight.size()));
  const int status = uv_write(&write, reinterpret_cast<uv_stream_t*>(&tcp), &buffer, 1, on_written);
  if (status != 0) {
    writing = false;
    faulty = true;
    fault_text = uv_strerror(status);
  }
}

}  // namespace privet::net
