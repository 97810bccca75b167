#include "mime/header.h"

#include <gtest/gtest.h>

#include <string>

#include "mime/limits.h"

namespace privet::mime {
namespace {

using namespace std::string_literals;

std::string concatenated(const Header& header) {
  std::string bytes;
  for (const Field& field : header.fields()) bytes += field.raw;
  return bytes;
}

TEST(Header, KeepsEveryByteOfTheSection) {
  const std::string section =
      "Received: from a\r\n\tby b;\r\n  today\r\nTO : Bob <b@x.example>\r\nSubject:\r\nX-8bit: "
      "M\xFCller\xC3\xBC\r\n"
      "X-Odd!#$%&'*+-/=?^_`{|}~: a:b\r\n \t\r\nDate:x\r\n";
  const std::string content = section + "\r\nBody\r\n\r\nmore\n";
  const auto header = Header::parse(content);
  ASSERT_TRUE(header.has_value()) << header.error().to_string();
  EXPECT_EQ(concatenated(*header), section);
  EXPECT_EQ(header->body(), "Body\r\n\r\nmore\n");
  ASSERT_EQ(header->fields().size(), 6U);
  EXPECT_EQ(header->fields()[0].name, "Received");
  EXPECT_EQ(header->fields()[0].value, " from a\r\n\tby b;\r\n  today");
  EXPECT_EQ(header->fields()[1].name, "TO");
  EXPECT_EQ(header->fields()[1].value, " Bob <b@x.example>");
  EXPECT_EQ(header->fields()[2].value, "");
  EXPECT_EQ(header->fields()[3].value, " M\xFCller\xC3\xBC");
  EXPECT_EQ(header->fields()[5].value, "x");
}

TEST(Header, FindsFieldsWhateverTheirCase) {
  const auto header = Header::parse("To: a\r\ncc: b\r\nTO: c\r\n\r\n");
  ASSERT_TRUE(header.has_value());
  ASSERT_NE(header->find("to"), nullptr);
  EXPECT_EQ(header->find("to")->value, " a");
  EXPECT_EQ(header->count("tO"), 2U);
  EXPECT_EQ(header->count("Cc"), 1U);
  EXPECT_EQ(header->find("Bcc"), nullptr);
  EXPECT_EQ(header->count("Bcc"), 0U);
}

TEST(Header, MayBeAllThereIs) {
  const auto header = Header::parse("Subject: x\r\n");
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->fields().size(), 1U);
  EXPECT_EQ(header->body(), "");
}

TEST(Header, MayHaveNoFields) {
  EXPECT_TRUE(Header::parse("").value().fields().empty());
  const auto header = Header::parse("\r\nSubject: of the body\r\n");
  ASSERT_TRUE(header.has_value());
  EXPECT_TRUE(header->fields().empty());
  EXPECT_EQ(header->body(), "Subject: of the body\r\n");
}

TEST(Header, RefusesWhatTwoReadersReadDifferently) {
  struct Row {
    const char* name;
    std::string content;
    int line;
  };
  const Row rows[] = {
      {"mbox line", "From bob@x.example Mon\r\nTo: a\r\n\r\n", 1},
      {"leading blank", " x\r\nTo: a\r\n\r\n", 1},
      {"blank line of blanks first", " \r\nTo: a\r\n\r\n", 1},
      {"no colon", "To: a\r\nhello\r\n\r\n", 2},
      {"colon only on the next line", "To\r\n : a\r\n\r\n", 1},
      {"no name", ": a\r\n\r\n", 1},
      {"blank in the name", "To Bob: a\r\n\r\n", 1},
      {"8-bit name", "T\xC3\xB6: a\r\n\r\n", 1},
      {"control in the name", "T\x01o: a\r\n\r\n", 1},
      {"bare LF", "To: a\nCc: b\r\n\r\n", 1},
      {"bare LF in folding", "To: a\r\n b\n c\r\n\r\n", 2},
      {"bare LF as empty line", "To: a\r\n\nBody\r\n", 2},
      {"bare CR", "To: a\rb\r\n\r\n", 1},
      {"two CR", "To: a\r\r\n\r\n", 1},
      {"CR at the end", "To: a\r", 1},
      {"NUL", "To: a\0b\r\n\r\n"s, 1},
      {"NUL in folding", "To: a\r\n \0\r\n\r\n"s, 2},
      {"last line without CRLF", "To: a\r\nCc: b", 2},
      {"folded line without CRLF", "To: a\r\n b", 2},
  };
  for (const Row& row : rows) {
    const auto header = Header::parse(row.content);
    ASSERT_FALSE(header.has_value()) << row.name;
    EXPECT_EQ(header.error().line, row.line) << row.name << ": " << header.error().what;
  }
}

TEST(Header, HoldsItsLimits) {
  const auto field = [](std::size_t bytes) { return "X: " + std::string(bytes - 5, 'x') + "\r\n"; };
  EXPECT_TRUE(Header::parse(field(limits::kFieldBytes) + "\r\n").has_value());
  EXPECT_FALSE(Header::parse(field(limits::kFieldBytes + 1) + "\r\n").has_value());

  std::string folded = "X: a\r\n";
  while (folded.size() <= limits::kFieldBytes) folded += " a\r\n";
  EXPECT_FALSE(Header::parse(folded + "\r\n").has_value());

  std::string section;
  while (section.size() < limits::kHeaderBytes) section += field(1024);
  EXPECT_TRUE(Header::parse(section + "\r\n").has_value());
  EXPECT_FALSE(Header::parse(section + "A:\r\n\r\n").has_value());
  EXPECT_FALSE(Header::parse(std::string(limits::kHeaderBytes * 4, 'x')).has_value());

  std::string many;
  for (std::size_t i = 0; i < limits::kHeaderFields; ++i) many += "A:\r\n";
  EXPECT_TRUE(Header::parse(many + "\r\n").has_value());
  EXPECT_FALSE(Header::parse(many + "A:\r\n\r\n").has_value());
}

TEST(Header, ErrorsNeverQuoteTheMail) {
  const auto header = Header::parse("bob@secret.example is no field\r\n\r\n");
  ASSERT_FALSE(header.has_value());
  EXPECT_FALSE(header.error().to_string().contains("bob")) << header.error().to_string();
}

TEST(Header, IsTidiedWithoutChangingWhatItUnfoldsTo) {
  const std::pair<const char*, const char*> rows[] = {
      {"A: b\r\n c\r\n", "A: b\r\n c\r\n"},
      {"A \t: b\r\n", "A: b\r\n"},
      {"A:\r\n b\r\n", "A:\r\n b\r\n"},
      {"A: \r\n", "A: \r\n"},
      {"A: b\r\n \r\n c\r\n", "A: b\r\n  c\r\n"},
      {"A: b\r\n\t\r\n \r\n\tc : d\r\n", "A: b\r\n\t \tc : d\r\n"},
      {"A: b\r\n \r\n", "A: b\r\n"},
  };
  for (const auto& [raw, expected] : rows) {
    EXPECT_EQ(tidied(raw), expected);
    EXPECT_EQ(tidied(tidied(raw)), expected);
  }
}

}  // namespace
}  // namespace privet::mime
