#include "mime/address_scan.h"

#include <gtest/gtest.h>

#include <vector>

#include "mime/inspection.h"
#include "mime/limits.h"

namespace privet::mime {
namespace {

bool names_bob(std::string_view text) {
  const AddressKeys keys{"bob@acme.test", "bob@xn--bcher-kva.test"};
  return AddressMatcher(keys).is_in(text);
}

class NamesBob : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(NamesBob, InAnyDisguise) {
  EXPECT_TRUE(names_bob(GetParam().second)) << GetParam().second;
}

INSTANTIATE_TEST_SUITE_P(
    Table, NamesBob,
    testing::Values(
        std::pair{"Plain", "bob@acme.test"}, std::pair{"InASentence", "Ask bob@acme.test, please."},
        std::pair{"UpperCase", "BOB@ACME.TEST"}, std::pair{"Tag", "bob+crm@acme.test"},
        std::pair{"Angle", "<bob@acme.test>"}, std::pair{"Mailto", "mailto:bob@acme.test?subject=x"},
        std::pair{"QuotedLocal", "\"bob\"@acme.test"}, std::pair{"Apostrophes", "'bob@acme.test'"},
        std::pair{"Emphasis", "*bob@acme.test*"}, std::pair{"Underlined", "_bob@acme.test_"},
        std::pair{"EndOfSentence", "bob@acme.test."}, std::pair{"Parameter", "?to=bob@acme.test&x=y"},
        std::pair{"Path", "/user/bob@acme.test/x"}, std::pair{"GermanQuotes", "„bob@acme.test“"},
        std::pair{"BlanksAround", "bob @ acme.test"}, std::pair{"LineBreak", "bob@\r\n acme.test"},
        std::pair{"Percent", "bob%40acme.test"}, std::pair{"Entity", "bob&#64;acme&#46;test"},
        std::pair{"FullWidth", "bob＠acme.test"}, std::pair{"ZeroWidth", "b\u200bob@ac\u00adme.test"},
        std::pair{"Tags", "b<b>ob</b>@<span>acme</span>.test"}, std::pair{"Backslash", "bob\\@acme.test"},
        std::pair{"JsonLineBreak", "team\\nbob@acme.test"}, std::pair{"ULabel", "bob@bücher.test"},
        std::pair{"ALabel", "bob@XN--bcher-kva.test"}, std::pair{"SecondOfTwo", "x@acme.test bob@acme.test"},
        std::pair{"AfterAtSigns", "@@@bob@acme.test"}, std::pair{"Sentence", "bob@acme.test.Thanks"},
        std::pair{"WordBehind", "bob@acme.test-he"}, std::pair{"WordBefore", "Contact-bob@acme.test"},
        std::pair{"Elision", "d'bob@acme.test"}, std::pair{"Year", "bob@acme.test_2024"},
        std::pair{"LetterBehind", "bob@acme.testé"}, std::pair{"ULabelAndYear", "bob@bücher.test-2024"},
        std::pair{"FileName", "Salary_2024-bob@acme.test.tar.gz"}, std::pair{"Longer", "jim.bob@acme.test"},
        std::pair{"LongerDomain", "bob@acme.test.example"}, std::pair{"Prvs", "prvs=1=bob@acme.test"},
        std::pair{"UnknownEntity", "bob&nonsense;@acme.test"},
        std::pair{"BlockTag", "bob@acme.test<section>x"}, std::pair{"CssEscape", "bob\\40 acme.test"},
        std::pair{"ChineseAround", "请问bob@acme.test谢谢"}),
    [](const auto& row) { return row.param.first; });

class NamesNobody : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(NamesNobody, WhoIsSomebodyElse) {
  EXPECT_FALSE(names_bob(GetParam().second)) << GetParam().second;
}

INSTANTIATE_TEST_SUITE_P(Table, NamesNobody,
                         testing::Values(std::pair{"Empty", ""}, std::pair{"NoAt", "bob acme.test"},
                                         std::pair{"LongerWord", "jimbob@acme.test"},
                                         std::pair{"OtherDomain", "bob@acme.tester"},
                                         std::pair{"Subdomain", "bob@sales.acme.test"},
                                         std::pair{"LookAlike", "bob@аcme.test"},
                                         std::pair{"OnlyAts", "@@@@"}, std::pair{"Prefix", "bobby@acme.test"},
                                         std::pair{"AtTheEnd", "bob@"}),
                         [](const auto& row) { return row.param.first; });

TEST(AddressMatcher, SaysWhenItStopsComparing) {
  const AddressKeys keys{"bob@acme.test"};
  AddressMatcher matcher(keys);
  std::string text;
  for (std::size_t i = 0; i <= limits::kAddressesInspected; ++i) text += "x@acme.test ";
  EXPECT_FALSE(matcher.is_in(text));
  EXPECT_TRUE(matcher.exhausted());
}

TEST(AddressMatcher, CountsForeignAddressesToo) {
  const AddressKeys keys{"bob@acme.test"};
  AddressMatcher matcher(keys);
  std::string text;
  for (std::size_t i = 0; i <= limits::kAddressesInspected; ++i) text += "x@other.test ";
  EXPECT_FALSE(matcher.is_in(text));
  EXPECT_TRUE(matcher.exhausted());
}

TEST(AddressMatcher, LeavesAVisibleAddressAlone) {
  const AddressKeys keys{"bob@acme.test"};
  AddressMatcher matcher(keys, {}, [](const AddrSpec& address) {
    return address.local == "jim.bob" || address.domain == "acme.test.example";
  });
  EXPECT_FALSE(matcher.is_in("Jim <jim.bob@acme.test>, Bob <bob@acme.test.example>"));
  EXPECT_TRUE(matcher.is_in("jim.bob@acme.test, bob@acme.test"));
}

TEST(AddressMatcher, FindsWhatIsForbidden) {
  const AddressKeys keys;
  AddressMatcher matcher(keys, [](const AddrSpec& address) { return address.domain == "praxis.test"; });
  EXPECT_FALSE(matcher.is_in("x@acme.test, x@acme.test"));
  EXPECT_TRUE(matcher.is_in("x@acme.test, <p>dr&#64;praxis.test"));
}

TEST(AddressMatcher, IsLinearInHostileText) {
  const AddressKeys keys{"bob@acme.test"};
  for (const char* unit : {"@", "a", "a@", "\"", "@.", "<", "&#", "%4", "\\"}) {
    std::string text;
    while (text.size() < 1'000'000) text += unit;
    EXPECT_FALSE(AddressMatcher(keys).is_in(text)) << unit;
  }
}

TEST(AddressesInText, FindsEachAddressAsWritten) {
  const std::vector<AddrSpec> found = addresses_in_text("Bob Bob@Acme.test, \"a b\"@[192.0.2.1]");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].local, "Bob");
  EXPECT_EQ(found[0].domain, "Acme.test");
  EXPECT_EQ(found[1].local, "a b");
  EXPECT_EQ(found[1].domain, "[192.0.2.1]");
}

TEST(AddressesInText, FindsEscapedAddresses) {
  const std::vector<AddrSpec> found = addresses_in_text("bob%40acme.test");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].key(), "bob@acme.test");
}

}  // namespace
}  // namespace privet::mime
