#include "proxy/imap/refusal.h"

#include <gtest/gtest.h>

namespace privet::imap {
namespace {

TEST(Refusal, TellsTheReasonsThatAClientCanActOn) {
  EXPECT_EQ(refusal_for_client("OVERQUOTA"), "NO [OVERQUOTA] The mail server refused it");
  EXPECT_EQ(refusal_for_client("EXPUNGEISSUED"), "NO [EXPUNGEISSUED] The mail server refused it");
  EXPECT_EQ(refusal_for_client(""), "NO The mail server refused it");
}

TEST(Refusal, DropsWhatPointsElsewhere) {
  for (const char* code : {"REFERRAL", "ALREADYEXISTS", "BADURL", "ALERT", "X-CANARY"})
    EXPECT_EQ(refusal_for_client(code), "NO The mail server refused it") << code;
}

TEST(Refusal, HasOneAnswerForMailboxesThatAreNotThere) {
  EXPECT_EQ(refusal_for_client("TRYCREATE"), kNoSuchMailbox);
  EXPECT_EQ(refusal_for_client("NONEXISTENT"), kNoSuchMailbox);
}

}  // namespace
}  // namespace privet::imap
