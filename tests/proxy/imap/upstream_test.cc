#include "proxy/imap/upstream.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "proxy/net/gate.h"
#include "proxy/net/listener.h"

namespace privet::imap {
namespace {

using namespace std::chrono_literals;

TEST(Upstream, HearsWhatCameWhileTheSessionWaitedForItsClient) {
  net::Loop loop;
  Environment environment{.loop = loop};
  policy::Tenant tenant;
  std::optional<net::Listener> listener;
  net::Gate polled(loop);
  std::optional<std::string> heard;

  const auto serve = [&](net::Stream stream) -> net::Task<void> {
    stream.send("* OK [CAPABILITY IMAP4rev1] ready\r\n");
    const bool asked = co_await polled.wait(loop.after(10s));
    if (asked) stream.send("* 3 EXISTS\r\n");
    co_await stream.finish(loop.after(10s));
  };
  auto opened = net::Listener::open(loop, "127.0.0.1", 0, [&](net::Stream stream) {
    listener.reset();
    loop.spawn(serve(std::move(stream)));
  });
  ASSERT_TRUE(opened);
  tenant.imap = policy::MailServer{.hosts = {{"127.0.0.1", opened->port()}}, .tls = policy::TlsMode::None};
  listener.emplace(std::move(*opened));

  const auto listen = [&]() -> net::Task<void> {
    Upstream upstream(environment);
    const bool connected = co_await upstream.open(tenant);
    EXPECT_TRUE(connected);
    EXPECT_FALSE(upstream.poll());
    polled.open();
    net::Gate client(loop);
    while (upstream.literal_input(1).empty()) co_await client.wait(loop.after(1ms));
    try {
      co_await upstream.more(loop.after(10s));
    } catch (const UpstreamError& error) {
      ADD_FAILURE() << error.what();
    }
    const auto received = upstream.poll();
    if (received) heard = std::string(received->frame.text);
  };
  loop.spawn(listen());
  loop.close_door();
  loop.run();
  EXPECT_EQ(heard, "* 3 EXISTS");
}

}  // namespace
}  // namespace privet::imap
