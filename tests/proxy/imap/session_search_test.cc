// SEARCH in whole sessions, with RETURN (RFC 4731) and by age (RFC 5032).
#include "tests/support/imap_session.h"

namespace privet::imap {
namespace {

using testing_support::ImapSession;
using testing_support::literal;

class ImapSearch : public ImapSession {
 protected:
  /// Says the command, and what the client hears once the upstream has answered its part.
  std::string search(const std::string& command, const std::string& asked, const std::string& untagged) {
    client_->send("c " + command + "\r\n");
    answer(asked, "OK CANARY\r\n", untagged);
    return until("c ");
  }
};

TEST_F(ImapSearch, ReturnsWhatIsAskedForOfVisibleMessagesOnly) {
  open();
  EXPECT_EQ(say("UID SEARCH RETURN (MIN MAX COUNT ALL) ALL"),
            "* ESEARCH (TAG \"c\") UID MIN 7 MAX 7 COUNT 1 ALL 7\nc OK Search completed\n");
  EXPECT_EQ(say("SEARCH RETURN () ALL"), "* ESEARCH (TAG \"c\") ALL 1\nc OK Search completed\n");
  EXPECT_EQ(search("SEARCH RETURN (COUNT MIN) FLAGGED", "UID SEARCH UID 7 FLAGGED", "* SEARCH 4\r\n"),
            "* ESEARCH (TAG \"c\") COUNT 0\nc OK Search completed\n");
  EXPECT_EQ(say("SEARCH RETURN (SAVE) ALL"), "c BAD Invalid SEARCH return option\n");
}

TEST_F(ImapSearch, AsksAnUpstreamWithWithinForTheAge) {
  capability_ += " WITHIN";
  open();
  EXPECT_EQ(search("SEARCH OLDER 60", "UID SEARCH UID 7 OLDER 60", "* SEARCH 4 7\r\n"),
            "* SEARCH 1\nc OK Search completed\n");
}

TEST_F(ImapSearch, WorksOutTheAgeFromTheDatesOfVisibleMessages) {
  open();
  const std::string old = "* 2 FETCH (UID 7 INTERNALDATE \"01-Jan-1990 00:00:00 +0000\")\r\n";
  const std::string coming = "* 2 FETCH (UID 7 INTERNALDATE \"01-Jan-2990 00:00:00 +0000\")\r\n";
  const std::string asked = "UID FETCH 7 (UID INTERNALDATE)";
  EXPECT_EQ(search("SEARCH OLDER 86400", asked, old), "* SEARCH 1\nc OK Search completed\n");
  EXPECT_EQ(search("SEARCH YOUNGER 86400", asked, old), "* SEARCH\nc OK Search completed\n");
  EXPECT_EQ(search("SEARCH NOT YOUNGER 86400", asked, coming), "* SEARCH\nc OK Search completed\n");
}

TEST_F(ImapSearch, FindsAHeaderOnlyAmongTheUidsThatAreAskedFor) {
  open();
  EXPECT_THAT(arrive(), testing::HasSubstr("* 2 EXISTS\n"));
  EXPECT_EQ(say("SEARCH SUBJECT offer"), "* SEARCH 1 2\nc OK Search completed\n");
  EXPECT_EQ(say("UID SEARCH UID 8:* SUBJECT offer"), "* SEARCH 9\nc OK Search completed\n");
  EXPECT_EQ(say("SEARCH 1 SUBJECT offer"), "* SEARCH 1\nc OK Search completed\n");
}

// Of such headers the store gives a few in each answer.
TEST_F(ImapSearch, AndFetchGoThroughHeadersOfAnySize) {
  constexpr int kMessages = 40;
  log_in();
  std::string uids, contents, seen, searched = "* SEARCH";
  for (int uid = 1; uid <= kMessages; ++uid) {
    const std::string number = std::to_string(uid);
    std::string content = "From: bob@bigco.test\r\nTo: anna@acme.test\r\nSubject: " + number + "\r\n";
    for (const std::string field : {"Message-ID", "In-Reply-To", "References"})
      content += field + ": <" + std::string(60'000, 'x') + "@bigco.test>\r\n";
    content += "\r\nHello\r\n";
    uids += " " + number;
    contents += "* " + number + " FETCH (UID " + number + " BODY[] " + literal(content) + ")\r\n";
    seen += "* " + number + " FETCH (UID " + number + " BODY[HEADER.FIELDS (SUBJECT)] {";
    const std::string subject = "Subject: " + number + "\r\n\r\n";
    seen += std::to_string(subject.size()) + "}\nSubject: " + number + "\n\n)\n";
    searched += " " + number;
  }
  const std::string count = std::to_string(kMessages);
  examine(uids, "* " + count + " EXISTS\r\n* OK [UIDVALIDITY 77] x\r\n", "1:" + count, contents);
  EXPECT_THAT(until("b "), testing::HasSubstr("* " + count + " EXISTS\n"));
  EXPECT_EQ(say("UID FETCH 1:* BODY.PEEK[HEADER.FIELDS (SUBJECT)]"), seen + "c OK Fetch completed\n");
  EXPECT_EQ(say("SEARCH FROM bob"), searched + "\nc OK Search completed\n");
}

}  // namespace
}  // namespace privet::imap
