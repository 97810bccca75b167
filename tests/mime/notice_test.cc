#include "mime/notice.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "mime/structure.h"

namespace privet::mime {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kCopy =
    "X-Privet-Verdict: private\r\nDate: Fri, 2 Jan 2026 09:00:00 +0100\r\nMessage-ID: <m1@acme.test>\r\n"
    "From: Anna <anna@acme.test>\r\nTo: bob@customer.test\r\nSubject: Offer\r\n\r\n";

NoticeFacts facts() {
  return {.from = "privet@acme.test",
          .to = "anna@acme.test",
          .date = "Mon, 5 Jan 2026 09:00:00 +0000",
          .message_id = "<n1.4711@mx.acme.test>",
          .reporting_mta = "mx.acme.test",
          .copy_id = "01JH2",
          .recipient = "acme@pipedrivemail.com",
          .reply = "550 5.1.1 <acme@pipedrivemail.com> unknown",
          .copy_header = kCopy};
}

std::string notice(const NoticeFacts& given) {
  const Result<std::string> made = make_notice(given);
  EXPECT_TRUE(made) << made.error().what;
  return made.value_or("");
}

/// The parts behind the multipart itself, decoded.
std::vector<std::string> parts(const std::string& content) {
  const Result<Structure> structure = parse_structure(content);
  EXPECT_TRUE(structure) << structure.error().what;
  std::vector<std::string> bodies;
  for (const Part& part : structure ? structure->parts : std::vector<Part>{}) {
    if (part.depth != 1) continue;
    bodies.push_back(decode_body(part).value_or("?"));
  }
  EXPECT_EQ(bodies.size(), 3u) << content;
  bodies.resize(3);
  return bodies;
}

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << path;
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string expected(const char* name) {
  return read_file(fs::path(PRIVET_SOURCE_DIR) / "tests/messages/notices" / name);
}

TEST(Notice, OfARefusedCopyIsExactlyWhatTheFileSays) {
  EXPECT_EQ(notice(facts()), expected("refused.expected"));
}

TEST(Notice, OfAnExpiredCopyFromTheSenderIsExactlyWhatTheFileSays) {
  NoticeFacts given = facts();
  given.from = given.to;
  given.reason = NoticeReason::Expired;
  given.reply = "the connection was lost";
  EXPECT_EQ(notice(given), expected("expired.expected"));
}

TEST(Notice, OfInternationalAddressesIsExactlyWhatTheFileSays) {
  NoticeFacts given = facts();
  given.to =
      "zo\xC3\xAB@stra\xC3\x9F"
      "e.test";
  given.recipient = "acme+\xF0\x9F\x98\x80@pipedrivemail.com";
  given.copy_header =
      "Message-ID: <m1@acme.test>\r\nSubject: Gr\xFC\xDF"
      "e\r\nFrom: =?utf-8?q?Zo=C3=AB?= <zoe@acme.test>\r\n\r\n";
  EXPECT_EQ(notice(given), expected("international.expected"));
}

TEST(Notice, QuotesTheHeaderOfTheCopyOnly) {
  NoticeFacts given = facts();
  const std::string content = std::string(kCopy) + "The body.\r\n";
  given.copy_header = content;
  const std::string made = notice(given);
  EXPECT_EQ(made, notice(facts()));
  EXPECT_EQ(parts(made)[2], kCopy.substr(0, kCopy.size() - 2));
}

TEST(Notice, BelongsToTheThreadOfTheOriginal) {
  const std::string content = notice(facts());
  const Result<Header> header = Header::parse(content);
  ASSERT_TRUE(header);
  ASSERT_NE(header->find("In-Reply-To"), nullptr);
  EXPECT_EQ(header->find("In-Reply-To")->value, " <m1@acme.test>");
  EXPECT_EQ(header->find("References")->value, " <m1@acme.test>");
  EXPECT_EQ(header->find("Auto-Submitted")->value, " auto-replied");
}

TEST(Notice, BelongsToNoThreadWhereTheMessageIdIsStrange) {
  for (const std::string id :
       {"m1@acme.test", "<m1@acme.test> <m2@acme.test>", "<m1\x80@acme.test>", "<>", ""}) {
    NoticeFacts given = facts();
    const std::string header = "Message-ID: " + id + "\r\nSubject: x\r\n\r\n";
    given.copy_header = header;
    const std::string content = notice(given);
    EXPECT_EQ(content.find("In-Reply-To"), std::string::npos) << id;
  }
}

TEST(Notice, SaysItsStatus) {
  struct {
    const char* name;
    NoticeReason reason;
    const char* reply;
    const char* expected;
  } const kRows[] = {
      {"Refused", NoticeReason::Refused, "550 5.1.1 unknown",
       "Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 unknown\r\n"},
      {"WithoutStatus", NoticeReason::Refused, "550 no",
       "Status: 5.0.0\r\nDiagnostic-Code: smtp; 550 no\r\n"},
      {"WithoutText", NoticeReason::Refused, "550", "Status: 5.0.0\r\nDiagnostic-Code: x-privet; 550\r\n"},
      {"WrongStatus", NoticeReason::Refused, "550 5..1 no", "Status: 5.0.0\r\n"},
      {"TooLongStatus", NoticeReason::Refused, "550 5.1111.1111 no", "Status: 5.0.0\r\n"},
      {"StatusOfAnotherClass", NoticeReason::Refused, "550 4.2.2 full", "Status: 5.0.0\r\n"},
      {"Expired", NoticeReason::Expired, "451 4.3.0 later",
       "Status: 4.4.7\r\nDiagnostic-Code: smtp; 451 4.3.0 later\r\n"},
      {"OfOurOwn", NoticeReason::Expired, "timed out",
       "Status: 4.4.7\r\nDiagnostic-Code: x-privet; timed out\r\n"},
      {"NoAnswer", NoticeReason::Expired, "", "Status: 4.4.7\r\n"},
  };
  for (const auto& row : kRows) {
    NoticeFacts given = facts();
    given.reason = row.reason;
    given.reply = row.reply;
    const std::string status = parts(notice(given))[1];
    EXPECT_NE(status.find(row.expected), std::string::npos) << row.name << "\n" << status;
    EXPECT_EQ(status.find("Diagnostic-Code") == std::string::npos, *row.reply == '\0') << row.name;
  }
}

TEST(Notice, LetsNoValueBreakOut) {
  NoticeFacts given = facts();
  const std::string evil =
      std::string("x\r\nBcc: eve@evil.test\r\n\r\n--=_privet_n14711mxacmetest\r\n", 55) + '\0';
  const std::string header = "Subject: =?utf-8?q?a=0D=0ABcc:_eve=00?=\r\nDate: =?utf-8?q?a=0Db?=\r\n\r\n";
  given.date = given.reporting_mta = given.copy_id = given.reply = evil;
  given.copy_header = header;
  const std::string content = notice(given);
  EXPECT_EQ(content.find('\0'), std::string::npos);
  EXPECT_EQ(content.find("\r\nBcc"), std::string::npos);
  const Result<Header> outer = Header::parse(content);
  ASSERT_TRUE(outer);
  EXPECT_EQ(outer->find("Bcc"), nullptr);
  const std::vector<std::string> bodies = parts(content);
  EXPECT_EQ(bodies[0].find("\r\nBcc"), std::string::npos) << bodies[0];
  EXPECT_EQ(bodies[2], header.substr(0, header.size() - 2));
}

TEST(Notice, IsSevenBitAndItsLinesAreShort) {
  NoticeFacts given = facts();
  const std::string header = "Subject: " + std::string(3000, 'x') + "\r\nTo: \xE4\xF6\r\n\r\n";
  given.copy_header = header;
  given.reply = "550 " + std::string(5000, '\xE4');
  const std::string content = notice(given);
  EXPECT_TRUE(std::ranges::all_of(content, [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
  for (std::size_t begin = 0; begin < content.size();) {
    const std::size_t end = content.find("\r\n", begin);
    ASSERT_NE(end, std::string::npos);
    EXPECT_LE(end - begin, 998u);
    EXPECT_EQ(content.substr(begin, end - begin).find_first_of("\r\n"), std::string::npos);
    begin = end + 2;
  }
  EXPECT_EQ(parts(content)[2], header.substr(0, header.size() - 2));
}

TEST(Notice, SaysAnAddressTooLongForItsFieldInWordsOnly) {
  struct {
    const char* name;
    std::string local;
    std::string expected;
  } const kRows[] = {
      {"Fits", std::string(900, 'x'), "rfc822; " + std::string(900, 'x') + "@crm.test\r\n"},
      {"Long", std::string(1200, 'x'), "x-privet; " + std::string(512, 'x') + "\r\n"},
      {"GrowsTooLong", "\xC3\xAB" + std::string(250, '='),
       "x-privet; ??" + std::string(250, '=') + "@crm.test\r\n"},
  };
  for (const auto& row : kRows) {
    NoticeFacts given = facts();
    given.recipient = row.local + "@crm.test";
    const std::vector<std::string> bodies = parts(notice(given));
    EXPECT_NE(bodies[0].find("CRM:      " + given.recipient + "\r\n"), std::string::npos) << row.name;
    EXPECT_NE(bodies[1].find("Final-Recipient: " + row.expected), std::string::npos) << row.name << bodies[1];
  }
}

TEST(Notice, IsNotSentFromOrToAnAddressThatFillsALine) {
  for (std::string NoticeFacts::* const member : {&NoticeFacts::from, &NoticeFacts::to}) {
    NoticeFacts given = facts();
    given.*member = std::string(1000, 'x') + "@acme.test";
    EXPECT_FALSE(make_notice(given));
  }
}

TEST(Notice, IsNotMadeOfWhatIsNoAddress) {
  for (std::string NoticeFacts::* const member :
       {&NoticeFacts::from, &NoticeFacts::to, &NoticeFacts::recipient}) {
    for (const char* address : {"", "anna", "anna@acme.test\r\nBcc: eve@evil.test", "a@b.test, c@d.test"}) {
      NoticeFacts given = facts();
      given.*member = address;
      EXPECT_FALSE(make_notice(given)) << address;
    }
  }
  for (const char* id : {"", "n1@mx.test", "<n1@mx.test>\r\nBcc: eve@evil.test", "<n1 @mx.test>"}) {
    NoticeFacts given = facts();
    given.message_id = id;
    EXPECT_FALSE(make_notice(given)) << id;
  }
  NoticeFacts given = facts();
  given.copy_header = "no header\r\n\r\n";
  EXPECT_FALSE(make_notice(given));
}

TEST(MayNotify, NeverAnswersAMachine) {
  struct {
    const char* name;
    const char* header;
    const char* reverse_path;
    bool expected;
  } const kRows[] = {
      {"Ordinary", "Subject: x\r\n\r\n", "anna@acme.test", true},
      {"NullPath", "Subject: x\r\n\r\n", "", false},
      {"NullPathInBrackets", "Subject: x\r\n\r\n", "<>", false},
      {"AutoSubmittedNo", "Auto-Submitted: No (a person)\r\n\r\n", "anna@acme.test", true},
      {"AutoSubmittedNoWithParameter", "Auto-Submitted: no; x=y\r\n\r\n", "anna@acme.test", true},
      {"AutoReplied", "Auto-Submitted: auto-replied\r\n\r\n", "anna@acme.test", false},
      {"AutoGenerated", "auto-submitted:auto-generated; type=x\r\n\r\n", "anna@acme.test", false},
      {"AutoSubmittedEmpty", "Auto-Submitted:\r\n\r\n", "anna@acme.test", false},
      {"OneOfTwo", "Auto-Submitted: no\r\nAuto-Submitted: auto-replied\r\n\r\n", "anna@acme.test", false},
      {"Bulk", "Precedence: Bulk\r\n\r\n", "anna@acme.test", false},
      {"List", "Precedence:\r\n list\r\n\r\n", "anna@acme.test", false},
      {"Junk", "Precedence: junk\r\n\r\n", "anna@acme.test", false},
      {"FirstClass", "Precedence: first-class\r\n\r\n", "anna@acme.test", true},
      {"MailingList", "List-Id: <x.acme.test>\r\n\r\n", "anna@acme.test", false},
  };
  for (const auto& row : kRows) {
    const Result<Header> header = Header::parse(row.header);
    ASSERT_TRUE(header) << row.name;
    EXPECT_EQ(may_notify(*header, row.reverse_path), row.expected) << row.name;
  }
}

}  // namespace
}  // namespace privet::mime
