// view() and may_stay() of policy/split.h: what a mail sync may see.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/split.h"
#include "tests/policy/support.h"

namespace privet::policy {
namespace {

using testing::HasSubstr;
using testing::Not;

Tenant tenant(const std::string& more = "") {
  return load(kBase +
              "lists: {blocked: [steuer@kanzlei.example], customers: [bigco.example]}\n"
              "rules: [{when: {any: customers}, do: share}]\n" +
              more)
      .tenant;
}

std::string message(const std::string& fields, const std::string& body = "Hello\r\n") {
  return "Received: from x\r\nDate: Mon, 5 Jan 2026 10:00:00 +0100\r\nMessage-ID: <1@x.example>\r\n" +
         fields + "\r\n" + body;
}

const std::string kSent = message(
    "From: anna@acme.example\r\nTo: bob@bigco.example, tom@acme.example\r\nBcc: acme@pipedrivemail.com\r\n");
const std::string kReceived = message("From: bob@bigco.example\r\nTo: anna@acme.example\r\nSubject: Re\r\n");

TEST(View, IsWhatACopyOfTheMessageWouldBe) {
  const Split split = policy::split(
      tenant(), {"anna@acme.example", {"bob@bigco.example", "tom@acme.example"}, {"acme@pipedrivemail.com"}},
      kSent, "<new@x>");
  const CrmCopy seen = view(tenant(), kSent, "");
  EXPECT_FALSE(seen.withheld());
  EXPECT_EQ(seen.header, split.copies.front().header);
  EXPECT_EQ(seen.decision.rule, split.copies.front().decision.rule);
  EXPECT_THAT(seen.header, Not(HasSubstr("tom")));
}

TEST(View, ShowsWhatACustomerWroteWithoutWhomOfUsItWasFor) {
  const CrmCopy seen = view(tenant(), kReceived, "");
  EXPECT_FALSE(seen.withheld()) << seen.decision.rule;
  EXPECT_THAT(seen.header, HasSubstr("From: bob@bigco.example\r\nTo: undisclosed-recipients:;\r\n"));
}

TEST(View, HidesWhatStaysAmongOurselvesAndWhatBlockedPeopleWrote) {
  EXPECT_TRUE(view(tenant(), message("From: tom@acme.example\r\nTo: anna@acme.example\r\n"), "").withheld());
  EXPECT_TRUE(
      view(tenant(), message("From: steuer@kanzlei.example\r\nTo: anna@acme.example\r\n"), "").withheld());
  EXPECT_TRUE(view(tenant(), "no mail at all", "").withheld());
}

TEST(View, ShowsAReplyThatQuotesTheMailboxsOwner) {
  const char* const fields = "From: bob@bigco.example\r\nTo: anna@acme.example\r\n";
  const std::string bodies[] = {
      "Fine!\r\n\r\nOn Mon, 2 Mar 2026, Anna <anna@acme.example> wrote:\r\n> Offer\r\n",
      "Fine!\r\n\r\nFrom: Anna <anna@acme.example>\r\nSent: Monday\r\nTo: bob@bigco.example\r\nSubject: "
      "Offer\r\n",
  };
  for (const std::string& body : bodies) {
    const std::string reply = message(fields, body);
    const CrmCopy seen = view(tenant(), reply, "Anna@acme.example");
    EXPECT_FALSE(seen.withheld()) << seen.decision.rule;
    EXPECT_THAT(seen.header, Not(HasSubstr("anna"))) << "as in a copy";
    EXPECT_TRUE(view(tenant(), reply, "tom@acme.example").withheld()) << "a colleague of hers is quoted";
    EXPECT_TRUE(view(tenant(), reply, "").withheld());
    EXPECT_TRUE(
        view(load(kBase + "lists: {blocked: [anna@acme.example]}\n").tenant, reply, "anna@acme.example")
            .withheld());
  }
}

TEST(View, MakesUpNoMessageId) {
  const CrmCopy seen =
      view(tenant(), "From: bob@bigco.example\r\nTo: anna@acme.example\r\n\r\nHello\r\n", "");
  EXPECT_FALSE(seen.withheld()) << seen.decision.rule;
  EXPECT_THAT(seen.header, Not(HasSubstr("Message-ID")));
}

TEST(View, ShowsNothingOfWhoOptedOut) {
  const Tenant own = tenant("people: {anna@acme.example: {do: hide}}\n");
  EXPECT_TRUE(view(own, kSent, "").withheld());
  EXPECT_FALSE(view(own, kReceived, "").withheld()) << "others' mail to her is theirs";
  const Tenant everywhere = tenant("people: {anna@acme.example: {do: hide, everywhere: true}}\n");
  EXPECT_TRUE(view(everywhere, kReceived, "").withheld());
  EXPECT_FALSE(
      view(everywhere, message("From: bob@bigco.example\r\nTo: tom@acme.example\r\n"), "").withheld());
}

TEST(MayStay, KeepsWhatTheSameRulesShow) {
  const CrmCopy seen = view(tenant(), kSent, "");
  EXPECT_TRUE(may_stay(tenant(), seen.header, seen));
}

TEST(MayStay, KeepsTheBytesWhereRulesWouldShowMore) {
  const Tenant strict = tenant("strip: [internal, blocked, customers]\n");
  const std::string content =
      message("From: anna@acme.example\r\nTo: bob@bigco.example, eve@other.example\r\n");
  const CrmCopy before = view(strict, content, "");
  ASSERT_FALSE(before.withheld()) << before.decision.rule;
  EXPECT_TRUE(may_stay(tenant(), before.header, view(tenant(), content, "")));
  EXPECT_FALSE(may_stay(strict, view(tenant(), content, "").header, before)) << "names who is stripped now";
}

TEST(MayStay, EndsWithAVerdictThatHides) {
  const CrmCopy seen = view(tenant(), kSent, "");
  const Tenant hidden = tenant("people: {anna@acme.example: {do: hide}}\n");
  EXPECT_FALSE(may_stay(hidden, seen.header, view(hidden, kSent, "")));
  EXPECT_FALSE(may_stay(tenant(), "no header", seen));
}

}  // namespace
}  // namespace privet::policy
