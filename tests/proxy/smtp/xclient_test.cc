#include "proxy/smtp/xclient.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "proxy/smtp/command.h"

namespace privet::smtp {
namespace {

TEST(Xclient, ReadsWhatPostfixAndNginxSend) {
  const auto attributes = parse_attributes(
      AttributeOwner::Xclient,
      " ADDR=192.0.2.7 port=2525 name=[unavailable] HELO=J+C3+BCrgen+2Bpc LOGIN=anna@acme.test PROTO=esmtp"
      " DESTADDR=IPv6:2001:DB8:0::1 DESTPORT=587 REVERSE_NAME=[TEMPUNAVAIL]");
  ASSERT_TRUE(attributes.has_value()) << attributes.error().text;
  EXPECT_EQ(*attributes, (std::vector<Parameter>{{"ADDR", "192.0.2.7"},
                                                 {"PORT", "2525"},
                                                 {"NAME", "[UNAVAILABLE]"},
                                                 {"HELO", "J\xc3\xbcrgen+pc"},
                                                 {"LOGIN", "anna@acme.test"},
                                                 {"PROTO", "ESMTP"},
                                                 {"DESTADDR", "IPV6:2001:db8::1"},
                                                 {"DESTPORT", "587"},
                                                 {"REVERSE_NAME", "[TEMPUNAVAIL]"}}));
}

TEST(Xclient, RefusesWhatIsNotExactlyAnAttribute) {
  using enum AttributeOwner;
  struct {
    std::string_view name;
    AttributeOwner owner;
    std::string text;
  } const kRows[] = {
      {"Nothing", Xclient, ""},
      {"NoValue", Xclient, "ADDR"},
      {"EmptyValue", Xclient, "ADDR="},
      {"Unknown", Xclient, "IDENT=x"},
      {"UnknownToXforward", Xforward, "LOGIN=anna"},
      {"Twice", Xclient, "ADDR=192.0.2.7 addr=192.0.2.8"},
      {"LineBreak", Xclient, "HELO=a+0D+0AMAIL"},
      {"Nul", Xclient, "ADDR=192.0.2.7+00"},
      {"Bidi", Xclient, "LOGIN=a+E2+80+AE"},
      {"Latin1", Xclient, "LOGIN=j+FCrgen"},
      {"LowerHex", Xclient, "HELO=a+2b"},
      {"NoXtext", Xclient, "HELO=a=b"},
      {"TooLong", Xclient, "HELO=" + std::string(256, 'a')},
      {"NameWithBlank", Xclient, "NAME=a+20b"},
      {"AddressIsAName", Xclient, "ADDR=localhost"},
      {"AddressOfThreeNumbers", Xclient, "ADDR=192.0.2"},
      {"SixWithoutPrefix", Xclient, "ADDR=2001:db8::1"},
      {"FourBehindPrefix", Xclient, "ADDR=IPV6:192.0.2.7"},
      {"PortTooLarge", Xclient, "PORT=65536"},
      {"PortNegative", Xclient, "PORT=-1"},
      {"PortInHex", Xclient, "PORT=0x19"},
      {"OtherProtocol", Xclient, "PROTO=HTTP"},
      {"OtherSource", Xforward, "SOURCE=SOMEWHERE"},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    const auto attributes = parse_attributes(row.owner, row.text);
    ASSERT_FALSE(attributes.has_value());
    EXPECT_EQ(attributes.error().code, 501);
    EXPECT_EQ(attributes.error().enhanced, "5.5.4");
  }
}

TEST(Xclient, AcceptsEveryAttributeItAnnounces) {
  struct {
    Verb verb;
    std::string_view names;
  } const kRows[] = {{Verb::Xclient, kXclientAttributes}, {Verb::Xforward, kXforwardAttributes}};
  for (const auto& row : kRows) {
    std::string line(to_string(row.verb));
    for (std::size_t at = 0; at < row.names.size();) {
      const std::size_t end = std::min(row.names.find(' ', at), row.names.size());
      line.append(" ").append(row.names.substr(at, end - at)).append("=[UNAVAILABLE]");
      at = end + 1;
    }
    const auto command = parse_command(line);
    ASSERT_TRUE(command.has_value()) << line;
    EXPECT_EQ(to_line(*command), line);
  }
}

TEST(Xclient, GivesAddressesAsOthersWriteThem) {
  EXPECT_EQ(address_literal("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(address_literal("IPV6:2001:db8::1"), "2001:db8::1");
  EXPECT_EQ(address_literal(kUnavailable), "");
  EXPECT_EQ(address_literal(kTemporarilyUnavailable), "");
}

}  // namespace
}  // namespace privet::smtp
