// YAML read strictly: a tree that knows line and column of every node, through yaml-cpp's event interface (its Load
// accepts duplicate keys, unterminated quotes and trailing junk without a word). The only place that sees yaml-cpp.
//
// Refused with file:line:column: duplicate or non-scalar keys, anchors, aliases, tags, merge keys, a second document,
// anything behind the document, control characters, unterminated quotes, tabs as indentation, depth above 32, more than
// 200,000 nodes or 4 MiB.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mime/result.h"

namespace privet::policy {

struct YamlNode {
  enum class Kind { Null, Scalar, Sequence, Map };
  Kind kind = Kind::Null;
  int line = 0;    ///< from 1
  int column = 0;  ///< from 1
  std::string scalar;
  bool quoted = false;
  std::vector<YamlNode> items;                               ///< Sequence
  std::vector<std::pair<YamlNode, YamlNode>> entries;        ///< Map, in file order; keys are scalars

  const YamlNode* find(std::string_view key) const;
};

/// Parses `text`; `file` is only for messages. An empty document is a Map without entries.
Result<YamlNode> parse_yaml(std::string_view text, const std::string& file);

}  // namespace privet::policy
