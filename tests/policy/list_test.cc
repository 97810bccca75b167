#include "policy/list.h"

#include <gtest/gtest.h>

#include "tests/policy/support.h"

namespace privet::policy {
namespace {

List list(std::initializer_list<const char*> entries) {
  List list;
  for (const char* entry : entries) list.add(Pattern::parse(entry).value());
  return list;
}

TEST(List, IgnoresCaseAndTagsOfExactEntries) {
  const List people = list({"Bob+work@BigCo.example", "eve+*@x.example"});
  EXPECT_TRUE(people.contains(address("bob@bigco.example")));
  EXPECT_TRUE(people.contains(address("BOB+other@bigco.EXAMPLE")));
  EXPECT_TRUE(people.contains(address("eve@x.example")));
  EXPECT_FALSE(people.contains(address("bobby@bigco.example")));
}

TEST(List, TellsADomainFromWhatIsBelowIt) {
  const List domain = list({"bigco.example"});
  EXPECT_TRUE(domain.contains(address("a@bigco.example")));
  EXPECT_FALSE(domain.contains(address("a@sales.bigco.example")));
  const List below = list({".bigco.example"});
  EXPECT_FALSE(below.contains(address("a@bigco.example")));
  EXPECT_TRUE(below.contains(address("a@sales.bigco.example")));
  EXPECT_TRUE(below.contains(address("a@x.y.bigco.example")));
  EXPECT_FALSE(below.contains(address("a@notbigco.example")));
}

TEST(List, ComparesInternationalDomainsInEitherSpelling) {
  const List people = list({"bücher.example"});
  EXPECT_TRUE(people.contains(address("a@XN--BCHER-KVA.example")));
  EXPECT_TRUE(people.contains(address("a@BÜCHER.example")));
}

TEST(List, IsEmptyUntilSomethingIsAdded) {
  EXPECT_TRUE(List().empty());
  EXPECT_FALSE(List().contains(address("a@x.example")));
  EXPECT_EQ(list({"a@x.example", "x.example", ".x.example"}).size(), 3u);
}

}  // namespace
}  // namespace privet::policy
