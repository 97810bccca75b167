#include "proxy/smtp/envelope_rules.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/limits.h"

namespace privet::smtp {
namespace {

constexpr std::uint64_t kLimit = 1'000'000;

Command parse(const std::string& line) {
  const auto command = parse_command(line);
  EXPECT_TRUE(command.has_value()) << line;
  return command.value_or(Command{});
}

/// Every subset of what an upstream may announce, by its number.
Extensions upstream(unsigned bits) {
  const auto has = [bits](unsigned bit) { return (bits >> bit & 1) != 0; };
  std::string text = "mx.example";
  constexpr std::string_view kLines[] = {
      "PIPELINING",        "SIZE 1000000", "8BITMIME",
      "SMTPUTF8",          "DSN",          "ENHANCEDSTATUSCODES",
      "CHUNKING",          "REQUIRETLS",   "LIMITS MAILMAX=3 RCPTMAX=100 RCPTDOMAINMAX=9",
      "MT-PRIORITY MIXER", "STARTTLS",     "AUTH PLAIN SCRAM-SHA-256"};
  for (unsigned bit = 0; bit < std::size(kLines); ++bit) {
    if (has(bit)) text.append("\n").append(kLines[bit]);
  }
  return parse_ehlo_reply({250, "", text});
}
constexpr unsigned kSubsets = 1u << 12;

/// What of `command` needs an announcement that `announced` does not have.
std::set<std::string> unannounced(const Command& command, const Extensions& announced) {
  std::set<std::string> missing;
  for (const auto& [keyword, value] : command.parameters) {
    const bool dsn = keyword == "RET" || keyword == "ENVID" || keyword == "NOTIFY" || keyword == "ORCPT";
    const bool known = (dsn && announced.dsn) || (keyword == "SIZE" && announced.size) ||
                       (keyword == "BODY" && announced.eight_bit_mime) ||
                       (keyword == "SMTPUTF8" && announced.smtp_utf8) ||
                       (keyword == "REQUIRETLS" && announced.require_tls) ||
                       (keyword == "MT-PRIORITY" && announced.mt_priority);
    if (!known) missing.insert(keyword);
  }
  return missing;
}

const std::vector<std::string> kMails = {
    "MAIL FROM:<a@b.example>",
    "MAIL FROM:<>",
    "MAIL FROM:<j\xc3\xbcrgen@b.example> SMTPUTF8",
    "MAIL FROM:<a@b.example> SIZE=1000",
    "MAIL FROM:<a@b.example> BODY=7BIT",
    "MAIL FROM:<a@b.example> BODY=8BITMIME",
    "MAIL FROM:<a@b.example> SMTPUTF8",
    "MAIL FROM:<a@b.example> RET=FULL",
    "MAIL FROM:<a@b.example> ENVID=x",
    "MAIL FROM:<a@b.example> AUTH=<>",
    "MAIL FROM:<a@b.example> REQUIRETLS",
    "MAIL FROM:<a@b.example> MT-PRIORITY=-3",
    "MAIL FROM:<a@b.example> SIZE=1 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=x AUTH=a REQUIRETLS MT-PRIORITY=9",
};
const std::vector<std::string> kRcpts = {
    "RCPT TO:<c@d.example>",
    "RCPT TO:<c@d.example> NOTIFY=NEVER",
    "RCPT TO:<c@d.example> ORCPT=rfc822;e@f.example",
    "RCPT TO:<c@d.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;e@f.example",
};

TEST(EnvelopeRules, SendNothingOnThatWasNotAnnouncedAndAcceptAllThatWasOffered) {
  std::size_t sent = 0;
  for (unsigned bits = 0; bits < kSubsets; ++bits) {
    SCOPED_TRACE(bits);
    const Extensions theirs = upstream(bits);
    const Extensions ours = announce(
        theirs, {.own_size_limit = kLimit, .upstream_tls_verified = true, .chunking = true, .scram = true});
    for (const std::string& line : kMails) {
      const Command mail = parse(line);
      const auto refusal = check_mail(mail, &ours);
      if (!refusal) {
        ASSERT_EQ(unannounced(upstream_mail(mail, theirs), theirs), std::set<std::string>()) << line;
        ++sent;
      }
      std::set<std::string> missing = unannounced(mail, ours);
      missing.erase("AUTH");
      if (mail.parameter("BODY") != nullptr && *mail.parameter("BODY") == "7BIT") missing.erase("BODY");
      ASSERT_EQ(refusal.has_value(), !missing.empty()) << line;
      if (refusal) ASSERT_EQ(refusal->code, 555) << line;
    }
    for (const std::string& line : kRcpts) {
      const Command rcpt = parse(line);
      ASSERT_EQ(check_rcpt(rcpt, &ours, nullptr).has_value(), !unannounced(rcpt, theirs).empty()) << line;
    }
  }
  EXPECT_GT(sent, kSubsets * 5);
}

TEST(EnvelopeRules, CopiesCarryNothingUnannouncedAndLoseNothingTheyNeed) {
  for (unsigned bits = 0; bits < kSubsets; ++bits) {
    SCOPED_TRACE(bits);
    const Extensions theirs = upstream(bits);
    for (const std::string& line : kMails) {
      const Command original = parse(line);
      for (unsigned traits = 0; traits < 8; ++traits) {
        const CopyTraits copy{.size = 1234,
                              .eight_bit_header = (traits & 1) != 0,
                              .eight_bit_body = (traits & 2) != 0,
                              .non_ascii_recipient = (traits & 4) != 0,
                              .envelope_id = "copy-1"};
        const auto mail = copy_mail(original, copy, theirs);
        if (!mail) {
          ASSERT_TRUE(!theirs.eight_bit_mime || !theirs.smtp_utf8 || !theirs.require_tls) << line;
          continue;
        }
        ASSERT_EQ(unannounced(*mail, theirs), std::set<std::string>()) << line;
        ASSERT_EQ(mail->argument, original.argument);
        ASSERT_EQ(mail->parameter("REQUIRETLS") != nullptr, original.parameter("REQUIRETLS") != nullptr);
        ASSERT_EQ(mail->parameter("MT-PRIORITY"), nullptr);
        ASSERT_EQ(mail->parameter("AUTH"), nullptr);
        ASSERT_EQ(parse_command(to_line(*mail)), *mail);
        const bool needs_utf8 =
            original.parameter("SMTPUTF8") != nullptr && ((traits & 5) != 0 || line.contains('\xc3'));
        ASSERT_EQ(mail->parameter("SMTPUTF8") != nullptr, needs_utf8) << line;
      }
    }
    for (const std::string& line : kRcpts) {
      const Command rcpt = copy_rcpt(parse(line), theirs);
      ASSERT_EQ(unannounced(rcpt, theirs), std::set<std::string>()) << line;
      ASSERT_EQ(rcpt.parameter("ORCPT"), nullptr) << line;
    }
  }
}

TEST(EnvelopeRules, KnowNoParametersAfterHelo) {
  EXPECT_EQ(check_mail(parse("MAIL FROM:<a@b.example>"), nullptr), std::nullopt);
  for (const std::string_view parameter : {"SIZE=1", "BODY=7BIT", "AUTH=<>", "REQUIRETLS"}) {
    const auto refusal = check_mail(parse("MAIL FROM:<a@b.example> " + std::string(parameter)), nullptr);
    ASSERT_TRUE(refusal.has_value()) << parameter;
    EXPECT_EQ(refusal->code, 555) << parameter;
  }
  EXPECT_TRUE(check_rcpt(parse("RCPT TO:<a@b.example> NOTIFY=NEVER"), nullptr, nullptr).has_value());
}

TEST(EnvelopeRules, RefuseAddressesBeyondAsciiWithoutUtf8) {
  const Extensions all = upstream(kSubsets - 1);
  const Command rcpt = parse("RCPT TO:<j\xc3\xbcrgen@b.example>");
  const Command plain = parse("MAIL FROM:<a@b.example>");
  const Command utf8 = parse("MAIL FROM:<a@b.example> SMTPUTF8");
  EXPECT_EQ(check_mail(parse("MAIL FROM:<j\xc3\xbcrgen@b.example>"), &all)->code, 553);
  EXPECT_EQ(check_rcpt(rcpt, &all, &plain)->code, 553);
  EXPECT_EQ(check_rcpt(rcpt, &all, nullptr)->code, 553);
  EXPECT_EQ(check_rcpt(rcpt, &all, &utf8), std::nullopt);
}

TEST(EnvelopeRules, KeepRoomInTheSizeAndRefuseWhatIsTooLarge) {
  const Extensions theirs{.size = true, .size_limit = 1000};
  const Extensions ours = announce(theirs, {});
  ASSERT_EQ(ours.size_limit, 1000 - limits::kSizeHeadroom);
  const Command fits = parse("MAIL FROM:<a@b.example> SIZE=" + std::to_string(ours.size_limit));
  EXPECT_EQ(check_mail(fits, &ours), std::nullopt);
  EXPECT_EQ(*upstream_mail(fits, theirs).parameter("SIZE"), "1000");
  const Command larger = parse("MAIL FROM:<a@b.example> SIZE=" + std::to_string(ours.size_limit + 1));
  EXPECT_EQ(check_mail(larger, &ours)->code, 552);

  const Extensions no_limit = announce({.size = true}, {});
  const std::string most = std::to_string(std::numeric_limits<std::uint64_t>::max());
  const Command huge = parse("MAIL FROM:<a@b.example> SIZE=" + most);
  EXPECT_EQ(check_mail(huge, &no_limit), std::nullopt);
  EXPECT_EQ(*upstream_mail(huge, theirs).parameter("SIZE"), most);
}

TEST(EnvelopeRules, TellWhyAnUpstreamCannotTakeACopy) {
  struct {
    std::string_view name, parameters;
    CopyTraits copy;
    Extensions theirs;
    std::string_view enhanced;  // empty: it can
  } const kRows[] = {
      {"RequireTls", "REQUIRETLS", {}, {}, "5.7.30"},
      {"Utf8Header", "SMTPUTF8", {.eight_bit_header = true}, {.eight_bit_mime = true}, "5.6.7"},
      {"Utf8NoLongerNeeded", "SMTPUTF8", {.eight_bit_header = false}, {.eight_bit_mime = true}, ""},
      {"Utf8Recipient",
       "SMTPUTF8",
       {.eight_bit_header = false, .non_ascii_recipient = true},
       {.eight_bit_mime = true},
       "5.6.7"},
      {"EightBitBody", "BODY=8BITMIME", {.eight_bit_header = false}, {}, "5.6.3"},
      {"EightBitHeader", "BODY=8BITMIME", {.eight_bit_body = false}, {}, "5.6.3"},
      {"NoEightBit", "BODY=8BITMIME", {.eight_bit_header = false, .eight_bit_body = false}, {}, ""},
      {"SevenBit", "BODY=7BIT", {}, {}, ""},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    const Command original = parse("MAIL FROM:<a@b.example> " + std::string(row.parameters));
    const auto mail = copy_mail(original, row.copy, row.theirs);
    EXPECT_EQ(mail ? "" : mail.error().enhanced, row.enhanced);
    if (!mail) EXPECT_TRUE(mail.error().permanent());
  }
}

TEST(EnvelopeRules, AskForAReportAboutTheCopyUnlessTheClientDid) {
  const Extensions dsn{.dsn = true, .size = true};
  const auto mail =
      copy_mail(parse("MAIL FROM:<a@b.example> RET=FULL ENVID=mine"), {.size = 7, .envelope_id = "c1"}, dsn);
  ASSERT_TRUE(mail.has_value());
  EXPECT_EQ(to_line(*mail), "MAIL FROM:<a@b.example> SIZE=7 RET=HDRS ENVID=c1");
  EXPECT_EQ(to_line(copy_rcpt(parse("RCPT TO:<t@crm.example>"), dsn)),
            "RCPT TO:<t@crm.example> NOTIFY=FAILURE");
  EXPECT_EQ(to_line(copy_rcpt(parse("RCPT TO:<t@crm.example> NOTIFY=never ORCPT=rfc822;x@y.example"), dsn)),
            "RCPT TO:<t@crm.example> NOTIFY=NEVER");
  EXPECT_EQ(to_line(copy_rcpt(parse("RCPT TO:<t@crm.example> NOTIFY=NEVER"), {})), "RCPT TO:<t@crm.example>");
}

}  // namespace
}  // namespace privet::smtp
