#include "policy/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <sstream>
#include <unordered_set>

#include "policy/limits.h"

namespace privet::policy {
namespace {

/// Thrown through yaml-cpp, which offers no other way out of an event; caught in parse_yaml.
struct Refused {
  std::size_t position;
  std::string what;
};

bool is_continuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

/// Turns byte offsets into line and column (in characters) without walking the text again.
class Positions {
 public:
  explicit Positions(std::string_view text) : size_(text.size()) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') lines_.push_back(i + 1);
      if (is_continuation(text[i])) continuations_.push_back(i);
    }
  }

  std::pair<int, int> of(std::size_t position) const {
    position = std::min(position, size_);
    const auto line = std::upper_bound(lines_.begin(), lines_.end(), position) - 1;
    const auto hidden = std::lower_bound(continuations_.begin(), continuations_.end(), position) -
                        std::lower_bound(continuations_.begin(), continuations_.end(), *line);
    return {static_cast<int>(line - lines_.begin()) + 1,
            static_cast<int>(static_cast<std::ptrdiff_t>(position - *line) - hidden) + 1};
  }

 private:
  std::size_t size_;
  std::vector<std::size_t> lines_ = {0};
  std::vector<std::size_t> continuations_;
};

/// Length of the UTF-8 character at `i`, or 0 when it is none (overlong and surrogates included).
std::size_t utf8_length(std::string_view text, std::size_t i) {
  const auto byte = [&](std::size_t k) -> unsigned { return static_cast<unsigned char>(text[k]); };
  const unsigned lead = byte(i);
  const std::size_t length = lead < 0x80                    ? 1
                             : lead >= 0xC2 && lead <= 0xDF ? 2
                             : (lead & 0xF0) == 0xE0        ? 3
                             : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                            : 0;
  if (length == 0 || text.size() - i < length) return 0;
  for (std::size_t k = 1; k < length; ++k) {
    if (!is_continuation(text[i + k])) return 0;
  }
  if (length == 3) {
    const unsigned second = byte(i + 1);
    if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F)) return 0;
  }
  if (length == 4) {
    const unsigned second = byte(i + 1);
    if ((lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F)) return 0;
  }
  return length;
}

/// What must not stand in a policy at all; everything yaml-cpp reads otherwise than an editor shows it.
std::optional<Refused> check_bytes(std::string_view text) {
  bool indentation = true;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text, i);
    if (length == 0) return Refused{i, "a byte that is not UTF-8, expected a file saved as UTF-8"};
    const unsigned char byte = static_cast<unsigned char>(text[i]);
    const bool line_end = byte == '\n' || (byte == '\r' && i + 1 < text.size() && text[i + 1] == '\n');
    const bool c1 = byte == 0xC2 && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    const bool separator = text.substr(i, 3) == "\u2028" || text.substr(i, 3) == "\u2029";
    const bool byte_order_mark = text.substr(i, 3) == "\uFEFF";
    if (byte == '\t' && indentation) return Refused{i, "a tab as indentation, expected blanks"};
    if ((byte < 0x20 && byte != '\t' && !line_end) || byte == 0x7F || c1 || separator || byte_order_mark) {
      return Refused{i, "a control character, expected printable text"};
    }
    indentation = byte == '\n' || (indentation && byte == ' ');
    i += length;
  }
  return std::nullopt;
}

class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view text, const Positions& positions) : text_(text), positions_(positions) {}

  YamlNode take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0) {
      throw Refused{offset(mark), "text behind the end of the document, expected one document per file"};
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    add(make(mark, YamlNode::Kind::Null));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw Refused{offset(mark),
                  "an alias, expected the value itself (put a text that starts with * into quotes)"};
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    YamlNode node = make(mark, YamlNode::Kind::Scalar);
    const char first = offset(mark) < text_.size() ? text_[offset(mark)] : '\0';
    const bool in_quotes = first == '"' || first == '\'';
    node.quoted = in_quotes || first == '|' || first == '>';
    if (tag != (node.quoted ? "!" : "?")) refuse_tag(mark);
    if (in_quotes) require_closing_quote(offset(mark));
    node.scalar = value;
    add(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, YamlNode::Kind::Sequence);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, YamlNode::Kind::Map);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    YamlNode node;
    std::size_t position;
    std::optional<YamlNode> key;
    std::unordered_set<std::string> keys;
  };

  static std::size_t offset(const YAML::Mark& mark) {
    return static_cast<std::size_t>(std::max(mark.pos, 0));
  }

  YamlNode make(const YAML::Mark& mark, YamlNode::Kind kind) {
    if (++nodes_ > limits::kYamlNodes) {
      throw Refused{offset(mark), "more than " + std::to_string(limits::kYamlNodes) +
                                      " values, expected long lists in files of their own (file:NAME)"};
    }
    last_ = offset(mark);
    YamlNode node;
    node.kind = kind;
    std::tie(node.line, node.column) = positions_.of(last_);
    return node;
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YamlNode::Kind kind) {
    refuse_anchor(mark, anchor);
    if (tag != "?") refuse_tag(mark);
    refuse_as_key(mark);
    if (open_.size() >= limits::kYamlDepth) {
      throw Refused{offset(mark), "more than " + std::to_string(limits::kYamlDepth) + " levels of nesting"};
    }
    open_.push_back({make(mark, kind), offset(mark), std::nullopt, {}});
  }

  void close() {
    YamlNode node = std::move(open_.back().node);
    open_.pop_back();
    add(std::move(node));
  }

  void add(YamlNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == YamlNode::Kind::Sequence) {
      parent.node.items.push_back(std::move(node));
    } else if (parent.key) {
      if (node.kind == YamlNode::Kind::Null && node.line != parent.key->line) {
        // yaml-cpp places a missing value at whatever comes next.
        node.line = parent.key->line;
        node.column = parent.key->column;
      }
      parent.node.entries.push_back({std::move(*parent.key), std::move(node)});
      parent.key.reset();
    } else {
      if (node.kind != YamlNode::Kind::Scalar)
        throw Refused{last_, "nothing before the colon, expected a key"};
      if (node.scalar == "<<") throw Refused{last_, "a merge key, expected the keys themselves"};
      if (!parent.keys.insert(node.scalar).second) {
        throw Refused{last_, "key '" + node.scalar.substr(0, limits::kQuotedInMessage) +
                                 "' stands here twice, expected it once"};
      }
      parent.key = std::move(node);
    }
  }

  void refuse_as_key(const YAML::Mark& mark) const {
    if (!open_.empty() && open_.back().node.kind == YamlNode::Kind::Map && !open_.back().key) {
      throw Refused{offset(mark), "a list or a map as a key, expected a text"};
    }
  }
  void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) const {
    if (anchor != 0) throw Refused{offset(mark), "an anchor, expected the value itself"};
  }
  [[noreturn]] void refuse_tag(const YAML::Mark& mark) const {
    throw Refused{offset(mark),
                  "a tag, expected the value alone (put a text that starts with ! into quotes)"};
  }

  void require_closing_quote(std::size_t begin) const {
    const char quote = text_[begin];
    for (std::size_t i = begin + 1; i < text_.size() && text_[i] != '\n'; ++i) {
      const bool doubled =
          quote == '\'' && text_[i] == quote && i + 1 < text_.size() && text_[i + 1] == quote;
      if (doubled || (quote == '"' && text_[i] == '\\')) {
        ++i;
      } else if (text_[i] == quote) {
        return;
      }
    }
    throw Refused{begin, "an unterminated quote, expected its end on the same line"};
  }

  std::string_view text_;
  const Positions& positions_;
  YamlNode root_;
  std::vector<Open> open_;
  std::size_t nodes_ = 0;
  std::size_t last_ = 0;
  int documents_ = 0;
};

/// yaml-cpp's own words with a hint where a character has a meaning that administrators do not expect.
std::string explain(const std::string& message, char at) {
  if (at != '\0' && std::string_view("*&!@`%|>").find(at) != std::string_view::npos) {
    return std::string("a text that starts with ") + at + ", expected it in quotes";
  }
  return "not YAML here: " + message;
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  const auto found =
      std::ranges::find_if(entries, [&](const YamlEntry& entry) { return entry.key.scalar == key; });
  return found == entries.end() ? nullptr : &found->value;
}

Result<YamlNode> parse_yaml(std::string_view text, const std::string& file) {
  if (text.starts_with("\uFEFF")) text.remove_prefix(3);
  if (text.size() > limits::kYamlBytes) {
    return std::unexpected(Error{"more than " + std::to_string(limits::kYamlBytes / 1024 / 1024) +
                                     " MiB, expected long lists in files of their own (file:NAME)",
                                 file, 1, 1});
  }
  const Positions positions(text);
  const auto refuse = [&](std::size_t position, std::string what) {
    const auto [line, column] = positions.of(position);
    return std::unexpected(Error{std::move(what), file, line, column});
  };
  if (auto refused = check_bytes(text)) return refuse(refused->position, std::move(refused->what));

  TreeBuilder builder(text, positions);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Refused& refused) {
    return refuse(refused.position, refused.what);
  } catch (const YAML::Exception& exception) {
    const std::size_t position =
        exception.mark.is_null() ? text.size() : static_cast<std::size_t>(exception.mark.pos);
    return refuse(position, explain(exception.msg, position < text.size() ? text[position] : '\0'));
  }

  YamlNode root = builder.take();
  if (root.kind == YamlNode::Kind::Null) {
    root.kind = YamlNode::Kind::Map;
    root.line = root.column = 1;
  }
  return root;
}

}  // namespace privet::policy
