// Whatever pretends to be the end of content, under DATA and under BDAT, streamed or split: no upstream,
// however laxly it reads what Privet sent, sees a second message (field rules, the differential smuggling
// test).
//
// CVE-2023-51764 (Postfix), CVE-2023-51765 (Sendmail), CVE-2023-51766 (Exim) and CVE-2023-52354 (chasquid)
// took LF.LF, LF.CRLF or CRLF.LF for the end; others fell for CR, for NUL, or for CRLF.CR CRLF.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/support/proxied.h"

namespace privet {
namespace {

using namespace std::string_literals;
using testing_support::Client;
using testing_support::Proxied;

struct Sequence {
  const char* name;
  std::string bytes;
  std::string answer;  // to the content
};

std::vector<Sequence> sequences() {
  return {
      {"CVE_2023_51764_LfDotCrLf", "\n.\r\n"s, "550 5.5.2"},
      {"CVE_2023_51765_LfDotLf", "\n.\n"s, "550 5.5.2"},
      {"CVE_2023_51766_CrLfDotLf", "\r\n.\n"s, "550 5.5.2"},
      {"CVE_2023_52354_BareLfBehindText", "text\n.\r\n"s, "550 5.5.2"},
      {"CrNulLfDotCrLf", "\r\0\n.\r\n"s, "550 5.5.2"},
      {"CrLfDotCrCrLf", "\r\n.\r\r\n"s, "550 5.5.2"},
      {"CrLfDotNulCrLf", "\r\n.\0\r\n"s, "550 5.6.0"},
      {"CrDotCr", "\r.\r"s, "550 5.5.2"},
      {"CrDotCrLf", "\r.\r\n"s, "550 5.5.2"},
      {"CrLfDotCr", "\r\n.\r"s, "550 5.5.2"},
      {"CrLfNulDotCrLf", "\r\n\0.\r\n"s, "550 5.6.0"},
      {"CrLfDotCrNulLf", "\r\n.\r\0\n"s, "550 5.5.2"},
      {"LfDotCr", "\n.\r"s, "550 5.5.2"},
      {"CrDotLf", "\r.\n"s, "550 5.5.2"},
      {"LfCrDotLfCr", "\n\r.\n\r"s, "550 5.5.2"},
      {"DotOfOverlongUtf8", "\r\n\xc0\xae\r\n"s, "250"},
      {"TwoDots", "\r\n..\r\n"s, "250"},
  };
}

const std::string kSmuggled =
    "MAIL FROM:<mallory@evil.test>\r\nRCPT TO:<victim@evil.test>\r\nDATA\r\nsmuggled\r\n";

// How an upstream cuts what it reads into lines.
using Lines = std::vector<std::string>;

Lines split(std::string bytes, std::string_view end) {
  Lines lines;
  for (std::size_t at = bytes.find(end); at != std::string::npos; at = bytes.find(end)) {
    lines.push_back(bytes.substr(0, at));
    bytes.erase(0, at + end.size());
  }
  return lines;
}

std::string without(std::string bytes, char c) {
  std::erase(bytes, c);
  return bytes;
}

struct Oracle {
  const char* name;
  Lines (*read)(const std::string& bytes);
};

const Oracle kOracles[] = {
    {"Strict", [](const std::string& bytes) { return split(bytes, "\r\n"); }},
    {"LfEndsALine",
     [](const std::string& bytes) {
       Lines lines = split(bytes, "\n");
       for (std::string& line : lines) {
         if (line.ends_with('\r')) line.pop_back();
       }
       return lines;
     }},
    {"CrEndsALine",
     [](const std::string& bytes) {
       std::string all = bytes;
       for (std::size_t at = all.find("\r\n"); at != std::string::npos; at = all.find("\r\n", at)) {
         all.replace(at, 2, "\n");
       }
       std::ranges::replace(all, '\r', '\n');
       return split(all, "\n");
     }},
    {"CrMeansNothing", [](const std::string& bytes) { return split(without(bytes, '\r'), "\n"); }},
    {"NulMeansNothing",
     [](const std::string& bytes) { return split(without(without(bytes, '\0'), '\r'), "\n"); }},
    {"NulEndsAString",
     [](const std::string& bytes) {
       Lines lines = split(without(bytes, '\r'), "\n");
       for (std::string& line : lines) line = line.c_str();
       return lines;
     }},
};

struct Seen {
  int people = 0, crm = 0, strangers = 0;
};

// The messages that an upstream takes whose lines these are.
Seen messages_of(const Lines& lines) {
  Seen seen;
  bool content = false;
  std::string recipients;
  for (const std::string& line : lines) {
    if (content && line == ".") {
      content = false;
      seen.people += recipients.contains(testing_support::kPerson);
      seen.crm += recipients.contains(testing_support::kCrm);
      seen.strangers += recipients.contains("victim");
    } else if (!content) {
      if (line.starts_with("MAIL")) recipients.clear();
      if (line.starts_with("RCPT")) recipients += line;
      content = line == "DATA";
    }
  }
  return seen;
}

enum class Cut { Whole, ByteByByte, AtRandom };

void send(Client& client, std::string_view bytes, Cut cut, std::mt19937& random) {
  while (!bytes.empty()) {
    const std::size_t some = cut == Cut::Whole ? bytes.size() : cut == Cut::ByteByByte ? 1 : 1 + random() % 9;
    client.send(bytes.substr(0, some));
    bytes.remove_prefix(std::min(some, bytes.size()));
  }
}

// Sequences x {streamed, split} x segmentations for one of DATA and BDAT.
void smuggle(bool chunked) {
  Proxied proxied;
  std::mt19937 random(11);
  std::size_t good = 0;
  std::vector<Sequence> rows = sequences();
  if (chunked) rows.push_back({"CrLfDotCrLf", "\r\n.\r\n", "250"});
  for (const Sequence& row : rows) {
    for (const bool split : {false, true}) {
      for (const Cut cut : {Cut::Whole, Cut::ByteByByte, Cut::AtRandom}) {
        SCOPED_TRACE(row.name);
        Client client = proxied.client();
        client.say("MAIL FROM:<anna@acme.test>\r\n");
        client.say("RCPT TO:<" + std::string(testing_support::kPerson) + ">\r\n");
        if (split) client.say("RCPT TO:<" + std::string(testing_support::kCrm) + ">\r\n");
        const std::string content = "From: anna@acme.test\r\nTo: buyer@bigco.test\r\nMessage-ID: <" +
                                    std::to_string(random()) + "@acme.test>\r\n\r\nfirst" + row.bytes +
                                    kSmuggled;
        if (chunked) {
          send(client, "BDAT " + std::to_string(content.size()) + " LAST\r\n" + content, cut, random);
        } else {
          ASSERT_EQ(client.say("DATA\r\n").substr(0, 3), "354");
          send(client, content + ".\r\n", cut, random);
        }
        ASSERT_EQ(client.reply().substr(0, row.answer.size()), row.answer);
        ASSERT_EQ(client.say("QUIT\r\n"), "221 2.0.0 Bye\n")
            << "nothing of the content was taken for a command";
        ASSERT_TRUE(client.ends());
        good += row.answer == "250";
      }
    }
  }
  proxied.end();
  for (const Oracle& oracle : kOracles) {
    std::size_t people = 0, crm = 0;
    for (const std::string& bytes : proxied.upstream().connections()) {
      const Seen seen = messages_of(oracle.read(bytes));
      EXPECT_EQ(seen.strangers, 0) << oracle.name << ":\n" << bytes;
      EXPECT_LE(seen.people, 1) << oracle.name << ":\n" << bytes;
      EXPECT_LE(seen.crm, seen.people) << oracle.name << ":\n" << bytes;
      people += static_cast<std::size_t>(seen.people);
      crm += static_cast<std::size_t>(seen.crm);
    }
    EXPECT_EQ(people, good) << oracle.name << ": what was refused had no end, what was taken had one";
    EXPECT_EQ(crm, good / 2) << oracle.name;
  }
}

TEST(Smuggling, FindsNoSecondMessageInData) {
  smuggle(false);
}

TEST(Smuggling, FindsNoSecondMessageInChunks) {
  smuggle(true);
}

TEST(Smuggling, IsWhatEachLaxOracleFallsFor) {
  const std::string before = "MAIL FROM:<a@b>\r\nRCPT TO:<buyer@bigco.test>\r\nDATA\r\nfirst";
  for (const Oracle& oracle : kOracles) {
    const bool falls = std::ranges::any_of(sequences(), [&](const Sequence& row) {
      return messages_of(oracle.read(before + row.bytes + kSmuggled + ".\r\n")).strangers > 0;
    });
    EXPECT_EQ(falls, oracle.name != std::string("Strict")) << oracle.name;
  }
}

// The control of the table: behind CR the real end follows, and what comes then is the client's own.
TEST(Smuggling, GoesOnBehindTheRealEndOfRefusedContent) {
  Proxied proxied;
  Client client = proxied.client();
  client.say("MAIL FROM:<anna@acme.test>\r\n");
  client.say("RCPT TO:<acme@pipedrivemail.com>\r\n");
  ASSERT_EQ(client.say("DATA\r\n").substr(0, 3), "354");
  EXPECT_EQ(client.say("first\r\r\n.\r\nNOOP\r\n").substr(0, 9), "550 5.5.2");
  EXPECT_EQ(client.reply(), "250 2.0.0 Ok\n");
  client.close();
  proxied.end();
  EXPECT_TRUE(proxied.upstream().messages().empty());
}

}  // namespace
}  // namespace privet
