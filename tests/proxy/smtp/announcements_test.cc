// Every set of what an upstream may announce, end to end: the client uses all that it is offered, with a copy
// for the CRM, and the upstream gets nothing that it did not announce (field rules, the capability lattice).
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/proxied.h"

namespace privet {
namespace {

using testing_support::Client;
using testing_support::Proxied;
using Message = testing_support::ScriptedUpstream::Message;

struct Use {
  std::string keyword, mail, rcpt;
};

const Use kUses[] = {
    {"PIPELINING", "", ""},
    {"SIZE", " SIZE=400", ""},
    {"8BITMIME", " BODY=8BITMIME", ""},
    {"SMTPUTF8", " SMTPUTF8", ""},
    {"DSN", " RET=HDRS ENVID=q1", " NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;x@y.test"},
    {"REQUIRETLS", " REQUIRETLS", ""},
    {"MT-PRIORITY", " MT-PRIORITY=3", ""},
};
constexpr unsigned kSets = 1U << std::size(kUses);

std::vector<std::string> keywords_of(unsigned set) {
  std::vector<std::string> keywords{"AUTH PLAIN"};
  for (std::size_t i = 0; i < std::size(kUses); ++i) {
    if ((set >> i & 1) != 0) keywords.push_back(kUses[i].keyword);
  }
  return keywords;
}

// One transaction in one write as far as RFC 2920 lets it; the reply to its content.
std::string send(Client& client, const std::string& offered, unsigned id) {
  std::string mail = "MAIL FROM:<anna@acme.test>", more;
  for (const Use& use : kUses) {
    if (!offered.contains(use.keyword)) continue;
    mail += use.mail;
    more += use.rcpt;
  }
  client.send(mail + "\r\nRCPT TO:<buyer@bigco.test>" + more + "\r\nRCPT TO:<acme@pipedrivemail.com>" + more +
              "\r\nDATA\r\n");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.reply().substr(0, 3), "250") << mail << more;
  EXPECT_EQ(client.reply().substr(0, 3), "354");
  return client.say("From: anna@acme.test\r\nTo: buyer@bigco.test\r\nMessage-ID: <" + std::to_string(id) +
                    "@acme.test>\r\n\r\nHello\r\n.\r\n");
}

TEST(Announcements, AreKeptToByOriginalsAndCopiesInEverySet) {
  Proxied proxied("loops: 1", true);
  for (unsigned set = 0; set < kSets; ++set) {
    SCOPED_TRACE(set);
    proxied.upstream().announce(keywords_of(set));
    Client client(proxied.port());
    client.reply();
    const std::string offered = client.say(testing_support::kEhlo);
    ASSERT_EQ(client.say(testing_support::kLogin).substr(0, 3), "235");
    ASSERT_EQ(send(client, offered, set), "250 2.0.0 queued\n");
    ASSERT_EQ(client.say("QUIT\r\n"), "221 2.0.0 Bye\n");
    // 8BITMIME, SMTPUTF8, DSN, REQUIRETLS and MT-PRIORITY are the upstream's to offer.
    for (std::size_t i = 2; i < std::size(kUses); ++i) {
      const bool needs_more = kUses[i].keyword == "SMTPUTF8" && (set >> 2 & 1) == 0;
      EXPECT_EQ(offered.contains(kUses[i].keyword), (set >> i & 1) != 0 && !needs_more) << kUses[i].keyword;
    }
  }
  proxied.end();
  EXPECT_EQ(proxied.upstream().violations(), std::vector<std::string>());
  const auto messages = proxied.upstream().messages();
  for (unsigned set = 0; set < kSets; ++set) {
    SCOPED_TRACE(set);
    const auto sent = [&](std::string_view recipient) {
      return std::ranges::count_if(messages, [&](const Message& each) {
        return each.is_to(recipient) && each.content.contains("<" + std::to_string(set) + "@acme.test>");
      });
    };
    EXPECT_EQ(sent("buyer@bigco.test"), 1);
    EXPECT_EQ(sent("acme@pipedrivemail.com"), 1);
  }
}

}  // namespace
}  // namespace privet
