#include "proxy/smtp/owed.h"

#include <gtest/gtest.h>

#include "proxy/limits.h"

namespace privet::smtp {
namespace {

using std::chrono::seconds;

TEST(BackOff, DoublesUpToItsLongest) {
  EXPECT_EQ(back_off(0, 0.5), limits::kFirstRetry);
  EXPECT_EQ(back_off(1, 0.5), 2 * limits::kFirstRetry);
  EXPECT_EQ(back_off(3, 0.5), 8 * limits::kFirstRetry);
  EXPECT_EQ(back_off(6, 0.5), limits::kLongestRetry);
  EXPECT_EQ(back_off(static_cast<std::size_t>(-1), 0.5), limits::kLongestRetry);
}

TEST(BackOff, SpreadsByAQuarterToEitherSide) {
  EXPECT_EQ(back_off(0, 0), limits::kFirstRetry * 3 / 4);
  EXPECT_EQ(back_off(0, 1), limits::kFirstRetry * 5 / 4);
  EXPECT_EQ(back_off(20, 1), seconds(limits::kLongestRetry) * 5 / 4);
}

TEST(HeaderOf, EndsBehindTheEmptyLineOrWithTheFirstPart) {
  OwedCopy read_back{
      .record = {}, .content = {.parts = {"Subject: x\r\n\r\nHello.\r\n"}}, .keep = {}, .events = {}};
  EXPECT_EQ(header_of(read_back), "Subject: x\r\n\r\n");
  read_back.content = {.parts = {"Subject: x\r\n", "\r\n", "Hello.\r\n"}};
  EXPECT_EQ(header_of(read_back), "Subject: x\r\n");
}

/// A notice and a copy of anna's.
OwedCopy owed_copy(spool::Kind kind) {
  return {.record = {.id = "0f3kq9w2m7xz1abc",
                     .kind = kind,
                     .reverse_path = kind == spool::Kind::Notice ? "" : "anna@acme.test",
                     .recipient = kind == spool::Kind::Notice ? "anna@acme.test" : "acme@pipedrivemail.com",
                     .rcpt_parameters = kind == spool::Kind::Notice ? "" : "NOTIFY=NEVER"},
          .content = {.parts = {"Subject: x\r\n\r\nHello.\r\n"}},
          .keep = {},
          .events = {}};
}

TEST(CommandsFor, ANoticeComesFromItsReaderWhereTheUpstreamKnowsItsUserAndElseFromNobody) {
  const OwedCopy notice = owed_copy(spool::Kind::Notice);
  EXPECT_EQ(commands_for(notice, {}, Way::OwnSession)->first.argument, "anna@acme.test");
  EXPECT_EQ(commands_for(notice, {}, Way::Relay)->first.argument, "");
}

TEST(CommandsFor, ACopyComesFromItsSenderEitherWay) {
  const OwedCopy copy = owed_copy(spool::Kind::Copy);
  for (const Way way : {Way::OwnSession, Way::Relay}) {
    const auto commands = commands_for(copy, {}, way);
    EXPECT_EQ(commands->first.argument, "anna@acme.test");
    EXPECT_EQ(commands->second.argument, "acme@pipedrivemail.com");
    EXPECT_TRUE(commands->second.parameters.empty()) << "DSN is not offered";
  }
  Extensions with_dsn;
  with_dsn.dsn = true;
  const auto commands = commands_for(copy, with_dsn, Way::OwnSession);
  ASSERT_EQ(commands->second.parameters.size(), 1u);
  EXPECT_EQ(commands->second.parameters[0].value, "NEVER");
}

TEST(CommandsFor, AHeaderThatTheUpstreamCannotTakeIsRefusedAtOnce) {
  OwedCopy copy = owed_copy(spool::Kind::Copy);
  copy.record.mail_parameters = "SMTPUTF8";
  copy.content = {.parts = {"Subject: Gr\xc3\xbc\xc3\x9f\x65\r\n\r\nHello.\r\n"}};
  const auto commands = commands_for(copy, {}, Way::OwnSession);
  ASSERT_FALSE(commands.has_value());
  EXPECT_TRUE(commands.error().permanent());
}

}  // namespace
}  // namespace privet::smtp
