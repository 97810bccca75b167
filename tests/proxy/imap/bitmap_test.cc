#include "proxy/imap/bitmap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace privet::imap {
namespace {

/// The same by counting each time.
struct Naive {
  std::vector<bool> bits;

  std::size_t rank(std::size_t position) const {
    std::size_t found = 0;
    for (std::size_t i = 0; i < std::min(position, bits.size()); ++i) found += bits[i] ? 1 : 0;
    return found;
  }
  std::size_t select(std::size_t rank) const {
    for (std::size_t i = 0; i < bits.size(); ++i)
      if (bits[i] && rank-- == 0) return i;
    return bits.size();
  }
};

void expect_same(const Bitmap& bitmap, const Naive& naive) {
  ASSERT_EQ(bitmap.size(), naive.bits.size());
  ASSERT_EQ(bitmap.count(), naive.rank(naive.bits.size()));
  std::size_t below = 0, next = bitmap.next(0);
  for (std::size_t i = 0; i < naive.bits.size(); ++i) {
    ASSERT_EQ(bitmap.test(i), naive.bits[i]) << i;
    ASSERT_EQ(bitmap.rank(i), below) << i;
    if (!naive.bits[i]) continue;
    ASSERT_EQ(bitmap.select(below), i);
    ASSERT_EQ(next, i);
    next = bitmap.next(i + 1);
    ++below;
  }
  ASSERT_EQ(next, bitmap.size());
}

Bitmap made_of(const std::vector<bool>& bits) {
  Bitmap bitmap;
  for (const bool bit : bits) bitmap.push_back(bit);
  return bitmap;
}

TEST(Bitmap, CountsAcrossBlocks) {
  Bitmap bitmap(2000);
  for (const std::size_t position : {0, 63, 64, 511, 512, 1999}) bitmap.set(position);
  EXPECT_EQ(bitmap.count(), 6u);
  EXPECT_EQ(bitmap.rank(511), 3u);
  EXPECT_EQ(bitmap.rank(512), 4u);
  EXPECT_EQ(bitmap.select(4), 512u);
  EXPECT_EQ(bitmap.next(513), 1999u);
}

TEST(Bitmap, TakesPositionsBeyondItsEnd) {
  Bitmap bitmap(100, true);
  bitmap.set(100);
  bitmap.clear(100);
  bitmap.set(50, 1000);
  EXPECT_FALSE(bitmap.test(100));
  EXPECT_EQ(bitmap.count(), 100u);
  EXPECT_EQ(bitmap.rank(1000), 100u);
  EXPECT_EQ(bitmap.select(100), 100u);
  EXPECT_EQ(bitmap.next(100), 100u);
}

TEST(Bitmap, IsNothingWhenEmpty) {
  Bitmap bitmap;
  bitmap.flip();
  bitmap &= Bitmap(5, true);
  bitmap |= Bitmap(5, true);
  EXPECT_EQ(bitmap.size(), 0u);
  EXPECT_EQ(bitmap.rank(0), 0u);
  EXPECT_EQ(bitmap.select(0), 0u);
  EXPECT_EQ(bitmap.next(0), 0u);
}

TEST(Bitmap, SetsWhatIsSetOnlyOnce) {
  Bitmap bitmap(1500);
  bitmap.set(700);
  bitmap.set(700);
  bitmap.set(600, 800);
  bitmap.set(600, 800);
  EXPECT_EQ(bitmap.count(), 200u);
  bitmap.clear(700);
  bitmap.clear(700);
  EXPECT_EQ(bitmap.count(), 199u);
  EXPECT_EQ(bitmap.rank(1500), 199u);
}

TEST(Bitmap, KeepsBitsBeyondItsEndClear) {
  Bitmap bitmap(70);
  bitmap.flip();
  EXPECT_EQ(bitmap.count(), 70u);
  bitmap |= Bitmap(128, true);
  EXPECT_EQ(bitmap.count(), 70u);
  bitmap.append(10, false);
  EXPECT_EQ(bitmap.count(), 70u);
  EXPECT_FALSE(bitmap.test(70));
}

TEST(Bitmap, TakesAShorterOneAsClearAtItsEnd) {
  Bitmap bitmap(200, true);
  bitmap -= Bitmap(10, true);
  EXPECT_EQ(bitmap.count(), 190u);
  bitmap &= Bitmap(100, true);
  EXPECT_EQ(bitmap.count(), 90u);
  EXPECT_EQ(bitmap.size(), 200u);
}

TEST(Bitmap, GrowsWithItsCounts) {
  Bitmap bitmap;
  Naive naive;
  for (const std::size_t bits : {1, 511, 1, 700, 64, 3000}) {
    for (const bool value : {true, false}) {
      bitmap.append(bits, value);
      naive.bits.resize(naive.bits.size() + bits, value);
    }
  }
  expect_same(bitmap, naive);
}

TEST(Bitmap, AnswersAsOneThatCountsEachTime) {
  std::mt19937 random(1);
  const auto below = [&random](std::size_t limit) { return std::size_t{random()} % limit; };
  Bitmap bitmap;
  Naive naive;
  for (int step = 0; step < 20'000; ++step) {
    const std::size_t position = below(naive.bits.size() + 2);
    switch (below(4)) {
      case 0: {
        const bool value = below(2) == 0;
        bitmap.push_back(value);
        naive.bits.push_back(value);
        break;
      }
      case 1:
        bitmap.set(position);
        if (position < naive.bits.size()) naive.bits[position] = true;
        break;
      case 2:
        bitmap.clear(position);
        if (position < naive.bits.size()) naive.bits[position] = false;
        break;
      default:
        if (step % 100 > 2) break;
        ASSERT_EQ(bitmap.rank(position), naive.rank(position));
        ASSERT_EQ(bitmap.select(position / 2), naive.select(position / 2));
    }
  }
  expect_same(bitmap, naive);
}

TEST(Bitmap, CombinesBitByBit) {
  std::mt19937 random(2);
  for (int round = 0; round < 20; ++round) {
    std::vector<bool> a(1 + random() % 2000), b(a.size()), both(a.size()), either(a.size()), less(a.size()),
        not_a(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      a[i] = random() % 2 == 0;
      b[i] = random() % 3 == 0;
      both[i] = a[i] && b[i];
      either[i] = a[i] || b[i];
      less[i] = a[i] && !b[i];
      not_a[i] = !a[i];
    }
    const Bitmap left = made_of(a), right = made_of(b);
    Bitmap flipped = left;
    flipped.flip();
    expect_same(Bitmap(left) &= right, {both});
    expect_same(Bitmap(left) |= right, {either});
    expect_same(Bitmap(left) -= right, {less});
    expect_same(flipped, {not_a});
    EXPECT_EQ(Bitmap(left) &= right, made_of(both));
  }
}

TEST(Bitmap, SetsRangesAsItSetsBits) {
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    Bitmap ranges(1700), bits(1700);
    for (int i = 0; i < 5; ++i) {
      const std::size_t first = random() % 1700, end = first + random() % (random() % 2 == 0 ? 70 : 1200);
      ranges.set(first, end);
      for (std::size_t position = first; position < end; ++position) bits.set(position);
    }
    ASSERT_EQ(ranges, bits);
    ASSERT_EQ(ranges.count(), bits.count());
    for (std::size_t position = 0; position < 1700; position += 100)
      ASSERT_EQ(ranges.rank(position), bits.rank(position));
  }
}

TEST(Bitmap, NeedsSeventeenSixteenthsOfABitPerBit) {
  constexpr std::size_t kBits = 1'000'000;
  EXPECT_LT(Bitmap(kBits, true).bytes() * 8, kBits * 107 / 100);
  Bitmap grown;
  for (std::size_t i = 0; i < kBits; ++i) grown.push_back(true);
  EXPECT_LT(grown.bytes() * 8, kBits * 13 / 10);
}

}  // namespace
}  // namespace privet::imap
