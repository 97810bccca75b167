#include "policy/pattern.h"

#include <gtest/gtest.h>

#include "tests/policy/support.h"

namespace privet::policy {
namespace {

TEST(Pattern, ReadsEachKind) {
  struct Row {
    const char* text;
    Pattern::Kind kind;
    const char* canonical;
  };
  for (const Row& row : {Row{"Bob@BigCo.example", Pattern::Kind::Exact, "bob@bigco.example"},
                         Row{"bigco.example", Pattern::Kind::Domain, "bigco.example"},
                         Row{"*@bigco.example", Pattern::Kind::Domain, "bigco.example"},
                         Row{".bigco.example", Pattern::Kind::Subdomains, ".bigco.example"},
                         Row{"acme+*@pipedrivemail.com", Pattern::Kind::AnyTag, "acme+*@pipedrivemail.com"},
                         Row{"info@bücher.example", Pattern::Kind::Exact, "info@xn--bcher-kva.example"},
                         Row{"\"a b\"@x.example", Pattern::Kind::Exact, "a b@x.example"}}) {
    const auto pattern = Pattern::parse(row.text);
    ASSERT_TRUE(pattern) << row.text << ": " << pattern.error().what;
    EXPECT_EQ(pattern->kind, row.kind) << row.text;
    EXPECT_EQ(pattern->to_string(), row.canonical);
  }
}

TEST(Pattern, RefusesWhatIsNoEntryAndSaysWhatItMayBe) {
  for (const char* text : {"", " ", "customers", "a@", "@x.example", "a b@x.example", "a@b@x.example", "*",
                           "*x@x.example", "a*@x.example", "a@x..example", "..x.example", ".", "a@x",
                           "x.example,y.example", "+*@x.example", "http://x.example", "[192.0.2.1]"}) {
    const auto pattern = Pattern::parse(text);
    ASSERT_FALSE(pattern) << text;
    EXPECT_NE(pattern.error().what.find("expected local@domain"), std::string::npos);
  }
}

TEST(Pattern, MatchesCrmAddressesAsTheyStand) {
  const auto exact = Pattern::parse("acme@pipedrivemail.com");
  const auto tagged = Pattern::parse("acme+*@pipedrivemail.com");
  const auto any = Pattern::parse("*@in.crm.example");
  const auto below = Pattern::parse(".crm.example");
  EXPECT_TRUE(exact->matches_exactly(address("ACME@PipedriveMail.com")));
  EXPECT_FALSE(exact->matches_exactly(address("acme+deal1@pipedrivemail.com")));
  EXPECT_FALSE(exact->matches_exactly(address("acme@sub.pipedrivemail.com")));
  EXPECT_TRUE(tagged->matches_exactly(address("acme+1+leadAbC@pipedrivemail.com")));
  EXPECT_FALSE(tagged->matches_exactly(address("acme@pipedrivemail.com")));
  EXPECT_FALSE(tagged->matches_exactly(address("acmeplus@pipedrivemail.com")));
  EXPECT_TRUE(any->matches_exactly(address("x@in.crm.example")));
  EXPECT_FALSE(any->matches_exactly(address("x@crm.example")));
  EXPECT_TRUE(below->matches_exactly(address("x@in.crm.example")));
  EXPECT_FALSE(below->matches_exactly(address("x@crm.example")));
}

TEST(Pattern, MatchesNoAddressWithoutADomain) {
  const auto exact = Pattern::parse("acme@pipedrivemail.com");
  EXPECT_FALSE(exact->matches_exactly({"acme", "pipedrivemail..com"}));
}

}  // namespace
}  // namespace privet::policy
