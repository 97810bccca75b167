#include "mime/transfer_encoding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace privet::mime {
namespace {

TEST(Base64, DecodesTheVectorsOfRfc4648) {
  const std::pair<const char*, const char*> rows[] = {{"", ""},
                                                      {"Zg==", "f"},
                                                      {"Zm8=", "fo"},
                                                      {"Zm9v", "foo"},
                                                      {"Zm9vYg==", "foob"},
                                                      {"Zm9vYmE=", "fooba"},
                                                      {"Zm9vYmFy", "foobar"}};
  for (const auto& [encoded, plain] : rows) EXPECT_EQ(decode_base64(encoded), plain) << encoded;
}

TEST(Base64, SkipsBlanksAndLineBreaks) {
  EXPECT_EQ(decode_base64("Zm9v\r\n Ym\tFy\r\n"), "foobar");
}

TEST(Base64, AcceptsMissingPadding) {
  EXPECT_EQ(decode_base64("Zm9vYg"), "foob");
}

TEST(Base64, RefusesForeignCharacters) {
  for (const char* text : {"Zm9*", "Zm9-", "Zm9v|", "Zm9v\x80", "Zm{9v"})
    EXPECT_FALSE(decode_base64(text)) << text;
}

TEST(Base64, RefusesDataBehindPadding) {
  EXPECT_FALSE(decode_base64("Zg==Zg=="));
}

TEST(Base64, RefusesALoneLastCharacter) {
  EXPECT_FALSE(decode_base64("Zm9vY"));
}

TEST(QuotedPrintable, DecodesEscapesInBothCases) {
  EXPECT_EQ(decode_quoted_printable("Gr=C3=BC=c3=9fe =3D"), "Grüße =");
}

TEST(QuotedPrintable, JoinsSoftLineBreaks) {
  EXPECT_EQ(decode_quoted_printable("bob=\r\n=40acme.test=  \r\n!"), "bob@acme.test!");
}

TEST(QuotedPrintable, KeepsHardLineBreaks) {
  EXPECT_EQ(decode_quoted_printable("a\r\nb\r\n"), "a\r\nb\r\n");
}

TEST(QuotedPrintable, DropsASoftBreakAtTheEnd) {
  EXPECT_EQ(decode_quoted_printable("a="), "a");
  EXPECT_EQ(decode_quoted_printable("a= \t"), "a");
}

TEST(QuotedPrintable, RefusesBrokenEscapes) {
  for (const char* text : {"a=b", "a=4", "a=4\r\n", "bob=@acme.test", "a=\n", "==\r\n"}) {
    EXPECT_FALSE(decode_quoted_printable(text)) << text;
  }
}

TEST(QuotedPrintable, IsLookedAtWithAndWithoutStrayEqualsSigns) {
  EXPECT_EQ(read_quoted_printable("a=3D"), "a=");
  EXPECT_EQ(read_quoted_printable("?a=zz and = b=\r\n=40"), "?a=zz and = b@\r\n?azz and  b@");
  EXPECT_EQ(read_quoted_printable("bob=@acme.test=4"), "bob=@acme.test=4\r\nbob@acme.test4");
  EXPECT_EQ(read_quoted_printable("==40"), "=@\r\n@");
}

TEST(Base64, IsLookedAtWithTheTextBehindItsPadding) {
  EXPECT_EQ(read_base64("Zm8="), "fo");
  EXPECT_EQ(read_base64("Zm8=\r\n\r\n"), "fo");
  EXPECT_THAT(*read_base64("Zm8=\r\n\r\n____\r\nlist@x.test\r\n"),
              testing::StartsWith("fo\r\n\r\n\r\n____\r\nlist@x.test\r\n"));
  EXPECT_FALSE(read_base64("Z*8=\r\nfooter\r\n"));
}

TEST(Base64, IsLookedAtInEveryWayToGoOnBehindThePadding) {
  for (const std::string shift : {"", "A", "AB", "ABC"}) {
    EXPECT_THAT(*read_base64("Zm8=" + shift + "Ym9iQGFjbWUudGVzdA=="), testing::HasSubstr("bob@acme.tes"));
  }
}

}  // namespace
}  // namespace privet::mime
