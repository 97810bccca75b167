#include "mime/redaction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/mime/golden.h"
#include "tests/support/crlf.h"

namespace privet::mime {
namespace {

using testing::ElementsAre;
using testing_support::crlf;

constexpr std::string_view kStart = "Date: x\nMessage-ID: <1@acme.test>\nFrom: Anna <anna@acme.test>\n";
constexpr std::string_view kTags = "X-Privet-Verdict: private\nSensitivity: Private\n";

Result<Redacted> redact_content(const std::string& bytes, const Redaction& redaction = golden::redaction()) {
  const Result<Header> header = Header::parse(bytes);
  EXPECT_TRUE(header);
  return redact(*header, redaction);
}

/// Redacts kStart + `fields` and returns what stands behind the tags and kStart.
std::string redacted(std::string_view fields) {
  const std::string bytes = crlf(std::string(kStart) + std::string(fields) + "\nbody\n");
  const Result<Redacted> result = redact_content(bytes);
  if (!result) return "error: " + result.error().what;
  const std::string start = crlf(std::string(kTags) + std::string(kStart));
  EXPECT_TRUE(result->header.starts_with(start));
  EXPECT_TRUE(result->header.ends_with("\r\n\r\n"));
  EXPECT_EQ(result->body, "body\r\n");
  return result->header.substr(start.size(), result->header.size() - start.size() - 2);
}

TEST(Redact, KeepsTheBytesOfUntouchedFields) {
  const char* fields =
      "TO: \"B\" <b@c.test>;\n\tD <d@c.test> (x)\nsubject:   s\n  t \nCONTENT-type: text/plain\n";
  EXPECT_EQ(redacted(fields), crlf(fields));
}

TEST(Redact, LeavesNoLineThatCouldEndTheHeader) {
  EXPECT_EQ(
      redacted("Subject : [private]\n \n\t \n x\n \nTo \t: \"B\n \n C\" <b@c.test>\nCc : x@acme.test,\n \n"
               " \"D\n \n E\" <d@c.test>\n"),
      crlf("Subject: [private]\n \t  x\nTo: \"B\n  C\" <b@c.test>\nCc: \"D\n  E\" <d@c.test>\n"));
}

TEST(Redact, PutsItsOwnFieldsFirst) {
  const std::string bytes = crlf("From: anna@acme.test\nSensitivity: x\nX-Privet-Verdict: share\n\n");
  EXPECT_EQ(redact_content(bytes)->header,
            crlf(std::string(kTags) + "Message-ID: <inserted@privet.test>\nFrom: anna@acme.test\n\n"));
}

TEST(Redact, KeepsOnlyFieldsOnTheList) {
  EXPECT_EQ(redacted("Importance: high\nX-Mailer: m\nReceived: x\nReferences: <a@b>\nAutocrypt: addr=a@b\n"
                     "Auto-Submitted: no\nComments: x\nReturn-Path: <x@acme.test>\n"),
            crlf("Importance: high\nReferences: <a@b>\nAuto-Submitted: no\n"));
}

TEST(Redact, FoldsARewrittenFieldBeforeColumn78) {
  const std::string fields = redacted("Cc: x@acme.test, " + std::string(40, 'a') + "@c.test, " +
                                      std::string(40, 'b') + "@c.test, c@c.test\n");
  EXPECT_EQ(fields, crlf("Cc: " + std::string(40, 'a') + "@c.test,\n " + std::string(40, 'b') +
                         "@c.test, c@c.test\n"));
}

TEST(Redact, KeepsTheFoldsInsideAKeptMailbox) {
  EXPECT_EQ(redacted("Cc: x@acme.test, \"B\n B\" <b@c.test>, d@c.test\n"),
            crlf("Cc: \"B\n B\" <b@c.test>, d@c.test\n"));
}

TEST(Redact, PutsUndisclosedRecipientsWhereTheFirstEmptiedToStood) {
  EXPECT_EQ(redacted("To: a@acme.test\nSubject: s\nTo: b@acme.test\n"),
            crlf("To: undisclosed-recipients:;\nSubject: s\n"));
}

TEST(Redact, LeavesAnotherToAloneWhenOneIsEmptied) {
  EXPECT_EQ(redacted("To: a@acme.test\nSubject: s\nTo: b@c.test\n"), crlf("Subject: s\nTo: b@c.test\n"));
}

TEST(Redact, AddsNoToWhereThereWasNone) {
  EXPECT_EQ(redacted("Cc: a@acme.test\nSubject: s\n"), crlf("Subject: s\n"));
}

TEST(Redact, CountsWhatItRemovedButNotTheAuthor) {
  const std::string bytes =
      crlf(std::string(kStart) + "To: A+x@acme.test, anna@acme.test\nBcc: b@acme.test, c@c.test\n\n");
  const Result<Redacted> result = redact_content(bytes);
  ASSERT_TRUE(result);
  EXPECT_THAT(result->stripped, ElementsAre("a@acme.test", "b@acme.test"));
}

TEST(Redact, TellsWhatItDidWithoutNamingAnybody) {
  const std::string bytes = crlf(
      "From: anna@acme.test\nTo: x@acme.test, y@acme.test\nBcc: b@acme.test\nReceived: a\nReceived: b\nw@x: "
      "y\n\n");
  const Result<Redacted> result = redact_content(bytes);
  ASSERT_TRUE(result);
  std::vector<std::string> lines;
  for (const Change& change : result->changes) lines.push_back(change.field + ": " + change.what);
  EXPECT_THAT(lines, ElementsAre("To: 2 addresses removed", "Message-ID: inserted", "Bcc: 1 field removed",
                                 "Received: 2 fields removed", "unnamed: 1 field removed"));
  EXPECT_TRUE(result->inserted_message_id);
}

TEST(Redact, LeavesTheMarkOutUnlessAsked) {
  Redaction redaction = golden::redaction();
  redaction.mark_private = false;
  redaction.verdict = "share";
  const std::string bytes = crlf(std::string(kStart) + "Sensitivity: Private\n\n");
  EXPECT_EQ(redact_content(bytes, redaction)->header,
            crlf("X-Privet-Verdict: share\n" + std::string(kStart) + "\n"));
}

TEST(Redact, InsertsNoMessageIdWhereNoneIsGiven) {
  Redaction redaction = golden::redaction();
  redaction.message_id = "";
  const std::string bytes = crlf("From: anna@acme.test\n\n");
  const auto result = redact_content(bytes, redaction);
  ASSERT_TRUE(result);
  EXPECT_FALSE(result->inserted_message_id);
  EXPECT_THAT(result->header, testing::Not(testing::HasSubstr("Message-ID")));
}

TEST(Redact, RefusesValuesThatWouldMakeALineOfTheirOwn) {
  using namespace std::string_literals;
  const std::string bytes = crlf("From: anna@acme.test\n\n");
  for (const std::string& value :
       {""s, "a\r\nBcc: b@c.test"s, "a\nb"s, "a\rb"s, "a\0b"s, "a b"s, "\xc3\xa4"s}) {
    Redaction redaction = golden::redaction();
    redaction.verdict = value;
    EXPECT_FALSE(redact_content(bytes, redaction)) << value;
    if (value.empty()) continue;  // none is to be inserted
    redaction = golden::redaction();
    redaction.message_id = value;
    EXPECT_FALSE(redact_content(bytes, redaction)) << value;
  }
}

TEST(Redact, RefusesUnsureAddressFields) {
  for (const char* name : {"To", "Cc", "Reply-To", "Sender", "Bcc", "Resent-To"}) {
    EXPECT_THAT(redacted(std::string(name) + ": \"b@c.test\n"), testing::StartsWith("error: ")) << name;
  }
}

TEST(Redact, RefusesAWordThatEndsWithinAQuote) {
  EXPECT_EQ(redacted("To: =?utf-8?q?8*\" a?q?x=40acme.test?=\"0 <d@c.test>\n"),
            "error: To: an encoded word in an address field hides somebody who is removed");
}

TEST(Redact, RefusesWhatReadsDoubtfullyOnceSomebodyIsGone) {
  EXPECT_EQ(
      redacted(
          "To: x@acme.test, =7utf-8?b?QsO2Yg==?= To: =?u_x?= <y@acme.test>, =7utf-8?b?Yg==?= <d@c.test>\n"),
      "error: To: what is left of an address field cannot be read");
}

TEST(Redact, KeepsTheAuthorWhoseNameIsEncoded) {
  const std::string bytes = crlf("From: =?utf-8?q?J=C3=B6rg?= <joerg@acme.test>\n\n");
  EXPECT_THAT(redact_content(bytes)->header,
              testing::HasSubstr("From: =?utf-8?q?J=C3=B6rg?= <joerg@acme.test>\r\n"));
}

TEST(HeaderParties, ListsEverybodyOnce) {
  const std::string bytes = crlf(
      "From: a@x.test\nSender: b@x.test\nTo: c@x.test\nTo: d@x.test\nCc: e@x.test\nBcc: f@x.test\n"
      "Reply-To: g@x.test\nResent-From: h@x.test\nResent-To: i@x.test\nDelivered-To: j@x.test\n\n");
  const Result<HeaderParties> parties = header_parties(*Header::parse(bytes));
  ASSERT_TRUE(parties);
  const auto locals = [](const std::vector<AddrSpec>& specs) {
    std::string text;
    for (const AddrSpec& spec : specs) text += spec.local;
    return text;
  };
  EXPECT_EQ(locals(parties->from), "a");
  EXPECT_EQ(locals(parties->others), "bcdefghi");
  EXPECT_EQ(locals(parties->to), "cde");
}

TEST(HeaderParties, RefusesWhatReadersCouldTakeDifferently) {
  for (const char* fields :
       {"To: a@x.test\n", "From: a@x.test\nFrom: a@x.test\n", "From: a@x.test, b@x.test\n", "From: Group:;\n",
        "From: a@x.test\nSubject: 1\nSubject: 2\n", "From: a@x.test\nDate: 1\nDate: 2\n",
        "From: a@x.test\nMessage-ID: <1>\nmessage-id: <2>\n",
        "From: a@x.test\nMIME-Version: 1.0\nMime-Version: 1.1\n",
        "From: a@x.test\nContent-Type: text/plain\nContent-Type: text/plain\n"}) {
    const std::string bytes = crlf(std::string(fields) + "\n");
    EXPECT_FALSE(header_parties(*Header::parse(bytes))) << fields;
  }
}

TEST(HeaderParties, AcceptsAFieldRepeatedWordForWord) {
  const std::string bytes = crlf("From: a@x.test\nSubject: 1\nSubject: 1\n\n");
  EXPECT_TRUE(header_parties(*Header::parse(bytes)));
}

/// Headers such as people's mail programs write them, from a fixed seed.
class HeaderMaker {
 public:
  std::string make() {
    std::string text =
        "From: " + mailbox() + "\nSubject: " + pick({"Offer", "=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Re: x"}) + "\n";
    for (int fields = number(5); fields >= 0; --fields) {
      text += pick({"To: ", "Cc: ", "TO:", "cc : ", "Bcc: ", "Reply-To: ", "Sender: ", "Resent-To: "}) +
              list() + "\n";
    }
    return crlf(text + pick({"", "Received: for <x@acme.test>\n", "Message-ID: <1@x.test>\n"}) + "\nbody\n");
  }

 private:
  int number(int limit) { return std::uniform_int_distribution(0, limit - 1)(random_); }
  std::string pick(std::vector<std::string> choices) {
    return choices[number(static_cast<int>(choices.size()))];
  }
  std::string mailbox() {
    const std::string spec = pick({"bob", "Carl", "d.e+tag", "\"f g\"", "über"}) + "@" +
                             pick({"acme.test", "ACME.test", "sales.acme.test", "customer.test",
                                   "straße.test", "xn--strae-oqa.test", "kanzlei.test", "notacme.test"});
    switch (number(5)) {
      case 0:
        return spec;
      case 1:
        return "<" + spec + ">";
      case 2:
        return pick({"Bob B", "\"B, (B)\"", "=?utf-8?b?QsO2Yg==?=", "Jörg"}) + " <" + spec + ">";
      case 3:
        return spec + " (" + pick({"office", "c@acme.test", "a (b)"}) + ")";
      default:
        return "\"" + pick({"carl@acme.test", "x@customer.test"}) + "\"\n <" + spec + ">";
    }
  }
  std::string list() {
    std::string text = mailbox();
    for (int more = number(4); more > 0; --more) text += pick({", ", ",\n ", ",", " ,, "}) + mailbox();
    return number(4) == 0 ? "Team: " + text + ";" : text;
  }

  std::mt19937 random_{20260102};
};

TEST(Redact, LeavesNoStrippedAddressInAnyGeneratedHeader) {
  HeaderMaker maker;
  int redacted_count = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::string content = maker.make();
    const Result<Redacted> result = redact_content(content);
    if (!result) continue;
    ++redacted_count;
    const std::string copy = result->header + std::string(result->body);
    const Result<Structure> structure = parse_structure(copy);
    ASSERT_TRUE(structure) << structure.error().what << copy;
    const auto residue = find_residue(*structure, result->stripped);
    ASSERT_TRUE(residue) << residue.error().what << copy;
    EXPECT_EQ(*residue, std::nullopt) << content << copy;
    EXPECT_EQ(result->body, "body\r\n");
    const Result<Redacted> again = redact_content(copy);
    ASSERT_TRUE(again) << again.error().what << copy;
    EXPECT_EQ(again->header, result->header);
  }
  EXPECT_GT(redacted_count, 800);
}

}  // namespace
}  // namespace privet::mime
