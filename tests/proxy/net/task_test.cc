#include "proxy/net/task.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>

#include "proxy/net/loop.h"

namespace privet::net {
namespace {

Task<int> answer(int value) {
  co_return value;
}

Task<void> fail() {
  throw std::runtime_error("no");
  co_return;
}

/// Runs a task to its end on a loop that has nothing else to do.
void run(Loop& loop, Task<void> task) {
  loop.spawn(std::move(task));
  loop.close_door();
  loop.run();
}

Task<void> add_many(int count, long& sum) {
  for (int i = 0; i < count; ++i) {
    const int one = co_await answer(1);
    sum += one;
  }
}

TEST(Task, AwaitsMillionsOfReadyTasksOnOneStack) {
  Loop loop;
  long sum = 0;
  run(loop, add_many(3'000'000, sum));
  EXPECT_EQ(sum, 3'000'000);
}

Task<int> depth(int left) {
  if (left == 0) co_return 0;
  const int below = co_await depth(left - 1);
  co_return below + 1;
}

TEST(Task, ReturnsThroughManyAwaiters) {
  Loop loop;
  int reached = 0;
  const auto descend = [](int& result) -> Task<void> { result = co_await depth(10'000); };
  run(loop, descend(reached));
  EXPECT_EQ(reached, 10'000);
}

TEST(Task, CarriesAnExceptionToItsAwaiter) {
  Loop loop;
  std::string caught;
  const auto catcher = [](std::string& text) -> Task<void> {
    try {
      co_await fail();
    } catch (const std::runtime_error& error) {
      text = error.what();
    }
  };
  run(loop, catcher(caught));
  EXPECT_EQ(caught, "no");
}

Task<std::unique_ptr<int>> moved() {
  co_return std::make_unique<int>(7);
}

TEST(Task, MovesItsValue) {
  Loop loop;
  int seen = 0;
  const auto take = [](int& result) -> Task<void> {
    const std::unique_ptr<int> value = co_await moved();
    result = *value;
  };
  run(loop, take(seen));
  EXPECT_EQ(seen, 7);
}

TEST(Task, DoesNothingUntilAwaited) {
  bool started = false;
  const auto start = [](bool& flag) -> Task<void> {
    flag = true;
    co_return;
  };
  {
    const Task<void> never = start(started);
  }
  EXPECT_FALSE(started);
}

}  // namespace
}  // namespace privet::net
