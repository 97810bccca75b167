#include "proxy/imap/sequence_set.h"

#include <algorithm>
#include <charconv>

namespace privet::imap {
namespace {

std::optional<std::uint32_t> parse_number(std::string_view text) {
  if (text == "*") return kStar;
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number == 0) return std::nullopt;
  return number;
}

std::optional<Range> parse_range(std::string_view text) {
  const std::size_t colon = text.find(':');
  const auto first = parse_number(text.substr(0, colon));
  const auto last = colon == std::string_view::npos ? first : parse_number(text.substr(colon + 1));
  if (!first || !last) return std::nullopt;
  return Range{*first, *last};
}

void append(std::string& text, std::uint32_t first, std::uint32_t last) {
  const auto number = [](std::uint32_t n) { return n == kStar ? "*" : std::to_string(n); };
  if (!text.empty()) text += ',';
  text += number(first);
  if (first != last) text.append(":").append(number(last));
}

}  // namespace

std::optional<SequenceSet> SequenceSet::parse(std::string_view text) {
  SequenceSet set;
  if (text == "$") {
    set.saved = true;
    return set;
  }
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const auto range = parse_range(text.substr(begin, end - begin));
    if (!range) return std::nullopt;
    set.ranges.push_back(*range);
    begin = end + 1;
  }
  return set;
}

std::vector<Range> SequenceSet::resolve(std::uint32_t star) const {
  std::vector<Range> sorted;
  sorted.reserve(ranges.size());
  for (const Range& range : ranges) {
    const std::uint32_t first = range.first == kStar ? star : range.first;
    const std::uint32_t last = range.last == kStar ? star : range.last;
    if (first == 0 || last == 0) continue;
    sorted.push_back({std::min(first, last), std::max(first, last)});
  }
  std::ranges::sort(sorted, {}, &Range::first);
  std::vector<Range> merged;
  for (const Range& range : sorted) {
    if (merged.empty() || range.first - 1 > merged.back().last) {
      merged.push_back(range);
    } else {
      merged.back().last = std::max(merged.back().last, range.last);
    }
  }
  return merged;
}

std::uint32_t SequenceSet::largest() const {
  std::uint32_t largest = 0;
  for (const Range& range : ranges) largest = std::max({largest, range.first, range.last});
  return largest;
}

bool contains(std::span<const Range> resolved, std::uint32_t number) {
  const auto found = std::ranges::lower_bound(resolved, number, {}, &Range::last);
  return found != resolved.end() && found->first <= number;
}

std::string format_set(std::span<const std::uint32_t> sorted) {
  std::string text;
  for (std::size_t begin = 0; begin < sorted.size();) {
    std::size_t end = begin + 1;
    while (end < sorted.size() && sorted[end] == sorted[end - 1] + 1) ++end;
    append(text, sorted[begin], sorted[end - 1]);
    begin = end;
  }
  return text;
}

std::string format_set(const SequenceSet& set) {
  if (set.saved) return "$";
  std::string text;
  for (const Range& range : set.ranges) append(text, range.first, range.last);
  return text;
}

}  // namespace privet::imap
