#include "proxy/smtp/path.h"

#include <gtest/gtest.h>

#include <string_view>

namespace privet::smtp {
namespace {

// What is accepted and refused stands in command_test.cc, with the replies.

TEST(Path, EndsBehindItsQuotedString) {
  EXPECT_EQ(find_path_end("a@b>"), 3u);
  EXPECT_EQ(find_path_end(R"("a>b"@c> SIZE=1)"), 7u);
  EXPECT_EQ(find_path_end(R"("a\">b"@c>)"), 9u);
  EXPECT_EQ(find_path_end("a@b"), std::string_view::npos);
  EXPECT_EQ(find_path_end(R"("a@b>)"), std::string_view::npos);
  EXPECT_EQ(find_path_end(R"("a\)"), std::string_view::npos);
}

TEST(Path, ChecksAPathThatIsEmpty) {
  EXPECT_EQ(check_path(""), PathFault::Syntax);
}

TEST(Path, DoesNotTakeABackslashAtTheEndForAnEnd) {
  EXPECT_EQ(check_path("\"a\\"), PathFault::Syntax);
}

}  // namespace
}  // namespace privet::smtp
