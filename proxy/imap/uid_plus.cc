#include "proxy/imap/uid_plus.h"

#include <algorithm>
#include <charconv>

#include "proxy/imap/sequence_set.h"
#include "proxy/text.h"

namespace privet::imap {
namespace {

std::optional<std::uint32_t> parse_number(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number == 0) return std::nullopt;
  return number;
}

/// The numbers in the order in which they are written; nullopt for more than `most`. "4:2" is "2:4" (RFC 4315
/// 4).
std::optional<std::vector<std::uint32_t>> expand(std::string_view text, std::size_t most) {
  const auto set = SequenceSet::parse(text);
  if (!set || set->saved) return std::nullopt;
  std::vector<std::uint32_t> numbers;
  for (const Range& range : set->ranges) {
    if (range.first == kStar || range.last == kStar) return std::nullopt;
    const auto [low, high] = std::minmax(range.first, range.last);
    if (high - low >= most - numbers.size()) return std::nullopt;
    for (std::uint64_t number = low; number <= high; ++number)
      numbers.push_back(static_cast<std::uint32_t>(number));
  }
  return numbers;
}

/// "3:1" would be read upwards: only what ascends is a range.
std::string write_set(const std::vector<CopiedUid>& copies, std::uint32_t CopiedUid::* which) {
  std::string text;
  for (std::size_t i = 0; i < copies.size();) {
    std::size_t end = i + 1;
    while (end < copies.size() && copies[end].*which == copies[end - 1].*which + 1) ++end;
    if (!text.empty()) text += ',';
    text += std::to_string(copies[i].*which);
    if (end - i > 1) text += ':' + std::to_string(copies[end - 1].*which);
    i = end;
  }
  return text;
}

}  // namespace

std::optional<AppendUid> parse_append_uid(std::string_view arguments) {
  const auto uid_validity = parse_number(take_until(arguments, ' '));
  const auto uid = parse_number(arguments);
  if (!uid_validity || !uid) return std::nullopt;
  return AppendUid{*uid_validity, *uid};
}

std::optional<CopyUid> parse_copy_uid(std::string_view arguments, std::size_t most) {
  const auto uid_validity = parse_number(take_until(arguments, ' '));
  const auto from = expand(take_until(arguments, ' '), most);
  const auto to = expand(arguments, most);
  if (!uid_validity || !from || !to || from->size() != to->size()) return std::nullopt;
  CopyUid code{.uid_validity = *uid_validity};
  for (std::size_t i = 0; i < from->size(); ++i) code.copies.push_back({(*from)[i], (*to)[i]});
  return code;
}

std::string format(const AppendUid& code) {
  return "[APPENDUID " + std::to_string(code.uid_validity) + " " + std::to_string(code.uid) + "]";
}

std::string format(const CopyUid& code) {
  if (code.copies.empty()) return "";
  return "[COPYUID " + std::to_string(code.uid_validity) + " " + write_set(code.copies, &CopiedUid::from) +
         " " + write_set(code.copies, &CopiedUid::to) + "]";
}

}  // namespace privet::imap
