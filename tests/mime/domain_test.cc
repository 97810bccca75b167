#include "mime/domain.h"

#include <gtest/gtest.h>

#include <string>

namespace privet::mime {
namespace {

TEST(CanonicalDomain, IsLowerCaseAndWithoutTrailingDot) {
  EXPECT_EQ(canonical_domain("Acme.Example"), "acme.example");
  EXPECT_EQ(canonical_domain("acme.example."), "acme.example");
  EXPECT_EQ(canonical_domain("localhost"), "localhost");
  EXPECT_EQ(canonical_domain("mail_1.acme.example"), "mail_1.acme.example");
}

TEST(CanonicalDomain, MakesOneNameOfUnicodeAndAscii) {
  const auto ascii = canonical_domain("xn--bcher-kva.example");
  EXPECT_EQ(ascii, "xn--bcher-kva.example");
  EXPECT_EQ(canonical_domain("bücher.example"), ascii);
  EXPECT_EQ(canonical_domain("BÜCHER.Example"), ascii);
  EXPECT_EQ(canonical_domain("XN--BCHER-KVA.example"), ascii);
  EXPECT_EQ(canonical_domain("bu\u0308cher.example"), ascii) << "decomposed";
  EXPECT_EQ(canonical_domain("bücher。example"), ascii) << "ideographic full stop";
  EXPECT_EQ(canonical_domain("ａｃｍｅ.example"), "acme.example") << "full-width letters";
  EXPECT_EQ(canonical_domain("ac\u200Bme.example"), "acme.example") << "zero-width space";
}

TEST(CanonicalDomain, KeepsSharpSAndLookAlikesApart) {
  EXPECT_EQ(canonical_domain("straße.example"), "xn--strae-oqa.example");
  EXPECT_NE(canonical_domain("\u0430cme.example"), canonical_domain("acme.example")) << "Cyrillic a";
  EXPECT_TRUE(canonical_domain("\u0430cme.example").has_value());
}

TEST(CanonicalDomain, KeepsAddressLiterals) {
  EXPECT_EQ(canonical_domain("[192.0.2.1]"), "[192.0.2.1]");
  EXPECT_EQ(canonical_domain("[IPv6:2001:DB8::1]"), "[ipv6:2001:db8::1]");
}

TEST(CanonicalDomain, RefusesWhatIsNoDomain) {
  const std::string bad[] = {
      "",
      ".",
      "a..b",
      ".a",
      "a..",
      "a b",
      "a\tb",
      std::string("a\0b", 3),
      "-a.b",
      "a-.b",
      "a@b",
      "a,b",
      "a'",
      "<a>",
      "bü..example",
      "\xFC.example",
      "xn--a",
      "[",
      "[]",
      "[a",
      "[a]b",
      "[a b]",
      "ü。。example",
      "\u203A.example",
      std::string(64, 'a'),
      std::string(63, 'a') + "." + std::string(63, 'b') + "." + std::string(63, 'c') + "." +
          std::string(62, 'd'),
      std::string(100'000, '.'),
      std::string(100'000, 'a'),
      "ü" + std::string(100'000, 'a'),
  };
  for (const std::string& domain : bad)
    EXPECT_EQ(canonical_domain(domain), std::nullopt) << domain.substr(0, 80);
}

TEST(IsSubdomain, NeedsAWholeLabelBelow) {
  EXPECT_TRUE(is_subdomain("sales.acme.example", "acme.example"));
  EXPECT_TRUE(is_subdomain("a.b.acme.example", "acme.example"));
  EXPECT_FALSE(is_subdomain("acme.example", "acme.example"));
  EXPECT_FALSE(is_subdomain("notacme.example", "acme.example"));
  EXPECT_FALSE(is_subdomain("example", "acme.example"));
  EXPECT_FALSE(is_subdomain(".acme.example", "acme.example"));
  EXPECT_FALSE(is_subdomain("acme.example", ""));
}

}  // namespace
}  // namespace privet::mime
