// Micro-benchmarks of the filtered view's snapshot, for mailboxes of 100 thousand and a million messages of
// which a third is hidden. Times are of one call, on a busy machine the CPU column counts; compare runs of
// one machine only. build/release/tests/view_bench
#include <benchmark/benchmark.h>

#include <cstdint>
#include <random>
#include <vector>

#include "proxy/imap/selection.h"
#include "proxy/imap/view.h"

namespace privet::imap {
namespace {

constexpr std::uint32_t kGap = 3;            // between two UIDs: the others are gone
constexpr std::uint32_t kHiddenOneIn = 3;    // messages
constexpr std::size_t kQuestions = 1 << 16;  // asked in turn, so that caches are as cold as in life

View build(const std::vector<std::uint32_t>& uids) {
  View view;
  view.append(uids);
  for (const std::uint32_t uid : uids) view.classify(uid, uid % kHiddenOneIn != 0);
  view.take_exists();
  return view;
}

std::vector<std::uint32_t> uids_of(std::int64_t messages) {
  std::vector<std::uint32_t> uids;
  std::mt19937 random(1);
  std::uint32_t uid = 0;
  while (uids.size() < static_cast<std::size_t>(messages)) {
    uid += 1 + static_cast<std::uint32_t>(random() % kGap);
    uids.push_back(uid);
  }
  return uids;
}

std::vector<std::uint32_t> questions(std::uint32_t highest) {
  std::vector<std::uint32_t> numbers;
  std::mt19937 random(2);
  for (std::size_t i = 0; i < kQuestions; ++i)
    numbers.push_back(1 + static_cast<std::uint32_t>(random() % highest));
  return numbers;
}

void Build(benchmark::State& state) {
  const auto uids = uids_of(state.range(0));
  for (auto _ : state) {
    const View view = build(uids);
    benchmark::DoNotOptimize(view.exists());
    state.counters["bytes/message"] = static_cast<double>(view.bytes()) / static_cast<double>(uids.size());
  }
}

void NumberToUid(benchmark::State& state) {
  const View view = build(uids_of(state.range(0)));
  const auto numbers = questions(view.exists());
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(view.uid(numbers[i++ % kQuestions]));
}

void UidToNumber(benchmark::State& state) {
  const auto all = uids_of(state.range(0));
  const View view = build(all);
  const auto uids = questions(all.back());
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(view.number(uids[i++ % kQuestions]));
}

/// One EXPUNGE of the upstream at a random number, and the client's at the next safe point.
void Expunge(benchmark::State& state) {
  const View whole = build(uids_of(state.range(0)));
  const auto numbers = questions(whole.upstream_exists() / 2);
  View view = whole;
  std::size_t i = 0;
  for (auto _ : state) {
    if (view.upstream_exists() <= whole.upstream_exists() / 2) {
      state.PauseTiming();
      view = whole;
      state.ResumeTiming();
    }
    benchmark::DoNotOptimize(view.expunge(numbers[i++ % kQuestions]));
    benchmark::DoNotOptimize(view.take_expunges());
  }
}

/// A tenth of the mailbox goes, one by one, and the client hears of it at once.
void ExpungeATenth(benchmark::State& state) {
  const View whole = build(uids_of(state.range(0)));
  const auto numbers = questions(whole.upstream_exists() / 2);
  for (auto _ : state) {
    state.PauseTiming();
    View view = whole;
    state.ResumeTiming();
    for (std::int64_t i = 0; i < state.range(0) / 10; ++i)
      view.expunge(numbers[static_cast<std::size_t>(i) % kQuestions]);
    benchmark::DoNotOptimize(view.take_expunges());
  }
}

/// UID FETCH 1:* as ranges of UIDs for the upstream.
void ResolveEverything(benchmark::State& state) {
  const View view = build(uids_of(state.range(0)));
  const SequenceSet all{.ranges = {{1, kStar}}};
  for (auto _ : state) {
    const auto selection = resolve(view, all, Numbering::Uid);
    benchmark::DoNotOptimize(upstream_set(view, *selection));
  }
}

/// The answer of a SEARCH that found everything, as bits.
void TakeSearchResult(benchmark::State& state) {
  const auto uids = uids_of(state.range(0));
  const View view = build(uids);
  for (auto _ : state) benchmark::DoNotOptimize(bits_of_uids(view, uids));
}

constexpr std::int64_t kLarge = 100'000, kHuge = 1'000'000;
BENCHMARK(Build)->Arg(kLarge)->Arg(kHuge)->Unit(benchmark::kMillisecond);
BENCHMARK(NumberToUid)->Arg(kLarge)->Arg(kHuge);
BENCHMARK(UidToNumber)->Arg(kLarge)->Arg(kHuge);
BENCHMARK(Expunge)->Arg(kLarge)->Arg(kHuge);
BENCHMARK(ExpungeATenth)->Arg(kLarge)->Arg(kHuge)->Unit(benchmark::kMillisecond);
BENCHMARK(ResolveEverything)->Arg(kLarge)->Arg(kHuge)->Unit(benchmark::kMillisecond);
BENCHMARK(TakeSearchResult)->Arg(kLarge)->Arg(kHuge)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace privet::imap

BENCHMARK_MAIN();
