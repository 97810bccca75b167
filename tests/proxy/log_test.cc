#include "proxy/log.h"

#include <gtest/gtest.h>

namespace privet::log {
namespace {

TEST(Log, PassesWordsButNoAddresses) {
  EXPECT_EQ(loggable("5.1.1 <bob@customer.test> unknown"), "5.1.1 … unknown");
  EXPECT_EQ(loggable("no mailbox bob@customer.test here"), "no mailbox … here");
  EXPECT_EQ(loggable("first\nsecond anna@acme.test"), "first second …");
  EXPECT_EQ(loggable("<bob> refused"), "… refused");
  EXPECT_EQ(loggable("queued as 12"), "queued as 12");
  EXPECT_EQ(loggable(""), "");
}

TEST(Log, WritesOneLineWhateverAFieldHolds) {
  configure(Level::Info, false);
  testing::internal::CaptureStderr();
  event(Level::Info, "login failed",
        {{"cause", "two words\r\nforged=\"yes\""}, {"code", "535"}, {"none", ""}});
  event(Level::Debug, "not at this level", {});
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(
      text.ends_with("info: login failed cause=\"two words  forged=\\\"yes\\\"\" code=535 none=\"\"\n"))
      << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
  configure(Level::Off, false);
}

TEST(Log, WritesJson) {
  configure(Level::Info, true);
  testing::internal::CaptureStderr();
  event(Level::Warning, "login failed", {{"cause", "\"quoted\" \\ and a\ttab"}});
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(text.starts_with("{\"time\":\"")) << text;
  EXPECT_TRUE(text.ends_with(R"("level":"warning","event":"login failed","cause":"\"quoted\" \\ and a tab"})"
                             "\n"))
      << text;
  configure(Level::Off, false);
}

}  // namespace
}  // namespace privet::log
