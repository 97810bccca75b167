// Each .dialog file below this folder, as whole lines and with every byte sent on its own: same replies.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/dialogs/runner.h"

namespace privet::dialogs {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(PRIVET_SOURCE_DIR) / "tests/dialogs";

std::vector<std::string> dialogs() {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(kFolder)) {
    if (entry.path().extension() != ".dialog") continue;
    names.push_back(fs::relative(entry.path(), kFolder).replace_extension().string());
  }
  std::ranges::sort(names);
  return names;
}

class Dialogs : public testing::TestWithParam<std::string> {
 protected:
  static void play(bool singly) {
    const std::string path = (kFolder / (GetParam() + ".dialog")).string();
    std::ifstream in(path, std::ios::binary);
    try {
      const Dialog dialog = parse_dialog(std::string{std::istreambuf_iterator<char>(in), {}});
      if (singly && dialog.whole_only) GTEST_SKIP() << "depends on what arrives together";
      Runner(dialog, singly).run();
    } catch (const std::runtime_error& error) {
      FAIL() << path << ": " << error.what();
    }
  }
};

TEST_P(Dialogs, InWholeLines) {
  play(false);
}

TEST_P(Dialogs, ByteByByte) {
  play(true);
}

INSTANTIATE_TEST_SUITE_P(Files, Dialogs, testing::ValuesIn(dialogs()), [](const auto& row) {
  std::string name = row.param;
  std::ranges::replace(name, '/', '_');
  return name;
});

}  // namespace
}  // namespace privet::dialogs
