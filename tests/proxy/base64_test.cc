#include "proxy/base64.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace privet {
namespace {

using namespace std::string_literals;

TEST(Base64, WritesAndReadsTheExamplesOfItsRfc) {
  struct {
    std::string_view bytes, text;
  } const kRows[] = {{"", ""},
                     {"f", "Zg=="},
                     {"fo", "Zm8="},
                     {"foo", "Zm9v"},
                     {"foob", "Zm9vYg=="},
                     {"fooba", "Zm9vYmE="},
                     {"foobar", "Zm9vYmFy"}};
  for (const auto& row : kRows) {
    EXPECT_EQ(base64_encode(row.bytes), row.text);
    EXPECT_EQ(base64_decode(row.text), row.bytes);
  }
}

TEST(Base64, ReadsBackEveryByteAtEveryPlace) {
  for (int byte = 0; byte < 256; ++byte) {
    for (std::size_t place = 0; place < 4; ++place) {
      std::string bytes = "\xff\x00\x80\x7f"s;
      bytes[place] = static_cast<char>(byte);
      ASSERT_EQ(base64_decode(base64_encode(bytes)), bytes);
    }
  }
}

TEST(Base64, RefusesEverythingElse) {
  struct {
    std::string_view name, text;
  } const kRows[] = {
      {"NoPadding", "Zg"},         {"OnePaddingTooFew", "Zg="},   {"OnlyPadding", "===="},
      {"ThreePaddings", "Z==="},   {"PaddingWithin", "Zg==Zg=="}, {"LineBreak", "Zm9v\r\nZm9v"},
      {"Blank", "Zm9 "},           {"UrlAlphabet", "_-__"},       {"UnusedBitsOfOne", "Zh=="},
      {"UnusedBitsOfTwo", "Zm9="}, {"EqualsAlone", "="},          {"EightBit", "Zm9\xff"}};
  for (const auto& row : kRows) {
    EXPECT_FALSE(base64_decode(row.text).has_value()) << row.name;
  }
}

}  // namespace
}  // namespace privet
