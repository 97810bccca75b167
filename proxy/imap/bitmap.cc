#include "proxy/imap/bitmap.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace privet::imap {
namespace {

/// More room by an eighth only: doubling would cost as much memory as the content.
template <class T>
void grow(std::vector<T>& vector, std::size_t size) {
  if (size > vector.capacity()) vector.reserve(std::max(size, vector.size() + vector.size() / 8));
  vector.resize(size);
}

std::size_t ones(std::uint64_t word) {
  return static_cast<std::size_t>(std::popcount(word));
}

/// Of the bits [first, end) of a word.
std::uint64_t mask(std::size_t first, std::size_t end) {
  const std::uint64_t below = end >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << end) - 1;
  return first >= 64 ? 0 : below & ~std::uint64_t{0} << first;
}

}  // namespace

Bitmap::Bitmap(std::size_t size, bool value) {
  append(size, value);
}

void Bitmap::add(std::size_t block, std::uint32_t difference) {
  for (; block < counts_.size(); block |= block + 1) counts_[block] += difference;
}

void Bitmap::recount() {
  std::ranges::fill(counts_, 0);
  count_ = 0;
  for (std::size_t word = 0; word < words_.size(); ++word) {
    counts_[word / kBlockWords] += static_cast<std::uint32_t>(std::popcount(words_[word]));
    count_ += ones(words_[word]);
  }
  for (std::size_t block = 0; block < counts_.size(); ++block) {
    const std::size_t parent = block | (block + 1);
    if (parent < counts_.size()) counts_[parent] += counts_[block];
  }
}

void Bitmap::set(std::size_t position) {
  if (position >= size_ || test(position)) return;
  words_[position / kWordBits] |= std::uint64_t{1} << (position % kWordBits);
  add(position / kBlockBits, 1);
  ++count_;
}

void Bitmap::clear(std::size_t position) {
  if (!test(position)) return;
  words_[position / kWordBits] &= ~(std::uint64_t{1} << (position % kWordBits));
  add(position / kBlockBits, std::numeric_limits<std::uint32_t>::max());
  --count_;
}

void Bitmap::set(std::size_t first, std::size_t end) {
  end = std::min(end, size_);
  while (first < end) {
    const std::size_t block = first / kBlockBits;
    std::size_t fresh = 0;
    for (const std::size_t stop = std::min(end, (block + 1) * kBlockBits); first < stop;) {
      const std::size_t word = first / kWordBits, begin = word * kWordBits;
      const std::uint64_t bits = mask(first - begin, stop - begin) & ~words_[word];
      words_[word] |= bits;
      fresh += ones(bits);
      first = std::min(stop, begin + kWordBits);
    }
    add(block, static_cast<std::uint32_t>(fresh));
    count_ += fresh;
  }
}

void Bitmap::push_back(bool value) {
  append(1, false);
  if (value) set(size_ - 1);
}

void Bitmap::append(std::size_t bits, bool value) {
  const std::size_t before = size_, blocks = counts_.size();
  size_ += bits;
  grow(words_, (size_ + kWordBits - 1) / kWordBits);
  grow(counts_, (size_ + kBlockBits - 1) / kBlockBits);
  for (std::size_t block = blocks; block < counts_.size(); ++block) {
    const std::size_t first = block & (block + 1);
    counts_[block] = static_cast<std::uint32_t>(rank(block * kBlockBits) - rank(first * kBlockBits));
  }
  if (value) set(before, size_);
}

std::size_t Bitmap::rank(std::size_t position) const {
  if (position >= size_) return count_;
  std::size_t found = 0;
  for (std::size_t block = position / kBlockBits; block > 0; block &= block - 1) found += counts_[block - 1];
  const std::size_t last = position / kWordBits;
  for (std::size_t word = last / kBlockWords * kBlockWords; word < last; ++word) found += ones(words_[word]);
  return found + ones(words_[last] & mask(0, position % kWordBits));
}

std::size_t Bitmap::select(std::size_t rank) const {
  if (rank >= count_) return size_;
  std::size_t block = 0;
  for (std::size_t step = std::bit_floor(counts_.size()); step > 0; step /= 2) {
    if (block + step > counts_.size() || counts_[block + step - 1] > rank) continue;
    block += step;
    rank -= counts_[block - 1];
  }
  std::size_t word = block * kBlockWords;
  for (std::size_t here = ones(words_[word]); here <= rank; here = ones(words_[word])) {
    rank -= here;
    ++word;
  }
  std::uint64_t bits = words_[word];
  for (; rank > 0; --rank) bits &= bits - 1;
  return word * kWordBits + static_cast<std::size_t>(std::countr_zero(bits));
}

std::size_t Bitmap::next(std::size_t position) const {
  if (position >= size_) return size_;
  std::size_t word = position / kWordBits;
  std::uint64_t bits = words_[word] & mask(position % kWordBits, kWordBits);
  while (bits == 0) {
    if (++word == words_.size()) return size_;
    bits = words_[word];
  }
  return word * kWordBits + static_cast<std::size_t>(std::countr_zero(bits));
}

Bitmap& Bitmap::operator&=(const Bitmap& other) {
  for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= i < other.words_.size() ? other.words_[i] : 0;
  recount();
  return *this;
}

Bitmap& Bitmap::operator|=(const Bitmap& other) {
  for (std::size_t i = 0; i < std::min(words_.size(), other.words_.size()); ++i) words_[i] |= other.words_[i];
  if (size_ % kWordBits != 0) words_.back() &= mask(0, size_ % kWordBits);
  recount();
  return *this;
}

Bitmap& Bitmap::operator-=(const Bitmap& other) {
  for (std::size_t i = 0; i < std::min(words_.size(), other.words_.size()); ++i)
    words_[i] &= ~other.words_[i];
  recount();
  return *this;
}

void Bitmap::flip() {
  for (std::uint64_t& word : words_) word = ~word;
  if (size_ % kWordBits != 0) words_.back() &= mask(0, size_ % kWordBits);
  recount();
}

std::size_t Bitmap::bytes() const {
  return words_.capacity() * sizeof(std::uint64_t) + counts_.capacity() * sizeof(std::uint32_t);
}

}  // namespace privet::imap
