#include "mime/inspection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mime/limits.h"
#include "tests/support/crlf.h"

namespace privet::mime {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;
using testing_support::crlf;

std::vector<std::string> quoted_keys(std::string_view content) {
  const std::string bytes = crlf(content);
  const Result<Structure> structure = parse_structure(bytes);
  if (!structure) return {structure.error().what};
  const Result<std::vector<AddrSpec>> found = quoted_addresses(*structure);
  if (!found) return {found.error().what};
  std::set<std::string> keys;
  for (const AddrSpec& spec : *found) keys.insert(spec.key());
  return {keys.begin(), keys.end()};
}

std::string residue(std::string_view content) {
  const std::string bytes = crlf(content);
  const Result<Structure> structure = parse_structure(bytes);
  if (!structure) return structure.error().what;
  const auto found = find_residue(*structure, {"bob@acme.test"});
  return !found ? found.error().what : found->value_or("nothing");
}

std::string mail(std::string_view text) {
  return "From: me@acme.test\n\n" + std::string(text);
}

TEST(QuotedAddresses, OfAPlainForward) {
  EXPECT_THAT(quoted_keys(mail("Hi\n\nFrom: A <a@x.test>\nTo: b@x.test; c@x.test\nSubject: d@x.test\n")),
              ElementsAre("a@x.test", "b@x.test", "c@x.test"));
}

TEST(QuotedAddresses, BehindQuotingAndEmphasis) {
  EXPECT_THAT(quoted_keys(mail("> > *Von:* A <a@x.test>\n>| __An__ : b@x.test\n")),
              ElementsAre("a@x.test", "b@x.test"));
}

TEST(QuotedAddresses, OnContinuedLines) {
  EXPECT_THAT(
      quoted_keys(mail("> To: a@x.test,\n>   b@x.test\n> c@x.test\nCc: d@x.test;\ne@x.test\nf@x.test\n")),
      ElementsAre("a@x.test", "b@x.test", "d@x.test", "e@x.test"));
}

TEST(QuotedAddresses, OnLinesWrappedAnywhere) {
  EXPECT_THAT(quoted_keys(mail("To: A <a@x.test>, B <\nb@x.test>\n\nCc: C\n<c@x.test>\n\nFrom:\nd@x.test\n\n"
                               "To: A <a@x.test>, E\nLong Name <e@x.test>\n")),
              ElementsAre("a@x.test", "b@x.test", "c@x.test", "d@x.test", "e@x.test"));
}

TEST(QuotedAddresses, BehindFormalWords) {
  EXPECT_THAT(quoted_keys(mail("Absender: a@x.test\nEmpfänger: b@x.test\nExpéditeur : c@x.test\n"
                               "Destinataire : d@x.test\n")),
              ElementsAre("a@x.test", "b@x.test", "c@x.test", "d@x.test"));
}

TEST(QuotedAddresses, NotOfOrdinaryText) {
  EXPECT_THAT(quoted_keys(mail("Write to a@x.test\nOn Monday, B <b@x.test> wrote:\nContact: c@x.test\n")),
              IsEmpty());
}

TEST(QuotedAddresses, OfHtml) {
  EXPECT_THAT(
      quoted_keys(
          "Content-Type: text/html\n\n<p><b>De&nbsp;:</b> A\n&lt;a@x.test&gt;<br>Objet : b@x.test</p>\n"),
      ElementsAre("a@x.test"));
}

TEST(QuotedAddresses, OfCalendars) {
  EXPECT_THAT(quoted_keys("Content-Type: text/calendar\n\nORGANIZER:mailto:a@x.test\n"
                          "ATTENDEE;SENT-BY=\"mailto:b@x.test\":mailto:c\n @x.test\nSUMMARY:d@x.test\n"),
              ElementsAre("a@x.test", "b@x.test", "c@x.test"));
}

TEST(QuotedAddresses, OfDeliveryReports) {
  EXPECT_THAT(quoted_keys("Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n"
                          "Original-Recipient: rfc822;a@x.test\nFinal-Recipient: rfc822; b@x.test\n"),
              ElementsAre("a@x.test", "b@x.test"));
}

TEST(QuotedAddresses, OfNestedMessages) {
  EXPECT_THAT(
      quoted_keys("From: me@acme.test\nContent-Type: message/rfc822\n\nFrom: a@x.test\nBcc: b@x.test\n"
                  "Resent-To: c@x.test\nSubject: d@x.test\n\ntext\n"),
      ElementsAre("a@x.test", "b@x.test", "c@x.test"));
}

TEST(QuotedAddresses, AreThoseOfANestedMessagesWay) {
  EXPECT_THAT(
      quoted_keys(
          "From: me@acme.test\nContent-Type: message/rfc822\n\nFrom: a@x.test\n"
          "Delivered-To: b@x.test\nReceived: from c@not.test by mx for <d@x.test>; now\n"
          "X-Failed-Recipients: e@x.test, f@x.test\nMessage-ID: <g@x.test>\nSubject: h@x.test\n\ntext\n"),
      testing::AllOf(testing::IsSupersetOf({"a@x.test", "b@x.test", "d@x.test", "e@x.test", "f@x.test"}),
                     testing::Not(testing::Contains("g@x.test")),
                     testing::Not(testing::Contains("h@x.test"))));
}

TEST(QuotedAddresses, AreUnknownWhenANestedFieldIsUnsure) {
  EXPECT_THAT(
      quoted_keys("Content-Type: message/rfc822\n\nTo: \"a@x.test\n\ntext\n"),
      ElementsAre(StartsWith("part 1 (text/plain): an address field of a nested message cannot be read")));
}

struct Uninspectable {
  const char* name;
  const char* fields;
};
void PrintTo(const Uninspectable& row, std::ostream* out) {
  *out << row.name;
}

class CannotInspect : public testing::TestWithParam<Uninspectable> {};

TEST_P(CannotInspect, IsAnErrorOfBothSearches) {
  const std::string content = std::string(GetParam().fields) + "\nAAAA\n";
  EXPECT_THAT(quoted_keys(content), ElementsAre(testing::HasSubstr("cannot be inspected")));
  EXPECT_THAT(residue(content), testing::HasSubstr("cannot be inspected"));
}

INSTANTIATE_TEST_SUITE_P(
    Table, CannotInspect,
    testing::Values(
        Uninspectable{"Smime", "Content-Type: application/pkcs7-mime\n"},
        Uninspectable{"Tnef", "Content-Type: application/ms-tnef\n"},
        Uninspectable{"TnefByName", "Content-Type: application/octet-stream; name=WinMail.dat\n"},
        Uninspectable{"AttachedMail",
                      "Content-Type: image/png\nContent-Disposition: attachment; filename=a.eml\n"},
        Uninspectable{"AttachedMailInEncodedWord",
                      "Content-Type: application/x; name=\"=?utf-8?q?a=2Emsg?=\"\n"},
        Uninspectable{"AttachedMailWithDots", "Content-Type: application/x; name=\"a.emlx. \"\n"},
        Uninspectable{"AttachedMailAsText", "Content-Type: text/plain; name=a.mht\n"},
        Uninspectable{"AttachedMailByAnOverruledName",
                      "Content-Disposition: attachment; filename=a.eml; filename*=utf-8''a.pdf\n"},
        Uninspectable{"AttachedMailByType", "Content-Type: application/rfc822\n"},
        Uninspectable{"Partial", "Content-Type: message/partial; id=x\n"},
        Uninspectable{"External", "Content-Type: message/external-body; access-type=URL\n"},
        Uninspectable{"Charset", "Content-Type: text/plain; charset=x-none\n"},
        Uninspectable{"Base64", "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n*"},
        Uninspectable{"InlinePgp", "\n-----BEGIN PGP MESSAGE-----\n"}),
    [](const auto& row) { return row.param.name; });

TEST(Inspection, LeavesPicturesAndDocumentsAlone) {
  EXPECT_EQ(residue("Content-Type: image/png; name=a.png\nContent-Transfer-Encoding: base64\n\nAAAA\n"),
            "nothing");
}

TEST(Residue, IsFoundInDecodedHeaderFields) {
  EXPECT_EQ(residue("Subject: =?utf-8?b?Ym9i?=\n =?utf-8?b?QGFjbWUudGVzdA==?=\n\nx\n"),
            "header field Subject");
  EXPECT_EQ(residue("X-Note: bob%40acme.test\n\nx\n"), "header field X-Note");
  EXPECT_EQ(residue("To: \"b\\ob\"@acme.test\n\nx\n"), "header field To");
}

TEST(Residue, NeverQuotesAFieldNameThatIsAnAddress) {
  EXPECT_EQ(residue("bob@acme.test: bob@acme.test\n\nx\n"), "header field unnamed");
}

TEST(Residue, IsFoundInPartFieldsAndFileNames) {
  EXPECT_EQ(residue("Content-Type: image/png\nContent-Description: bob@acme.test\n\nx\n"),
            "header field Content-Description");
  EXPECT_EQ(
      residue(
          "Content-Type: image/png; name*0*=utf-8''Salary_bo; name*1=\"b@acme\"; name*2=.test.png\n\nx\n"),
      "a parameter of its content type");
}

TEST(Residue, IsFoundInTextAttachmentsOfAnyType) {
  EXPECT_EQ(
      residue("Content-Type: application/octet-stream; name=a.csv\nContent-Transfer-Encoding: base64\n\n"
              "Ym9iQGFjbWUudGVzdA==\n"),
      "part 0 (other)");
}

TEST(Residue, IsFoundInUtf16WithoutACharset) {
  EXPECT_EQ(residue("Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n"
                    "//5iAG8AYgBAAGEAYwBtAGUALgB0AGUAcwB0AA==\n"),
            "part 0 (text/plain)");
}

TEST(Residue, IsFoundInFoldedCalendarLines) {
  EXPECT_EQ(residue("Content-Type: text/calendar\n\nDESCRIPTION:Team\\nbo\n b@ac\n me.test\n"),
            "part 0 (text/calendar)");
}

TEST(Residue, IsFoundInNestedMessages) {
  EXPECT_EQ(residue("Content-Type: message/rfc822\n\nReceived: by x for <bob@acme.test>; now\n\nx\n"),
            "part 1 (text/plain), header field Received");
}

TEST(Residue, IsFoundAroundTheParts) {
  EXPECT_EQ(residue("Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\nbob@acme.test\n"),
            "text around the parts");
}

TEST(Residue, IsFoundInTextOfAnyType) {
  for (const char* type : {"image/svg+xml", "application/javascript", "application/octet-stream",
                           "x-text/plain", "application/octet-stream; name=a.md"}) {
    EXPECT_EQ(residue("Content-Type: " + std::string(type) +
                      "\nContent-Transfer-Encoding: base64\n\nYm9iQGFjbWUudGVzdA==\n"),
              "part 0 (other)")
        << type;
  }
}

TEST(Residue, IsNotLookedForInBinaryData) {
  EXPECT_EQ(residue("Content-Transfer-Encoding: base64\nContent-Type: application/octet-stream\n\n"
                    "AAFib2JAYWNtZS50ZXN0\n"),
            "nothing");
}

TEST(Residue, IsFoundInFlowedText) {
  EXPECT_EQ(residue("Content-Type: text/plain; format=flowed; delsp=yes\n\nAsk bo \nb@acme. \ntest\n"),
            "part 0 (text/plain)");
  EXPECT_EQ(residue("Subject: x\n\nAsk bob@acme. \ntest\n"), "part 0 (text/plain)");
}

TEST(Residue, IsFoundInUtf16WithoutAByteOrderMark) {
  const char* fields = "Content-Type: text/html; charset=utf-16\nContent-Transfer-Encoding: base64\n\n";
  // "bob&#64;acme.test", big and little endian
  for (const char* text : {"AGIAbwBiACYAIwA2ADQAOwBhAGMAbQBlAC4AdABlAHMAdA==",
                           "YgBvAGIAJgAjADYANAA7AGEAYwBtAGUALgB0AGUAcwB0AA=="}) {
    EXPECT_EQ(residue(std::string(fields) + text + "\n"), "part 0 (text/html)");
  }
}

TEST(Residue, IsUnknownBehindBrokenEncodedWordsOfAPart) {
  EXPECT_THAT(residue("Content-Description: =?utf-8?b?=?utf-8?b?Ym9i?=\n\nx\n"),
              testing::HasSubstr("cannot be inspected"));
}

TEST(Residue, IsWhatIsForbiddenButForIdentifiers) {
  const auto search = [](std::string_view content) {
    const std::string bytes = crlf(content);
    return *find_residue(*parse_structure(bytes), {},
                         [](const AddrSpec& address) { return address.key() == "bob@acme.test"; });
  };
  EXPECT_EQ(search("Subject: bob@acme.test\n\nx\n"), "header field Subject");
  EXPECT_EQ(search("Subject: x\n\nOn Friday, Bob <bob@acme.test> wrote:\n"), "part 0 (text/plain)");
  EXPECT_EQ(search("Message-ID: <bob@acme.test>\nIn-Reply-To: <bob@acme.test>\n\nx\n"), std::nullopt);
}

TEST(Residue, IsUnknownInTooMuchText) {
  const std::string line = "Nobody in particular, 100% or less, says one line of a very long letter.\n";
  std::string text;
  while (text.size() < limits::kTextInspected) text += line;
  EXPECT_THAT(residue(mail(text)), testing::HasSubstr("too much text"));
  EXPECT_THAT(quoted_keys(mail(text)), ElementsAre(testing::HasSubstr("too much text")));
}

TEST(Residue, IsNothingForOthers) {
  EXPECT_EQ(residue("From: jim.bob@acme.test\nTo: bob@customer.test\n\njim.bob@acme.test\n"), "nothing");
}

}  // namespace
}  // namespace privet::mime
