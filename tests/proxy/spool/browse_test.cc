#include "proxy/spool/browse.h"

#include <gmock/gmock.h>

#include "tests/proxy/spool/support.h"

namespace privet::spool {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using BrowseTest = SpoolTest;

TEST_F(BrowseTest, ListsEveryCopyWithItsStateWhileTheServerRuns) {
  open();
  const std::string held = owe("k1");
  const std::string owed = owe("k2");
  const std::string tried = owe("k3");
  const std::string doubtful = prepare_one(draft("k4")).id;
  ASSERT_TRUE(hold(folder(), held, now_).has_value());
  spool_->claim(tried);
  spool_->deferred(tried, {.what = Event::What::Maybe, .time = now_, .text = "lost"}, now_ + 60);
  settle();
  std::ofstream(path("committed", "foreign")) << "x";

  const auto listing = list(folder());
  ASSERT_TRUE(listing.has_value()) << listing.error().what;
  std::map<std::string, State> states;
  for (const Item& item : listing->items) states[item.record.id] = item.state;
  EXPECT_EQ(states, (std::map<std::string, State>{{held, State::Held},
                                                  {owed, State::Committed},
                                                  {tried, State::Deferred},
                                                  {doubtful, State::InDoubt}}));
  EXPECT_THAT(listing->aside, ElementsAre("committed/foreign"));
  for (const Item& item : listing->items) {
    EXPECT_EQ(item.record.tenant, "acme");
    EXPECT_EQ(item.content_size, kHeader.size() + kBody.size());
    if (item.record.id == tried) EXPECT_EQ(item.next_try, now_ + 60);
  }
}

TEST_F(BrowseTest, ShowsACopyAsTheCrmGetsIt) {
  open();
  const std::string id = owe("k1");
  spool_.reset();
  const auto shown = show(folder(), id);
  ASSERT_TRUE(shown.has_value()) << shown.error().what;
  EXPECT_EQ(shown->content, std::string(kHeader) + std::string(kBody));
  EXPECT_EQ(shown->item.record.recipient, "acme@crm.example");
}

TEST_F(BrowseTest, NotesWhoHeldAndReleasedACopy) {
  open();
  const std::string id = owe("k1");
  ASSERT_TRUE(hold(folder(), id, now_ + 1).has_value());
  ASSERT_TRUE(release(folder(), id, now_ + 2).has_value());
  const auto shown = show(folder(), id);
  ASSERT_TRUE(shown.has_value());
  ASSERT_EQ(shown->item.events.size(), 2u);
  EXPECT_EQ(shown->item.events[0], (Event{.what = Event::What::Held, .time = now_ + 1}));
  EXPECT_EQ(shown->item.events[1], (Event{.what = Event::What::Released, .time = now_ + 2}));
  EXPECT_EQ(shown->item.next_try, now_ + 2) << "due at once";
  EXPECT_EQ(shown->item.state, State::Committed);
}

TEST_F(BrowseTest, EveryChangeNudgesTheServer) {
  open();
  const std::string id = owe("k1");
  const auto nudged = [this] { return fs::remove(folder() + "/nudge"); };
  EXPECT_FALSE(nudged());
  ASSERT_TRUE(hold(folder(), id, now_).has_value());
  EXPECT_TRUE(nudged());
  ASSERT_TRUE(release(folder(), id, now_).has_value());
  EXPECT_TRUE(nudged());
  ASSERT_TRUE(flush(folder(), id, now_).has_value());
  EXPECT_TRUE(nudged());
  ASSERT_TRUE(remove(folder(), id).has_value());
  EXPECT_TRUE(nudged());
}

TEST_F(BrowseTest, SaysWhatIsNotThere) {
  open();
  const std::string id = prepare_one(draft("k1")).id;
  EXPECT_FALSE(hold(folder(), id, now_).has_value()) << "in doubt: nothing to hold";
  EXPECT_FALSE(release(folder(), id, now_).has_value());
  EXPECT_FALSE(flush(folder(), id, now_).has_value());
  for (const char* const foreign : {"", "../lock", "nobody", ".."}) {
    EXPECT_FALSE(show(folder(), foreign).has_value()) << foreign;
    EXPECT_FALSE(remove(folder(), foreign).has_value()) << foreign;
    EXPECT_FALSE(hold(folder(), foreign, now_).has_value()) << foreign;
  }
  EXPECT_TRUE(fs::exists(folder() + "/lock"));
  const auto listing = list(folder_ / "nowhere");
  ASSERT_FALSE(listing.has_value());
  EXPECT_THAT(listing.error().what, HasSubstr("nowhere"));
  EXPECT_FALSE(fs::exists(folder_ / "nowhere")) << "looking makes nothing";
}

TEST_F(BrowseTest, RemovesACopyInAnyState) {
  open();
  const std::string held = owe("k1");
  const std::string owed = owe("k2");
  const std::string doubtful = prepare_one(draft("k3")).id;
  ASSERT_TRUE(hold(folder(), held, now_).has_value());
  for (const std::string& id : {held, owed, doubtful}) EXPECT_TRUE(remove(folder(), id).has_value());
  EXPECT_THAT(list(folder())->items, IsEmpty());
}

}  // namespace
}  // namespace privet::spool
