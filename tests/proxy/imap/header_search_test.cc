#include "proxy/imap/header_search.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace privet::imap {
namespace {

using Kind = SearchKey::Kind;

constexpr std::string_view kHeader =
    "From: =?utf-8?q?M=C3=BCller?= <m@acme.test>\r\n"
    "To: Bob Smith <bob@customer.test>,\r\n \"Berg, Carla\" <carla@customer.test>\r\n"
    "Cc: friends: dora@customer.test;\r\n"
    "Subject:  Offer   for\r\n\tyou =?iso-8859-1?q?=DCber?=\r\n =?utf-8?q?morgen?=\r\n"
    "X-Empty:\r\nX-Folded: one\r\n\ttwo  three\r\n\r\nTo: body@acme.test\r\n";

bool found(Kind kind, std::string_view text, std::string_view field = {}) {
  SearchKey key;
  key.kind = kind;
  key.text = text;
  key.field = field;
  EXPECT_TRUE(HeaderPredicate::takes(key));
  return HeaderPredicate(key).matches(kHeader);
}

TEST(HeaderSearch, FindsAddressesAsTheyAreShown) {
  EXPECT_TRUE(found(Kind::To, "BOB@customer"));
  EXPECT_TRUE(found(Kind::To, "\"bob smith\" <bob@"));
  EXPECT_TRUE(found(Kind::To, "berg, carla"));
  EXPECT_TRUE(found(Kind::From, "müller"));
  EXPECT_TRUE(found(Kind::From, "MÜLLER <m@acme.test>"));
  EXPECT_TRUE(found(Kind::Cc, "friends: <dora"));
  EXPECT_FALSE(found(Kind::To, "dora"));
  EXPECT_FALSE(found(Kind::To, "body@acme.test"));
  EXPECT_FALSE(found(Kind::Bcc, "bob"));
}

TEST(HeaderSearch, FindsSubjectsWithSingleBlanks) {
  EXPECT_TRUE(found(Kind::Subject, "offer for you übermorgen"));
  EXPECT_FALSE(found(Kind::Subject, "offer   for"));
}

TEST(HeaderSearch, FindsFieldsAsTheyAre) {
  EXPECT_TRUE(found(Kind::Header, "one two  three", "x-folded"));
  EXPECT_FALSE(found(Kind::Header, "one two three", "X-Folded"));
  EXPECT_TRUE(found(Kind::Header, "Offer   for", "Subject"));
}

TEST(HeaderSearch, AsksWhetherAFieldIsThere) {
  EXPECT_TRUE(found(Kind::Header, "", "X-Empty"));
  EXPECT_FALSE(found(Kind::Header, "", "X-Missing"));
  EXPECT_TRUE(found(Kind::Cc, ""));
  EXPECT_FALSE(found(Kind::Bcc, ""));
}

TEST(HeaderSearch, FindsTextAnywhereInTheHeader) {
  EXPECT_TRUE(found(Kind::Text, "x-FOLDED: one"));
  EXPECT_TRUE(found(Kind::Text, "übermorgen"));
  EXPECT_TRUE(found(Kind::Text, ""));
  EXPECT_FALSE(found(Kind::Text, "body@acme.test"));
}

TEST(HeaderSearch, TakesNoOtherKeys) {
  for (const Kind kind : {Kind::All, Kind::Body, Kind::Larger, Kind::SentOn, Kind::Not}) {
    SearchKey key;
    key.kind = kind;
    EXPECT_FALSE(HeaderPredicate::takes(key));
  }
}

TEST(HeaderSearch, IsLinear) {
  const std::string header = "To: " + std::string(200'000, 'a') + "@b.test\r\n\r\n";
  SearchKey key;
  key.kind = Kind::To;
  key.text = std::string(20'000, 'a') + "b";
  EXPECT_FALSE(HeaderPredicate(key).matches(header));
}

}  // namespace
}  // namespace privet::imap
