#include "proxy/imap/date_time.h"

#include <gtest/gtest.h>

#include <string_view>

namespace privet::imap {
namespace {

TEST(DateTime, ReadsDaysThatAre) {
  struct Row {
    std::string_view name;
    std::string_view text;
    Date date;
  };
  const Row rows[] = {
      {"OneDigit", "1-Feb-2024", {2024, 2, 1}},    {"TwoDigits", "01-feb-2024", {2024, 2, 1}},
      {"LeapDay", "29-FEB-2000", {2000, 2, 29}},   {"LastOfYear", "31-Dec-9999", {9999, 12, 31}},
      {"FirstOfAll", "01-Jan-0000", {0000, 1, 1}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(parse_date(row.text), row.date);
    EXPECT_EQ(parse_date(to_string(row.date)), row.date);
  }
}

TEST(DateTime, RefusesDaysThatAreNot) {
  for (const std::string_view text :
       {"", "1", "1-Feb", "1-Feb-24", "1-Feb-20240", "0-Feb-2024", "30-Feb-2024", "29-Feb-1900",
        "001-Feb-2024", "1-Fab-2024", "1 Feb 2024", "-Feb-2024", "1-Feb-2024 ", "+1-Feb-2024", "1-Feb--202",
        "\"1-Feb-2024\""}) {
    EXPECT_FALSE(parse_date(text).has_value()) << text;
  }
}

TEST(DateTime, ComparesAsTimeDoes) {
  EXPECT_LT((Date{2023, 12, 31}), (Date{2024, 1, 1}));
  EXPECT_LT((Date{2024, 1, 31}), (Date{2024, 2, 1}));
}

TEST(DateTime, ReadsInternalDates) {
  struct Row {
    std::string_view name;
    std::string_view text;
    DateTime time;
    std::string_view written;
  };
  const Row rows[] = {
      {"TwoDigits",
       "17-Jul-1996 02:44:25 -0700",
       {{1996, 7, 17}, 2, 44, 25, -420},
       "17-Jul-1996 02:44:25 -0700"},
      {"Blank", " 7-Jul-1996 02:44:25 +0530", {{1996, 7, 7}, 2, 44, 25, 330}, "07-Jul-1996 02:44:25 +0530"},
      {"LeapSecond",
       "31-Dec-2016 23:59:60 +0000",
       {{2016, 12, 31}, 23, 59, 60, 0},
       "31-Dec-2016 23:59:60 +0000"},
      {"FarWest", "01-Jan-2000 00:00:00 -9959", {{2000, 1, 1}, 0, 0, 0, -5999}, "01-Jan-2000 00:00:00 -9959"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(parse_date_time(row.text), row.time);
    EXPECT_EQ(to_string(row.time), row.written);
  }
}

TEST(DateTime, RefusesInternalDatesThatAreNot) {
  for (const std::string_view text :
       {"", "7-Jul-1996 02:44:25 -0700", "17-Jul-1996", "17-Jul-1996 02:44:25", "17-Jul-1996 24:44:25 +0000",
        "17-Jul-1996 02:60:25 +0000", "17-Jul-1996 02:44:61 +0000", "17-Jul-1996 02:44:25 0000",
        "17-Jul-1996 02:44:25 +0060", "17-Jul-1996 02:44:25 +00000", "31-Jun-1996 02:44:25 +0000",
        "17-Jul-1996  2:44:25 +0000", "17-Jul-1996 02:44:25 +00"}) {
    EXPECT_FALSE(parse_date_time(text).has_value()) << text;
  }
}

TEST(DateTime, SaysWhenThatWasEverywhere) {
  EXPECT_EQ(time_of({{1970, 1, 1}, 0, 0, 0, 0}), 0);
  EXPECT_EQ(time_of({{2024, 2, 29}, 13, 30, 5, 60}), 1709209805);
  EXPECT_EQ(time_of({{1969, 12, 31}, 18, 59, 59, -300}), -1);
  EXPECT_EQ(time_of({{2000, 3, 1}, 0, 0, 0, 0}) - time_of({{2000, 2, 28}, 0, 0, 0, 0}), 2 * 86400);
  EXPECT_EQ(time_of({{1900, 3, 1}, 0, 0, 0, 0}) - time_of({{1900, 2, 28}, 0, 0, 0, 0}), 86400);
  EXPECT_EQ(time_of({{0, 1, 1}, 0, 0, 0, 0}), -62167219200);
  EXPECT_EQ(time_of({{9999, 12, 31}, 23, 59, 59, 0}), 253402300799);
}

}  // namespace
}  // namespace privet::imap
