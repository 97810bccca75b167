#include "proxy/proxy_header.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "proxy/limits.h"

namespace privet {
namespace {

using namespace std::string_literals;

const std::string kSignature = "\r\n\r\n\0\r\nQUIT\n"s;
const std::string kFour = "\xc0\x00\x02\x07\xc6\x33\x64\x01\x30\x39\x02\x4b"s;  // 192.0.2.7:12345

std::string binary(std::string_view version_and_family, std::string_view rest) {
  return kSignature + std::string(version_and_family) + static_cast<char>(rest.size() >> 8) +
         static_cast<char>(rest.size() & 0xff) + std::string(rest);
}

ProxyHeader local(std::size_t size) {
  return {.local = true, .size = size};
}

TEST(ProxyHeader, ReadsBothVersionsWhateverArrivesTogether) {
  const std::string six =
      "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x01"s + std::string(16, '\x11') + "\xff\xff\x00\x19"s;
  const std::string tlv = "\x04\x00\x03"s + "abc";
  struct {
    std::string_view name;
    std::string wire;
    ProxyHeader header;
  } const kRows[] = {
      {"TextFour",
       "PROXY TCP4 192.0.2.7 198.51.100.1 12345 587\r\n",
       {.source = "192.0.2.7", .port = 12345, .size = 45}},
      {"TextSix",
       "PROXY TCP6 2001:DB8:0::1 ::1 0 65535\r\n",
       {.source = "2001:db8::1", .port = 0, .size = 38}},
      {"TextUnknown", "PROXY UNKNOWN\r\n", local(15)},
      {"TextUnknownWithMore", "PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n", local(35)},
      {"TextLongest", "PROXY UNKNOWN " + std::string(91, 'x') + "\r\n", local(107)},
      {"BinaryFour", binary("\x21\x11", kFour), {.source = "192.0.2.7", .port = 12345, .size = 28}},
      {"BinaryFourWithTlv",
       binary("\x21\x11", kFour + tlv),
       {.source = "192.0.2.7", .port = 12345, .size = 34}},
      {"BinarySix", binary("\x21\x21", six), {.source = "2001:db8::1", .port = 65535, .size = 52}},
      {"BinaryLocal", binary("\x20\0"s, ""), local(16)},
      {"BinaryLocalWithAddresses", binary("\x20\x11", kFour), local(28)},
      {"BinaryUnspecified", binary("\x21\0"s, tlv), local(22)},
      {"BinaryUnix", binary("\x21\x31", std::string(216, 'x')), local(232)},
      {"BinaryLongest", binary("\x21\0"s, std::string(limits::kProxyHeader - 16, 'x')),
       local(limits::kProxyHeader)},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    for (std::size_t length = 0; length < row.wire.size(); ++length) {
      const auto header = parse_proxy_header(row.wire.substr(0, length));
      ASSERT_FALSE(header.has_value()) << length;
      ASSERT_EQ(header.error(), ProxyHeaderError::NeedMore) << length;
    }
    EXPECT_EQ(parse_proxy_header(row.wire), row.header);
    EXPECT_EQ(parse_proxy_header(row.wire + "EHLO x\r\n"), row.header);
  }
}

TEST(ProxyHeader, RefusesAnythingElseAtOnce) {
  struct {
    std::string_view name;
    std::string wire;
  } const kRows[] = {
      {"Smtp", "E"},
      {"LowerCase", "PRoXY"},
      {"TextOtherFamily", "PROXY UDP4 192.0.2.7 192.0.2.8 1 2\r\n"},
      {"TextNoFamily", "PROXY \r\n"},
      {"TextTwoBlanks", "PROXY TCP4  192.0.2.7 192.0.2.8 1 2\r\n"},
      {"TextBlankAtTheEnd", "PROXY TCP4 192.0.2.7 192.0.2.8 1 2 \r\n"},
      {"TextPortMissing", "PROXY TCP4 192.0.2.7 192.0.2.8 1\r\n"},
      {"TextPortTooLarge", "PROXY TCP4 192.0.2.7 192.0.2.8 65536 2\r\n"},
      {"TextPortWithZero", "PROXY TCP4 192.0.2.7 192.0.2.8 01 2\r\n"},
      {"TextPortWithSign", "PROXY TCP4 192.0.2.7 192.0.2.8 1 +2\r\n"},
      {"TextSixAsFour", "PROXY TCP4 ::1 ::1 1 2\r\n"},
      {"TextFourAsSix", "PROXY TCP6 192.0.2.7 192.0.2.8 1 2\r\n"},
      {"TextName", "PROXY TCP4 localhost 192.0.2.8 1 2\r\n"},
      {"TextNul", "PROXY TCP4 192.0.2.7\0x 192.0.2.8 1 2\r\n"s},
      {"TextBareLf", "PROXY UNKNOWN\n"},
      {"TextBareCr", "PROXY UNKNOWN\rx"},
      {"TextTooLong", "PROXY UNKNOWN " + std::string(92, 'x') + "\r\n"},
      {"TextEndless", "PROXY UNKNOWN " + std::string(93, 'x')},
      {"BinaryOtherVersion", kSignature + "\x11"},
      {"BinaryOtherCommand", kSignature + "\x22"},
      {"BinaryOtherTransport", binary("\x21\x13", kFour)},
      {"BinaryOtherFamily", binary("\x21\x41", kFour)},
      {"BinaryFourTooShort", binary("\x21\x11", kFour.substr(1))},
      {"BinaryFourAsSix", binary("\x21\x21", kFour)},
      {"BinaryTooLong", kSignature + "\x20\0\x02\x09"s},
      {"BinaryBrokenSignature", "\r\n\r\n\0\r\nQUIT\r"s},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    const auto header = parse_proxy_header(row.wire);
    ASSERT_FALSE(header.has_value());
    EXPECT_EQ(header.error(), ProxyHeaderError::Malformed);
  }
}

}  // namespace
}  // namespace privet
