// A byte stream over TCP, in clear or under TLS, for one coroutine.
//
// Reading: input() is what has arrived and was not consumed; fill() waits for more. An idle stream owns no
// buffer: bytes stand in the loop's scratch until the reader suspends. Writing: put() collects small pieces,
// which leave together before the next wait; send() hands a large piece to the socket at once; drained()
// waits while the peer is slower than we are. TCP_NODELAY is always set and every wait flushes, so that
// nothing sits out a delayed acknowledgement.
//
// The peer gone, TLS broken or a write's deadline passed: StreamError, thrown by the awaitables only. A
// deadline of fill() is an answer, Input::TimedOut, because there is still something to say to the peer.
// interrupt() and cancel() come from outside the coroutine and wake it.
#pragma once

#include <coroutine>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "proxy/net/loop.h"
#include "proxy/net/task.h"

struct ssl_ctx_st;

namespace privet::net {

enum class StreamFault { Closed, TimedOut, Tls, Connect };

class StreamError : public std::runtime_error {
 public:
  StreamError(StreamFault fault, const std::string& what) : std::runtime_error(what), fault_(fault) {}
  StreamFault fault() const { return fault_; }

 private:
  StreamFault fault_;
};

/// How a wait for input ended.
enum class Input { Bytes, End, Interrupted, TimedOut };

class Stream {
 public:
  struct Impl;

  Stream() = default;
  explicit Stream(Impl* impl) : impl_(impl) {}
  Stream(Stream&& other) noexcept : impl_(std::exchange(other.impl_, nullptr)) {}
  Stream& operator=(Stream&& other) noexcept;
  /// Closes at once; finish() first where the last bytes matter.
  ~Stream() { close(); }
  explicit operator bool() const { return impl_ != nullptr; }

  Loop& loop() const;
  /// "192.0.2.1" or "2001:db8::1"; empty when unknown.
  std::string peer_address() const;
  /// True when nothing more comes: the peer has closed or the connection broke, and all input is consumed.
  /// False while unread input keeps us from looking.
  bool peer_gone() const;

  /// Unconsumed bytes; valid until the coroutine suspends, consumes or fills.
  std::string_view input() const;
  void consume(std::size_t count);
  /// While set, input is overwritten in every buffer as soon as it is consumed. For the time in which a
  /// password may come.
  void set_sensitive(bool sensitive);
  /// Awaitable Input: sends what was put(), then waits for more bytes than input() has now.
  class Fill;
  Fill fill(Deadline deadline);

  void put(std::string_view bytes);
  /// As put(), for what may not stay in memory: every buffer that held it is overwritten once it is sent.
  void put_secret(std::string_view bytes);
  void send(std::string_view bytes);
  void flush();
  /// Bytes that put() has collected since.
  std::size_t collected() const;
  std::size_t unsent() const;
  /// Awaitable: flushes, then waits until at most `high_water` bytes are unsent.
  class Drained;
  Drained drained(std::size_t high_water, Deadline deadline);

  /// True when the peer sent something before we said a word, read or not.
  bool has_early_input() const;
  /// Awaitable: handshake as server or as client of `host`. Forgets all unread plaintext (RFC 3207 4.2), but
  /// `from_input` reads it as the beginning of the handshake: what stood in front of it was no command.
  class Handshake;
  Handshake start_tls_server(ssl_ctx_st* context, Deadline deadline, bool from_input = false);
  Handshake start_tls_client(ssl_ctx_st* context, const std::string& host, Deadline deadline);
  bool tls() const;
  /// The host name that the client asked for in its handshake (SNI, RFC 6066 3), in lower case; "" for none.
  std::string server_name() const;

  /// Sends what is left and says goodbye, without waiting: the peer knows that nothing more comes.
  void end_output();
  /// The same, and waits a moment for the peer to close, so that the last reply is not
  /// lost to a reset.
  Task<void> finish(Deadline deadline);
  /// Ends a waiting fill() with Input::Interrupted; without one nothing happens.
  void interrupt();
  /// Ends whatever the coroutine waits for with a StreamError, now or at its next wait.
  void cancel();
  /// True while the coroutine waits for this stream.
  bool waiting() const;
  void close();

 private:
  Impl* impl_ = nullptr;
};

class Stream::Fill {
 public:
  Fill(Impl* impl, Deadline deadline) : impl_(impl), deadline_(deadline) {}
  bool await_ready();
  void await_suspend(std::coroutine_handle<> awaiter);
  Input await_resume();

 private:
  Impl* impl_;
  Deadline deadline_;
};

class Stream::Drained {
 public:
  Drained(Impl* impl, std::size_t high_water, Deadline deadline)
      : impl_(impl), high_water_(high_water), deadline_(deadline) {}
  bool await_ready();
  void await_suspend(std::coroutine_handle<> awaiter);
  void await_resume();

 private:
  Impl* impl_;
  std::size_t high_water_;
  Deadline deadline_;
};

class Stream::Handshake {
 public:
  Handshake(Impl* impl, Deadline deadline, bool from_input)
      : impl_(impl), deadline_(deadline), from_input_(from_input) {}
  bool await_ready();
  void await_suspend(std::coroutine_handle<> awaiter);
  void await_resume();

 private:
  Impl* impl_;
  Deadline deadline_;
  bool from_input_;
};

}  // namespace privet::net
