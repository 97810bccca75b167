#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/mime/golden.h"

namespace privet::mime {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << path;
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Messages whose CRM copy stands beside them, as "privacy/group".
std::vector<std::string> messages() {
  std::vector<std::string> names;
  const fs::path root = fs::path(PRIVET_SOURCE_DIR) / "tests/messages";
  for (const char* folder : {"rfc", "privacy", "languages", "malformed"}) {
    for (const auto& entry : fs::directory_iterator(root / folder)) {
      if (entry.path().extension() != ".eml") continue;
      names.push_back(fs::relative(entry.path(), root).replace_extension().string());
    }
  }
  std::ranges::sort(names);
  return names;
}

class Golden : public testing::TestWithParam<std::string> {
 protected:
  fs::path path(std::string_view suffix) const {
    return fs::path(PRIVET_SOURCE_DIR) / "tests/messages" / (GetParam() + std::string(suffix));
  }
};

TEST_P(Golden, GivesTheCrmExactlyTheExpectedBytes) {
  const std::string content = read_file(path(".eml"));
  const std::string copy = golden::crm_copy(content);
  EXPECT_EQ(copy, read_file(path(".expected")));
  if (!copy.starts_with("WITHHELD")) {
    EXPECT_EQ(golden::crm_copy(copy), copy) << "redaction must change nothing more";
  }
}

INSTANTIATE_TEST_SUITE_P(Messages, Golden, testing::ValuesIn(messages()), [](const auto& row) {
  std::string name = row.param;
  std::ranges::replace(name, '/', '_');
  return name;
});

}  // namespace
}  // namespace privet::mime
