#include "proxy/smtp/content_buffer.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>

#include "proxy/limits.h"
#include "tests/support/folder.h"

namespace privet::smtp {
namespace {

TEST(ContentBuffer, KeepsSmallContentOffTheDisk) {
  ContentBuffer buffer("/nowhere");
  EXPECT_EQ(buffer.bytes(), "");
  buffer.append("Subject: x\r\n");
  buffer.append("\r\n");
  EXPECT_EQ(buffer.bytes(), "Subject: x\r\n\r\n");
  EXPECT_EQ(buffer.size(), 14u);
  EXPECT_EQ(buffer.disk_error(), "");
}

TEST(ContentBuffer, GivesLargeContentBackWhole) {
  const testing_support::TemporaryFolder folder;
  ContentBuffer buffer(folder.path().string());
  std::string all;
  for (int i = 0; all.size() < 3 * limits::kContentInMemory; ++i) {
    const std::string line = "line " + std::to_string(i) + "\r\n";
    buffer.append(line);
    all += line;
  }
  EXPECT_TRUE(buffer.bytes() == all);
  buffer.append("more");
  EXPECT_TRUE(buffer.bytes() == all + "more") << "what came after the first look is there too";
  EXPECT_EQ(buffer.size(), all.size() + 4);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path())) << "the file has no name";
}

TEST(ContentBuffer, KeepsAllInMemoryWhenTheDiskRefuses) {
  ContentBuffer buffer("/nowhere");
  const std::string large(limits::kContentInMemory + 1, 'x');
  buffer.append(large);
  buffer.append("more");
  EXPECT_TRUE(buffer.bytes() == large + "more");
  EXPECT_NE(buffer.disk_error().find("/nowhere"), std::string::npos);
}

TEST(ContentBuffer, TakesBackWhatReachedADiskThatIsFull) {
  const testing_support::TemporaryFolder folder;
  const rlimit before = [] {
    rlimit limit{};
    getrlimit(RLIMIT_FSIZE, &limit);
    return limit;
  }();
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{.rlim_cur = limits::kContentInMemory + 4096, .rlim_max = before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  ContentBuffer buffer(folder.path().string());
  std::string all;
  for (int i = 0; all.size() < 3 * limits::kContentInMemory; ++i) {
    const std::string line = "line " + std::to_string(i) + "\r\n";
    buffer.append(line);
    all += line;
  }
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_TRUE(buffer.bytes() == all);
  EXPECT_NE(buffer.disk_error(), "");
}

}  // namespace
}  // namespace privet::smtp
