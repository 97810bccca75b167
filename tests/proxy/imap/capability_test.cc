#include "proxy/imap/capability.h"

#include <gtest/gtest.h>

#include <array>

namespace privet::imap {
namespace {

TEST(Capability, ReadsWhatIsUsedInAnyCaseAndForgetsTheRest) {
  constexpr std::array<std::string_view, 7> kNames{"IMAP4rev1", "idle",          "AUTH=PLAIN", "auth=XOAUTH2",
                                                   "ESEARCH",   "AUTH=CRAM-MD5", "X-GM-EXT-1"};
  const Capabilities found = parse_capabilities(kNames);
  EXPECT_EQ(found, (Capabilities{.imap4rev1 = true, .esearch = true, .idle = true, .mechanisms = 1 | 4}));
  EXPECT_TRUE(found.offers(Mechanism::Plain));
  EXPECT_FALSE(found.offers(Mechanism::Login));
}

TEST(Capability, OffersNoLoginBeforeTls) {
  EXPECT_EQ(capabilities_for({.in_clear = true, .mechanisms = 1}),
            "IMAP4rev1 SASL-IR LITERAL- ID STARTTLS LOGINDISABLED");
}

TEST(Capability, OffersTheMechanismsThatCanBeRelayed) {
  EXPECT_EQ(capabilities_for({.mechanisms = 1 | 8}),
            "IMAP4rev1 SASL-IR LITERAL- ID AUTH=PLAIN AUTH=OAUTHBEARER");
}

TEST(Capability, NamesAfterLoginWhatTheViewCanDo) {
  EXPECT_EQ(capabilities_for({.logged_in = true}),
            "IMAP4rev1 SASL-IR LITERAL- ID IDLE NAMESPACE CHILDREN UNSELECT SPECIAL-USE ESEARCH WITHIN "
            "LIST-EXTENDED LIST-STATUS STATUS=SIZE ENABLE");
}

TEST(Capability, NamesCondstoreOnlyWhereTheUpstreamHasIt) {
  EXPECT_TRUE(capabilities_for({.logged_in = true, .condstore = true}).ends_with(" ENABLE CONDSTORE"));
  EXPECT_EQ(capabilities_for({.condstore = true}).find("CONDSTORE"), std::string::npos);
}

TEST(Capability, NamesWhatChangesMailboxesWhereThatIsAllowed) {
  EXPECT_EQ(capabilities_for({.logged_in = true, .uid_plus = true, .move = true}),
            "IMAP4rev1 SASL-IR LITERAL- ID IDLE NAMESPACE CHILDREN UNSELECT SPECIAL-USE ESEARCH WITHIN "
            "LIST-EXTENDED LIST-STATUS STATUS=SIZE ENABLE UIDPLUS MOVE");
  constexpr std::array<std::string_view, 2> kNames{"UidPlus", "MOVE"};
  EXPECT_EQ(parse_capabilities(kNames), (Capabilities{.uid_plus = true, .move = true}));
}

}  // namespace
}  // namespace privet::imap
