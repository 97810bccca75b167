#include "proxy/smtp/content_buffer.h"

#include <gtest/gtest.h>

#include "proxy/limits.h"
#include "tests/support/folder.h"

namespace privet::smtp {
namespace {

TEST(ContentBuffer, KeepsSmallContentOffTheDisk) {
  ContentBuffer buffer("/nowhere");
  EXPECT_EQ(buffer.bytes(), "");
  EXPECT_TRUE(buffer.append("Subject: x\r\n"));
  EXPECT_TRUE(buffer.append("\r\n"));
  EXPECT_EQ(buffer.bytes(), "Subject: x\r\n\r\n");
  EXPECT_EQ(buffer.size(), 14u);
  EXPECT_FALSE(buffer.failed());
}

TEST(ContentBuffer, GivesLargeContentBackWhole) {
  const testing_support::TemporaryFolder folder;
  ContentBuffer buffer(folder.path().string());
  std::string all;
  for (int i = 0; all.size() < 3 * limits::kContentInMemory; ++i) {
    const std::string line = "line " + std::to_string(i) + "\r\n";
    ASSERT_TRUE(buffer.append(line));
    all += line;
  }
  EXPECT_TRUE(buffer.bytes() == all);
  ASSERT_TRUE(buffer.append("more"));
  EXPECT_TRUE(buffer.bytes() == all + "more") << "what came after the first look is there too";
  EXPECT_EQ(buffer.size(), all.size() + 4);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path())) << "the file has no name";
}

TEST(ContentBuffer, SaysThatTheDiskRefused) {
  ContentBuffer buffer("/nowhere");
  EXPECT_FALSE(buffer.append(std::string(limits::kContentInMemory + 1, 'x')));
  EXPECT_TRUE(buffer.failed());
  EXPECT_FALSE(buffer.append("more"));
  EXPECT_EQ(buffer.bytes(), "") << "never a part of it";
}

}  // namespace
}  // namespace privet::smtp
