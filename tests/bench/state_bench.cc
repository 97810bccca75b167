// What the view's state costs: loading a mailbox of 100,000 messages, 10,000 headers, an announcement.
#include <benchmark/benchmark.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/proxy/state/support.h"

namespace privet::state {
namespace {

constexpr std::uint32_t kMessages = 100'000;
constexpr std::uint32_t kHeaders = 10'000;
constexpr std::size_t kHeaderLength = 1'900;  // the mean of real mail
constexpr std::uint32_t kChunk = 1'000;

/// A third of it hidden, a third redacted.
class Filled {
 public:
  Filled() : store_(std::move(*Store::open({.folder = folder_ / "view", .clock = nullptr}))) {
    state_ = waiter_.wait(store_->load(waiter_.loop(), inbox(), kReal, kEpochs))->state;
    for (std::uint32_t next = 1; next <= kMessages; next += kChunk) {
      std::vector<Classified> messages;
      for (std::uint32_t uid = next; uid < next + kChunk; ++uid) {
        messages.push_back(uid % 3 == 0 ? hidden(uid) : uid % 3 == 1 ? verbatim(uid) : redacted(uid));
        if (uid % 3 == 2) messages.back().redacted_header.resize(kHeaderLength, 'x');
      }
      store_->add_classified(waiter_.loop(), state_.id, kEpochs, std::move(messages),
                             {next - 1, next + kChunk - 1});
    }
    waiter_.wait(store_->announce(waiter_.loop(), state_.id, 1));
  }
  Store& store() { return *store_; }
  Waiter& waiter() { return waiter_; }
  MailboxId id() const { return state_.id; }

 private:
  testing_support::TemporaryFolder folder_;
  Waiter waiter_;
  std::unique_ptr<Store> store_;
  MailboxState state_;
};

Filled& filled() {
  static Filled one;
  return one;
}

void load_100k(benchmark::State& state) {
  Filled& one = filled();
  for (auto _ : state) {
    auto loaded = one.waiter().wait(one.store().load(one.waiter().loop(), inbox(), kReal, kEpochs));
    benchmark::DoNotOptimize(loaded);
  }
}
BENCHMARK(load_100k)->Unit(benchmark::kMillisecond)->UseRealTime()->MeasureProcessCPUTime();

void headers_10k(benchmark::State& state) {
  Filled& one = filled();
  std::vector<std::uint32_t> uids;
  for (std::uint32_t i = 0; i < kHeaders; ++i) uids.push_back(3 * i + 2);
  for (auto _ : state) {
    auto sections = one.waiter().wait(one.store().headers(one.waiter().loop(), one.id(), uids));
    benchmark::DoNotOptimize(sections);
  }
}
BENCHMARK(headers_10k)->Unit(benchmark::kMillisecond)->UseRealTime()->MeasureProcessCPUTime();

void announce(benchmark::State& state) {
  Filled& one = filled();
  static std::uint32_t next = 1;
  for (auto _ : state) {
    auto done = one.waiter().wait(one.store().announce(one.waiter().loop(), one.id(), ++next));
    benchmark::DoNotOptimize(done);
  }
}
BENCHMARK(announce)->Unit(benchmark::kMicrosecond)->UseRealTime()->MeasureProcessCPUTime();

void announce_again(benchmark::State& state) {
  Filled& one = filled();
  for (auto _ : state) {
    auto done = one.waiter().wait(one.store().announce(one.waiter().loop(), one.id(), 2));
    benchmark::DoNotOptimize(done);
  }
}
BENCHMARK(announce_again)->Unit(benchmark::kMicrosecond)->UseRealTime()->MeasureProcessCPUTime();

/// A message arrives in as many mailboxes at once as the argument says: kept and announced.
void arrivals(benchmark::State& state) {
  Filled& one = filled();
  net::Loop& loop = one.waiter().loop();
  std::vector<MailboxId> ids;
  for (int i = 0; i < state.range(0); ++i) {
    ids.push_back(
        one.waiter().wait(one.store().load(loop, inbox(std::to_string(i)), kReal, kEpochs))->state.id);
  }
  static std::uint32_t uid = 0;
  for (auto _ : state) {
    ++uid;
    for (const MailboxId id : ids) {
      one.store().add_classified(loop, id, kEpochs, {redacted(uid)}, {uid - 1, uid});
      if (id != ids.back()) one.store().announce(loop, id, uid + 1);
    }
    benchmark::DoNotOptimize(one.waiter().wait(one.store().announce(loop, ids.back(), uid + 1)));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(arrivals)->Arg(1)->Arg(100)->Unit(benchmark::kMicrosecond)->UseRealTime()->MeasureProcessCPUTime();

}  // namespace
}  // namespace privet::state
