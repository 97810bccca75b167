#include "proxy/spool/record.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "proxy/limits.h"

namespace privet::spool {
namespace {

constexpr std::string_view kContent = "Subject: offer\r\n\r\nDear Jane,\r\n";

Record record() {
  return {.id = "0f3kq9w2m7xz1abc",
          .kind = Kind::Copy,
          .tenant = "acme",
          .user = "anna@acme.example",
          .reverse_path = "anna@acme.example",
          .recipient = "Acme+\"q\"@crm.exämple",
          .mail_parameters = "BODY=8BITMIME SMTPUTF8",
          .rcpt_parameters = "NOTIFY=FAILURE",
          .verdict = "private",
          .rule = "default",
          .key = "abcd",
          .notify = true,
          .created = 1'800'000'000,
          .expires = 1'800'432'000};
}

std::string file(const Record& of = record(), std::string_view content = kContent) {
  return write_head(of, content.size(), sha256_hex(content)) + std::string(content);
}

TEST(Record, IsReadAsItWasWritten) {
  const std::vector<Event> events = {{.what = Event::What::Tried, .time = 1, .text = "451 4.7.1 later"},
                                     {.what = Event::What::Maybe, .time = 2, .text = ""},
                                     {.what = Event::What::Held, .time = 3, .text = "by an administrator"},
                                     {.what = Event::What::Released, .time = 4, .text = " "}};
  std::string bytes = file();
  for (const Event& event : events) bytes += write_event(event);
  const auto parsed = parse_record(bytes, true);
  ASSERT_TRUE(parsed.has_value()) << parsed.error().what;
  EXPECT_EQ(parsed->record, record());
  EXPECT_EQ(bytes.substr(parsed->content_offset, parsed->content_size), kContent);
  EXPECT_EQ(parsed->events, events);
}

TEST(Record, ANoticeIsReadAsItWasWritten) {
  const Record notice{.id = "n1", .kind = Kind::Notice};
  const auto parsed = parse_record(file(notice, ""), true);
  ASSERT_TRUE(parsed.has_value()) << parsed.error().what;
  EXPECT_EQ(parsed->record, notice);
  EXPECT_EQ(parsed->content_size, 0u);
}

TEST(Record, TornAtAnyByteItIsNoCopy) {
  const std::string whole = file();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(parse_record(whole.substr(0, size), true).has_value()) << size;
    EXPECT_FALSE(parse_record(whole.substr(0, size), false).has_value()) << size;
  }
}

TEST(Record, WithAnyBitFlippedItIsNoCopy) {
  const std::string whole = file();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = whole;
      flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
      EXPECT_FALSE(parse_record(flipped, true).has_value()) << "byte " << i << " bit " << bit;
    }
  }
}

TEST(Record, AZeroedTailIsNoCopy) {
  // What a file system leaves of a file whose blocks were never written.
  std::string bytes = file();
  for (std::size_t i = bytes.size(); i-- > 0;) {
    bytes[i] = '\0';
    EXPECT_FALSE(parse_record(bytes, true).has_value()) << i;
  }
}

TEST(Record, AnEventTornAtAnyByteIsLeftOut) {
  const std::string whole = file() + write_event({.what = Event::What::Tried, .time = 1, .text = "451"});
  const std::string last = write_event({.what = Event::What::Maybe, .time = 2, .text = "lost"});
  for (std::size_t size = 0; size < last.size(); ++size) {
    const auto parsed = parse_record(whole + last.substr(0, size), true);
    ASSERT_TRUE(parsed.has_value()) << size;
    EXPECT_EQ(parsed->events.size(), 1u) << size;
  }
  EXPECT_EQ(parse_record(whole + last, true)->events.size(), 2u);
}

TEST(Record, AnEventBehindATornOneIsRead) {
  const auto events =
      parse_events("tried 0123\n" + write_event({.what = Event::What::Held, .time = 7, .text = "x"}));
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events.front().time, 7);
}

TEST(Record, AnEventIsOneShortLine) {
  const std::string line =
      write_event({.what = Event::What::Tried, .time = 1, .text = "a\r\nb" + std::string(9000, 'x')});
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_EQ(line.find('\r'), std::string::npos);
  EXPECT_LT(line.size(), limits::kReplyLineKept + 100);
}

/// A head that checks, around JSON that anybody may have written.
std::string foreign(const std::string& json) {
  return "privet-copy 1 " + std::to_string(json.size()) + " " + sha256_hex(json) + " 0 " + sha256_hex("") +
         "\n" + json;
}

TEST(Record, AForeignHeadIsRefused) {
  const std::string good = file(record(), "");
  const std::string json = good.substr(good.find('\n') + 1);
  ASSERT_TRUE(parse_record(foreign(json), true).has_value());
  const auto with = [&json](std::string_view old, std::string_view fresh) {
    std::string changed = json;
    const std::size_t at = changed.find(old);
    EXPECT_NE(at, std::string::npos) << old;
    return changed.replace(at, old.size(), fresh);
  };
  const std::pair<const char*, std::string> kRows[] = {
      {"NotJson", "privet"},
      {"NoObject", "[]"},
      {"AManyTimesNestedOne", std::string(30'000, '[')},
      {"NoRecipient", with("\"recipient\"", "\"recipients\"")},
      {"ANumberForAText", with("\"acme\"", "7")},
      {"ATextForATime", with("1800000000", "\"1800000000\"")},
      {"ATimeBeforeTime", with("1800000000", "-5")},
      {"AFraction", with("1800000000", "1.5")},
      {"ATimeBeyondTime", with("1800000000", "99999999999999999999")},
      {"ATimeThatTurnsNegative", with("1800000000", "18446744073709551615")},
      {"ALineInAPath", with("anna@acme.example", "anna@acme.example\\r\\nRCPT TO:<x>")},
      {"AnIdThatIsAPath", with("0f3kq9w2m7xz1abc", "../../etc/passwd")},
      {"AnUnknownKind", with("\"copy\"", "\"parcel\"")},
      {"ANullForATruth", with("true", "null")},
  };
  for (const auto& [name, changed] : kRows) {
    EXPECT_FALSE(parse_record(foreign(changed), true).has_value()) << name;
  }
}

TEST(Record, AForeignFileIsRefused) {
  const std::string digest = sha256_hex("");
  for (const std::string& bytes :
       {std::string(), std::string("\n"), std::string("From anna@acme.example\n"), std::string(100, '\0'),
        "privet-copy 2 0 " + digest + " 0 " + digest + "\n",
        "privet-copy 1 99999999999999999999 " + digest + " 0 " + digest + "\n",
        "privet-copy 1 0 " + digest + " 18446744073709551615 " + digest + "\n",
        "privet-copy 1 -1 " + digest + " 0 " + digest + "\n", "privet-copy 1 0 " + digest + " 0 x\n"}) {
    EXPECT_FALSE(parse_record(bytes, true).has_value()) << bytes;
  }
}

TEST(Record, NoErrorQuotesTheFile) {
  const auto parsed = parse_record(foreign("{\"id\": \"secret@private.example\"}"), true);
  ASSERT_FALSE(parsed.has_value());
  EXPECT_EQ(parsed.error().what.find("secret"), std::string::npos);
}

TEST(Record, AnIdHasNothingOfAPath) {
  EXPECT_TRUE(is_id("0f3kq9w2m7xz1abc"));
  EXPECT_TRUE(is_id(std::string(40, 'A')));
  for (const std::string_view text : {"", ".", "..", ".a", "a/b", "a.b", "a b", "ä"})
    EXPECT_FALSE(is_id(text)) << text;
  EXPECT_FALSE(is_id(std::string(41, 'A')));
  EXPECT_FALSE(is_id(std::string_view("a\0", 2)));
}

TEST(Record, TheDigestIsSha256) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace privet::spool
