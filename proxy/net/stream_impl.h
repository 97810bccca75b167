// The libuv side of a Stream. Not for others: it sees uv.h.
#pragma once

#include <uv.h>

#include <coroutine>
#include <memory>
#include <string>
#include <string_view>

#include "proxy/net/loop_impl.h"
#include "proxy/net/stream.h"
#include "proxy/net/tls.h"

namespace privet::net {

/// Overwrites bytes of a buffer that is ours; the optimiser may not drop it.
void overwrite(std::string_view bytes);
/// Appends; for a secret, the place it grows out of is overwritten.
void append(std::string& to, std::string_view bytes, bool secret);

/// On the heap from open() to the last close callback, so that callbacks under way always find it.
struct Stream::Impl {
  enum class Wait : unsigned char { None, Input, Drain, Handshake };

  explicit Impl(Loop& owner);
  /// After accept or connect: no delay, keep-alive, start reading.
  void open();
  void close();

  void wait(Wait kind, std::coroutine_handle<> awaiter, Deadline deadline);
  /// Ends the wait and continues the coroutine; `this` may be closing afterwards.
  void resume();
  /// Throws what broke the stream, if anything did.
  void check() const;
  void fail(StreamFault fault, std::string what);

  void received(std::string_view wire);
  void deliver(std::string_view plain);
  void step_handshake();
  void start_reading();
  void stop_reading();

  void flush();
  /// Empties a buffer of output and gives its memory back; overwritten first while a secret is on its way.
  void forget(std::string& bytes);
  void write_wire(std::string_view first, std::string_view second);
  void start_write();
  void shut_down_when_sent();

  Loop& loop;
  uv_tcp_t tcp;
  uv_timer_t timer;
  uv_write_t write;
  uv_shutdown_t shutdown;
  std::unique_ptr<Tls> tls;

  std::string_view fresh;    // just read, still in the loop's scratch
  std::string pending;       // kept because the reader was busy
  std::size_t consumed = 0;  // of pending
  std::string output;        // put(), not yet handed on
  std::string queued;        // wire bytes behind the write under way
  std::string in_flight;     // wire bytes that libuv holds

  std::coroutine_handle<> awaiter;
  std::size_t high_water = 0;
  std::string fault_text;
  StreamFault fault = StreamFault::Closed;
  Wait waiting = Wait::None;
  bool arrived = false;  // bytes came since the wait began
  bool interrupted = false;
  bool timed_out = false;
  bool faulty = false;
  bool end = false;
  bool secret = false;        // output, queued or in_flight holds one
  bool sensitive = false;     // set_sensitive()
  bool output_ended = false;  // end_output() was called
  bool reading = false;
  bool writing = false;
  bool handshaking = false;
  bool closing = false;
  unsigned char open_handles = 2;
};

}  // namespace privet::net
