#include "policy/schema.h"

#include <algorithm>
#include <charconv>
#include <numeric>

#include "policy/limits.h"

namespace privet::policy {
namespace {

/// Edits that turn `a` into `b`, a swap of two neighbours counting as one.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), previous(b.size() + 1), row(b.size() + 1);
  std::iota(previous.begin(), previous.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(previous);
    previous.swap(row);
  }
  return previous[b.size()];
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

}  // namespace

std::string in_quotes(std::string_view text) {
  if (text.size() <= limits::kQuotedInMessage) return "'" + std::string(text) + "'";
  std::size_t end = limits::kQuotedInMessage;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return "'" + std::string(text.substr(0, end)) + "…'";
}

std::string describe(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::Null:
      return "nothing";
    case YamlNode::Kind::Scalar:
      return in_quotes(node.scalar);
    case YamlNode::Kind::Sequence:
      return "a list";
    case YamlNode::Kind::Map:
      return "a map";
  }
  return "nothing";
}

std::string suggestion(std::string_view word, const std::vector<std::string>& known) {
  if (word.size() > limits::kSuggestionBytes) return "";
  std::size_t least = 3;
  const std::string* nearest = nullptr;
  for (const std::string& candidate : known) {
    if (candidate.size() > limits::kSuggestionBytes) continue;
    const std::size_t distance = edit_distance(word, candidate);
    // Half of a short word is no likeness.
    if (distance < least && distance * 2 <= candidate.size()) {
      least = distance;
      nearest = &candidate;
    }
  }
  return nearest ? "did you mean '" + *nearest + "'?" : "";
}

MapReader::MapReader(const YamlNode& node, std::string file, std::string what_it_is,
                     std::optional<Error>& error)
    : node_(node), file_(std::move(file)), what_(std::move(what_it_is)), error_(error) {
  if (node_.kind != YamlNode::Kind::Map)
    fail(node_, describe(node_) + " as " + what_ + ", expected a map of keys");
}

void MapReader::allow(std::initializer_list<std::string_view> known,
                      std::initializer_list<std::string_view> later) {
  for (const auto& [key, value] : node_.entries) {
    if (std::ranges::find(known, key.scalar) != known.end()) continue;
    if (std::ranges::find(later, key.scalar) != later.end()) {
      return fail(key, "key '" + key.scalar + "' of " + what_ + " is not supported by this version");
    }
    const std::vector<std::string> words(known.begin(), known.end());
    const std::string hint = suggestion(key.scalar, words);
    return fail(key, "unknown key " + in_quotes(key.scalar) + " in " + what_ +
                         (hint.empty() ? ", expected one of: " + joined(words) : " (" + hint + ")"));
  }
}

const YamlNode* MapReader::get(std::string_view key) {
  return ok() ? node_.find(key) : nullptr;
}

const YamlNode* MapReader::require(std::string_view key) {
  const YamlNode* found = get(key);
  if (!found) fail(node_, "key '" + std::string(key) + "' is missing in " + what_);
  return found;
}

std::optional<std::string> MapReader::string(std::string_view key) {
  const YamlNode* node = get(key);
  if (!node) return std::nullopt;
  if (node->kind == YamlNode::Kind::Scalar && !node->scalar.empty()) return node->scalar;
  fail(*node, describe(*node) + " as '" + std::string(key) + "', expected a text");
  return std::nullopt;
}

std::optional<std::int64_t> MapReader::integer(std::string_view key, std::int64_t least, std::int64_t most) {
  const YamlNode* node = get(key);
  if (!node) return std::nullopt;
  std::int64_t value = 0;
  const char* const end = node->scalar.data() + node->scalar.size();
  const auto parsed = std::from_chars(node->scalar.data(), end, value);
  const bool octal_looking = node->scalar.size() > 1 && node->scalar.front() == '0';
  if (node->kind == YamlNode::Kind::Scalar && !node->quoted && parsed.ec == std::errc{} &&
      parsed.ptr == end && !octal_looking && value >= least && value <= most) {
    return value;
  }
  fail(*node, describe(*node) + (node->quoted ? " in quotes" : "") + " as '" + std::string(key) +
                  "', expected a number from " + std::to_string(least) + " to " + std::to_string(most));
  return std::nullopt;
}

std::optional<bool> MapReader::boolean(std::string_view key) {
  const YamlNode* node = get(key);
  if (!node) return std::nullopt;
  if (node->kind == YamlNode::Kind::Scalar && !node->quoted) {
    if (node->scalar == "true") return true;
    if (node->scalar == "false") return false;
  }
  fail(*node, describe(*node) + (node->quoted ? " in quotes" : "") + " as '" + std::string(key) +
                  "', expected true or false");
  return std::nullopt;
}

std::optional<std::size_t> MapReader::choice(std::string_view key,
                                             std::initializer_list<std::string_view> choices,
                                             std::initializer_list<std::string_view> later) {
  const YamlNode* node = get(key);
  if (!node) return std::nullopt;
  if (node->kind == YamlNode::Kind::Scalar) {
    const auto found = std::ranges::find(choices, node->scalar);
    if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
    if (std::ranges::find(later, node->scalar) != later.end()) {
      fail(*node, "'" + node->scalar + "' as '" + std::string(key) + "' is not supported by this version");
      return std::nullopt;
    }
  }
  const std::vector<std::string> words(choices.begin(), choices.end());
  const std::string hint = node->kind == YamlNode::Kind::Scalar ? suggestion(node->scalar, words) : "";
  fail(*node, describe(*node) + " as '" + std::string(key) + "', expected one of: " + joined(words) +
                  (hint.empty() ? "" : " (" + hint + ")"));
  return std::nullopt;
}

std::vector<const YamlNode*> MapReader::strings(std::string_view key) {
  const YamlNode* node = get(key);
  if (!node) return {};
  std::vector<const YamlNode*> found;
  if (node->kind == YamlNode::Kind::Scalar) found.push_back(node);
  for (const YamlNode& item : node->items) found.push_back(&item);
  if (node->kind == YamlNode::Kind::Null || node->kind == YamlNode::Kind::Map) {
    fail(*node, describe(*node) + " as '" + std::string(key) + "', expected a list of texts");
  }
  for (const YamlNode* item : found) {
    if (item->kind != YamlNode::Kind::Scalar || item->scalar.empty()) {
      fail(*item, describe(*item) + " in '" + std::string(key) + "', expected a text");
    }
  }
  return ok() ? found : std::vector<const YamlNode*>{};
}

void MapReader::fail(const YamlNode& node, std::string what) {
  if (ok()) error_ = Error{std::move(what), file_, node.line, node.column};
}

}  // namespace privet::policy
