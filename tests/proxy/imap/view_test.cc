#include "proxy/imap/view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <numeric>
#include <optional>
#include <string_view>
#include <vector>

namespace privet::imap {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;
using Uids = std::vector<std::uint32_t>;

/// Adds what is in `uids`, the hidden ones among them, and announces it.
void deliver(View& view, const Uids& uids, const Uids& hidden = {}) {
  ASSERT_TRUE(view.append(uids));
  for (const std::uint32_t uid : uids)
    ASSERT_TRUE(view.classify(uid, std::ranges::find(hidden, uid) == hidden.end()));
  view.take_exists();
}

/// UIDs 10, 20, 30, 40, 50; 20 and 40 are hidden.
View some_hidden() {
  View view;
  deliver(view, {10, 20, 30, 40, 50}, {20, 40});
  return view;
}

View numbered(std::uint32_t count) {
  View view;
  Uids uids(count);
  std::iota(uids.begin(), uids.end(), 1);
  deliver(view, uids);
  return view;
}

Uids numbers_of(const std::vector<Message>& messages) {
  Uids numbers;
  for (const Message& message : messages) numbers.push_back(message.number);
  return numbers;
}

TEST(View, NumbersVisibleMessagesOnly) {
  const View view = some_hidden();
  EXPECT_EQ(view.exists(), 3u);
  EXPECT_EQ(view.upstream_exists(), 5u);
  EXPECT_THAT(view.uid(1), Optional(10u));
  EXPECT_THAT(view.uid(2), Optional(30u));
  EXPECT_THAT(view.uid(3), Optional(50u));
  EXPECT_EQ(view.uid(0), std::nullopt);
  EXPECT_EQ(view.uid(4), std::nullopt);
  EXPECT_THAT(view.number(30), Optional(2u));
}

TEST(View, KnowsHiddenUidsAsLittleAsAbsentOnes) {
  const View view = some_hidden();
  for (const std::uint32_t uid : {20u, 25u, 40u, 51u, 4294967295u})
    EXPECT_EQ(view.number(uid), std::nullopt) << uid;
}

TEST(View, FindsTheMessageBehindAnUpstreamNumber) {
  View view = some_hidden();
  EXPECT_THAT(view.upstream_uid(3), Optional(30u));
  EXPECT_EQ(view.upstream_uid(0), std::nullopt);
  EXPECT_EQ(view.upstream_uid(6), std::nullopt);
  EXPECT_THAT(view.expunge(1), Optional(10u));
  EXPECT_THAT(view.upstream_uid(3), Optional(40u));
}

TEST(View, IsEmptyBeforeAnythingIsAnnounced) {
  View view;
  EXPECT_EQ(view.exists(), 0u);
  EXPECT_EQ(view.uid_next(), 1u);
  EXPECT_EQ(view.uid(1), std::nullopt);
  EXPECT_EQ(view.take_exists(), std::nullopt);
  EXPECT_THAT(view.take_expunges(), IsEmpty());
}

TEST(View, RefusesUidsThatDoNotAscend) {
  View view = some_hidden();
  EXPECT_FALSE(view.append(Uids{50}));
  EXPECT_FALSE(view.append(Uids{60, 60}));
  EXPECT_FALSE(view.append(Uids{70, 60}));
  EXPECT_FALSE(View().append(Uids{0, 1}));
  EXPECT_EQ(view.upstream_exists(), 5u);
  EXPECT_TRUE(view.append(Uids{51, 4294967295}));
}

// The frontier: a message that is not classified keeps back those above it.

TEST(View, ClassifiesInOrderOnly) {
  View view;
  ASSERT_TRUE(view.append(Uids{1, 2, 3}));
  EXPECT_THAT(view.unclassified(2), ElementsAre(1, 2));
  EXPECT_FALSE(view.classify(2, true));
  EXPECT_TRUE(view.classify(1, true));
  EXPECT_THAT(view.unclassified(9), ElementsAre(2, 3));
  EXPECT_THAT(view.take_exists(), Optional(1u));
}

TEST(View, SkipsMessagesThatVanishUnclassified) {
  View view;
  ASSERT_TRUE(view.append(Uids{1, 2, 3}));
  view.vanish(1, 1);
  EXPECT_THAT(view.unclassified(9), ElementsAre(2, 3));
  EXPECT_TRUE(view.classify(1, true));
  EXPECT_TRUE(view.classify(2, true));
  EXPECT_THAT(view.take_exists(), Optional(1u));
  EXPECT_THAT(view.uid(1), Optional(2u));
}

TEST(View, ClassifiesAMessageOnce) {
  View view = some_hidden();
  EXPECT_TRUE(view.classify(20, true));
  EXPECT_TRUE(view.classify(10, false));
  EXPECT_EQ(view.exists(), 3u);
  EXPECT_EQ(view.take_exists(), std::nullopt);
}

TEST(View, AnnouncesWhatIsInStorageOnly) {
  View view;
  ASSERT_TRUE(view.append(Uids{5, 6, 7}));
  for (const std::uint32_t uid : {5, 6, 7}) ASSERT_TRUE(view.classify(uid, true));
  EXPECT_EQ(view.arrival(), (View::Arrival{.exists = 3, .uid_next = 8}));
  EXPECT_THAT(view.take_exists(7), Optional(2u));
  EXPECT_EQ(view.uid_next(), 7u);
  EXPECT_EQ(view.number(7), std::nullopt);
  EXPECT_THAT(view.take_exists(), Optional(3u));
}

// UIDNEXT'

TEST(View, UidNextIsNeverBelowWhatStorageSays) {
  View view(100);
  EXPECT_EQ(view.uid_next(), 100u);
  deliver(view, {10});
  EXPECT_EQ(view.uid_next(), 100u);
  deliver(view, {100});
  EXPECT_EQ(view.uid_next(), 101u);
  view.vanish(100, 100);
  view.take_expunges();
  EXPECT_EQ(view.uid_next(), 101u);
}

TEST(View, UidNextStaysInItsRange) {
  View view;
  deliver(view, {4294967295});
  EXPECT_EQ(view.uid_next(), 4294967295u);
  EXPECT_THAT(view.number(4294967295), Optional(1u));
}

// Trap 1

TEST(View, KeepsNumbersUntilASafePointWhileAnotherSessionExpunges) {
  View view = numbered(6);
  ASSERT_THAT(view.expunge(3), Optional(3u));
  EXPECT_THAT(view.uid(5), Optional(5u));
  EXPECT_THAT(view.uid(6), Optional(6u));
  EXPECT_THAT(view.number(3), Optional(3u));
  EXPECT_TRUE(view.expunges_due());
  EXPECT_TRUE(view.leaving(3));
  EXPECT_THAT(view.take_expunges(), ElementsAre(Message{3, 3}));
  EXPECT_THAT(view.uid(5), Optional(6u));
  EXPECT_EQ(view.uid(6), std::nullopt);
  EXPECT_FALSE(view.expunges_due());
}

TEST(View, ExistsNeverShrinksBetweenExpunges) {
  View view = numbered(3);
  ASSERT_TRUE(view.expunge(1).has_value());
  ASSERT_TRUE(view.append(Uids{4}));
  ASSERT_TRUE(view.classify(4, true));
  EXPECT_THAT(view.take_exists(), Optional(4u));
  EXPECT_EQ(view.exists(), 4u);
  EXPECT_THAT(numbers_of(view.take_expunges()), ElementsAre(1));
  EXPECT_EQ(view.exists(), 3u);
}

TEST(View, GivesExpungesHighestFirstSoThatEachIsRightAtItsTurn) {
  View view = numbered(10);
  for (const std::uint32_t upstream_number : {2, 2, 7})
    ASSERT_TRUE(view.expunge(upstream_number).has_value());
  EXPECT_THAT(view.take_expunges(), ElementsAre(Message{9, 9}, Message{3, 3}, Message{2, 2}));
}

TEST(View, TakesVanishedAsItTakesExpunge) {
  View view = some_hidden();
  view.vanish(15, 45);
  EXPECT_EQ(view.upstream_exists(), 2u);
  EXPECT_THAT(view.take_expunges(), ElementsAre(Message{2, 30}));
  view.vanish(15, 45);
  view.vanish(45, 15);
  EXPECT_FALSE(view.expunges_due());
}

TEST(View, SaysNothingOfHiddenMessagesThatGo) {
  View view = some_hidden();
  ASSERT_THAT(view.expunge(2), Optional(20u));
  EXPECT_FALSE(view.expunges_due());
  EXPECT_EQ(view.exists(), 3u);
}

TEST(View, SaysNothingOfArrivalsThatGoBeforeTheyAreAnnounced) {
  View view = numbered(3);
  ASSERT_TRUE(view.append(Uids{4}));
  ASSERT_TRUE(view.classify(4, true));
  view.vanish(4, 4);
  EXPECT_EQ(view.take_exists(), std::nullopt);
  EXPECT_FALSE(view.expunges_due());
  EXPECT_EQ(view.uid_next(), 4u);
}

// Trap 5

TEST(View, HiddenArrivalsChangeNothing) {
  View view = some_hidden();
  deliver(view, {60, 61}, {60, 61});
  EXPECT_EQ(view.arrival(), std::nullopt);
  EXPECT_EQ(view.take_exists(), std::nullopt);
  EXPECT_EQ(view.exists(), 3u);
  EXPECT_EQ(view.uid_next(), 51u);
  EXPECT_FALSE(view.expunges_due());
}

// A policy that hides

TEST(View, HidesAVisibleMessageWithAnExpunge) {
  View view = some_hidden();
  EXPECT_TRUE(view.hide(30));
  EXPECT_FALSE(view.hide(30));
  EXPECT_TRUE(view.leaving(30));
  EXPECT_THAT(view.number(30), Optional(2u));
  EXPECT_THAT(view.take_expunges(), ElementsAre(Message{2, 30}));
  EXPECT_EQ(view.number(30), std::nullopt);
  EXPECT_EQ(view.upstream_exists(), 5u);
}

TEST(View, HidesAnArrivalSilently) {
  View view = numbered(1);
  ASSERT_TRUE(view.append(Uids{2}));
  ASSERT_TRUE(view.classify(2, true));
  EXPECT_TRUE(view.hide(2));
  EXPECT_EQ(view.take_exists(), std::nullopt);
  EXPECT_FALSE(view.expunges_due());
}

TEST(View, HidesNothingThatIsNotThere) {
  View view = some_hidden();
  ASSERT_TRUE(view.append(Uids{60}));
  for (const std::uint32_t uid : {20, 25, 60, 70}) EXPECT_FALSE(view.hide(uid)) << uid;
}

TEST(View, MarksWhatIsVisibleAndKeepsItsSize) {
  View view;
  ASSERT_TRUE(view.append(Uids{10, 20}));
  ASSERT_TRUE(view.classify(10, true, {.size_change = 1 << 20}));
  ASSERT_TRUE(view.classify(20, false));
  view.take_exists();
  EXPECT_TRUE(view.mark(10, true));
  EXPECT_FALSE(view.mark(10, true));
  EXPECT_THAT(view.note(10), Optional(Note{.size_change = 1 << 20, .marked_private = true}));
  EXPECT_TRUE(view.mark(10, false));
  EXPECT_FALSE(view.mark(20, true));
}

TEST(View, ReconsidersNothingThatWasAnnounced) {
  View view = some_hidden();
  ASSERT_TRUE(view.append(Uids{60, 70, 80}));
  ASSERT_TRUE(view.classify(60, false));
  ASSERT_TRUE(view.classify(70, true, {.size_change = 1 << 20}));
  view.reconsider();
  EXPECT_EQ(view.exists(), 3u);
  EXPECT_EQ(view.take_exists(), std::nullopt);
  EXPECT_THAT(view.unclassified(9), ElementsAre(60, 70, 80));
  ASSERT_TRUE(view.classify(60, true));
  ASSERT_TRUE(view.classify(70, false));
  EXPECT_THAT(view.take_exists(), Optional(4u));
  EXPECT_THAT(view.number(60), Optional(4u));
  EXPECT_THAT(view.note(20), std::nullopt) << "hidden below what was announced: for ever";
}

TEST(View, ReconsidersWhatWasHiddenBehindTheLastAnnounced) {
  View view;
  deliver(view, {10, 20, 30}, {20, 30});
  view.reconsider();
  EXPECT_THAT(view.unclassified(9), ElementsAre(20, 30));
  ASSERT_TRUE(view.classify(20, true));
  EXPECT_THAT(view.take_exists(), Optional(2u));
}

TEST(View, ReconsidersBesideWhatIsLeaving) {
  View view = some_hidden();
  ASSERT_TRUE(view.hide(50));
  view.reconsider();
  EXPECT_THAT(view.unclassified(9), IsEmpty());
  EXPECT_THAT(view.take_expunges(), ElementsAre(Message{3, 50}));
}

TEST(View, ExpungesOnceWhatIsHiddenAndGone) {
  View view = some_hidden();
  ASSERT_TRUE(view.hide(30));
  ASSERT_THAT(view.expunge(3), Optional(30u));
  EXPECT_THAT(view.take_expunges(), ElementsAre(Message{2, 30}));
}

// Trust UIDs, not numbers

TEST(View, ResynchronisesFromAListOfUids) {
  View view = some_hidden();
  const View::Difference difference = view.resynchronise({70, 10, 20, 50, 50, 0, 60});
  EXPECT_THAT(difference.vanished, ElementsAre(30, 40));
  EXPECT_THAT(difference.arrived, ElementsAre(60, 70));
  EXPECT_THAT(view.unclassified(9), ElementsAre(60, 70));
  EXPECT_THAT(view.take_expunges(), ElementsAre(Message{2, 30}));
  EXPECT_THAT(view.upstream_uid(3), Optional(50u));
}

TEST(View, KeepsHiddenWhatSurfacesAmongClassifiedMessages) {
  View view = some_hidden();
  ASSERT_TRUE(view.append(Uids{60, 80}));
  const View::Difference difference = view.resynchronise({5, 10, 20, 30, 35, 40, 50, 60, 70, 80});
  EXPECT_THAT(difference.arrived, ElementsAre(5, 35, 70));
  EXPECT_THAT(view.unclassified(9), ElementsAre(60, 70, 80));
  EXPECT_TRUE(view.classify(35, true));
  EXPECT_EQ(view.exists(), 3u);
  EXPECT_THAT(view.upstream_uid(1), Optional(5u));
  EXPECT_THAT(view.upstream_uid(5), Optional(35u));
}

TEST(View, NeverShowsAgainWhatWasExpunged) {
  View view = some_hidden();
  ASSERT_TRUE(view.expunge(3).has_value());
  view.resynchronise({10, 20, 30, 40, 50});
  EXPECT_THAT(view.take_expunges(), ElementsAre(Message{2, 30}));
  EXPECT_EQ(view.upstream_exists(), 5u);
  EXPECT_EQ(view.number(30), std::nullopt);
}

TEST(View, LosesEverythingToAnEmptyList) {
  View view = some_hidden();
  EXPECT_THAT(view.resynchronise({}).vanished, ElementsAre(10, 20, 30, 40, 50));
  EXPECT_THAT(numbers_of(view.take_expunges()), ElementsAre(3, 2, 1));
  EXPECT_EQ(view.exists(), 0u);
  EXPECT_EQ(view.uid_next(), 51u);
}

// What is served

TEST(View, ServesNothingOfALeavingMessage) {
  View view = some_hidden();
  ASSERT_TRUE(view.hide(30));
  EXPECT_THAT(view.messages({1, 3}), ElementsAre(Message{1, 10}, Message{3, 50}));
  EXPECT_THAT(view.upstream_ranges({2, 2}), IsEmpty());
  Bitmap second(3);
  second.set(1);
  EXPECT_EQ(view.leaving(), second);
  EXPECT_THAT(view.uids(second), ElementsAre(30));
}

TEST(View, AsksTheUpstreamInRangesAcrossMessagesLongGone) {
  View view;
  deliver(view, {1, 5, 9, 10, 11, 20}, {10});
  view.vanish(5, 5);
  EXPECT_THAT(view.upstream_ranges({1, 3}), ElementsAre(Range{1, 9}));
  EXPECT_THAT(view.upstream_ranges({1, 5}), ElementsAre(Range{1, 9}, Range{11, 20}));
  ASSERT_TRUE(view.hide(11));
  EXPECT_THAT(view.upstream_ranges({1, 5}), ElementsAre(Range{1, 9}, Range{20, 20}));
}

TEST(View, TakesNumbersBeyondTheEnd) {
  const View view = some_hidden();
  EXPECT_THAT(view.messages({3, 4294967295}), ElementsAre(Message{3, 50}));
  EXPECT_THAT(view.messages({4, 9}), IsEmpty());
  EXPECT_THAT(view.messages({0, 2}), IsEmpty());
  EXPECT_THAT(view.uids(Bitmap(9, true)), ElementsAre(10, 30, 50));
}

// Trap 17

TEST(View, TwoSessionsOfOneAccountHaveTheirOwnSnapshots) {
  View first = some_hidden();
  View second = first;
  for (View* view : {&first, &second}) {
    ASSERT_TRUE(view->append(Uids{60}));
    ASSERT_TRUE(view->classify(60, true));
    ASSERT_TRUE(view->expunge(1).has_value());
  }
  EXPECT_THAT(first.take_exists(), Optional(4u));
  EXPECT_THAT(first.take_expunges(), ElementsAre(Message{1, 10}));
  EXPECT_EQ(second.exists(), 3u);
  EXPECT_THAT(second.number(50), Optional(3u));
  EXPECT_THAT(second.take_expunges(), ElementsAre(Message{1, 10}));
  EXPECT_THAT(second.take_exists(), Optional(3u));
}

TEST(View, KeepsANoteOfEachVisibleMessageUntilItLeaves) {
  View view;
  view.append(Uids{1, 2, 3, 4, 5, 6});
  const std::vector<Note> notes = {{},
                                   {.size_change = -16384, .marked_private = true},
                                   {.size_change = 16382, .marked_private = false},
                                   {.size_change = 16383, .marked_private = true},
                                   {.size_change = -16385, .marked_private = false}};
  for (std::uint32_t uid = 1; uid <= notes.size(); ++uid)
    ASSERT_TRUE(view.classify(uid, true, notes[uid - 1]));
  ASSERT_TRUE(view.classify(6, false, {.size_change = 7, .marked_private = true}));
  for (std::uint32_t uid = 1; uid <= notes.size(); ++uid) EXPECT_EQ(view.note(uid), notes[uid - 1]) << uid;
  EXPECT_EQ(view.note(0), std::nullopt);
  EXPECT_EQ(view.note(6), std::nullopt) << "it is hidden";
  EXPECT_EQ(view.note(7), std::nullopt);
  view.take_exists();
  view.vanish(4, 4);
  EXPECT_EQ(view.note(4), notes[3]) << "the client still counts it";
  view.take_expunges();
  EXPECT_EQ(view.note(4), std::nullopt);
}

TEST(View, KeepsNotesWhereMessagesComeAndGoBelow) {
  constexpr std::uint32_t kMessages = 1000;
  View view;
  for (std::uint32_t uid = 2; uid <= 2 * kMessages; uid += 2) {
    ASSERT_TRUE(view.append(Uids{uid}));
    const auto change = static_cast<std::int32_t>(uid * 100);
    ASSERT_TRUE(view.classify(uid, true, {.size_change = change, .marked_private = uid % 4 == 0}));
  }
  view.take_exists();
  Uids there = {3};
  for (std::uint32_t uid = 20; uid <= 2 * kMessages; uid += 20) there.push_back(uid);
  view.resynchronise(there);
  view.take_expunges();
  for (std::uint32_t uid = 1; uid <= 2 * kMessages; ++uid) {
    const auto note = view.note(uid);
    ASSERT_EQ(note.has_value(), uid % 20 == 0) << uid;
    if (note) EXPECT_EQ(*note, (Note{static_cast<std::int32_t>(uid * 100), uid % 4 == 0})) << uid;
  }
}

TEST(View, NeedsNoMoreThanEightBytesAMessage) {
  constexpr std::uint32_t kMessages = 300'000;
  View view = numbered(kMessages);
  EXPECT_LE(view.bytes(), 7u * kMessages);
  for (std::uint32_t uid = kMessages + 1; uid <= 2 * kMessages; ++uid) {
    ASSERT_TRUE(view.append(Uids{uid}));
    ASSERT_TRUE(view.classify(uid, true));
    ASSERT_TRUE(view.take_exists().has_value());
  }
  EXPECT_LE(view.bytes(), 8u * 2 * kMessages);
  for (std::uint32_t left = 2 * kMessages; left > kMessages; --left) {
    ASSERT_TRUE(view.expunge(left / 2).has_value());
    if (left % 1000 == 0) view.take_expunges();
    ASSERT_LE(view.bytes(), 8u * left + 1024) << left;
  }
}

}  // namespace
}  // namespace privet::imap
