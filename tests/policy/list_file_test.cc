#include "policy/list_file.h"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

#include "policy/list.h"

namespace privet::policy {
namespace {

struct Read {
  std::vector<std::string> entries;
  std::string error;
};

Read read(std::string_view text) {
  Read result;
  const auto error = read_list_file(text, "f", [&](const Pattern& pattern, int line, int column) {
    result.entries.push_back(std::to_string(line) + ":" + std::to_string(column) + " " + pattern.to_string());
    return std::nullopt;
  });
  if (error) result.error = error->to_string();
  return result;
}

using Entries = std::vector<std::string>;

TEST(ListFile, HasOneEntryALine) {
  const Read result =
      read("# people, all\n\na@x.example\r\n  .x.example  # and below\nb#1@x.example\n*@y.example");
  EXPECT_EQ(result.error, "");
  EXPECT_EQ(result.entries,
            (Entries{"3:1 a@x.example", "4:3 .x.example", "5:1 b#1@x.example", "6:1 y.example"}));
}

TEST(ListFile, MayBeEmpty) {
  EXPECT_EQ(read("").error, "");
  EXPECT_EQ(read("# none yet\n").entries, Entries{});
}

TEST(ListFile, NamesTheLineOfABadEntry) {
  EXPECT_TRUE(read("a@x.example\n  ä b\n").error.starts_with("f:2:3: 'ä b': a blank inside an entry"))
      << read("a b").error;
}

TEST(ListFile, ReadsTheMailColumnOfACsvFile) {
  const Read result = read(
      "\uFEFFName,E-Mail,Phone\r\n"
      "\"Doe, John\",john@x.example,1\r\n"
      "\"She said \"\"hi\"\"\nin two lines\",\"jane@x.example\",2\r\n"
      "Nobody,,3\r\n"
      "Short\r\n"
      "\r\n"
      "ä,  spaces@x.example ,4");
  EXPECT_EQ(result.error, "");
  EXPECT_EQ(result.entries, (Entries{"2:13 john@x.example", "4:15 jane@x.example", "8:3 spaces@x.example"}));
}

TEST(ListFile, KnowsSemicolonsAndGermanHeaders) {
  EXPECT_EQ(read("Firma, Ort;E-Mail-Adresse\nX;a@x.example\n").entries, Entries{"2:3 a@x.example"});
  EXPECT_EQ(read("Email\na@x.example\n").entries, Entries{"2:1 a@x.example"});
  EXPECT_EQ(read("\"EMAIL ADDRESS\";\"x\"\na@x.example;\n").entries, Entries{"2:1 a@x.example"});
}

TEST(ListFile, RefusesCsvWithoutAMailColumn) {
  EXPECT_TRUE(read("name,phone\nx,1\n").error.starts_with("f:1:1: no e-mail column"));
  EXPECT_TRUE(read("a@x.example, b@x.example\n").error.starts_with("f:1:1: no e-mail column"));
}

TEST(ListFile, RefusesCellsThatAreNoAddress) {
  EXPECT_EQ(read("name,email\nä,x.example\n").error,
            "f:2:3: 'x.example' in the e-mail column, expected one address (local@domain)");
  EXPECT_TRUE(read("name,email\nx,a@x.example; b@x.example\n").error.starts_with("f:2:3: "));
}

TEST(ListFile, RefusesAnOpenQuote) {
  EXPECT_EQ(read("name,email\nx,a@x.example\ny,\"b@x.example\nz,c@x.example\n").error,
            "f:3:3: an unterminated quote, expected its end");
}

TEST(ListFile, StopsAtWhatItsReaderRefuses) {
  const auto error = read_list_file("a@x.example\nb@x.example\n", "f", [](const Pattern& pattern, int, int) {
    return pattern.local == "b" ? std::optional<std::string>("no") : std::nullopt;
  });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->to_string(), "f:2:1: no");
}

TEST(ListFile, ReadsAMillionLines) {
  std::string text;
  for (int i = 0; i < 1'000'000; ++i)
    text += "person" + std::to_string(i) + "@customer" + std::to_string(i % 977) + ".example\n";
  List list;
  const auto begin = std::chrono::steady_clock::now();
  const auto error = read_list_file(text, "f", [&](const Pattern& pattern, int, int) {
    list.add(pattern);
    return std::nullopt;
  });
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
  RecordProperty("seconds", std::to_string(taken.count()));
  EXPECT_FALSE(error);
  EXPECT_EQ(list.size(), 1'000'000u);
}

}  // namespace
}  // namespace privet::policy
