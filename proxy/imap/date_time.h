// Dates as IMAP writes them: "1-Feb-2024" and "01-Feb-2024 12:30:00 +0100" (RFC 3501 9 date, date-time).
// Pure.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace privet::imap {

/// A day that is in the calendar, years 0000 to 9999. Compares as time does.
struct Date {
  int year = 1970;
  int month = 1;  ///< 1 to 12
  int day = 1;
  auto operator<=>(const Date&) const = default;
};

struct DateTime {
  Date date = {};
  int hour = 0;
  int minute = 0;
  int second = 0;  ///< 60 in a leap second
  int zone = 0;    ///< minutes east of UTC
  bool operator==(const DateTime&) const = default;
};

/// Without the quotes that may stand around it. nullopt where there is no such day.
std::optional<Date> parse_date(std::string_view text);
/// Without its quotes; the first digit of the day may be a blank.
std::optional<DateTime> parse_date_time(std::string_view text);

/// Seconds since 1970.
std::int64_t time_of(const DateTime& date_time);

std::string to_string(const Date& date);           ///< "1-Feb-2024", as SEARCH wants it
std::string to_string(const DateTime& date_time);  ///< "01-Feb-2024 12:30:00 +0100", without quotes

}  // namespace privet::imap
