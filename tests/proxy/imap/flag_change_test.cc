#include "proxy/imap/flag_change.h"

#include <gtest/gtest.h>

namespace privet::imap {
namespace {

using Flags = std::vector<std::string>;
using Mode = command::Store::Mode;

FlagChange change(Mode mode, Flags flags, const Flags& present = {}) {
  return flag_change({.set = {}, .mode = mode, .flags = std::move(flags)}, present);
}

TEST(FlagChange, AddsAndTakesWhatTheClientSays) {
  EXPECT_EQ(change(Mode::Add, {"\\Seen", "Work"}), (FlagChange{.add = {"\\Seen", "Work"}}));
  EXPECT_EQ(change(Mode::Remove, {"\\Seen", "Work"}), (FlagChange{.remove = {"\\Seen", "Work"}}));
}

TEST(FlagChange, NeverTouchesTheKeywordOfTheView) {
  EXPECT_EQ(change(Mode::Add, {"$private"}), FlagChange{});
  EXPECT_EQ(change(Mode::Remove, {"$Private", "\\Seen"}), FlagChange{.remove = {"\\Seen"}});
  EXPECT_EQ(change(Mode::Replace, {}, {"$PRIVATE", "Work"}), FlagChange{.remove = {"Work"}});
  EXPECT_EQ(settable(Flags{"$Private", "Work"}), Flags{"Work"});
}

TEST(FlagChange, ReplacesOnlyWhatTheClientHasANameFor) {
  EXPECT_EQ(change(Mode::Replace, {"\\Seen", "work"},
                   {"\\Seen", "Work", "\\Flagged", "\\Recent", "\\Sticky", "Old", "Old"}),
            (FlagChange{.add = {"\\Seen", "work"}, .remove = {"\\Flagged", "Old"}}));
}

TEST(PermanentFlags, AreThoseThatBothSidesKnow) {
  const Flags shown{"Work", "$Private"};
  EXPECT_EQ(permanent_flags("(\\Seen \\Deleted Work HR-case \\*)", shown),
            (Flags{"\\Deleted", "\\Seen", "Work", "\\*"}));
  EXPECT_EQ(permanent_flags("()", shown), Flags{});
  EXPECT_EQ(permanent_flags("(\\Seen)", shown), Flags{"\\Seen"});
}

TEST(PermanentFlags, AreAllWhereTheUpstreamSaysNone) {
  EXPECT_EQ(permanent_flags(std::nullopt, Flags{"Work"}),
            (Flags{"\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft", "Work"}));
}

}  // namespace
}  // namespace privet::imap
