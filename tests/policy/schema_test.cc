#include "policy/schema.h"

#include <gtest/gtest.h>

namespace privet::policy {
namespace {

struct Reading {
  explicit Reading(const char* text)
      : root(parse_yaml(text, "f.yaml").value()), reader(root, "f.yaml", "a test file", error) {}

  std::string message() const { return error ? error->to_string() : ""; }

  YamlNode root;
  std::optional<Error> error;
  MapReader reader;
};

TEST(Schema, SuggestsTheNearestKeyWithinTwoEdits) {
  const std::vector<std::string> known = {"domains", "default", "crm", "do"};
  EXPECT_EQ(suggestion("domanis", known), "did you mean 'domains'?");
  EXPECT_EQ(suggestion("defalt", known), "did you mean 'default'?");
  EXPECT_EQ(suggestion("cmr", known), "did you mean 'crm'?");
  EXPECT_EQ(suggestion("xyz", known), "");
  EXPECT_EQ(suggestion("xy", known), "");
  EXPECT_EQ(suggestion(std::string(1000, 'x'), known), "");
}

TEST(Schema, NamesUnknownKeysAndTheNearestKnownOne) {
  Reading near("a: 1\ndomanis: 2\n");
  near.reader.allow({"a", "domains"});
  EXPECT_EQ(near.message(), "f.yaml:2:1: unknown key 'domanis' in a test file (did you mean 'domains'?)");
  Reading far("zzz: 2\n");
  far.reader.allow({"a", "domains"});
  EXPECT_EQ(far.message(), "f.yaml:1:1: unknown key 'zzz' in a test file, expected one of: a, domains");
}

TEST(Schema, SaysWhichKeysAreForLater) {
  Reading reading("people: {}\n");
  reading.reader.allow({"a"}, {"people"});
  EXPECT_EQ(reading.message(), "f.yaml:1:1: key 'people' of a test file is not supported by this version");
}

TEST(Schema, ReadsNumbersWithinLimitsOnly) {
  EXPECT_EQ(Reading("port: 25\n").reader.integer("port", 1, 65535), 25);
  for (const char* text :
       {"port: 0\n", "port: 65536\n", "port: '25'\n", "port: 025\n", "port: 2 5\n", "port: x\n", "port: []\n",
        "port:\n", "port: 99999999999999999999\n", "port: 25.0\n"}) {
    Reading reading(text);
    EXPECT_FALSE(reading.reader.integer("port", 1, 65535)) << text;
    EXPECT_NE(reading.message().find("expected a number from 1 to 65535"), std::string::npos)
        << reading.message();
  }
}

TEST(Schema, ReadsOnlyTrueAndFalseAsTruth) {
  EXPECT_EQ(Reading("floor: true\n").reader.boolean("floor"), true);
  EXPECT_EQ(Reading("floor: false\n").reader.boolean("floor"), false);
  for (const char* text :
       {"floor: yes\n", "floor: on\n", "floor: 'true'\n", "floor: 1\n", "floor:\n", "floor: True\n"}) {
    Reading reading(text);
    EXPECT_FALSE(reading.reader.boolean("floor")) << text;
    EXPECT_NE(reading.message().find("expected true or false"), std::string::npos) << reading.message();
  }
}

TEST(Schema, TakesOneTextForAListOfOne) {
  Reading one("any: board\n");
  ASSERT_EQ(one.reader.strings("any").size(), 1u);
  Reading two("any: [board, 'x']\n");
  ASSERT_EQ(two.reader.strings("any").size(), 2u);
  EXPECT_EQ(two.reader.strings("any")[1]->scalar, "x");
  for (const char* text : {"any:\n", "any: {a: b}\n", "any: [[a]]\n", "any: ['']\n", "any: [~]\n"}) {
    Reading reading(text);
    EXPECT_TRUE(reading.reader.strings("any").empty()) << text;
    EXPECT_TRUE(reading.error) << text;
  }
}

TEST(Schema, KeepsTheFirstErrorAndDoesNothingAfterIt) {
  Reading reading("a: []\nb: x\n");
  EXPECT_FALSE(reading.reader.string("a"));
  const std::string first = reading.message();
  EXPECT_EQ(first, "f.yaml:1:4: a list as 'a', expected a text");
  EXPECT_FALSE(reading.reader.string("b"));
  EXPECT_EQ(reading.reader.require("missing"), nullptr);
  EXPECT_EQ(reading.message(), first);
}

TEST(Schema, OffersTheChoicesAndTheNearest) {
  EXPECT_EQ(Reading("do: hide\n").reader.choice("do", {"share", "hide"}), 1u);
  Reading wrong("do: hied\n");
  EXPECT_FALSE(wrong.reader.choice("do", {"share", "hide"}));
  EXPECT_EQ(wrong.message(),
            "f.yaml:1:5: 'hied' as 'do', expected one of: share, hide (did you mean 'hide'?)");
  Reading later("do: metadata\n");
  EXPECT_FALSE(later.reader.choice("do", {"share"}, {"metadata"}));
  EXPECT_EQ(later.message(), "f.yaml:1:5: 'metadata' as 'do' is not supported by this version");
}

TEST(Schema, CutsLongTextsBetweenCharacters) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "ä";
  const std::string quoted = in_quotes("x" + text);
  EXPECT_LT(quoted.size(), 70u);
  EXPECT_TRUE(quoted.ends_with("ä…'"));
}

}  // namespace
}  // namespace privet::policy
