// What the files of this folder know of a loop. Not for others: it sees uv.h.
#pragma once

#include <uv.h>

#include <array>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "proxy/limits.h"
#include "proxy/net/loop.h"
#include "proxy/net/resolver.h"

namespace privet::net {

struct Loop::Impl {
  uv_loop_t uv;
  uv_async_t door;
  uv_signal_t terminate, interrupt, reload;
  bool door_open = false;
  bool signals_open = false;
  std::function<void()> on_terminate, on_reload;
  std::mutex posted_mutex;
  std::vector<std::function<void()>> posted;
  // Bytes just read stand here until the reader takes them or its stream keeps a copy: no connection owns a
  // read buffer.
  std::array<char, limits::kReadScratch> scratch;
  // Plaintext of one read: the ciphertext of `scratch` and a record that was incomplete before.
  std::array<char, limits::kReadScratch + limits::kTlsRecord> plain_scratch;
  std::unique_ptr<Resolver> resolver;  // once somebody asked
};

}  // namespace privet::net
