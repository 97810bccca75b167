#include "proxy/net/gate.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <vector>

namespace privet::net {
namespace {

using namespace std::chrono_literals;

class Gates : public testing::Test {
 protected:
  static Task<void> pass(Gate& gate, Deadline deadline, std::vector<bool>& seen) {
    const bool opened = co_await gate.wait(deadline);
    seen.push_back(opened);
  }
  void run() {
    loop_.close_door();
    loop_.run();
  }

  Loop loop_;
  std::vector<bool> seen_;
};

TEST_F(Gates, LetPassAtOnceWhileOpen) {
  {
    Gate gate(loop_);
    gate.open();
    EXPECT_TRUE(gate.is_open());
    loop_.spawn(pass(gate, kNever, seen_));
    EXPECT_EQ(seen_, std::vector{true});
  }
  run();
}

TEST_F(Gates, ContinueTheWaiterBeforeOpenReturns) {
  {
    Gate gate(loop_);
    loop_.spawn(pass(gate, loop_.after(1h), seen_));
    EXPECT_TRUE(seen_.empty());
    gate.open();
    EXPECT_EQ(seen_, std::vector{true});
  }
  run();
}

TEST_F(Gates, HoldAgainOnceClosed) {
  {
    Gate gate(loop_);
    gate.open();
    gate.close();
    EXPECT_FALSE(gate.is_open());
    loop_.spawn(pass(gate, kNever, seen_));
    EXPECT_TRUE(seen_.empty());
    gate.open();
    EXPECT_EQ(seen_, std::vector{true});
  }
  run();
}

TEST_F(Gates, AnswerNoAtTheDeadlineAndServeTheNextWaiter) {
  std::optional<Gate> gate(loop_);
  const auto twice = [](Loop& loop, std::optional<Gate>& door, std::vector<bool>& seen) -> Task<void> {
    const bool first = co_await door->wait(loop.after(1ms));
    seen.push_back(first);
    const auto open = [](Loop& clock, Gate& opened) -> Task<void> {
      co_await clock.sleep(1ms);
      opened.open();
    };
    loop.spawn(open(loop, *door));
    const bool second = co_await door->wait(loop.after(1h));
    seen.push_back(second);
  };
  loop_.spawn(twice(loop_, gate, seen_));
  run();
  EXPECT_EQ(seen_, (std::vector{false, true}));
  gate.reset();
}

TEST_F(Gates, SurviveAWaiterThatDestroysThem) {
  auto gate = std::make_unique<Gate>(loop_);
  const auto destroy = [](std::unique_ptr<Gate>& door, std::vector<bool>& seen) -> Task<void> {
    const bool opened = co_await door->wait(kNever);
    seen.push_back(opened);
    door.reset();
  };
  loop_.spawn(destroy(gate, seen_));
  gate->open();
  EXPECT_EQ(gate, nullptr);
  EXPECT_EQ(seen_, std::vector{true});
  run();
}

}  // namespace
}  // namespace privet::net
