#include "proxy/spool/spool.h"

#include <gmock/gmock.h>

#include "tests/proxy/spool/support.h"

namespace privet::spool {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(SpoolTest, APreparedCopyIsCommittedAndDelivered) {
  open();
  const Prepared one = prepare_one(draft("k1"));
  EXPECT_EQ(one.state, State::Prepared);
  EXPECT_TRUE(one.claimed);
  EXPECT_THAT(names("prepared"), ElementsAre(one.id));
  EXPECT_THAT(due(), IsEmpty());

  EXPECT_TRUE(commit(one.id));
  EXPECT_THAT(names("prepared"), IsEmpty());
  EXPECT_THAT(names("committed"), ElementsAre(one.id));
  EXPECT_THAT(due(), IsEmpty()) << "it is claimed";

  spool_->release(one.id);
  EXPECT_THAT(due(), ElementsAre(one.id));
  EXPECT_TRUE(spool_->claim(one.id));
  EXPECT_FALSE(spool_->claim(one.id));
  const auto loaded = load(one.id);
  ASSERT_TRUE(loaded.has_value()) << loaded.error().what;
  EXPECT_EQ(loaded->content, std::string(kHeader) + std::string(kBody));
  EXPECT_EQ(loaded->record.recipient, "acme@crm.example");

  spool_->delivered(one.id);
  EXPECT_TRUE(settle());
  EXPECT_THAT(names("committed"), IsEmpty());
  EXPECT_EQ(prepare_one(draft("k1")).state, State::Delivered);
}

TEST_F(SpoolTest, AnAbortedCopyLeavesNothing) {
  open();
  const Prepared one = prepare_one(draft("k1"));
  spool_->abort({one.id});
  EXPECT_TRUE(settle());
  EXPECT_THAT(names("prepared"), IsEmpty());
  EXPECT_EQ(prepare_one(draft("k1")).state, State::Prepared);
}

TEST_F(SpoolTest, WhatANewProcessFindsPreparedIsInDoubtAndTakenOver) {
  open();
  const Prepared one = prepare_one(draft("k1"));
  open();
  EXPECT_THAT(due(), IsEmpty());
  const Prepared again = prepare_one(draft("k1"));
  EXPECT_EQ(again.state, State::InDoubt);
  EXPECT_EQ(again.id, one.id);
  EXPECT_TRUE(commit(again.id));
  EXPECT_THAT(names("committed"), ElementsAre(one.id));
}

TEST_F(SpoolTest, WhatIsOwedIsOwedByTheNextProcess) {
  open();
  const std::string id = owe("k1");
  open();
  EXPECT_THAT(due(), ElementsAre(id));
  EXPECT_EQ(prepare_one(draft("k1")).state, State::Committed);
}

}  // namespace
}  // namespace privet::spool
