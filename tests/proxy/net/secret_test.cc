// Passwords that pass through a Stream leave no copy: every block of memory that is given back while a test
// watches is searched for the marker, and so is the loop's scratch afterwards.
#include <gtest/gtest.h>
#include <malloc.h>

#include <cstdlib>
#include <functional>
#include <optional>

#include "certs/authority.h"
#include "certs/store.h"
#include "proxy/net/connect.h"
#include "proxy/net/listener.h"
#include "proxy/net/loop_impl.h"
#include "proxy/net/stream.h"
#include "proxy/net/tls.h"
#include "tests/support/folder.h"

namespace {

constexpr std::string_view kMarker = "c29tZSBzZWNyZXQgYnl0ZXM=";
bool watching = false;
int left_behind = 0;

void give_back(void* block) {
  if (watching && block != nullptr) {
    const std::string_view bytes(static_cast<const char*>(block), malloc_usable_size(block));
    if (bytes.find(kMarker) != std::string_view::npos) ++left_behind;
  }
  std::free(block);
}

}  // namespace

void* operator new(std::size_t size) {
  // Zeroed, so that only what was written here is found.
  if (void* const block = std::calloc(1, size == 0 ? 1 : size)) return block;
  throw std::bad_alloc();
}
void operator delete(void* block) noexcept {
  give_back(block);
}
void operator delete(void* block, std::size_t) noexcept {
  give_back(block);
}

namespace privet::net {
namespace {

using namespace std::chrono_literals;

struct Way {
  bool tls;
  bool secret;  ///< put_secret() and set_sensitive(), or without either for comparison
};

class Secrets : public testing::TestWithParam<Way> {
 protected:
  Secrets() {
    const auto authority = certs::Authority::make("Test authority", 1);
    const auto leaf = authority.issue({"mail.test"}, 1);
    folder_.write("certificates/default.pem", leaf.certificate + leaf.key);
    store_ = certs::Store::load(folder_ / "certificates").value();
    std::string why;
    client_context_ = make_client_context(folder_.write("authority.pem", authority.certificate()), why);
  }
  ~Secrets() override { watching = false; }

  bool in_scratch() {
    const auto holds = [](const auto& scratch) {
      return std::string_view(scratch.data(), scratch.size()).find(kMarker) != std::string_view::npos;
    };
    return holds(loop_.impl().scratch) || holds(loop_.impl().plain_scratch);
  }

  Task<void> serve(Stream stream) {
    stream.set_sensitive(GetParam().secret);
    if (GetParam().tls) co_await stream.start_tls_server(store_->context(), loop_.after(10s));
    stream.put("go");
    Input more = Input::Bytes;
    while (more == Input::Bytes) {
      received_ = received_ || stream.input().find(kMarker) != std::string_view::npos;
      if (received_) stream.consume(stream.input().size());
      more = co_await stream.fill(loop_.after(10s));
    }
  }

  Task<void> send(std::uint16_t port) {
    Stream stream = co_await connect(loop_, "127.0.0.1", port, loop_.after(10s));
    if (GetParam().tls)
      co_await stream.start_tls_client(client_context_.get(), "mail.test", loop_.after(10s));
    co_await stream.fill(loop_.after(10s));
    watching = true;
    stream.put("AUTH PLAIN ");
    // In two pieces, so that the reader has to keep the first and the writer's buffer grows.
    for (const std::string_view piece : {kMarker, kMarker}) {
      if (GetParam().secret) {
        stream.put_secret(piece);
      } else {
        stream.put(piece);
      }
    }
    stream.put(std::string(300, '='));
    co_await stream.finish(loop_.after(10s));
  }

  testing_support::TemporaryFolder folder_;
  std::shared_ptr<const certs::Store> store_;
  std::shared_ptr<ssl_ctx_st> client_context_;
  Loop loop_;
  std::optional<Listener> listener_;
  bool received_ = false;
};

TEST_P(Secrets, AreOverwrittenWhereTheCallerSaysSo) {
  left_behind = 0;
  auto listener = Listener::open(loop_, "127.0.0.1", 0, [this](Stream stream) {
    listener_.reset();
    loop_.spawn(serve(std::move(stream)));
  });
  ASSERT_TRUE(listener);
  const std::uint16_t port = listener->port();
  listener_.emplace(std::move(*listener));
  loop_.spawn(send(port));
  loop_.close_door();
  loop_.run();
  watching = false;
  EXPECT_TRUE(received_);
  EXPECT_EQ(left_behind == 0, GetParam().secret) << left_behind;
  EXPECT_EQ(in_scratch(), !GetParam().secret);
}

INSTANTIATE_TEST_SUITE_P(Ways, Secrets,
                         testing::Values(Way{.tls = false, .secret = true}, Way{.tls = true, .secret = true},
                                         Way{.tls = false, .secret = false},
                                         Way{.tls = true, .secret = false}),
                         [](const auto& way) {
                           return std::string(way.param.tls ? "Tls" : "Clear") +
                                  (way.param.secret ? "" : "Unprotected");
                         });

}  // namespace
}  // namespace privet::net
