#include "policy/yaml.h"

#include <gtest/gtest.h>

#include "policy/limits.h"

namespace privet::policy {
namespace {

TEST(Yaml, KnowsLineAndColumnOfEveryNode) {
  const auto root = parse_yaml("a: 1\nb:\n  - x\n  - {c: \"y\"}\n", "f.yaml");
  ASSERT_TRUE(root);
  const YamlNode* list = root->find("b");
  ASSERT_NE(list, nullptr);
  ASSERT_EQ(list->items.size(), 2u);
  EXPECT_EQ(list->items[0].line, 3);
  EXPECT_EQ(list->items[0].column, 5);
  const YamlNode& quoted = list->items[1].entries[0].value;
  EXPECT_EQ(quoted.line, 4);
  EXPECT_EQ(quoted.column, 9);
  EXPECT_TRUE(quoted.quoted);
  EXPECT_FALSE(root->find("a")->quoted);
}

TEST(Yaml, CountsColumnsInCharacters) {
  const auto root = parse_yaml("{ä: ö, ü: 1}", "f.yaml");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->entries[1].key.column, 8);
}

TEST(Yaml, ReadsWindowsFilesAndByteOrderMarks) {
  const auto root = parse_yaml("\uFEFFa: 1\r\nb: 'x'\r\n", "f.yaml");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->find("b")->scalar, "x");
  EXPECT_EQ(root->find("a")->column, 4);
}

TEST(Yaml, ReadsAnEmptyFileAsMapWithoutKeys) {
  for (const char* text : {"", "# nothing\n", "---\n"}) {
    const auto root = parse_yaml(text, "f.yaml");
    ASSERT_TRUE(root) << text;
    EXPECT_EQ(root->kind, YamlNode::Kind::Map);
    EXPECT_TRUE(root->entries.empty());
  }
}

struct Refusal {
  const char* name;
  std::string text;
  int line;
  int column;
  const char* what;
};

void PrintTo(const Refusal& row, std::ostream* out) {
  *out << row.name;
}

class YamlRefuses : public testing::TestWithParam<Refusal> {};

TEST_P(YamlRefuses, WithItsPlace) {
  const auto root = parse_yaml(GetParam().text, "f.yaml");
  ASSERT_FALSE(root);
  EXPECT_EQ(root.error().file, "f.yaml");
  EXPECT_EQ(root.error().line, GetParam().line);
  EXPECT_EQ(root.error().column, GetParam().column);
  EXPECT_NE(root.error().what.find(GetParam().what), std::string::npos) << root.error().what;
}

INSTANTIATE_TEST_SUITE_P(
    Table, YamlRefuses,
    testing::Values(
        Refusal{"DuplicateKey", "a: 1\nb: 2\na: 3\n", 3, 1, "twice"},
        Refusal{"DuplicateKeyInQuotes", "{a: 1, 'a': 2}", 1, 8, "twice"},
        Refusal{"ListAsKey", "? [a]\n: b\n", 1, 3, "as a key"},
        Refusal{"NoKey", ": b\n", 1, 1, "expected a key"}, Refusal{"Anchor", "a: &x 1\n", 1, 4, "an anchor"},
        Refusal{"AnchorOnMap", "a: &x {b: 1}\n", 1, 4, "an anchor"},
        Refusal{"Alias", "a: &x 1\nb: *x\n", 1, 4, "an anchor"},
        Refusal{"UnknownAlias", "a: *x\n", 1, 4, "in quotes"}, Refusal{"Tag", "a: !!str 1\n", 1, 4, "a tag"},
        Refusal{"EmptyTag", "a: ! 1\n", 1, 4, "a tag"},
        Refusal{"TagBeforeQuote", "a: !x '1'\n", 1, 4, "a tag"},
        Refusal{"TagOnList", "a: !x [b]\n", 1, 4, "a tag"},
        Refusal{"MergeKey", "a: {<<: b}\n", 1, 5, "merge key"},
        Refusal{"SecondDocument", "a: 1\n---\nb: 1\n", 2, 1, "one document"},
        Refusal{"TextBehindTheEnd", "a: 1\n...\nb\n", 3, 1, "one document"},
        Refusal{"KeyBehindAList", "- a\nb: 1\n", 2, 1, "one document"},
        Refusal{"SingleQuoteNotClosed", "a: 'x\nb: 1\n", 1, 4, "unterminated quote"},
        Refusal{"DoubleQuoteNotClosed", "a: 1\nb: \"x\\\"\nc: 1\n", 2, 4, "unterminated quote"},
        Refusal{"QuoteNotClosedBehindUmlaut", "ä: 'x\nb: 1\n", 1, 4, "unterminated quote"},
        Refusal{"QuoteAtTheEnd", "a: '", 1, 4, "unterminated quote"},
        Refusal{"TabAsIndentation", "a:\n\tb: 1\n", 2, 1, "a tab"},
        Refusal{"TabBehindBlanks", "a:\n  \tb: 1\n", 2, 3, "a tab"},
        Refusal{"ControlCharacter", "a: x\x01\n", 1, 5, "control character"},
        Refusal{"LoneCarriageReturn", "a: 1\rb: 2\n", 1, 5, "control character"},
        Refusal{"NextLineCharacter", "a: 1\u0085b: 2\n", 1, 5, "control character"},
        Refusal{"NotUtf8", "a: \xFF\n", 1, 4, "not UTF-8"},
        Refusal{"Surrogate", "a: \xED\xA0\x80\n", 1, 4, "not UTF-8"},
        Refusal{"TextBehindAQuote", "a: 'x' y\n", 1, 8, "not YAML"},
        Refusal{"TwoColons", "a: b: c\n", 1, 5, "not YAML"},
        Refusal{"StarAtTheStart", "a: *@x.example\n", 1, 4, "in quotes"},
        Refusal{"AtAtTheStart", "a: @x\n", 1, 4, "in quotes"},
        Refusal{"OpenList", "a: [b\n", 2, 1, "not YAML"},
        Refusal{"TooDeep",
                std::string(limits::kYamlDepth + 1, '[') + std::string(limits::kYamlDepth + 1, ']'), 1,
                limits::kYamlDepth + 1, "levels of nesting"}),
    [](const auto& row) { return row.param.name; });

TEST(Yaml, RefusesWhatIsTooLong) {
  EXPECT_FALSE(parse_yaml(std::string(limits::kYamlBytes + 1, ' '), "f.yaml"));
  std::string many;
  for (std::size_t i = 0; i < limits::kYamlNodes; ++i) many += "- a\n";
  const auto root = parse_yaml(many, "f.yaml");
  ASSERT_FALSE(root);
  EXPECT_EQ(root.error().line, static_cast<int>(limits::kYamlNodes));
}

}  // namespace
}  // namespace privet::policy
