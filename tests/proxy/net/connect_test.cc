#include "proxy/net/connect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>

#include "tests/support/name_server.h"
#include "tests/support/peer.h"

namespace privet::net {
namespace {

using namespace std::chrono_literals;

struct Outcome {
  bool connected = false;
  std::optional<StreamFault> fault;
  std::string text;
};

// Gives the connector up as soon as it is done, as a session that ends does.
Task<void> dial(std::unique_ptr<Connector>& connector, std::string host, std::uint16_t port,
                Deadline deadline, Outcome& outcome) {
  try {
    const Stream stream = co_await connector->connect(host, port, deadline);
    outcome.connected = true;
  } catch (const StreamError& error) {
    outcome.fault = error.fault();
    outcome.text = error.what();
  }
  connector.reset();
}

class Connecting : public testing::Test {
 protected:
  Connecting() {
    resolver_ = std::make_unique<Resolver>(loop_, server_.address());
    connector_ = std::make_unique<Connector>(loop_, *resolver_);
  }
  void start(const std::string& host, std::uint16_t port) {
    loop_.spawn(dial(connector_, host, port, loop_.after(1h), outcome_));
  }
  void run() {
    loop_.close_door();
    loop_.run();
  }

  const testing_support::NameServer server_{
      {{"mail.test", {.addresses = {"127.0.0.2", "127.0.0.1", "127.0.0.3"}}},
       {"silent.test", {.silent = true}}}};
  testing_support::PeerListener listener_;
  Loop loop_;
  std::unique_ptr<Resolver> resolver_;
  std::unique_ptr<Connector> connector_;
  Outcome outcome_;
};

TEST_F(Connecting, TriesEveryAddressOfAName) {
  start("mail.test", listener_.port());
  run();
  EXPECT_TRUE(outcome_.connected) << outcome_.text;
}

TEST_F(Connecting, SaysThatNobodyListens) {
  listener_.close();
  start("mail.test", listener_.port());
  run();
  EXPECT_EQ(outcome_.fault, StreamFault::Connect);
  EXPECT_THAT(outcome_.text, testing::HasSubstr("connection refused"));
}

TEST_F(Connecting, EndsAtOnceWhenCancelledWhileItAsksForTheName) {
  start("silent.test", listener_.port());
  connector_->cancel();
  EXPECT_EQ(outcome_.text, "ended from this side");
  EXPECT_EQ(connector_, nullptr);
  run();
}

TEST_F(Connecting, EndsAtOnceWhenCancelledWhileItConnects) {
  start("127.0.0.1", listener_.port());
  connector_->cancel();
  EXPECT_EQ(outcome_.text, "ended from this side");
  EXPECT_EQ(connector_, nullptr);
  run();
}

}  // namespace
}  // namespace privet::net
