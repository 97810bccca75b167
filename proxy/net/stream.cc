#include "proxy/net/stream.h"

#include <sys/socket.h>

#include <string>
#include <utility>

#include "proxy/net/stream_impl.h"

namespace privet::net {

Stream& Stream::operator=(Stream&& other) noexcept {
  if (this != &other) {
    close();
    impl_ = std::exchange(other.impl_, nullptr);
  }
  return *this;
}

Loop& Stream::loop() const {
  return impl_->loop;
}

std::string Stream::peer_address() const {
  sockaddr_storage address{};
  int size = sizeof address;
  char text[64] = "";
  if (uv_tcp_getpeername(&impl_->tcp, reinterpret_cast<sockaddr*>(&address), &size) != 0) return "";
  if (address.ss_family == AF_INET) {
    uv_ip4_name(reinterpret_cast<const sockaddr_in*>(&address), text, sizeof text);
  } else {
    uv_ip6_name(reinterpret_cast<const sockaddr_in6*>(&address), text, sizeof text);
  }
  return text;
}

bool Stream::peer_gone() const {
  return (impl_->end || impl_->faulty) && input().empty();
}

std::string_view Stream::input() const {
  if (!impl_->fresh.empty()) return impl_->fresh;
  return std::string_view(impl_->pending).substr(impl_->consumed);
}

void Stream::consume(std::size_t count) {
  if (impl_->sensitive) overwrite(input().substr(0, count));
  if (!impl_->fresh.empty()) {
    impl_->fresh.remove_prefix(count);
    return;
  }
  impl_->consumed += count;
  if (impl_->consumed == impl_->pending.size()) {
    impl_->pending = std::string();
    impl_->consumed = 0;
  }
}

void Stream::set_sensitive(bool sensitive) {
  impl_->sensitive = sensitive;
}

void Stream::put(std::string_view bytes) {
  append(impl_->output, bytes, impl_->secret);
}

void Stream::put_secret(std::string_view bytes) {
  impl_->secret = true;
  put(bytes);
}

void Stream::send(std::string_view bytes) {
  if (impl_->faulty || impl_->closing) return;
  if (impl_->tls) {
    impl_->tls->write(impl_->output);
    impl_->tls->write(bytes);
    impl_->write_wire(std::exchange(impl_->tls->output(), {}), {});
  } else {
    impl_->write_wire(impl_->output, bytes);
  }
  impl_->forget(impl_->output);
}

void Stream::flush() {
  impl_->flush();
}

std::size_t Stream::collected() const {
  return impl_->output.size();
}

std::size_t Stream::unsent() const {
  return impl_->queued.size() + impl_->in_flight.size();
}

Stream::Fill Stream::fill(Deadline deadline) {
  return Fill(impl_, deadline);
}

Stream::Drained Stream::drained(std::size_t high_water, Deadline deadline) {
  return Drained(impl_, high_water, deadline);
}

bool Stream::has_early_input() const {
  uv_os_fd_t socket = -1;
  if (!input().empty()) return true;
  if (impl_->closing || uv_fileno(reinterpret_cast<const uv_handle_t*>(&impl_->tcp), &socket) != 0)
    return false;
  char byte = 0;
  return recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

Stream::Handshake Stream::start_tls_server(ssl_ctx_st* context, Deadline deadline, bool from_input) {
  impl_->flush();
  impl_->tls = Tls::server(context);
  return Handshake(impl_, deadline, from_input);
}

Stream::Handshake Stream::start_tls_client(ssl_ctx_st* context, const std::string& host, Deadline deadline) {
  impl_->flush();
  impl_->tls = Tls::client(context, host);
  return Handshake(impl_, deadline, false);
}

bool Stream::tls() const {
  return impl_->tls != nullptr;
}

std::string Stream::server_name() const {
  return impl_->tls ? impl_->tls->server_name() : "";
}

void Stream::end_output() {
  if (impl_->faulty || impl_->closing || impl_->output_ended) return;
  impl_->flush();
  if (impl_->tls) {
    impl_->tls->shutdown();
    impl_->flush();
  }
  impl_->output_ended = true;
  impl_->shut_down_when_sent();
}

Task<void> Stream::finish(Deadline deadline) {
  if (impl_->faulty || impl_->closing) co_return;
  end_output();
  try {
    Input more = Input::Bytes;
    while (more == Input::Bytes) {
      consume(input().size());
      more = co_await fill(deadline);
    }
  } catch (const StreamError&) {
    // It went in a hurry; everything was said.
  }
}

void Stream::interrupt() {
  if (impl_ == nullptr || impl_->waiting != Impl::Wait::Input) return;
  impl_->interrupted = true;
  impl_->resume();
}

void Stream::cancel() {
  if (impl_ != nullptr) impl_->fail(StreamFault::Closed, "ended from this side");
}

bool Stream::waiting() const {
  return impl_ != nullptr && impl_->waiting != Impl::Wait::None;
}

void Stream::close() {
  if (impl_ != nullptr) std::exchange(impl_, nullptr)->close();
}

bool Stream::Fill::await_ready() {
  impl_->flush();
  impl_->arrived = false;
  if (impl_->end) return true;
  impl_->start_reading();
  impl_->check();
  return false;
}

void Stream::Fill::await_suspend(std::coroutine_handle<> awaiter) {
  impl_->wait(Impl::Wait::Input, awaiter, deadline_);
}

Input Stream::Fill::await_resume() {
  if (std::exchange(impl_->interrupted, false)) return Input::Interrupted;
  if (std::exchange(impl_->timed_out, false)) return Input::TimedOut;
  if (impl_->arrived) return Input::Bytes;
  impl_->check();
  return Input::End;
}

bool Stream::Drained::await_ready() {
  impl_->flush();
  impl_->check();
  return impl_->queued.size() + impl_->in_flight.size() <= high_water_;
}

void Stream::Drained::await_suspend(std::coroutine_handle<> awaiter) {
  impl_->high_water = high_water_;
  impl_->wait(Impl::Wait::Drain, awaiter, deadline_);
}

void Stream::Drained::await_resume() {
  impl_->check();
}

bool Stream::Handshake::await_ready() {
  impl_->check();
  const std::string begun(
      from_input_
          ? std::string_view(impl_->fresh.empty() ? std::string_view(impl_->pending).substr(impl_->consumed)
                                                  : impl_->fresh)
          : std::string_view());
  if (impl_->sensitive) overwrite(impl_->pending);
  impl_->fresh = {};
  impl_->pending = std::string();
  impl_->consumed = 0;
  impl_->handshaking = true;
  impl_->start_reading();
  if (begun.empty()) {
    impl_->step_handshake();
  } else {
    impl_->received(begun);
  }
  return !impl_->handshaking;
}

void Stream::Handshake::await_suspend(std::coroutine_handle<> awaiter) {
  impl_->wait(Impl::Wait::Handshake, awaiter, deadline_);
}

void Stream::Handshake::await_resume() {
  impl_->check();
}

}  // namespace privet::net
