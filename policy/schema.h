// Typed reading of a YAML tree: every message says file:line:column, what was found, what is expected, and
// for an unknown key or name the nearest known one ("unknown key 'domanis' (did you mean 'domains'?)"). Used
// by the tenant files here and by privet.yaml in proxy/.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/yaml.h"

namespace privet::policy {

/// Reads one map. Collects the first error only; every getter after an error returns a default and does
/// nothing.
class MapReader {
 public:
  MapReader(const YamlNode& node, std::string file, std::string what_it_is, std::optional<Error>& error);

  /// First call in every reader: refuses keys that are not in `known`; those in `later` are announced but not
  /// there yet.
  void allow(std::initializer_list<std::string_view> known,
             std::initializer_list<std::string_view> later = {});
  const YamlNode* get(std::string_view key);
  const YamlNode* require(std::string_view key);
  std::optional<std::string> string(std::string_view key);
  std::optional<std::int64_t> integer(std::string_view key, std::int64_t least, std::int64_t most);
  std::optional<bool> boolean(std::string_view key);
  /// A scalar out of `choices`; returns its index. Those in `later` are announced but not there yet.
  std::optional<std::size_t> choice(std::string_view key, std::initializer_list<std::string_view> choices,
                                    std::initializer_list<std::string_view> later = {});
  /// A sequence of scalars, or one scalar standing for a sequence of one. Each with its node for positions.
  std::vector<const YamlNode*> strings(std::string_view key);
  /// Records an error at `node` unless there is one already.
  void fail(const YamlNode& node, std::string what);
  bool ok() const { return !error_.has_value(); }

 private:
  const YamlNode& node_;
  std::string file_;
  std::string what_;
  std::optional<Error>& error_;
};

/// `text` in quotes for a message, cut where it is long.
std::string in_quotes(std::string_view text);
/// What a node is, for "found …" in a message: its text in quotes, "a list", "a map", "nothing".
std::string describe(const YamlNode& node);
/// "did you mean 'x'?" or "" : the nearest of `known` within two edits (a swap of neighbours is one).
std::string suggestion(std::string_view word, const std::vector<std::string>& known);

}  // namespace privet::policy
