#include <gtest/gtest.h>

#include <string>

#include "mime/address.h"

namespace privet::mime {
namespace {

using namespace std::string_literals;

TEST(AddrSpec, KeyIsTheSameForSpellingsOfOnePerson) {
  struct Row {
    AddrSpec spec;
    const char* key;
  };
  const Row rows[] = {
      {{"Bob", "ACME.com"}, "bob@acme.com"},
      {{"bob", "acme.com."}, "bob@acme.com"},
      {{"bob+crm", "acme.com"}, "bob@acme.com"},
      {{"bob+a+b", "acme.com"}, "bob@acme.com"},
      {{"+491234", "sms.example"}, "+491234@sms.example"},
      {{"b.o.b", "acme.com"}, "b.o.b@acme.com"},
      {{"B.o.b+x", "gmail.com"}, "bob@gmail.com"},
      {{"b.ob", "GoogleMail.com"}, "bob@googlemail.com"},
      {{"bob", "bücher.example"}, "bob@xn--bcher-kva.example"},
      {{"bob", "[IPv6:2001:DB8::1]"}, "bob@[ipv6:2001:db8::1]"},
      {{"bob", "Not A Domain"}, "bob@not a domain"},
  };
  for (const Row& row : rows) EXPECT_EQ(row.spec.key(), row.key);
}

TEST(AddrSpec, PrintsQuotesOnlyWhereNeeded) {
  EXPECT_EQ((AddrSpec{"bob.o'neil+x", "acme.com"}).to_string(), "bob.o'neil+x@acme.com");
  EXPECT_EQ((AddrSpec{"jürgen", "acme.com"}).to_string(), "jürgen@acme.com");
  EXPECT_EQ((AddrSpec{"a b", "acme.com"}).to_string(), "\"a b\"@acme.com");
  EXPECT_EQ((AddrSpec{"a..b", "acme.com"}).to_string(), "\"a..b\"@acme.com");
  EXPECT_EQ((AddrSpec{"a\"\\", "acme.com"}).to_string(), "\"a\\\"\\\\\"@acme.com");
}

TEST(ParseAddrSpec, ReadsOneAddress) {
  struct Row {
    const char* text;
    const char* local;
    const char* domain;
  };
  const Row rows[] = {
      {"bob@acme.com", "bob", "acme.com"},
      {"Bob.O'Neil+x@ACME.com", "Bob.O'Neil+x", "ACME.com"},
      {"bob@acme.com.", "bob", "acme.com."},
      {"bob@localhost", "bob", "localhost"},
      {"a..b@docomo.example", "a..b", "docomo.example"},
      {"bob%acme.com@relay.example", "bob%acme.com", "relay.example"},
      {"*@acme.com", "*", "acme.com"},
      {"jürgen@bücher.example", "jürgen", "bücher.example"},
      {"\"a b\"@acme.com", "a b", "acme.com"},
      {"\"a\\\"b\"@acme.com", "a\"b", "acme.com"},
      {"bob@[192.0.2.1]", "bob", "[192.0.2.1]"},
      {"bob@[IPv6:2001:db8::1]", "bob", "[IPv6:2001:db8::1]"},
  };
  for (const Row& row : rows) {
    const auto spec = parse_addr_spec(row.text);
    ASSERT_TRUE(spec.has_value()) << row.text;
    EXPECT_EQ(spec->local, row.local);
    EXPECT_EQ(spec->domain, row.domain);
    EXPECT_EQ(parse_addr_spec(spec->to_string())->key(), spec->key());
  }
}

TEST(ParseAddrSpec, RefusesAnythingElse) {
  const std::string rows[] = {
      "",
      "bob",
      "@",
      "bob@",
      "@acme.com",
      "bob@@acme.com",
      "bob@acme.com@x.com",
      " bob@acme.com",
      "bob@acme.com ",
      "bob @acme.com",
      "bob@ acme.com",
      "<bob@acme.com>",
      "Bob <bob@acme.com>",
      "bob@acme.com, x@y",
      "bob@acme.com,",
      "bob@acme.com;",
      "(x)bob@acme.com",
      "bob(x)@acme.com",
      "bob@acme..com",
      "bob@acme com",
      "\"\"@acme.com",
      "\"a\".b@acme.com",
      "\"bob@acme.com\"@x.com",
      "\"bob@acme.com",
      "\"bob\"",
      "=?utf-8?q?bob?=@acme.com",
      "=?utf-8?q?bob=40acme.com?=",
      "bob@acme.com\r\n",
      "\"a\r\n b\"@acme.com",
      "\"a\tb\"@acme.com",
      "bob\0@acme.com"s,
      "b\x01ob@acme.com",
      "bob\xFC@acme.com",
      "bob＠acme.com",
      "b\u200Bob@acme.com",
      "bob@ac\u200Bme.com",
      "b\u00A0b@acme.com",
      "bob@[192.0.2.1",
      "bob@acme.com]",
      "bob\\@acme.com",
      "a)b@acme.com",
      "x!bob",
      "@a:bob@acme.com",
      "mailto:bob@acme.com",
      "bob@-acme.com",
  };
  for (const std::string& text : rows) EXPECT_FALSE(parse_addr_spec(text).has_value()) << text;
}

}  // namespace
}  // namespace privet::mime
