#include "mime/inspection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
  EXPECT_TRUE(structure);
  const Result<std::vector<AddrSpec>> found = quoted_addresses(*structure);
  if (!found) return {found.error().what};
  std::set<std::string> keys;
  for (const AddrSpec& spec : *found) keys.insert(spec.key());
  return {keys.begin(), keys.end()};
}

std::string residue(std::string_view content) {
  const std::string bytes = crlf(content);
  const Result<Structure> structure = parse_structure(bytes);
  EXPECT_TRUE(structure);
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
  EXPECT_EQ(residue("Content-Type: image/png; name*=utf-8''Salary_bob%40acme.test.png\n\nx\n"),
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

TEST(Residue, IsNothingForOthers) {
  EXPECT_EQ(residue("From: rob@acme.test\nTo: bob@customer.test\n\njim.bob@acme.test\n"), "nothing");
}

}  // namespace
}  // namespace privet::mime
