#include "policy/split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "mime/inspection.h"
#include "mime/structure.h"
#include "tests/policy/support.h"

namespace privet::policy {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kId = "<fresh@privet.example>";
constexpr const char* kCrm = "acme@pipedrivemail.com";

const Tenant& tenant() {
  static const Tenant tenant =
      load(
          "privet: 1\ntenant: acme\ndomains: [acme.example]\nupstream: {smtp: {maildir: mail}}\n"
          "crm:\n"
          "  - {profile: pipedrive, addresses: [acme@pipedrivemail.com, acme+*@pipedrivemail.com]}\n"
          "  - {profile: generic, addresses: [in@crm.example]}\n"
          "lists: {blocked: [steuer@kanzlei.example, praxis.example], customers: [bigco.example]}\n"
          "rules: [{when: {subject: ['[vertraulich]']}, do: private}, {when: {any: customers}, do: share}]\n")
          .tenant;
  return tenant;
}

std::string content(const std::string& fields, const std::string& body = "Hello\r\n") {
  return "From: Anna <anna@acme.example>\r\nDate: Mon, 5 Jan 2026 10:00:00 +0100\r\nMessage-ID: "
         "<1@acme.example>\r\n" +
         fields + "\r\n" + body;
}

struct Sent {
  std::vector<std::string> recipients = {"bob@bigco.example"};
  std::vector<std::string> crm = {kCrm};
  std::string reverse_path = "anna@acme.example";
};

Split split_of(const std::string& message, const Sent& sent = {}) {
  return split(tenant(), {sent.reverse_path, sent.recipients, sent.crm}, message, kId);
}

TEST(Split, StripsInternalAndBlockedPeopleFromTheCopy) {
  const std::string message = content(
      "To: Bob <bob@bigco.example>, Tom <tom@acme.example>\r\nCc: steuer@kanzlei.example\r\nSubject: "
      "Offer\r\n");
  const Split result =
      split_of(message, {.recipients = {"bob@bigco.example", "tom@acme.example", "steuer@kanzlei.example"}});
  ASSERT_EQ(result.copies.size(), 1u);
  const CrmCopy& copy = result.copies[0];
  EXPECT_EQ(copy.recipient, kCrm);
  EXPECT_EQ(to_string(copy.decision.verdict), "share") << copy.decision.rule;
  EXPECT_EQ(copy.decision.rule, "rule 2");
  EXPECT_FALSE(copy.alert);
  EXPECT_THAT(copy.header, HasSubstr("bob@bigco.example"));
  EXPECT_THAT(copy.header, HasSubstr("anna@acme.example"));
  EXPECT_THAT(copy.header, HasSubstr("X-Privet-Verdict: share\r\n"));
  EXPECT_THAT(copy.header, Not(HasSubstr("Sensitivity")));
  EXPECT_THAT(copy.header, Not(HasSubstr("tom")));
  EXPECT_THAT(copy.header, Not(HasSubstr("kanzlei")));
  EXPECT_FALSE(copy.changes.empty());
  EXPECT_EQ(result.body, "Hello\r\n");
  EXPECT_EQ(result.direct_prefix, "");
}

TEST(Split, MarksPrivateCopies) {
  const Split result =
      split_of(content("To: bob@bigco.example\r\nSubject: =?utf-8?q?=5BVertraulich=5D_x?=\r\n"));
  EXPECT_EQ(to_string(result.copies[0].decision.verdict), "private") << result.copies[0].decision.rule;
  EXPECT_EQ(result.copies[0].decision.rule, "rule 1");
  EXPECT_THAT(result.copies[0].header, HasSubstr("X-Privet-Verdict: private\r\n"));
  EXPECT_THAT(result.copies[0].header, HasSubstr("Sensitivity: Private\r\n"));
}

TEST(Split, LowersShareForTheSendersMark) {
  for (const char* mark : {"Sensitivity: Company-Confidential\r\n", "Sensitivity:\r\n",
                           "Sensitivity: Normal\r\nSensitivity: Private\r\n"}) {
    const Split result = split_of(content(std::string("To: bob@bigco.example\r\n") + mark));
    EXPECT_EQ(result.copies[0].decision.rule, "sender's Sensitivity mark") << mark;
  }
  const Split normal = split_of(content("To: bob@bigco.example\r\nSensitivity: normal\r\n"));
  EXPECT_EQ(to_string(normal.copies[0].decision.verdict), "share") << normal.copies[0].decision.rule;
}

TEST(Split, KeepsTheAuthorButNotTheReversePath) {
  const Split result =
      split_of(content("To: bob@bigco.example\r\nCc: anna@acme.example\r\nReply-To: carl@acme.example\r\n"),
               {.reverse_path = "carl@acme.example"});
  EXPECT_THAT(result.copies[0].header, HasSubstr("Cc: anna@acme.example\r\n"));
  EXPECT_THAT(result.copies[0].header, Not(HasSubstr("carl")));
}

TEST(Split, HidesWhatABlockedReversePathSends) {
  const Split result = split_of(content("To: bob@bigco.example\r\n"), {.reverse_path = "dr@praxis.example"});
  EXPECT_TRUE(result.copies[0].withheld());
  EXPECT_EQ(result.copies[0].decision.rule, "the sender is blocked");
}

TEST(Split, HidesTheOtherCrm) {
  const Split result =
      split_of(content("To: bob@bigco.example\r\nCc: in@crm.example, acme+deal7@pipedrivemail.com\r\n"),
               {.crm = {"Acme+Deal7@pipedrivemail.com", "in@crm.example", kCrm}});
  ASSERT_EQ(result.copies.size(), 3u);
  EXPECT_EQ(result.copies[0].recipient, "Acme+Deal7@pipedrivemail.com");
  for (const CrmCopy& copy : result.copies) EXPECT_FALSE(copy.withheld()) << copy.decision.rule;
  EXPECT_THAT(result.copies[0].header, HasSubstr("acme+deal7@pipedrivemail.com"));
  EXPECT_THAT(result.copies[0].header, Not(HasSubstr("crm.example")));
  EXPECT_THAT(result.copies[1].header, HasSubstr("in@crm.example"));
  EXPECT_THAT(result.copies[1].header, Not(HasSubstr("pipedrive")));
  EXPECT_EQ(result.copies[2].header, result.copies[0].header);
}

TEST(Split, GivesDirectMailAndCopiesOneMessageId) {
  const std::string message = "From: anna@acme.example\r\nTo: bob@bigco.example\r\n\r\nHello\r\n";
  const Split result = split_of(message);
  EXPECT_EQ(result.direct_prefix, "Message-ID: <fresh@privet.example>\r\n");
  EXPECT_THAT(result.copies[0].header, HasSubstr("Message-ID: <fresh@privet.example>\r\n"));
}

TEST(Split, LeavesAMessageAloneWhenNoCopyGoesOut) {
  const std::string message = "From: anna@acme.example\r\nTo: tom@acme.example\r\n\r\nHello\r\n";
  const Split result = split_of(message, {.recipients = {"tom@acme.example"}});
  EXPECT_EQ(result.direct_prefix, "");
  EXPECT_EQ(result.copies[0].decision.rule, "only internal and blocked parties");
  EXPECT_TRUE(result.copies[0].header.empty());
  EXPECT_FALSE(result.copies[0].alert);
  EXPECT_TRUE(split_of(message, {.crm = {}}).copies.empty());
}

TEST(Split, CountsEnvelopeRecipientsAsParties) {
  const Split result = split_of(content("To: tom@acme.example\r\n"),
                                {.recipients = {"tom@acme.example", "bob@bigco.example"}});
  EXPECT_EQ(to_string(result.copies[0].decision.verdict), "share") << result.copies[0].decision.rule;
}

const std::string kForward =
    "Look at this.\r\n\r\n---------- Forwarded message ---------\r\n"
    "From: Bob <bob@bigco.example>\r\nDate: Mon, 5 Jan 2026\r\nSubject: Order\r\nTo: Anna "
    "<anna@acme.example>";

TEST(Split, TakesTheQuotedHeaderOfAForwardToTheCrm) {
  const std::string fields = "To: acme@pipedrivemail.com\r\nSubject: Fwd: Order\r\n";
  const Split mine = split_of(content(fields, kForward + "\r\n\r\nHi Anna\r\n"), {.recipients = {}});
  EXPECT_EQ(to_string(mine.copies[0].decision.verdict), "share") << mine.copies[0].decision.rule;
  const Split ours =
      split_of(content(fields, kForward + ", Tom <tom@acme.example>\r\n\r\nHi\r\n"), {.recipients = {}});
  EXPECT_EQ(ours.copies[0].decision.rule, "a forwarded header names an internal or blocked party");
  const Split nobody = split_of(content(fields, "Just a note\r\n"), {.recipients = {}});
  EXPECT_EQ(nobody.copies[0].decision.rule, "only internal and blocked parties");
}

TEST(Split, WithholdsWhenAQuotedHeaderNamesAStrippedParty) {
  const Split result =
      split_of(content("To: bob@bigco.example\r\n", kForward + ", steuer@kanzlei.example\r\n\r\nHi\r\n"));
  EXPECT_EQ(result.copies[0].decision.rule, "a forwarded header names an internal or blocked party");
  EXPECT_TRUE(result.copies[0].withheld());
  EXPECT_TRUE(result.copies[0].header.empty());
}

TEST(Split, AlertsWhenAStrippedAddressIsLeftInTheText) {
  const Split result = split_of(
      content("To: bob@bigco.example\r\nCc: tom@acme.example\r\n", "Ask Tom (TOM@acme.example).\r\n"));
  EXPECT_TRUE(result.copies[0].withheld());
  EXPECT_TRUE(result.copies[0].alert);
  EXPECT_THAT(result.copies[0].decision.rule, StartsWith("self-check: "));
  EXPECT_THAT(result.copies[0].decision.rule, Not(HasSubstr("tom")));
}

TEST(Split, FindsSomebodyWhoIsOnlyInTheEnvelope) {
  const Split result = split_of(content("To: bob@bigco.example\r\n", "Bcc to dr@praxis.example\r\n"),
                                {.recipients = {"bob@bigco.example", "dr@praxis.example"}});
  EXPECT_THAT(result.copies[0].decision.rule, StartsWith("self-check: "));
}

struct Bad {
  const char* name;
  std::string message;
};
void PrintTo(const Bad& row, std::ostream* out) {
  *out << row.name;
}

class SplitWithholds : public testing::TestWithParam<Bad> {};

TEST_P(SplitWithholds, WhatItCannotInspect) {
  const Split result = split_of(GetParam().message, {.crm = {kCrm, "in@crm.example"}});
  ASSERT_EQ(result.copies.size(), 2u);
  for (const CrmCopy& copy : result.copies) {
    EXPECT_THAT(copy.decision.rule, StartsWith("cannot be inspected: "));
    EXPECT_TRUE(copy.withheld());
    EXPECT_TRUE(copy.alert);
    EXPECT_TRUE(copy.header.empty());
  }
  EXPECT_EQ(result.direct_prefix, "");
}

INSTANTIATE_TEST_SUITE_P(
    Table, SplitWithholds,
    testing::Values(Bad{"Empty", ""}, Bad{"NoHeader", "hello\r\n"},
                    Bad{"BareLineFeed", content("To: bob@bigco.example\nCc: x@y.example\r\n")},
                    Bad{"NoFrom", "To: bob@bigco.example\r\n\r\nx\r\n"},
                    Bad{"TwoFroms", content("From: eve@x.example\r\nTo: bob@bigco.example\r\n")},
                    Bad{"UnsureList", content("To: bob@bigco.example <\r\n")},
                    Bad{"SubjectUndecodable",
                        content("To: bob@bigco.example\r\nSubject: =?x-unknown?q?a?=\r\n")},
                    Bad{"Encrypted", content("To: bob@bigco.example\r\nContent-Type: application/pkcs7-mime; "
                                             "smime-type=enveloped-data\r\n")},
                    Bad{"NoBoundary", content("To: bob@bigco.example\r\nContent-Type: multipart/mixed\r\n")}),
    [](const auto& row) { return row.param.name; });

TEST(Split, WithholdsWhenARecipientIsNoAddress) {
  const Split result = split_of(content("To: bob@bigco.example\r\n"), {.recipients = {"postmaster"}});
  EXPECT_EQ(result.copies[0].decision.rule, "cannot be inspected: an envelope recipient is no mail address");
}

TEST(Split, WithholdsFromWhatIsNotTheTenantsCrm) {
  const Split result =
      split_of(content("To: bob@bigco.example\r\n"), {.crm = {"beta@pipedrivemail.com", kCrm}});
  EXPECT_TRUE(result.copies[0].withheld());
  EXPECT_EQ(result.copies[0].decision.rule, "not a CRM address of this tenant");
  EXPECT_FALSE(result.copies[1].withheld()) << result.copies[1].decision.rule;
}

TEST(Split, LetsNoTextNameBlockedPeopleWhoAreNoParties) {
  const std::string to = "To: bob@bigco.example\r\n";
  for (const std::string& message :
       {content(to, "On Friday, Klein <steuer@kanzlei.example> wrote:\r\n> x\r\n"),
        content(to, "> -- \r\n> Klein, dr@praxis.example\r\n"),
        content(to + "Subject: Fwd: steuer@kanzlei.example\r\n"),
        content(to + "Content-Type: text/html\r\n",
                "<a href='mailto:dr&#64;praxis.example'>Klein</a>\r\n")}) {
    const Split result = split_of(message);
    EXPECT_TRUE(result.copies[0].withheld()) << message;
    EXPECT_THAT(result.copies[0].decision.rule, HasSubstr("a stripped address is still in"));
  }
}

TEST(Split, LetsTextNameColleaguesWhoAreNoParties) {
  const Split result = split_of(content("To: bob@bigco.example\r\nIn-Reply-To: <1@praxis.example>\r\n",
                                        "On Friday, Tom <tom@acme.example> wrote:\r\n> x\r\n"));
  EXPECT_FALSE(result.copies[0].withheld()) << result.copies[0].decision.rule;
}

TEST(Split, LetsNoStrippedAddressIntoACopy) {
  std::mt19937 random(7);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  const std::vector<std::string> people = {"bob@bigco.example",
                                           "\"Tom, T\" <tom@acme.example>",
                                           "x@y.example",
                                           "dr@praxis.example",
                                           "=?utf-8?q?Steuer?= <steuer@kanzlei.example>",
                                           "Team: tom@acme.example, bob@bigco.example;",
                                           "(tom@acme.example) eve@y.example",
                                           "anna@acme.example",
                                           "in@crm.example",
                                           "acme@pipedrivemail.com"};
  const std::vector<std::string> names = {"To", "Cc", "Bcc", "Reply-To", "Resent-To", "Sender"};
  const std::vector<std::string> bodies = {"Hi\r\n", "write to tom@acme.example\r\n",
                                           "tom=40acme.example\r\n", "dr@praxis.example\r\n"};
  std::size_t sent = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string fields;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (below(2)) continue;
      fields += names[i] + ": " + people[below(people.size())];
      if (names[i] != "Sender" && below(2)) fields += ",\r\n " + people[below(people.size())];
      fields += "\r\n";
    }
    const std::string message = content(fields, bodies[below(bodies.size())]);
    const Split result = split_of(message, {.crm = {kCrm, "in@crm.example"}});
    for (const CrmCopy& copy : result.copies) {
      if (copy.withheld()) {
        ASSERT_TRUE(copy.header.empty());
        continue;
      }
      ++sent;
      const std::string whole = copy.header + std::string(result.body);
      const auto structure = mime::parse_structure(whole);
      ASSERT_TRUE(structure);
      const std::string other = copy.recipient == kCrm ? "in@crm.example" : kCrm;
      const auto residue = mime::find_residue(
          *structure, {"tom@acme.example", "dr@praxis.example", "steuer@kanzlei.example", other});
      ASSERT_TRUE(residue);
      // Text that names a colleague who is no party is nobody's stripped address.
      if (*residue) ASSERT_THAT(**residue, Not(HasSubstr("header"))) << whole;
    }
  }
  EXPECT_GT(sent, 100u);
}

}  // namespace
}  // namespace privet::policy
