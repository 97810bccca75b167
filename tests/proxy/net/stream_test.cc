#include "proxy/net/stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "proxy/limits.h"
#include "proxy/net/connect.h"
#include "proxy/net/listener.h"

namespace privet::net {
namespace {

using namespace std::chrono_literals;

// Both ends of one connection on one loop; each test says what each end does.
class Streams : public testing::Test {
 protected:
  using End = std::function<Task<void>(Stream)>;

  void run(End server, End client) {
    auto listener = Listener::open(loop_, "127.0.0.1", 0, [this, &server](Stream stream) {
      listener_.reset();
      loop_.spawn(server(std::move(stream)));
    });
    ASSERT_TRUE(listener);
    const std::uint16_t port = listener->port();
    listener_.emplace(std::move(*listener));
    const auto dial = [](Loop& loop, std::uint16_t where, End& end) -> Task<void> {
      Stream stream = co_await connect(loop, "127.0.0.1", where, loop.after(10s));
      co_await end(std::move(stream));
    };
    loop_.spawn(dial(loop_, port, client));
    loop_.close_door();
    loop_.run();
  }

  static Task<void> leave(Stream) { co_return; }
  // Reads until the other end closes.
  static Task<std::string> read_all(Stream& stream) {
    std::string all;
    while (true) {
      const Input more = co_await stream.fill(stream.loop().after(10s));
      if (more != Input::Bytes) break;
      all += stream.input();
      stream.consume(stream.input().size());
    }
    co_return all;
  }

  Loop loop_;
  std::optional<Listener> listener_;
};

TEST_F(Streams, AnswerADeadlineAndGoOn) {
  std::vector<Input> seen;
  const End server = [&seen](Stream stream) -> Task<void> {
    seen.push_back(co_await stream.fill(stream.loop().after(1ms)));
    stream.put("too late");
    seen.push_back(co_await stream.fill(stream.loop().after(10s)));
    seen.push_back(co_await stream.fill(stream.loop().after(10s)));
  };
  std::string got;
  const End client = [&got](Stream stream) -> Task<void> {
    const Input more = co_await stream.fill(kNever);
    got = more == Input::Bytes ? stream.input() : "";
    stream.put("still here");
    co_await stream.drained(0, kNever);
  };
  run(server, client);
  EXPECT_EQ(seen, (std::vector{Input::TimedOut, Input::Bytes, Input::End}));
  EXPECT_EQ(got, "too late");
}

TEST_F(Streams, EndAWaitFromOutside) {
  std::vector<Input> seen;
  const End server = [&seen, this](Stream stream) -> Task<void> {
    stream.interrupt();  // nobody waits: nothing happens
    const auto poke = [](Loop& loop, Stream& sleeper) -> Task<void> {
      co_await loop.sleep(1ms);
      sleeper.interrupt();
    };
    loop_.spawn(poke(loop_, stream));
    seen.push_back(co_await stream.fill(stream.loop().after(10s)));
    stream.put("bye");
    co_await stream.drained(0, kNever);
  };
  std::string got;
  const End client = [&got](Stream stream) -> Task<void> { got = co_await read_all(stream); };
  run(server, client);
  EXPECT_EQ(seen, std::vector{Input::Interrupted});
  EXPECT_EQ(got, "bye");
}

TEST_F(Streams, ThrowWhereverTheyWaitOnceCancelled) {
  int thrown = 0;
  const End server = [&thrown, this](Stream stream) -> Task<void> {
    const auto poke = [](Loop& loop, Stream& sleeper) -> Task<void> {
      co_await loop.sleep(1ms);
      sleeper.cancel();
    };
    loop_.spawn(poke(loop_, stream));
    for (int i = 0; i < 2; ++i) {  // now, and at the next wait
      try {
        co_await stream.fill(stream.loop().after(10s));
      } catch (const StreamError& error) {
        thrown += error.fault() == StreamFault::Closed;
      }
    }
  };
  const End client = [](Stream stream) -> Task<void> { co_await read_all(stream); };
  run(server, client);
  EXPECT_EQ(thrown, 2);
}

TEST_F(Streams, HoldAFastWriterBackWhileTheReaderIsBusy) {
  constexpr std::size_t kPiece = 64 * 1024;
  constexpr std::size_t kMost = std::size_t{256} * 1024 * 1024;
  std::size_t sent = 0, most_unsent = 0, most_pending = 0, received = 0;
  bool held_back = false;
  const End server = [&](Stream stream) -> Task<void> {
    const std::string piece(kPiece, 'x');
    try {
      while (sent < kMost) {
        stream.send(piece);
        sent += piece.size();
        most_unsent = std::max(most_unsent, stream.unsent());
        const Deadline deadline = stream.loop().after(200ms);
        co_await stream.drained(limits::kWriteHighWater, deadline);
      }
    } catch (const StreamError& error) {
      held_back = error.fault() == StreamFault::TimedOut;
    }
  };
  const End client = [&](Stream stream) -> Task<void> {
    while (!held_back && sent < kMost) {
      co_await stream.loop().sleep(10ms);
      most_pending = std::max(most_pending, stream.input().size());
    }
    received = stream.input().size();
    stream.consume(received);
    try {
      const std::string rest = co_await read_all(stream);
      received += rest.size();
    } catch (const StreamError&) {
      // The writer gave up with bytes unsent.
    }
  };
  run(server, client);
  EXPECT_TRUE(held_back) << sent << " bytes left unhindered";
  EXPECT_LE(most_unsent, limits::kWriteHighWater + kPiece);
  EXPECT_GT(most_pending, 0u);
  EXPECT_LE(most_pending, limits::kReadAhead + limits::kReadScratch);
  EXPECT_GT(received, most_pending);
}

TEST_F(Streams, ReadOnAfterHavingBeenBusy) {
  constexpr std::size_t kTotal = 8 * 1024 * 1024;
  const End server = [](Stream stream) -> Task<void> {
    for (std::size_t sent = 0; sent < kTotal; sent += 4096) {
      stream.send(std::string(4096, static_cast<char>('a' + sent / 4096 % 26)));
      co_await stream.drained(limits::kWriteHighWater, kNever);
    }
    co_await stream.finish(stream.loop().after(10s));
  };
  std::string all;
  const End client = [&all](Stream stream) -> Task<void> {
    co_await stream.loop().sleep(20ms);
    all = stream.input();
    stream.consume(all.size());
    all += co_await read_all(stream);
  };
  run(server, client);
  ASSERT_EQ(all.size(), kTotal);
  bool in_order = true;
  for (std::size_t i = 0; i < all.size(); ++i)
    in_order = in_order && all[i] == static_cast<char>('a' + i / 4096 % 26);
  EXPECT_TRUE(in_order);
}

TEST_F(Streams, DeliverTheLastReplyThoughThePeerStillSends) {
  std::string got;
  const End server = [](Stream stream) -> Task<void> {
    co_await stream.fill(kNever);
    stream.put("421 bye\r\n");  // with input unread: closing now would reset the connection and lose it
    co_await stream.finish(stream.loop().after(10s));
  };
  const End client = [&got](Stream stream) -> Task<void> {
    stream.send(std::string(300'000, 'x'));
    got = co_await read_all(stream);
  };
  run(server, client);
  EXPECT_EQ(got, "421 bye\r\n");
}

TEST_F(Streams, KeepWhatWasNotConsumed) {
  std::string first, second;
  const End server = [&](Stream stream) -> Task<void> {
    co_await stream.fill(kNever);
    stream.consume(2);
    first = stream.input();
    stream.put("go on");
    co_await stream.fill(kNever);
    second = stream.input();
  };
  const End client = [](Stream stream) -> Task<void> {
    stream.put("abcd");
    co_await stream.fill(kNever);
    stream.put("ef");
    co_await stream.drained(0, kNever);
  };
  run(server, client);
  EXPECT_EQ(first, "cd");
  EXPECT_EQ(second, "cdef");
}

TEST_F(Streams, KnowThatTheirPeerHasGoneOnceEverythingIsRead) {
  std::vector<bool> gone;
  const End server = [&gone](Stream stream) -> Task<void> {
    gone.push_back(stream.peer_gone());
    Input more = Input::Bytes;
    while (more == Input::Bytes) more = co_await stream.fill(stream.loop().after(10s));
    gone.push_back(stream.peer_gone());
    stream.consume(stream.input().size());
    gone.push_back(stream.peer_gone());
  };
  const End client = [](Stream stream) -> Task<void> {
    stream.put("last words");
    co_await stream.finish(stream.loop().after(10s));
  };
  run(server, client);
  EXPECT_EQ(gone, (std::vector{false, false, true}));
}

TEST_F(Streams, KnowThatABrokenPeerHasGone) {
  bool gone = false;
  const End server = [&gone](Stream stream) -> Task<void> {
    stream.cancel();
    gone = stream.peer_gone();
    co_return;
  };
  run(server, leave);
  EXPECT_TRUE(gone);
}

TEST_F(Streams, KnowTheirPeer) {
  std::string peer;
  const End server = [&peer](Stream stream) -> Task<void> {
    peer = stream.peer_address();
    co_return;
  };
  run(server, leave);
  EXPECT_EQ(peer, "127.0.0.1");
}

}  // namespace
}  // namespace privet::net
