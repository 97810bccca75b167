// YAML read strictly: a tree that knows line and column of every node, through yaml-cpp's event interface
// (its Load accepts duplicate keys, unterminated quotes and trailing junk without a word). The only place
// that sees yaml-cpp.
//
// Refused with file:line:column: duplicate or non-scalar keys, anchors, aliases, tags, merge keys, a second
// document, anything behind the document, control characters, bytes that are not UTF-8, quotes that do not
// end on their line, tabs as indentation, and what exceeds policy/limits.h. Columns count characters, as
// editors do.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mime/result.h"

namespace privet::policy {

struct YamlEntry;

struct YamlNode {
  enum class Kind { Null, Scalar, Sequence, Map };
  Kind kind = Kind::Null;
  int line = 0;    ///< from 1
  int column = 0;  ///< from 1
  std::string scalar;
  bool quoted = false;
  std::vector<YamlNode> items;     ///< Sequence
  std::vector<YamlEntry> entries;  ///< Map, in file order

  /// The value of `key` in a Map, or nullptr.
  const YamlNode* find(std::string_view key) const;
};

/// One key of a Map, a Scalar, and its value.
struct YamlEntry {
  YamlNode key;
  YamlNode value;
};

/// Parses `text`; `file` is only for messages. An empty document is a Map without entries.
Result<YamlNode> parse_yaml(std::string_view text, const std::string& file);

}  // namespace privet::policy
