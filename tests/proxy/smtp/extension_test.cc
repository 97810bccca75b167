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

TEST(Extension, OffersChunkingOfOursWhateverTheUpstreamHas) {
  EXPECT_FALSE(announce(parse_ehlo_reply(kOffice), {}).chunking);
  EXPECT_TRUE(announce({}, {.chunking = true}).chunking);
  const std::string reply = to_wire(ehlo_reply("x", announce(parse_ehlo_reply(kOffice), {.chunking = true})));
  EXPECT_FALSE(reply.contains("BINARYMIME"));
}

TEST(Extension, PromisesRequireTlsOnlyWithAVerifiedUpstream) {
  EXPECT_FALSE(announce({.require_tls = true}, {}).require_tls);
  EXPECT_FALSE(announce({}, {.upstream_tls_verified = true}).require_tls);
  EXPECT_TRUE(announce({.require_tls = true}, {.upstream_tls_verified = true}).require_tls);
}

TEST(Extension, HidesAllOfScramWhereTheUpstreamCanBindChannels) {
  const Extensions without = parse_ehlo_reply({250, "", "x\nAUTH SCRAM-SHA-256 PLAIN scram-sha-1"});
  const Extensions with =
      parse_ehlo_reply({250, "", "x\nAUTH SCRAM-SHA-1 PLAIN\nAUTH scram-sha3-512-plus SCRAM-SHA-512"});
  EXPECT_FALSE(without.scram_plus);
  EXPECT_TRUE(with.scram_plus);
  EXPECT_EQ(announce(without, {.scram = true}).mechanisms,
            mechanisms({Mechanism::Plain, Mechanism::Login, Mechanism::ScramSha1, Mechanism::ScramSha256}));
  EXPECT_EQ(announce(with, {.scram = true}).mechanisms, mechanisms({Mechanism::Plain, Mechanism::Login}));
  EXPECT_EQ(announce(without, {}).mechanisms, mechanisms({Mechanism::Plain, Mechanism::Login}));
}

TEST(Extension, ForgetsMechanismsThatCannotPassAProxy) {
  const Extensions read = parse_ehlo_reply(
      {250, "", "x\nAUTH CRAM-MD5 DIGEST-MD5 GSSAPI NTLM EXTERNAL ANONYMOUS GS2-KRB5 GS2-KRB5-PLUS"});
  EXPECT_EQ(read, Extensions{});
}

TEST(Extension, OffersNoLoginInLmtp) {
  EXPECT_EQ(announce(parse_ehlo_reply(kOffice), {.scram = true, .lmtp = true}).mechanisms, 0);
}

TEST(Extension, ReadsLimitsThatAreWrittenAsTheyMustBe) {
  EXPECT_EQ(parse_ehlo_reply({250, "", "x\nLIMITS rcptmax=20 MAILMAX=5 RCPTDOMAINMAX=2 OTHER=7"}).limits,
            (SessionLimits{.rcpt_max = 20, .mail_max = 5, .rcpt_domain_max = 2}));
  EXPECT_EQ(parse_ehlo_reply({250, "", "x\nLIMITS RCPTMAX=1000000 MAILMAX=-1 RCPTDOMAINMAX="}).limits,
            SessionLimits{});
  EXPECT_EQ(parse_ehlo_reply({250, "", "x\nLIMITS RCPTMAX=0 MAILMAX MAILMAX=4x"}).limits, SessionLimits{});
}

TEST(Extension, LeavesRoomForACopyInTheLimits) {
  struct {
    std::string_view name;
    SessionLimits upstream, announced;
  } const kRows[] = {
      {"None", {}, {}},
      {"MailHalved", {.mail_max = 7}, {.mail_max = 3}},
      {"OneMail", {.mail_max = 1}, {.mail_max = 1}},
      {"OneDomainLess", {.rcpt_domain_max = 5}, {.rcpt_domain_max = 4}},
      {"OneDomain", {.rcpt_domain_max = 1}, {.rcpt_domain_max = 1}},
      {"FewRecipients", {.rcpt_max = 20}, {.rcpt_max = 20}},
      {"MoreThanOurs", {.rcpt_max = 999999}, {.rcpt_max = limits::kRecipients}},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(announce({.limits = row.upstream}, {}).limits, row.announced) << row.name;
  }
}

TEST(Extension, KeepsOnlyThePlainNameOfAPriorityProfile) {
  EXPECT_EQ(parse_ehlo_reply({250, "", "x\nMT-PRIORITY mixer"}).mt_priority_profile, "MIXER");
  EXPECT_EQ(parse_ehlo_reply({250, "", "x\nMT-PRIORITY A B"}).mt_priority_profile, "");
  EXPECT_TRUE(announce(parse_ehlo_reply({250, "", "x\nMT-PRIORITY"}), {}).mt_priority);
}

TEST(Extension, WritesTheNewerKeywordsBehindTheOlder) {
  EXPECT_EQ(to_wire(ehlo_reply("x", {.chunking = true,
                                     .require_tls = true,
                                     .mt_priority = true,
                                     .mt_priority_profile = "MIXER",
                                     .limits = {.rcpt_max = 9, .mail_max = 8, .rcpt_domain_max = 7},
                                     .mechanisms = 127,
                                     .xclient = true,
                                     .xforward = true})),
            "250-x\r\n250-AUTH PLAIN LOGIN XOAUTH2 OAUTHBEARER SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-512\r\n"
            "250-CHUNKING\r\n250-REQUIRETLS\r\n250-MT-PRIORITY MIXER\r\n"
            "250-LIMITS RCPTMAX=9 MAILMAX=8 RCPTDOMAINMAX=7\r\n"
            "250-XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT REVERSE_NAME\r\n"
            "250 XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE\r\n");
}

TEST(Extension, IntersectionIsStricterThanEither) {
  const Extensions a{.chunking = true,
                     .mt_priority = true,
                     .mt_priority_profile = "MIXER",
                     .limits = {.rcpt_max = 9, .mail_max = 3},
                     .mechanisms = mechanisms({Mechanism::ScramSha256})};
  Extensions b = a;
  b.limits = {.rcpt_max = 20, .rcpt_domain_max = 2};
  EXPECT_EQ(intersect(a, b).limits, (SessionLimits{.rcpt_max = 9, .mail_max = 3, .rcpt_domain_max = 2}));
  EXPECT_EQ(intersect(a, b).mt_priority_profile, "MIXER");
  b.mt_priority_profile = "STANAG4406";
  EXPECT_FALSE(intersect(a, b).mt_priority);
  EXPECT_EQ(intersect(a, b).mt_priority_profile, "");
  EXPECT_EQ(intersect(a, a), a);
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
  // Every eleventh set of the 18 bits: odd, so that each bit meets each other.
  for (unsigned bits = 0; bits < 1u << 18; bits += 11) {
    const Extensions x{.pipelining = (bits & 1) != 0,
                       .eight_bit_mime = (bits & 2) != 0,
                       .smtp_utf8 = (bits & 4) != 0,
                       .enhanced_status_codes = (bits & 8) != 0,
                       .dsn = (bits & 16) != 0,
                       .start_tls = (bits & 32) != 0,
                       .size = (bits & 64) != 0,
                       .size_limit = (bits & 64) != 0 ? bits : 0,
                       .chunking = (bits & 128) != 0,
                       .require_tls = (bits & 256) != 0,
                       .mt_priority = (bits & 512) != 0,
                       .mt_priority_profile = (bits & 512) != 0 ? "MIXER" : "",
                       .limits = {.mail_max = (bits & 1024) != 0 ? bits : 0},
                       .mechanisms = static_cast<std::uint8_t>(bits >> 11)};
    ASSERT_EQ(parse_ehlo_reply(ehlo_reply("mx.example", x)), x);
  }
}

}  // namespace
}  // namespace privet::smtp
