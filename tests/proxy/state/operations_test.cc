// What the store keeps and what it refuses, operation by operation.
#include "proxy/state/operations.h"

#include <gmock/gmock.h>

#include "proxy/limits.h"
#include "tests/proxy/state/support.h"

namespace privet::state {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using Load = StoreTest;
using AddClassified = StoreTest;
using Headers = StoreTest;
using Announce = StoreTest;
using Apply = StoreTest;
using RaiseModseq = StoreTest;
using Remove = StoreTest;
using Bump = StoreTest;
using Forget = StoreTest;

TEST_F(Load, BeginsWithTheUpstreamsUidValidityAndNothing) {
  open();
  const Loaded fresh = load();
  EXPECT_EQ(fresh.state, (MailboxState{.id = fresh.state.id,
                                       .real_uid_validity = kReal,
                                       .uid_validity = kReal,
                                       .announced_uid_next = 1,
                                       .frontier = 0,
                                       .epochs = kEpochs}));
  EXPECT_THAT(fresh.messages, IsEmpty());
  EXPECT_FALSE(fresh.state.is_behind());
}

TEST_F(Load, GivesWhatWasAddedAfterAnyRestart) {
  open();
  const Loaded before = seen();
  open();
  const Loaded after = load();
  EXPECT_EQ(after.state, before.state);
  EXPECT_THAT(after.messages,
              ElementsAre(Message{.uid = 1,
                                  .original_length = 200,
                                  .message_class = MessageClass::Redacted,
                                  .marked_private = true,
                                  .redacted_length = 14},
                          Message{.uid = 2},
                          Message{.uid = 3, .original_length = 100, .message_class = MessageClass::Verbatim},
                          Message{.uid = 4}));
}

TEST_F(Load, KeepsTenantsAccountsAndMailboxesApart) {
  open();
  const std::string bytes("IN\0BOX\xff", 7);
  for (const MailboxName& name :
       {inbox(), inbox("tom@acme.example"),
        MailboxName{.tenant = "other", .account = "anna@acme.example", .mailbox = "INBOX"},
        MailboxName{.tenant = "acme", .account = "anna@acme.example", .mailbox = bytes},
        MailboxName{.tenant = "acme", .account = "anna@acme.example", .mailbox = ""}}) {
    EXPECT_THAT(load(name).messages, IsEmpty());
    seen(name);
  }
}

TEST_F(Load, AnotherUidValidityOfTheUpstreamBeginsAGreaterOne) {
  open();
  const MailboxState before = seen().state;
  const Loaded lower = load(inbox(), kReal - 1);
  EXPECT_EQ(lower.state.uid_validity, kReal + 1);
  EXPECT_EQ(lower.state.real_uid_validity, kReal - 1);
  EXPECT_EQ(lower.state.announced_uid_next, 1u);
  EXPECT_EQ(lower.state.frontier, 0u);
  EXPECT_THAT(lower.messages, IsEmpty());
  EXPECT_NE(lower.state.id, before.id);
  EXPECT_EQ(load(inbox(), kReal - 1).state, lower.state) << "only once";
  EXPECT_EQ(load(inbox(), 9000).state.uid_validity, 9000u) << "the upstream's again where that is greater";
}

TEST_F(Load, SeesWhatWasAskedForBefore) {
  open();
  const MailboxId id = load().state.id;
  for (std::uint32_t uid = 1; uid <= 200; ++uid) {
    store_->add_classified(loop(), id, kEpochs, {redacted(uid)}, {uid - 1, uid});
    if (uid % 40 == 0) EXPECT_EQ(headers(id, {uid}).front(), redacted(uid).redacted_header);
    if (uid % 40 == 20) EXPECT_EQ(load().messages.size(), uid);
  }
}

TEST_F(AddClassified, TheFirstDecisionStays) {
  open();
  const MailboxId id = seen().state.id;
  EXPECT_TRUE(add(id, {verbatim(1), redacted(2), redacted(5)}, 5));
  const Loaded loaded = load();
  EXPECT_THAT(uids_of(loaded, MessageClass::Redacted), ElementsAre(1, 5));
  EXPECT_THAT(uids_of(loaded, MessageClass::Hidden), ElementsAre(2, 4));
  EXPECT_THAT(headers(id, {1, 2, 5}), ElementsAre("Subject: 1\r\n\r\n", "", "Subject: 5\r\n\r\n"));
}

TEST_F(AddClassified, NeverLowersTheFrontier) {
  open();
  const MailboxId id = seen().state.id;
  EXPECT_TRUE(add(id, {}, 2));
  EXPECT_EQ(load().state.frontier, 4u);
}

TEST_F(AddClassified, IsRefusedUnderAnotherPolicy) {
  open();
  const MailboxId id = seen().state.id;
  EXPECT_FALSE(add(id, {verbatim(5)}, 5, kStricter));
  EXPECT_EQ(load().state.frontier, 4u);
  EXPECT_EQ(load().messages.size(), 4u);
}

TEST_F(AddClassified, OfAHiddenMessageNothingIsKeptButItsUid) {
  open();
  const MailboxId id = load().state.id;
  Classified message = redacted(1);
  message.message_class = MessageClass::Hidden;
  EXPECT_TRUE(add(id, {message}, 1));
  EXPECT_THAT(load().messages, ElementsAre(Message{.uid = 1}));
  EXPECT_THAT(headers(id, {1}), ElementsAre(""));
  store_.reset();
  EXPECT_EQ(count("SELECT count(*) FROM header"), 0);
}

TEST_F(AddClassified, WhatCannotBeKeptAsItIsAskedIsHidden) {
  open();
  const MailboxId id = load().state.id;
  Classified headless = redacted(1), huge = verbatim(2);
  headless.redacted_header.clear();
  huge.original_length = 1u << 29;
  EXPECT_TRUE(add(id, {headless, huge}, 2));
  EXPECT_THAT(load().messages, ElementsAre(Message{.uid = 1}, Message{.uid = 2}));
}

TEST_F(AddClassified, WhatIsAboveTheFrontierIsNotShown) {
  open();
  const MailboxId id = load().state.id;
  EXPECT_TRUE(add(id, {verbatim(1), verbatim(7)}, 1));
  EXPECT_THAT(uids_of(load(), MessageClass::Verbatim), ElementsAre(1));
}

TEST_F(AddClassified, BeyondWhatWasNotKeptIsRefused) {
  open();
  const MailboxId id = load().state.id;
  EXPECT_TRUE(wait(store_->add_classified(loop(), id, kEpochs, {verbatim(1)}, {0, 1})));
  EXPECT_FALSE(wait(store_->add_classified(loop(), id, kEpochs, {verbatim(5)}, {3, 5})))
      << "2 and 3 are lost";
  EXPECT_FALSE(announce(id, 6));
  EXPECT_TRUE(wait(store_->add_classified(loop(), id, kEpochs, {verbatim(2), verbatim(3)}, {1, 3})));
  EXPECT_TRUE(wait(store_->add_classified(loop(), id, kEpochs, {verbatim(2)}, {0, 2})))
      << "another's, in time";
  EXPECT_TRUE(wait(store_->add_classified(loop(), id, kEpochs, {verbatim(5)}, {3, 5})));
  EXPECT_TRUE(announce(id, 6));
}

TEST_F(Headers, AreGivenInTheOrderTheyAreAskedFor) {
  open();
  const MailboxId id = load().state.id;
  const std::string eight_bit("Subject: \xff\0\r\n\r\n", 15);
  Classified odd = redacted(4294967295u);
  odd.redacted_header = eight_bit;
  EXPECT_TRUE(add(id, {redacted(1), redacted(20), odd}, 4294967295u));
  EXPECT_THAT(headers(id, {1, 2, 20, 4294967295u}),
              ElementsAre("Subject: 1\r\n\r\n", "", "Subject: 20\r\n\r\n", eight_bit));
}

TEST_F(Headers, AreNeverThoseOfNeighbours) {
  open();
  const MailboxId id = load().state.id;
  const std::vector<std::uint32_t> kept = {1, 2, 4, 5, 12, 13, 24, 25, 200, 201};
  std::vector<Classified> messages;
  for (const std::uint32_t uid : kept) messages.push_back(redacted(uid));
  EXPECT_TRUE(add(id, messages, 201));
  for (const std::uint32_t step : {1, 2, 3, 4, 9, 10, 11, 23}) {
    std::vector<std::uint32_t> uids;
    std::vector<std::string> expected;
    for (std::uint32_t uid = step; uid < 210; uid += step) {
      uids.push_back(uid);
      expected.push_back(std::ranges::binary_search(kept, uid) ? redacted(uid).redacted_header : "");
    }
    EXPECT_EQ(headers(id, uids), expected) << "each " << step;
  }
}

TEST_F(Headers, ComeInPartsWhereTheyAreLarge) {
  open();
  const MailboxId id = load().state.id;
  const std::vector<std::uint32_t> uids = {1, 2, 5, 6, 7};
  std::vector<Classified> messages;
  for (const std::uint32_t uid : uids) {
    messages.push_back(redacted(uid));
    messages.back().redacted_header.append(limits::kImapHeaders / 2, 'x');
  }
  messages[3].redacted_header.append(limits::kImapHeaders, 'x');
  EXPECT_TRUE(add(id, messages, 7));
  const auto parts = std::to_array<std::pair<std::size_t, std::size_t>>({{0, 2}, {2, 2}, {3, 1}, {4, 1}});
  for (const auto& [begin, count] : parts) {
    const auto given = headers(id, {uids.begin() + static_cast<std::ptrdiff_t>(begin), uids.end()});
    ASSERT_EQ(given.size(), count) << "from " << uids[begin];
    for (std::size_t i = 0; i < count; ++i)
      EXPECT_TRUE(given[i] == messages[begin + i].redacted_header) << uids[begin + i];
  }
}

TEST_F(Headers, OfALifeThatHasEndedAreRefused) {
  open();
  const MailboxId id = seen().state.id;
  load(inbox(), kReal + 1);
  EXPECT_FALSE(wait(store_->headers(loop(), id, {1})).has_value());
}

TEST_F(Announce, IsKeptAndNeverLowered) {
  open();
  const MailboxId id = seen().state.id;
  EXPECT_TRUE(announce(id, 5));
  EXPECT_TRUE(announce(id, 3));
  EXPECT_EQ(load().state.announced_uid_next, 5u);
}

TEST_F(Announce, IsRefusedAboveWhatIsClassified) {
  open();
  const MailboxId id = seen().state.id;
  EXPECT_FALSE(announce(id, 6));
  EXPECT_EQ(load().state.announced_uid_next, 4u);
}

TEST_F(Announce, OfALifeThatHasEndedIsRefused) {
  open();
  const MailboxId id = seen().state.id;
  const MailboxId next = load(inbox(), kReal + 1).state.id;
  EXPECT_TRUE(add(next, {verbatim(1)}, 9));
  EXPECT_FALSE(announce(id, 2));
  EXPECT_EQ(load(inbox(), kReal + 1).state.announced_uid_next, 1u);
}

TEST_F(Apply, WhatIsHiddenStaysHiddenAndItsHeaderGoes) {
  open();
  const MailboxId id = seen().state.id;
  const auto state = apply(id, {.from = kEpochs, .to = kStricter, .hide = {1, 99}});
  ASSERT_TRUE(state.has_value());
  EXPECT_EQ(state->epochs, kStricter);
  EXPECT_EQ(state->modseq_offset, 1u);
  EXPECT_TRUE(state->sticky);
  EXPECT_TRUE(add(id, {redacted(1)}, 4, kStricter));
  EXPECT_EQ(load().messages.front(), Message{.uid = 1});
  EXPECT_THAT(headers(id, {1}), ElementsAre(""));
}

TEST_F(Apply, WhatWasNeverAnnouncedIsDecidedAnew) {
  open();
  const MailboxId id = load().state.id;
  EXPECT_TRUE(add(id, {redacted(1), hidden(2), verbatim(3), hidden(4), redacted(5)}, 5));
  EXPECT_TRUE(announce(id, 4));
  const auto state = apply(id, {.from = kEpochs, .to = kStricter});
  ASSERT_TRUE(state.has_value());
  EXPECT_EQ(state->frontier, 3u);
  EXPECT_EQ(state->modseq_offset, 1u) << "one of them may be seen now, above what a client knows";
  EXPECT_FALSE(announce(id, 6)) << "of a session that has not noticed";
  EXPECT_TRUE(add(id, {verbatim(4), hidden(5)}, 5, kStricter));
  EXPECT_THAT(uids_of(load(), MessageClass::Verbatim), ElementsAre(3, 4));
  EXPECT_THAT(headers(id, {5}), ElementsAre(""));
}

TEST_F(Apply, KeywordsChangeAndTheModseqGrows) {
  open();
  const MailboxId id = seen().state.id;
  Epochs marking = kEpochs;
  marking.keyword = 3;
  const auto state = apply(id, {.from = kEpochs, .to = marking, .mark = {2, 3}, .unmark = {1}});
  ASSERT_TRUE(state.has_value());
  EXPECT_EQ(state->modseq_offset, 1u);
  EXPECT_FALSE(state->sticky) << "a keyword may change at any time";
  EXPECT_EQ(state->frontier, 4u);
  const Loaded loaded = load();
  EXPECT_FALSE(loaded.messages[0].marked_private);
  EXPECT_FALSE(loaded.messages[1].marked_private) << "hidden";
  EXPECT_TRUE(loaded.messages[2].marked_private);
  const auto again = apply(id, {.from = marking, .to = marking, .mark = {3}, .unmark = {1}});
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->modseq_offset, 1u) << "nothing has changed";
}

TEST_F(Apply, IsRefusedToWhomIsLate) {
  open();
  const MailboxId id = seen().state.id;
  EXPECT_TRUE(apply(id, {.from = kEpochs, .to = kStricter}).has_value());
  EXPECT_FALSE(apply(id, {.from = kEpochs, .to = kEpochs, .hide = {3}}).has_value());
  EXPECT_THAT(uids_of(load(), MessageClass::Verbatim), ElementsAre(3));
}

TEST_F(Apply, BeforeAnythingIsClassifiedLeavesNothingToStick) {
  open();
  const MailboxId id = load().state.id;
  const auto state = apply(id, {.from = kEpochs, .to = kStricter});
  ASSERT_TRUE(state.has_value());
  EXPECT_FALSE(state->sticky);
}

TEST_F(Apply, WhatLooksOtherwiseHasAGreaterModseqThanAnybodyWasTold) {
  open();
  const MailboxId id = seen().state.id;
  const auto hiding = apply(id, {.from = kEpochs, .to = kEpochs, .hide = {3}, .modseq_step = 50});
  ASSERT_TRUE(hiding.has_value());
  EXPECT_EQ(hiding->modseq_offset, 1u) << "nothing is left that could be told";
  const auto unmarking = apply(id, {.from = kEpochs, .to = kEpochs, .unmark = {1}, .modseq_step = 50});
  ASSERT_TRUE(unmarking.has_value());
  EXPECT_EQ(unmarking->modseq_offset, 51u);
  const auto forgetting = apply(id, {.from = kEpochs, .to = kStricter, .modseq_step = 50});
  ASSERT_TRUE(forgetting.has_value());
  EXPECT_EQ(forgetting->modseq_offset, 101u);
}

TEST_F(RaiseModseq, KeepsTheGreatestThatAnySessionSaid) {
  open();
  const MailboxId id = seen().state.id;
  const auto raise = [&](std::uint64_t highest) {
    return wait(store_->raise_modseq(loop(), id, highest)).value_or(ModSeqs{.offset = 77});
  };
  EXPECT_EQ(raise(0), ModSeqs{});
  EXPECT_EQ(raise(9), (ModSeqs{.highest = 9}));
  EXPECT_EQ(raise(5), (ModSeqs{.highest = 9}));
  open();
  EXPECT_EQ(raise(0), (ModSeqs{.highest = 9}));
}

TEST_F(RaiseModseq, OfALifeThatHasEndedIsRefused) {
  open();
  const MailboxId id = seen().state.id;
  wait(store_->raise_modseq(loop(), id, 9));
  const auto bumped = wait(store_->bump(loop(), id, kEpochs));
  ASSERT_TRUE(bumped.has_value());
  EXPECT_FALSE(wait(store_->raise_modseq(loop(), id, 10)).has_value());
  const auto fresh = wait(store_->raise_modseq(loop(), bumped->id, 0));
  ASSERT_TRUE(fresh.has_value());
  EXPECT_EQ(fresh->highest, 0u);
}

TEST_F(Remove, OfAVisibleMessageMovesTheModseqOnce) {
  open();
  const MailboxId id = seen().state.id;
  store_->remove(id, {2, 77});
  EXPECT_EQ(load().state.modseq_offset, 0u) << "nobody saw them";
  store_->remove(id, {1, 3});
  store_->remove(id, {1});
  EXPECT_EQ(load().state.modseq_offset, 1u);
}

TEST_F(Remove, ForgetsTheMessages) {
  open();
  const MailboxId id = seen().state.id;
  store_->remove(id, {1, 2, 77});
  const Loaded loaded = load();
  EXPECT_EQ(loaded.messages.size(), 2u);
  EXPECT_EQ(loaded.state.frontier, 4u);
  EXPECT_THAT(headers(id, {1}), ElementsAre(""));
}

TEST_F(Bump, BeginsANewLifeWithAGreaterUidValidity) {
  open();
  const MailboxId id = seen().state.id;
  EXPECT_TRUE(apply(id, {.from = kEpochs, .to = kStricter, .hide = {1}}).has_value());
  const auto state = wait(store_->bump(loop(), id, kEpochs));
  ASSERT_TRUE(state.has_value());
  const Loaded loaded = load();
  EXPECT_EQ(loaded.state, *state);
  EXPECT_EQ(loaded.state.uid_validity, kReal + 1);
  EXPECT_EQ(loaded.state.announced_uid_next, 1u);
  EXPECT_EQ(loaded.state.modseq_offset, 1u) << "only grows";
  EXPECT_FALSE(loaded.state.sticky);
  EXPECT_THAT(loaded.messages, IsEmpty());
  EXPECT_FALSE(wait(store_->bump(loop(), id, kEpochs)).has_value()) << "once, however many ask";
}

TEST_F(Bump, IsRefusedWhereNoUidValidityIsLeft) {
  open();
  const MailboxState state = load(inbox(), 4294967295u).state;
  EXPECT_FALSE(wait(store_->bump(loop(), state.id, kEpochs)).has_value());
  EXPECT_FALSE(try_load(inbox(), 1).has_value());
  EXPECT_EQ(load(inbox(), 4294967295u).state, state);
}

TEST_F(Forget, LeavesNothingOfAnAccount) {
  open();
  const MailboxId id = seen().state.id;
  const MailboxState other = seen(inbox("tom@acme.example")).state;
  EXPECT_TRUE(wait(store_->forget(loop(), "acme", "anna@acme.example")));
  EXPECT_FALSE(announce(id, 5));
  EXPECT_EQ(load(inbox("tom@acme.example")).state, other);
  while (count("SELECT count(*) FROM ended") != 0) {
    store_->remove(0, {});  // what is removed is removed while nobody waits
  }
  store_.reset();
  EXPECT_EQ(count("SELECT count(*) FROM mailbox"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM message"), 4);
  EXPECT_EQ(count("SELECT count(*) FROM header"), 1);
}

TEST_F(Forget, ATenantThatComesBackHasGreaterUidValidities) {
  open();
  seen();
  seen(inbox("tom@acme.example"));
  const MailboxName other{.tenant = "other", .account = "a", .mailbox = "INBOX"};
  EXPECT_TRUE(wait(store_->forget(loop(), "acme", "")));
  EXPECT_EQ(load().state.uid_validity, kStart);
  EXPECT_EQ(load(inbox("new@acme.example")).state.uid_validity, kStart);
  EXPECT_EQ(load(other).state.uid_validity, kReal) << "nothing was lost of this one";
}

TEST_F(Forget, EvenWhereTheUpstreamsAreAboveTheClock) {
  open();
  const std::uint32_t real = 4'000'000'000;
  const MailboxId id = load(inbox(), real).state.id;
  const auto bumped = wait(store_->bump(loop(), id, kEpochs));
  ASSERT_TRUE(bumped.has_value());
  EXPECT_TRUE(wait(store_->forget(loop(), "acme", "")));
  EXPECT_GT(load(inbox(), real).state.uid_validity, bumped->uid_validity);
}

}  // namespace
}  // namespace privet::state
