// A growing bitmap that can count: how many bits are set below a position (rank), and where the n-th set bit
// is (select), both in logarithmic time, while single bits change.
//
// Promise: 17 bits of memory for 16 of content (blocks of 512 bits, their counts in a Fenwick tree). Every
// function takes every argument: a position beyond the end reads as a clear bit and is not written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace privet::imap {

class Bitmap {
 public:
  Bitmap() = default;
  explicit Bitmap(std::size_t size, bool value = false);

  std::size_t size() const { return size_; }
  std::size_t count() const { return count_; }  ///< of set bits

  bool test(std::size_t position) const {
    return position < size_ && (words_[position / kWordBits] >> (position % kWordBits) & 1) != 0;
  }
  void set(std::size_t position);
  void clear(std::size_t position);
  void set(std::size_t first, std::size_t end);  ///< the bits of [first, end)

  void push_back(bool value);
  void append(std::size_t bits, bool value);

  /// Number of set bits below `position`.
  std::size_t rank(std::size_t position) const;
  /// Position of the set bit that has `rank` set bits below it; size() when there are not so many.
  std::size_t select(std::size_t rank) const;
  /// The first set bit at `position` or above; size() when there is none. To visit all set bits:
  /// for (i = next(0); i < size(); i = next(i + 1))
  std::size_t next(std::size_t position) const;

  /// Bit by bit. What is missing of a shorter `other` counts as clear; the size stays.
  Bitmap& operator&=(const Bitmap& other);
  Bitmap& operator|=(const Bitmap& other);
  Bitmap& operator-=(const Bitmap& other);  ///< and not
  void flip();                              ///< all bits

  std::size_t bytes() const;  ///< of heap memory
  bool operator==(const Bitmap& other) const { return size_ == other.size_ && words_ == other.words_; }

 private:
  static constexpr std::size_t kWordBits = 64, kBlockWords = 8, kBlockBits = kWordBits * kBlockWords;

  void add(std::size_t block, std::uint32_t difference);  // modulo 2^32, so that it may also subtract
  void recount();

  std::vector<std::uint64_t> words_;   // bits beyond size_ are clear
  std::vector<std::uint32_t> counts_;  // Fenwick tree: [i] counts the blocks (i & (i + 1)) to i
  std::size_t size_ = 0, count_ = 0;
};

}  // namespace privet::imap
