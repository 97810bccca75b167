#include "proxy/imap/date_time.h"

#include <algorithm>
#include <array>

#include "mime/ascii.h"

namespace privet::imap {
namespace {

constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<int, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
constexpr int kMinutesOfHour = 60;

int days_of(int year, int month) {
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return kDays[static_cast<std::size_t>(month - 1)] + (month == 2 && leap ? 1 : 0);
}

/// Exactly `digits` digits; -1 for anything else and for more than `largest`.
int take_number(std::string_view& text, std::size_t digits, int largest) {
  if (text.size() < digits || !std::ranges::all_of(text.substr(0, digits), mime::is_digit)) return -1;
  int value = 0;
  for (const char c : text.substr(0, digits)) value = value * 10 + (c - '0');
  text.remove_prefix(digits);
  return value <= largest ? value : -1;
}

/// "Feb-2024", with the blank or dash before it.
bool take_month_and_year(std::string_view& text, Date& date) {
  if (text.size() < 5 || text[0] != '-' || text[4] != '-') return false;
  const auto month = std::ranges::find_if(
      kMonths, [&](std::string_view name) { return mime::equals_ignoring_case(name, text.substr(1, 3)); });
  text.remove_prefix(5);
  date.month = static_cast<int>(month - kMonths.begin()) + 1;
  date.year = take_number(text, 4, 9999);
  return month != kMonths.end() && date.year >= 0 && date.day >= 1 &&
         date.day <= days_of(date.year, date.month);
}

std::string two(int number) {
  return {static_cast<char>('0' + number / 10), static_cast<char>('0' + number % 10)};
}

std::string month_and_year(const Date& date) {
  return "-" + std::string(kMonths[static_cast<std::size_t>(date.month - 1)]) + "-" + two(date.year / 100) +
         two(date.year % 100);
}

}  // namespace

std::optional<Date> parse_date(std::string_view text) {
  Date date;
  const std::size_t digits = std::min(text.find('-'), text.size());
  if (digits < 1 || digits > 2) return std::nullopt;
  date.day = take_number(text, digits, 31);
  if (!take_month_and_year(text, date) || !text.empty()) return std::nullopt;
  return date;
}

std::optional<DateTime> parse_date_time(std::string_view text) {
  const auto skip = [&text](char c) {
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
  };
  DateTime time;
  time.date.day = skip(' ') ? take_number(text, 1, 9) : take_number(text, 2, 31);
  if (!take_month_and_year(text, time.date) || !skip(' ')) return std::nullopt;
  time.hour = take_number(text, 2, 23);
  if (!skip(':')) return std::nullopt;
  time.minute = take_number(text, 2, 59);
  if (!skip(':')) return std::nullopt;
  time.second = take_number(text, 2, 60);
  if (!skip(' ') || time.hour < 0 || time.minute < 0 || time.second < 0) return std::nullopt;
  const int sign = skip('-') ? -1 : 1;
  if (sign > 0 && !skip('+')) return std::nullopt;
  const int hours = take_number(text, 2, 99);
  const int minutes = take_number(text, 2, 59);
  if (hours < 0 || minutes < 0 || !text.empty()) return std::nullopt;
  time.zone = sign * (hours * kMinutesOfHour + minutes);
  return time;
}

std::int64_t time_of(const DateTime& time) {
  constexpr std::int64_t kHours = 24, kSeconds = 60, kEpoch = 719468;  // days from 1-Mar-0000 to 1-Jan-1970
  // Years that begin in March end with the day that some of them lack.
  const std::int64_t year = time.date.year - (time.date.month > 2 ? 0 : 1);
  const std::int64_t century = year >= 0 ? year / 100 : -1;
  const std::int64_t leap_days = (year >= 0 ? year / 4 : -1) - century + (year >= 0 ? year / 400 : -1);
  const std::int64_t month = (time.date.month + 9) % 12;
  const std::int64_t days = 365 * year + leap_days + (153 * month + 2) / 5 + time.date.day - 1 - kEpoch;
  const std::int64_t minutes = (days * kHours + time.hour) * kMinutesOfHour + time.minute - time.zone;
  return minutes * kSeconds + time.second;
}

std::string to_string(const Date& date) {
  return std::to_string(date.day) + month_and_year(date);
}

std::string to_string(const DateTime& time) {
  const int zone = time.zone < 0 ? -time.zone : time.zone;
  return two(time.date.day) + month_and_year(time.date) + " " + two(time.hour) + ":" + two(time.minute) +
         ":" + two(time.second) + (time.zone < 0 ? " -" : " +") + two(zone / kMinutesOfHour) +
         two(zone % kMinutesOfHour);
}

}  // namespace privet::imap
