#include "proxy/smtp/extension.h"

#include <gtest/gtest.h>

#include "proxy/limits.h"

namespace privet::smtp {
namespace {

std::uint8_t mechanisms(std::initializer_list<Mechanism> list) {
  std::uint8_t set = 0;
  for (const Mechanism mechanism : list) set |= static_cast<std::uint8_t>(mechanism);
  return set;
}

// As captured from Office 365 after login of its proxy, the vendor's own keywords included.
const Reply kOffice{
    250, "",
    "AM0PR01CA0150.outlook.office365.com Hello [192.0.2.1]\nSIZE 157286400\nPIPELINING\nDSN\n"
    "ENHANCEDSTATUSCODES\nSTARTTLS\nAUTH LOGIN XOAUTH2\n8BITMIME\nBINARYMIME\nCHUNKING\nSMTPUTF8"};

TEST(Extension, ReadsWhatAnUpstreamAnnounces) {
  EXPECT_EQ(parse_ehlo_reply(kOffice),
            (Extensions{.pipelining = true,
                        .eight_bit_mime = true,
                        .smtp_utf8 = true,
                        .enhanced_status_codes = true,
                        .dsn = true,
                        .start_tls = true,
                        .size = true,
                        .size_limit = 157286400,
                        .chunking = true,
                        .mechanisms = mechanisms({Mechanism::Login, Mechanism::XOauth2})}));
}

TEST(Extension, DoesNotTakeTheNameOfTheUpstreamForAKeyword) {
  EXPECT_EQ(parse_ehlo_reply({250, "", "PIPELINING"}), Extensions{});
}

TEST(Extension, ReadsLowerCaseAndTheAuthOfOldServers) {
  const Extensions read =
      parse_ehlo_reply({250, "", "old.example\nsize\nAuth=login PLAIN cram-md5\nauth oauthbearer"});
  EXPECT_EQ(read, (Extensions{.size = true,
                              .mechanisms =
                                  mechanisms({Mechanism::Login, Mechanism::Plain, Mechanism::OauthBearer})}));
}

TEST(Extension, ReadsASizeThatIsNoNumberAsNoFixedLimit) {
  EXPECT_EQ(parse_ehlo_reply({250, "", "x\nSIZE 99999999999999999999999"}).size_limit, 0u);
  EXPECT_EQ(parse_ehlo_reply({250, "", "x\nSIZE -1"}).size_limit, 0u);
}

TEST(Extension, AnnouncesOursAndMirrorsTheRest) {
  const Extensions announced = announce(Extensions{}, {.own_size_limit = 1000 + limits::kSizeHeadroom});
  EXPECT_EQ(
      announced,
      (Extensions{.pipelining = true, .enhanced_status_codes = true, .size = true, .size_limit = 1000}));
}

TEST(Extension, NeverTakesStartTlsFromTheUpstream) {
  EXPECT_FALSE(announce(parse_ehlo_reply(kOffice), {}).start_tls);
}

TEST(Extension, AnnouncesUtf8OnlyWithEightBit) {
  EXPECT_FALSE(announce({.smtp_utf8 = true}, {}).smtp_utf8);
  EXPECT_TRUE(announce({.eight_bit_mime = true, .smtp_utf8 = true}, {}).smtp_utf8);
}

TEST(Extension, AnnouncesBothPasswordMechanismsWhereTheUpstreamHasOne) {
  const std::uint8_t both = mechanisms({Mechanism::Plain, Mechanism::Login});
  EXPECT_EQ(announce({.mechanisms = mechanisms({Mechanism::Plain})}, {}).mechanisms, both);
  EXPECT_EQ(announce({.mechanisms = mechanisms({Mechanism::Login})}, {}).mechanisms, both);
  EXPECT_EQ(announce({.mechanisms = mechanisms({Mechanism::XOauth2})}, {}).mechanisms,
            mechanisms({Mechanism::XOauth2}));
}

TEST(Extension, AnnouncesTheSmallerSizeLessItsHeadroom) {
  struct {
    std::string_view name;
    std::uint64_t own, upstream, announced;
  } const kRows[] = {
      {"OwnIsSmaller", 5000, 9000, 5000 - limits::kSizeHeadroom},
      {"UpstreamIsSmaller", 9000, 5000, 5000 - limits::kSizeHeadroom},
      {"UpstreamHasNone", 9000, 0, 9000 - limits::kSizeHeadroom},
      {"NobodyHasOne", 0, 0, 0},
      {"SmallerThanTheHeadroom", 9000, 10, 1},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(announce({.size = true, .size_limit = row.upstream}, {.own_size_limit = row.own}).size_limit,
              row.announced)
        << row.name;
  }
}

TEST(Extension, IntersectionIsWhatBothHave) {
  const Extensions a{.eight_bit_mime = true,
                     .dsn = true,
                     .size = true,
                     .size_limit = 0,
                     .mechanisms = mechanisms({Mechanism::Plain, Mechanism::XOauth2})};
  const Extensions b{
      .eight_bit_mime = true, .size = true, .size_limit = 7, .mechanisms = mechanisms({Mechanism::Plain})};
  const Extensions both{
      .eight_bit_mime = true, .size = true, .size_limit = 7, .mechanisms = mechanisms({Mechanism::Plain})};
  EXPECT_EQ(intersect(a, b), both);
  EXPECT_EQ(intersect(b, a), both);
  EXPECT_EQ(intersect(a, a), a);
}

TEST(Extension, WritesALineForEach) {
  EXPECT_EQ(
      to_wire(ehlo_reply("mx.example", {.pipelining = true,
                                        .eight_bit_mime = true,
                                        .smtp_utf8 = true,
                                        .enhanced_status_codes = true,
                                        .dsn = true,
                                        .start_tls = true,
                                        .size = true,
                                        .size_limit = 1000,
                                        .mechanisms = 15})),
      "250-mx.example\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250-STARTTLS\r\n"
      "250-AUTH PLAIN LOGIN XOAUTH2 OAUTHBEARER\r\n250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250-DSN\r\n"
      "250 SMTPUTF8\r\n");
}

TEST(Extension, IsReadAsItWasWritten) {
  for (unsigned bits = 0; bits < 1u << 11; ++bits) {
    const Extensions x{.pipelining = (bits & 1) != 0,
                       .eight_bit_mime = (bits & 2) != 0,
                       .smtp_utf8 = (bits & 4) != 0,
                       .enhanced_status_codes = (bits & 8) != 0,
                       .dsn = (bits & 16) != 0,
                       .start_tls = (bits & 32) != 0,
                       .size = (bits & 64) != 0,
                       .size_limit = (bits & 64) != 0 ? bits : 0,
                       .mechanisms = static_cast<std::uint8_t>(bits >> 7)};
    ASSERT_EQ(parse_ehlo_reply(ehlo_reply("mx.example", x)), x);
  }
}

}  // namespace
}  // namespace privet::smtp
