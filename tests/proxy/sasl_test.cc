#include "proxy/sasl.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <type_traits>

namespace privet {
namespace {

using namespace std::string_literals;

static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string_view> &&
              !std::is_convertible_v<Secret, std::string>);

TEST(Sasl, ReadsPlain) {
  const auto credentials = parse_credentials(Mechanism::Plain, "\0anna@acme.example\0s3cret"s);
  ASSERT_TRUE(credentials.has_value());
  EXPECT_EQ(credentials->login, "anna@acme.example");
  EXPECT_EQ(credentials->authorization, "");
  EXPECT_EQ(credentials->password.reveal(), "s3cret");
}

TEST(Sasl, WritesPlainAsItWasRead) {
  const std::string message = "tim\0anna\0p\xc3\xa4ss"s;
  const auto credentials = parse_credentials(Mechanism::Plain, message);
  ASSERT_TRUE(credentials.has_value());
  EXPECT_EQ(plain_message(*credentials).reveal(), message);
}

TEST(Sasl, WritesPlainFromLogin) {
  const auto credentials = login_credentials("anna@acme.example", "s3cret");
  ASSERT_TRUE(credentials.has_value());
  EXPECT_EQ(plain_message(*credentials).reveal(), "\0anna@acme.example\0s3cret"s);
}

TEST(Sasl, ReadsTheLoginOfBearerMessagesAndKeepsThemAsTheyAre) {
  struct {
    std::string_view name;
    Mechanism mechanism;
    std::string message;
    std::string_view login;
  } const kRows[] = {
      {"XOauth2", Mechanism::XOauth2,
       "user=anna@acme.example\1auth=Bearer ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGE=\1\1"s,
       "anna@acme.example"},
      {"OauthBearer", Mechanism::OauthBearer,
       "n,a=anna@acme.example,\1host=mail.example\1port=587\1auth=Bearer vF9dft4qmTc2Nvb3Rl\1\1"s,
       "anna@acme.example"},
      {"EscapedLogin", Mechanism::OauthBearer, "y,a=a=2Cb=3Dc,\1auth=bearer x\1\1"s, "a,b=c"},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    const auto credentials = parse_credentials(row.mechanism, row.message);
    ASSERT_TRUE(credentials.has_value());
    EXPECT_EQ(credentials->login, row.login);
    EXPECT_EQ(credentials->message.reveal(), row.message);
    EXPECT_TRUE(credentials->password.empty());
  }
}

TEST(Sasl, ReadsTheLoginOfScramAndKeepsItsMessageAsItIs) {
  struct {
    std::string_view name, message, login, authorization;
  } const kRows[] = {
      {"OfTheRfc", "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL", "user", ""},
      {"CouldBindChannels", "y,,n=anna@acme.example,r=x", "anna@acme.example", ""},
      {"Authorization", "n,a=tim=2Cson,n=a=3Db,r=x", "a=b", "tim,son"},
      {"Extension", "n,,n=j\xc3\xbcrgen,r=x,e=1", "j\xc3\xbcrgen", ""},
  };
  for (const auto& row : kRows) {
    for (const Mechanism mechanism : {Mechanism::ScramSha1, Mechanism::ScramSha256, Mechanism::ScramSha512}) {
      SCOPED_TRACE(row.name);
      const auto credentials = parse_credentials(mechanism, row.message);
      ASSERT_TRUE(credentials.has_value());
      EXPECT_EQ(credentials->mechanism, mechanism);
      EXPECT_EQ(credentials->login, row.login);
      EXPECT_EQ(credentials->authorization, row.authorization);
      EXPECT_EQ(credentials->message.reveal(), row.message);
      EXPECT_TRUE(credentials->password.empty());
    }
  }
}

TEST(Sasl, RefusesMalformedMessages) {
  using enum Mechanism;
  struct {
    std::string_view name;
    Mechanism mechanism;
    std::string message;
  } const kRows[] = {
      {"PlainEmpty", Plain, ""},
      {"PlainOneNul", Plain, "anna\0x"s},
      {"PlainThreeNuls", Plain, "\0anna\0x\0y"s},
      {"PlainNoLogin", Plain, "\0\0x"s},
      {"PlainNoPassword", Plain, "\0anna\0"s},
      {"PlainControlInLogin", Plain, "\0an\nna\0x"s},
      {"PlainControlInAuthorization", Plain, "a\r\0anna\0x"s},
      {"PlainLatin1Login", Plain, "\0j\xfcrgen\0x"s},
      {"LoginHasNoSingleMessage", Login, "anna"},
      {"XOauth2WithoutEnd", XOauth2, "user=a\1auth=Bearer x\1"s},
      {"XOauth2WithoutUser", XOauth2, "auth=Bearer x\1\1"s},
      {"XOauth2WithoutToken", XOauth2, "user=a\1auth=Bearer \1\1"s},
      {"XOauth2OtherScheme", XOauth2, "user=a\1auth=Basic x\1\1"s},
      {"XOauth2TwoUsers", XOauth2, "user=a\1user=b\1auth=Bearer x\1\1"s},
      {"XOauth2PairWithoutKey", XOauth2, "user=a\1=b\1auth=Bearer x\1\1"s},
      {"XOauth2MoreBehindTheEnd", XOauth2, "user=a\1auth=Bearer x\1\1user=b\1\1"s},
      {"XOauth2TokenWithBlank", XOauth2, "user=a\1auth=Bearer x y\1\1"s},
      {"XOauth2NulInUser", XOauth2, "user=a\0b\1auth=Bearer x\1\1"s},
      {"BearerWithoutLogin", OauthBearer, "n,,\1auth=Bearer x\1\1"s},
      {"BearerEmptyLogin", OauthBearer, "n,a=,\1auth=Bearer x\1\1"s},
      {"BearerWithChannelBinding", OauthBearer, "p=tls-unique,a=a,\1auth=Bearer x\1\1"s},
      {"BearerBadEscape", OauthBearer, "n,a=a=40b,\1auth=Bearer x\1\1"s},
      {"BearerSecondLogin", OauthBearer, "n,a=a,\1user=b\1auth=Bearer x\1\1"s},
      {"BearerNoSeparator", OauthBearer, "n,a=a,auth=Bearer x\1\1"s},
      {"BearerEmpty", OauthBearer, ""},
      {"ScramEmpty", ScramSha256, ""},
      {"ScramWithChannelBinding", ScramSha256, "p=tls-exporter,,n=a,r=x"},
      {"ScramOtherFlag", ScramSha256, "x,,n=a,r=x"},
      {"ScramUnknownMandatoryExtension", ScramSha256, "n,,m=1,n=a,r=x"},
      {"ScramWithoutLogin", ScramSha256, "n,,n=,r=x"},
      {"ScramWithoutNonce", ScramSha256, "n,,n=a,r="},
      {"ScramNothingBehindLogin", ScramSha256, "n,,n=a"},
      {"ScramBadEscape", ScramSha256, "n,,n=a=2cb,r=x"},
      {"ScramControlInLogin", ScramSha256, "n,,n=a\nb,r=x"},
      {"ScramNulInLogin", ScramSha256, "n,,n=a\0b,r=x"s},
      {"ScramControlInNonce", ScramSha256, "n,,n=a,r=x\1"},
      {"ScramControlInExtension", ScramSha256, "n,,n=a,r=x,e=\1"},
      {"ScramControlInAuthorization", ScramSha256, "n,a=\1,n=a,r=x"},
      {"ScramOtherIdentity", ScramSha256, "n,b=c,n=a,r=x"},
  };
  for (const auto& row : kRows) {
    EXPECT_FALSE(parse_credentials(row.mechanism, row.message).has_value()) << row.name;
  }
}

TEST(Sasl, RefusesALoginThatPlainCouldNotCarry) {
  EXPECT_FALSE(login_credentials("", "x").has_value());
  EXPECT_FALSE(login_credentials("anna", "").has_value());
  EXPECT_FALSE(login_credentials("an\0na"s, "x").has_value());
  EXPECT_FALSE(login_credentials("anna", "x\0y"s).has_value());
}

TEST(Sasl, KnowsItsMechanismsByName) {
  for (const Mechanism mechanism :
       {Mechanism::Plain, Mechanism::Login, Mechanism::XOauth2, Mechanism::OauthBearer, Mechanism::ScramSha1,
        Mechanism::ScramSha256, Mechanism::ScramSha512}) {
    EXPECT_EQ(find_mechanism(to_string(mechanism)), mechanism);
  }
  EXPECT_EQ(find_mechanism("SCRAM-SHA-256-PLUS"), std::nullopt);
  EXPECT_EQ(find_mechanism(""), std::nullopt);
}

TEST(Secret, IsGoneFromWhereItWasMovedFrom) {
  for (const std::string_view text :
       {std::string_view("short"), std::string_view("much longer than any small buffer")}) {
    Secret first(text);
    const Secret second(std::move(first));
    EXPECT_EQ(second.reveal(), text);
    EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): that it is empty is the point
  }
}

TEST(Secret, OverwritesTheBytesItHad) {
  std::string text = "a secret of more than fifteen bytes";
  const char* const bytes = text.data();
  const std::size_t size = text.size();
  wipe(text);
  EXPECT_TRUE(text.empty());
  EXPECT_GE(text.capacity(), size);  // so the bytes below are still the string's own
  EXPECT_EQ(std::string(bytes, size), std::string(size, '\0'));
}

TEST(Secret, OverwritesWhatStoodBehindAShorterText) {
  std::string text = "a secret of more than fifteen bytes";
  const std::size_t size = text.size();
  const char* const bytes = text.data();
  text.resize(3);
  wipe(text);
  EXPECT_EQ(std::string(bytes, size), std::string(size, '\0'));
}

}  // namespace
}  // namespace privet
