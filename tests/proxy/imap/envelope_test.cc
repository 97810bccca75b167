#include "proxy/imap/envelope.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace privet::imap {
namespace {

std::string with_subject(std::string_view subject) {
  return "(NIL " + std::string(subject) + " NIL NIL NIL NIL NIL NIL NIL NIL)";
}

TEST(Envelope, AnswersAllFields) {
  EXPECT_EQ(
      envelope_of("Date: Mon, 5 Oct 2026 10:00:00 +0200\r\nSubject: Offer\r\nFrom: Anna <a@acme.test>\r\n"
                  "Sender: s@acme.test\r\nReply-To: r@acme.test\r\nTo: b@c.test\r\nCc: d@e.test\r\n"
                  "Bcc: f@g.test\r\nIn-Reply-To: <1@c.test>\r\nMessage-ID: <2@acme.test>\r\n\r\n"),
      "(\"Mon, 5 Oct 2026 10:00:00 +0200\" \"Offer\" ((\"Anna\" NIL \"a\" \"acme.test\")) "
      "((NIL NIL \"s\" \"acme.test\")) ((NIL NIL \"r\" \"acme.test\")) ((NIL NIL \"b\" \"c.test\")) "
      "((NIL NIL \"d\" \"e.test\")) ((NIL NIL \"f\" \"g.test\")) \"<1@c.test>\" \"<2@acme.test>\")");
}

TEST(Envelope, IsNilForWhatIsMissing) {
  EXPECT_EQ(envelope_of("\r\n"), with_subject("NIL"));
  EXPECT_EQ(envelope_of(""), with_subject("NIL"));
  EXPECT_EQ(envelope_of("To: \r\n\r\n"), with_subject("NIL"));
}

TEST(Envelope, TakesFromForSenderAndReplyTo) {
  EXPECT_EQ(envelope_of("From: a@b.test\r\n\r\n"),
            "(NIL NIL ((NIL NIL \"a\" \"b.test\")) ((NIL NIL \"a\" \"b.test\")) ((NIL NIL \"a\" \"b.test\")) "
            "NIL NIL NIL NIL NIL)");
}

TEST(Envelope, JoinsRepeatedAddressFieldsAndTakesTheLastOfOthers) {
  EXPECT_EQ(
      envelope_of("To: a@b.test\r\nSubject: one\r\nTO: c@d.test\r\nsubject: two\r\n\r\n"),
      "(NIL \"two\" NIL NIL NIL ((NIL NIL \"a\" \"b.test\")(NIL NIL \"c\" \"d.test\")) NIL NIL NIL NIL)");
}

TEST(Envelope, WritesSubjectsForPeople) {
  struct Row {
    std::string_view name, field, expected;
  };
  const Row rows[] = {
      {"Empty", "", "\"\""},
      {"Blanks", "  \t ", "\"\""},
      {"OuterAndDoubledBlanks", "  Hello  there ", "{11}\r\nHello there"},
      {"Folded", "Hello\r\n there", "{11}\r\nHello there"},
      {"Quote", "say \"hi\"", "{8}\r\nsay \"hi\""},
      {"Backslash", "a\\b", "{3}\r\na\\b"},
      {"EncodedWordStays", "=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "\"=?utf-8?q?Gr=C3=BC=C3=9Fe?=\""},
      {"EightBit", "Gr\xC3\xBC\xC3\x9F", "{6}\r\nGr\xC3\xBC\xC3\x9F"},
      {"LooksLikeNil", "NIL", "\"NIL\""},
      {"LooksLikeALiteral", "{5}", "\"{5}\""},
      {"BareCarriageReturn", "a\rb", "{3}\r\na b"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(envelope_of("Subject: " + std::string(row.field) + "\r\n\r\n"), with_subject(row.expected));
  }
}

TEST(Envelope, EscapesUpToFourAndThenTakesALiteral) {
  const auto message_id = [](std::string_view text) {
    return envelope_of("Message-ID: " + std::string(text) + "\r\n\r\n")
        .substr(std::string("(NIL NIL NIL NIL NIL NIL NIL NIL NIL ").size());
  };
  EXPECT_EQ(message_id("\"\"\\\\"), "\"\\\"\\\"\\\\\\\\\")");
  EXPECT_EQ(message_id("\"\"\\\\\""), "{5}\r\n\"\"\\\\\")");
  EXPECT_EQ(message_id("<a\r\n\tb>"), "\"<a\tb>\")");
}

TEST(Envelope, SaysNothingOfOtherFields) {
  EXPECT_EQ(
      envelope_of("Delivered-To: secret@acme.test\r\nX-To: secret@acme.test\r\n\r\nTo: secret@acme.test\r\n"),
      with_subject("NIL"));
}

}  // namespace
}  // namespace privet::imap
