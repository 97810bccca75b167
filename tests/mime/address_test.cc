#include "mime/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "mime/limits.h"

namespace privet::mime {
namespace {

using namespace std::string_literals;
using testing::ElementsAreArray;

std::vector<std::string> keys(const AddressList& list) {
  std::vector<std::string> result;
  for (const Address& address : list.addresses) result.push_back(address.spec.key());
  return result;
}

std::vector<std::string> spans(const AddressList& list, std::string_view value) {
  std::vector<std::string> result;
  for (const Address& address : list.addresses) result.emplace_back(address.span.of(value));
  return result;
}

struct Row {
  std::string value;
  std::vector<std::string> keys;
};

TEST(AddressList, ReadsOrdinaryMailWithoutDoubt) {
  const Row rows[] = {
      {"bob@acme.com", {"bob@acme.com"}},
      {" bob@acme.com", {"bob@acme.com"}},
      {"<bob@acme.com>", {"bob@acme.com"}},
      {"Bob <bob@acme.com>", {"bob@acme.com"}},
      {"Bob<bob@acme.com>", {"bob@acme.com"}},
      {"\"Bob\" <bob@acme.com>", {"bob@acme.com"}},
      {"Bob Miller <Bob.Miller@ACME.com>, Ann <ann@x.org>", {"bob.miller@acme.com", "ann@x.org"}},
      {"\"Doe, John\" <j@x.org>, \"Roe, Jane (Sales)\" <r@x.org>", {"j@x.org", "r@x.org"}},
      {"'bob@acme.com' <bob@acme.com>", {"bob@acme.com"}},
      {"\"'bob@acme.com'\" <bob@acme.com>", {"bob@acme.com"}},
      {"\"bob@acme.com\" <bob@acme.com>", {"bob@acme.com"}},
      {"bob@acme.com <bob@acme.com>", {"bob@acme.com"}},
      {"Bob@ACME.com <bob@acme.com>", {"bob@acme.com"}},
      {"Bob bob@acme.com <bob@acme.com>", {"bob@acme.com"}},
      {"\"'Bob' via Sales\" <sales@x.org>", {"sales@x.org"}},
      {"\"Bob Miller [External]\" <bob@acme.com>", {"bob@acme.com"}},
      {"Bob Miller [External] <bob@acme.com>", {"bob@acme.com"}},
      {"Bob Q. Miller Jr. <bob@acme.com>", {"bob@acme.com"}},
      {"Bob O'Neil <bob.o'neil@acme.com>", {"bob.o'neil@acme.com"}},
      {"Bob & Ann / Acme+Co <bob@acme.com>", {"bob@acme.com"}},
      {"\"Bob \\\"The Man\\\" Miller\" <bob@acme.com>", {"bob@acme.com"}},
      {"Bob \"The Man\" Miller <bob@acme.com>", {"bob@acme.com"}},
      {"Bob (Sales) <bob@acme.com>", {"bob@acme.com"}},
      {"Bob <bob@acme.com> (Sales)", {"bob@acme.com"}},
      {"bob@acme.com (Bob Miller)", {"bob@acme.com"}},
      {"bob@acme.com(Bob)", {"bob@acme.com"}},
      {"undisclosed-recipients:;", {}},
      {"undisclosed-recipients: ;", {}},
      {"Undisclosed recipients:;", {}},
      {"undisclosed-recipients:", {}},
      {"", {}},
      {"  ", {}},
      {"a@x.org,b@y.org,c@z.org", {"a@x.org", "b@y.org", "c@z.org"}},
      {"a@x.org,\r\n\tb@y.org,\r\n  C <c@z.org>", {"a@x.org", "b@y.org", "c@z.org"}},
      {"a@x.org, b@y.org,", {"a@x.org", "b@y.org"}},
      {",a@x.org,, ,b@y.org", {"a@x.org", "b@y.org"}},
      {"a@x.org; b@y.org; C <c@z.org>", {"a@x.org", "b@y.org", "c@z.org"}},
      {"A <a@x.org>; B <b@y.org>;", {"a@x.org", "b@y.org"}},
      {"=?UTF-8?Q?J=C3=BCrgen_M=C3=BCller?= <j@x.org>", {"j@x.org"}},
      {"=?utf-8?B?SsO8cmdlbg==?=\r\n =?utf-8?B?IE3DvGxsZXI=?= <j@x.org>", {"j@x.org"}},
      {"\"=?iso-8859-1?Q?M=FCller,_J=FCrgen?=\" <j@x.org>", {"j@x.org"}},
      {"=?utf-8?Q?M=C3=BCller,_J?= <j@x.org>, b@y.org", {"j@x.org", "b@y.org"}},
      {"=?windows-1252?Q?J_=28Sales=29?= <j@x.org>", {"j@x.org"}},
      {"Jürgen Müller <j@x.org>", {"j@x.org"}},
      {"jürgen@bücher.example", {"jürgen@xn--bcher-kva.example"}},
      {"Bob <bob+crm@acme.com>", {"bob@acme.com"}},
      {"bounce+1234=x.org@mail.acme.com", {"bounce@mail.acme.com"}},
      {"Team: a@x.org, B <b@y.org>;", {"a@x.org", "b@y.org"}},
      {"\"Team\": a@x.org;, c@z.org", {"a@x.org", "c@z.org"}},
      {"root@localhost", {"root@localhost"}},
      {"bob@[192.0.2.1]", {"bob@[192.0.2.1]"}},
      {"\"john doe\"@x.org", {"john doe@x.org"}},
      {"very.long.name.of.somebody@department.of.a.company.example.com",
       {"very.long.name.of.somebody@department.of.a.company.example.com"}},
      {"\"\" <bob@acme.com>", {"bob@acme.com"}},
      {"a..b.@docomo.example", {"a..b.@docomo.example"}},
  };
  for (const Row& row : rows) {
    const AddressList list = parse_address_list(row.value);
    EXPECT_THAT(keys(list), ElementsAreArray(row.keys)) << row.value;
    EXPECT_FALSE(list.unsure) << row.value << ": " << list.why;
  }
}

// Forms that a widely used library misreads, each with its right answer.
TEST(AddressList, ReadsOddButClearForms) {
  const Row rows[] = {
      {"A <a@x.com> (foo)", {"a@x.com"}},
      {"A <a@x.com> ,b@y.com", {"a@x.com", "b@y.com"}},
      {"A <a@x.com>\t", {"a@x.com"}},
      {"Team: a@x.com, b@y.com", {"a@x.com", "b@y.com"}},
      {"\"a\\\"b\"@x.com, c@d.com", {"a\"b@x.com", "c@d.com"}},
      {"a@x.com (5\" disk), b@y.com", {"a@x.com", "b@y.com"}},
      {"a@x.com (Doe, John), b@y.com", {"a@x.com", "b@y.com"}},
      {"a@x.com (tel: 5), b@y.com", {"a@x.com", "b@y.com"}},
      {"a@[IPv6:2001:db8::1], b@y.com", {"a@[ipv6:2001:db8::1]", "b@y.com"}},
      {"<@a.com,@b.com:user@c.com>, z@y.com", {"user@c.com", "z@y.com"}},
      {"<@a.com:user@c.com>", {"user@c.com"}},
      {"Bob < @a.com , ,@b.com : user@c.com >", {"user@c.com"}},
      {"a@x.com (<b@y.com>)", {"a@x.com"}},
      {"A <a@x.com(b@y.com)>", {"a@x.com"}},
      {"Re: foo <a@x.com>, b@y.com", {"a@x.com", "b@y.com"}},
      {"A\r\n <a@x.com\r\n >", {"a@x.com"}},
      {",,", {}},
      {"mailto:a@x.com", {"a@x.com"}},
      {"a @ x.com", {"a@x.com"}},
      {"(c1) a (c2) @ (c3) x.com (c4 (c5 \\) ))", {"a@x.com"}},
      {"a@[IPv6:::ffff:192.0.2.1]", {"a@[ipv6:::ffff:192.0.2.1]"}},
      {"\"a,b;c:d<e>f\"@x.com", {"a,b;c:d<e>f@x.com"}},
      {"a@x.com.", {"a@x.com"}},
      {"(nobody)", {}},
      {"a: a@x.com; b@y.com; c: c@z.com;", {"a@x.com", "b@y.com", "c@z.com"}},
      {"empty:;, Team:a@x.com;", {"a@x.com"}},
      {"Team: (nobody yet);", {}},
  };
  for (const Row& row : rows) {
    const AddressList list = parse_address_list(row.value);
    EXPECT_THAT(keys(list), ElementsAreArray(row.keys)) << row.value;
    EXPECT_FALSE(list.unsure) << row.value << ": " << list.why;
  }
}

TEST(AddressList, IsUnsureAndStillFindsWhatItCan) {
  const Row rows[] = {
      {"postmaster", {}},
      {"bob%acme.com@relay.com", {"bob%acme.com@relay.com"}},
      {"acme.com!bob@relay.com", {"acme.com!bob@relay.com"}},
      {"Bob <bob@[acme.com]>", {"bob@[acme.com]"}},
      {"bob@[cafe.dad]", {"bob@[cafe.dad]"}},
      {"x.com!a", {}},
      {"Undisclosed recipients", {}},
      {"MAILER-DAEMON <>", {}},
      {"<>", {}},
      {"Doe, John <j@x.com>", {"j@x.com"}},
      {"\"John <a@x.com>, b@y.com", {"a@x.com", "b@y.com"}},
      {"a@x.com, b@y.com (Bob", {"a@x.com", "b@y.com"}},
      {"a@x.com, b@y.com Bob)", {"a@x.com", "b@y.com"}},
      {"a@[192.0.2.1, b@y.com", {"a@[", "b@y.com"}},
      {"A <<a@x.com>>", {"a@x.com"}},
      {"A <a@x.com", {"a@x.com"}},
      {"A a@x.com>", {"a@x.com"}},
      {"A <a@x.com> B", {"a@x.com"}},
      {"<a@x.com> <b@y.com>", {"a@x.com", "b@y.com"}},
      {"<a@x.com, b@y.com>", {"a@x.com", "b@y.com"}},
      {"<a@x.com; b@y.com>", {"a@x.com", "b@y.com"}},
      {"a@x.com b@y.com", {"a@x.com", "b@y.com"}},
      {"Bob a@x.com", {"a@x.com"}},
      {"a@x.com Bob", {"a@x.com"}},
      {"a@b@x.com", {"a@b"}},
      {"a@x.com\xEF\xBC\x8C b@y.com", {"a@x.com\xEF\xBC\x8C", "b@y.com"}},
      {"@x.com", {}},
      {"a@", {}},
      {"a@x..com", {"a@x..com"}},
      {"'a@x.com'", {"'a@x.com'"}},
      {"a . b@x.com", {"a.b@x.com"}},
      {"a.\r\n b@x.com", {"a.b@x.com"}},
      {"a@x. com", {"a@x.com"}},
      {"a@x(c).com", {"a@x.com"}},
      {"\"a\".b@x.com", {"a.b@x.com"}},
      {"\"bob@acme.com\"@x.com", {"bob@acme.com@x.com"}},
      {"bob@acme.com <list@x.com>", {"list@x.com"}},
      {"bob @ acme.com <list@x.com>", {"list@x.com"}},
      {"bob\xEF\xBC\xA0"
       "acme.com <list@x.com>",
       {"list@x.com"}},
      {"bob\xEF\xBC\xA0"
       "acme.com",
       {}},
      {"=?utf-8?q?bob=40acme.com?=", {"bob@acme.com"}},
      {"<=?utf-8?q?bob=40acme.com?=>", {"bob@acme.com"}},
      {"Bob <=?utf-8?b?Ym9iQGFjbWUuY29t?=>, a@x.com", {"bob@acme.com", "a@x.com"}},
      {"=?utf-8?q?bob?=@acme.com", {"bob@acme.com"}},
      {"bob@=?utf-8?q?acme.com?=", {"bob@acme.com"}},
      {"=?utf-8?q?bob@acme.com?=", {"=?utf-8?q?bob@acme.com?="}},
      {"=?utf-8?q?Bob?= bob@acme.com", {"bob@acme.com"}},
      {"=?utf-8?q?a, bob=40acme.com?= <x@y.com>", {"x@y.com"}},
      {"=?x-unknown?q?Bob?= <x@y.com>", {"x@y.com"}},
      {"=?utf-8?q?Bob <x@y.com>", {"x@y.com"}},
      {"M\xFCller <x@y.com>", {"x@y.com"}},
      {"\"M\xFCller\" <x@y.com>", {"x@y.com"}},
      {"Bob\0 <x@y.com>"s, {"x@y.com"}},
      {"\"Bob\x01\" <x@y.com>", {"x@y.com"}},
      {"a@x.com\r\n", {"a@x.com"}},
      {"a@x.com,\n b@y.com", {"a@x.com", "b@y.com"}},
      {"b\u200Bob@acme.com", {"b\u200Bob@acme.com"}},
      {"Bob \\\" <x@y.com>", {"x@y.com"}},
      {"<mailto:bob@acme.com>", {"bob@acme.com"}},
      {"Bob [mailto:bob@acme.com]", {"bob@acme.com]"}},
      {"<@a.com,bob@acme.com:user@c.com>", {"bob@acme.com", "user@c.com"}},
      {"<@a.com", {}},
      {"<@a.com, b@x.com, c@y.com", {"b@x.com", "c@y.com"}},
      {"A: B: a@x.com;;", {"a@x.com"}},
      {": a@x.com;", {"a@x.com"}},
      {"(c): a@x.com;", {"a@x.com"}},
      {"bob@acme.com: a@x.com;", {"bob@acme.com", "a@x.com"}},
      {"\"bob@acme.com\": a@x.com;", {"a@x.com"}},
      {"=?utf-8?q?bob=40acme.com?=: a@x.com;", {"bob@acme.com", "a@x.com"}},
      {"Foo <bar>: a@x.com", {"a@x.com"}},
      {"(bob@acme.com)", {}},
      {"a@x.com, (=?utf-8?q?bob=40acme.com?=), b@y.com", {"a@x.com", "b@y.com"}},
      {"x > y <a@x.com>", {"a@x.com"}},
      {"(=?utf-8*bob@acme.com?q?y?=), b@x.com", {"b@x.com"}},
      {"\"=?utf-8*bob@acme.com?q?y?=\": b@x.com;", {"b@x.com"}},
      {"\"=?utf-8*\" <b@x.com>, \"?q?bob=40acme.com?=\" <d@x.com>", {"b@x.com", "d@x.com"}},
  };
  for (const Row& row : rows) {
    const AddressList list = parse_address_list(row.value);
    EXPECT_TRUE(list.unsure) << row.value;
    EXPECT_THAT(keys(list), ElementsAreArray(row.keys)) << row.value;
    EXPECT_FALSE(list.why.empty()) << row.value;
  }
}

TEST(AddressList, SpansHoldPhraseAndCommentsButNoSeparator) {
  const std::string value =
      " \"Doe, John\"\r\n <j@x.org> (Sales) ,a@x.org; (c) Team (t) : \tB <b@y.org> , (d) c@z.org (e);, "
      "<l@l.org>\t";
  const AddressList list = parse_address_list(value);
  EXPECT_FALSE(list.unsure) << list.why;
  EXPECT_THAT(spans(list, value), ElementsAreArray({"\"Doe, John\"\r\n <j@x.org> (Sales)", "a@x.org",
                                                    "B <b@y.org>", "(d) c@z.org (e)", "<l@l.org>"}));
  ASSERT_EQ(list.groups.size(), 1U);
  EXPECT_EQ(list.groups[0].name.of(value), "(c) Team (t)");
}

TEST(AddressList, KnowsWhoIsInWhichGroup) {
  const AddressList list =
      parse_address_list("a@x.org, One: b@x.org, c@x.org; Two: d@x.org; e@x.org, Three: f@x.org");
  EXPECT_FALSE(list.unsure) << list.why;
  ASSERT_EQ(list.addresses.size(), 6U);
  const std::size_t expected[] = {Address::npos, 0, 0, 1, Address::npos, 2};
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(list.addresses[i].group, expected[i]) << i;
}

TEST(AddressList, DisplayHoldsEveryWordAReaderMayShow) {
  struct DisplayRow {
    const char* value;
    const char* display;
  };
  const DisplayRow rows[] = {
      {"a@x.org", ""},
      {"Bob Miller <a@x.org>", "Bob Miller"},
      {"\"bob\\@acme.com\" <a@x.org>", "bob@acme.com"},
      {"\"bob\"\"@acme.com\" <a@x.org>", "bob@acme.com"},
      {"\"bob\"(x)\"@acme.com\" <a@x.org>", "bob@acme.com x"},
      {"=?utf-8?q?bob=40acme.com?= <a@x.org>", "bob@acme.com"},
      {"\"=?utf-8?q?bob=40acme.com?=\" <a@x.org>", "bob@acme.com"},
      {"=?utf-8?q?J=C3=BC?=\r\n =?utf-8?q?rgen?= <a@x.org>", "Jürgen"},
      {"a@x.org (bob@acme.com)", "bob@acme.com"},
      {"\"bob@acme.com=?utf-8?q?x?=\" <a@x.org>", "bob@acme.comx bob@acme.com=?utf-8?q?x?="},
      {"A (1) <a (2) @ (3) x.org (4)> (5 (6))", "A 1 2 3 4 5 (6)"},
      {"(=?utf-8?q?bob=40acme.com?=) a@x.org", "bob@acme.com"},
      {"<@a(bob),@b:a@x.org>", "bob"},
      {"\"A\r\n B\" <a@x.org>", "A B"},
  };
  for (const DisplayRow& row : rows) {
    const AddressList list = parse_address_list(row.value);
    ASSERT_EQ(list.addresses.size(), 1U) << row.value;
    EXPECT_FALSE(list.unsure) << row.value << ": " << list.why;
    EXPECT_EQ(list.addresses[0].display, row.display) << row.value;
  }
}

TEST(AddressList, StopsAtTheLimit) {
  std::string value;
  for (std::size_t i = 0; i < limits::kAddressesPerMessage; ++i) value += "a@x.org,";
  EXPECT_FALSE(parse_address_list(value).unsure);
  const AddressList list = parse_address_list(value + "b@x.org");
  EXPECT_TRUE(list.unsure);
  EXPECT_EQ(list.addresses.size(), limits::kAddressesPerMessage);
}

TEST(AddressList, DoubtsCommentsBeyondTheDepthLimit) {
  const auto nested = [](std::size_t depth) {
    return "a@x.org " + std::string(depth, '(') + std::string(depth, ')');
  };
  EXPECT_FALSE(parse_address_list(nested(limits::kCommentDepth)).unsure);
  EXPECT_TRUE(parse_address_list(nested(limits::kCommentDepth + 1)).unsure);
}

TEST(AddressList, ReasonNeverQuotesTheValue) {
  EXPECT_FALSE(parse_address_list("secret <secret@x.org> secret").why.contains("secret"));
}

// A quadratic reader needs seconds for these; the bound is wide so that a busy machine does not fail.
// Work that grew with the square of the value would take hours here: ctest's time limit is the judge.
TEST(AddressList, ReadsLongHostileValuesToTheirEnd) {
  for (const char* unit : {"(",
                           ")",
                           "\"",
                           "\\",
                           "\\\"",
                           "<",
                           ">",
                           ",",
                           ";",
                           ":",
                           "@",
                           "[",
                           "]",
                           "a@b",
                           "a@b ",
                           "a@b,",
                           "\"\\\"",
                           "(\\(",
                           "=?",
                           "=?a?q?",
                           "=?a?q?x",
                           "=?a?x?x",
                           "=?a?q?"
                           "?= ",
                           "=?x?q?a?=",
                           "(a)@",
                           "a (b) ",
                           "<@a,",
                           "<@a:",
                           "a:",
                           "<a@b",
                           "\"a@b\"",
                           " ",
                           ".",
                           "a. ",
                           "\xC3\xBC",
                           "\xFF",
                           "a@\xC3\xBC."}) {
    std::string value;
    while (value.size() < 200'000) value += unit;
    parse_address_list(value);
    parse_address_list("\"" + value + " <a@x.org>");
    const AddressList list = parse_address_list("(" + value + " <a@x.org>?=");
    EXPECT_TRUE(list.unsure) << unit;
  }
}

}  // namespace
}  // namespace privet::mime
