#include "proxy/imap/keywords.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy/limits.h"

namespace privet::imap {
namespace {

using testing::ElementsAre;
using Flags = std::vector<std::string_view>;

TEST(Keywords, AreLearntOnceInAnyCase) {
  Keywords keywords;
  EXPECT_TRUE(keywords.learn(Flags{"\\Seen", "Work", "work", "$Label1"}));
  EXPECT_FALSE(keywords.learn(Flags{"\\Seen", "WORK", "$label1"}));
  EXPECT_TRUE(keywords.learn(Flags{"Work", "Home"}));
  EXPECT_THAT(keywords.all(), ElementsAre("$Private", "Work", "$Label1", "Home"));
}

TEST(Keywords, AreNoSystemFlags) {
  Keywords keywords;
  EXPECT_FALSE(keywords.learn(Flags{"\\Seen", "\\Recent", "\\Forwarded", "\\*", ""}));
  EXPECT_THAT(keywords.all(), ElementsAre("$Private"));
}

TEST(Keywords, OfTheViewItselfAreKnownFromTheStart) {
  EXPECT_FALSE(Keywords().learn(Flags{"$private"}));
}

TEST(Keywords, ThatDoNotFitStayUnknown) {
  Keywords keywords;
  const std::string all_but_one(limits::kImapKeywords - 3, 'x');
  EXPECT_FALSE(keywords.learn(Flags{std::string(limits::kImapKeywords, 'x')}));
  EXPECT_TRUE(keywords.learn(Flags{all_but_one}));
  EXPECT_FALSE(keywords.learn(Flags{"ab"}));
  EXPECT_TRUE(keywords.learn(Flags{"a"}));
  EXPECT_FALSE(keywords.learn(Flags{"b"}));
  EXPECT_EQ(keywords.all().size(), 3U);
}

}  // namespace
}  // namespace privet::imap
