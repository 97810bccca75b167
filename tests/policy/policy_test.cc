#include "policy/policy.h"

#include <gtest/gtest.h>

#include "tests/policy/support.h"

namespace privet::policy {
namespace {

std::string tenant_text(const std::string& name, const std::string& domains, const std::string& crm) {
  return "privet: 1\ntenant: " + name + "\ndomains: [" + domains +
         "]\nupstream: {smtp: {maildir: mail}}\ncrm: [{" + crm + "}]\n";
}

std::shared_ptr<const Policy> two_tenants() {
  const auto loaded = load_policy(
      {{"a.yaml", tenant_text("acme", "acme.example, .acme.example",
                              "profile: pipedrive, addresses: [acme@pipedrivemail.com]") +
                      "names: [smtp.acme.example]\n"},
       {"b.yaml", tenant_text("beta", "beta.example",
                              "profile: generic, addresses: [in@crm.example, 'crm+*@other.example']")}},
      files());
  EXPECT_TRUE(loaded);
  return loaded->policy;
}

TEST(Policy, FindsTheTenantOfALogin) {
  const auto policy = two_tenants();
  EXPECT_EQ(policy->find_by_login("anna@ACME.example")->name, "acme");
  EXPECT_EQ(policy->find_by_login("anna@sales.acme.example")->name, "acme");
  EXPECT_EQ(policy->find_by_login("a@b@beta.example")->name, "beta");
  EXPECT_EQ(policy->find_by_login("anna@acme.example.evil.example"), nullptr);
  EXPECT_EQ(policy->find_by_login("anna@"), nullptr);
  EXPECT_EQ(policy->find_by_login("anna"), nullptr);
  EXPECT_EQ(policy->find("beta")->name, "beta");
  EXPECT_EQ(policy->find("gamma"), nullptr);
}

TEST(Policy, FindsTheTenantOfAHostName) {
  const auto policy = two_tenants();
  EXPECT_EQ(policy->find_by_name("SMTP.acme.example"), policy->find("acme"));
  EXPECT_EQ(policy->find_by_name("acme.example"), nullptr) << "a mail domain is no host name";
  EXPECT_EQ(policy->find_by_name("x.smtp.acme.example"), nullptr);
  EXPECT_EQ(policy->find_by_name(""), nullptr);
}

TEST(Policy, GivesALoginWithoutDomainToTheOnlyTenant) {
  const Policy policy({*two_tenants()->find("acme")});
  ASSERT_NE(policy.find_by_login("anna"), nullptr);
  EXPECT_EQ(policy.find_by_login("anna")->name, "acme");
}

TEST(Policy, KnowsForeignCrmAddresses) {
  const auto policy = two_tenants();
  const Tenant& acme = *policy->find("acme");
  const Tenant& beta = *policy->find("beta");
  EXPECT_FALSE(policy->is_foreign_crm(acme, address("acme@pipedrivemail.com")));
  EXPECT_TRUE(policy->is_foreign_crm(acme, address("acme+deal1@pipedrivemail.com")));
  EXPECT_TRUE(policy->is_foreign_crm(acme, address("beta@pipedrivemail.com")));
  EXPECT_TRUE(policy->is_foreign_crm(acme, address("x@eu.pipedrivemail.com")));
  EXPECT_TRUE(policy->is_foreign_crm(acme, address("crm+7@other.example")));
  EXPECT_FALSE(policy->is_foreign_crm(acme, address("crm@other.example")));
  EXPECT_TRUE(policy->is_foreign_crm(beta, address("ACME@pipedrivemail.com")));
  EXPECT_FALSE(policy->is_foreign_crm(beta, address("in@crm.example")));
  EXPECT_FALSE(policy->is_foreign_crm(beta, address("bob@bigco.example")));
}

TEST(Policy, SaysWhereARecipientBelongs) {
  const auto policy = two_tenants();
  const Tenant& acme = *policy->find("acme");
  using enum RecipientKind;
  EXPECT_EQ(policy->recipient_kind(acme, "bob@bigco.example"), Person);
  EXPECT_EQ(policy->recipient_kind(acme, "Postmaster"), Person);
  EXPECT_EQ(policy->recipient_kind(acme, "ACME@pipedrivemail.com"), Crm);
  EXPECT_EQ(policy->recipient_kind(acme, "beta@pipedrivemail.com"), ForeignCrm);
  for (const char* disguise :
       {"acme+=?1@pipedrivemail.com", "other=?@pipedrivemail.com", "bob", "", "acme@pipedrive\u00ADmail.com",
        "acme+\u200Bx@pipedrivemail.com", "\"acme+\uFF20\"@pipedrivemail.com"}) {
    EXPECT_EQ(policy->recipient_kind(acme, disguise), Unreadable) << disguise;
  }
}

TEST(Policy, StripsListsAndItsOwnCrmAddresses) {
  const Tenant tenant =
      load(kBase + "lists: {blocked: [praxis.example], customers: [bigco.example]}\n").tenant;
  EXPECT_TRUE(tenant.strips(address("tom@acme.example")));
  EXPECT_TRUE(tenant.strips(address("tom@x.acme.example")));
  EXPECT_TRUE(tenant.strips(address("dr@praxis.example")));
  EXPECT_TRUE(tenant.strips(address("acme+deal7@pipedrivemail.com")));
  EXPECT_FALSE(tenant.strips(address("bob@bigco.example")));
  EXPECT_NE(tenant.find_crm(address("Acme+1+leadXyZ@pipedrivemail.com")), nullptr);
  EXPECT_EQ(tenant.find_crm(address("acme2@pipedrivemail.com")), nullptr);
}

TEST(Policy, NamesItsVerdicts) {
  EXPECT_EQ(to_string(Verdict::Share), "share");
  EXPECT_EQ(to_string(Verdict::Private), "private");
  EXPECT_EQ(to_string(Verdict::Hide), "hide");
}

struct Clash {
  const char* name;
  std::string second;
  const char* error;
};

void PrintTo(const Clash& row, std::ostream* out) {
  *out << row.name;
}

class TenantsClash : public testing::TestWithParam<Clash> {};

TEST_P(TenantsClash, WithThePlaceInTheSecondFile) {
  const std::string first = tenant_text("acme", "acme.example, .acme.example",
                                        "profile: generic, addresses: ['crm+*@x.example', '*@y.example']") +
                            "names: [smtp.acme.example]\n";
  const auto loaded = load_policy({{"a.yaml", first}, {"b.yaml", GetParam().second}}, files());
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().to_string(),
            std::string(GetParam().error) + " belongs to a.yaml already, expected it in one tenant");
}

INSTANTIATE_TEST_SUITE_P(
    Table, TenantsClash,
    testing::Values(
        Clash{"SameName", tenant_text("acme", "b.example", "profile: generic, addresses: [a@b.test]"),
              "b.yaml:2:9: tenant 'acme'"},
        Clash{"SameDomain",
              tenant_text("b", "b.example, ACME.example", "profile: generic, addresses: [a@b.test]"),
              "b.yaml:3:22: domain 'acme.example'"},
        Clash{"DomainBelow", tenant_text("b", "x.acme.example", "profile: generic, addresses: [a@b.test]"),
              "b.yaml:3:11: domain 'x.acme.example'"},
        Clash{"DomainsBelow", tenant_text("b", ".x.acme.example", "profile: generic, addresses: [a@b.test]"),
              "b.yaml:3:11: domain '.x.acme.example'"},
        Clash{"SameHostName",
              tenant_text("b", "b.example", "profile: generic, addresses: [a@b.test]") +
                  "names: [smtp.b.example, SMTP.acme.example]\n",
              "b.yaml:6:25: host name 'smtp.acme.example'"},
        Clash{"SameCrmAddress",
              tenant_text("b", "b.example", "profile: generic, addresses: ['CRM+*@x.example']"),
              "b.yaml:5:38: CRM address 'crm+*@x.example'"},
        Clash{"CrmAddressCovered",
              tenant_text("b", "b.example", "profile: generic, addresses: [crm+a+b@x.example]"),
              "b.yaml:5:38: CRM address 'crm+a+b@x.example'"},
        Clash{"CrmDomainCovers",
              tenant_text("b", "b.example", "profile: generic, addresses: [any@y.example]"),
              "b.yaml:5:38: CRM address 'any@y.example'"}),
    [](const auto& row) { return row.param.name; });

TEST(Policy, RefusesAWiderClaimInALaterFileToo) {
  const auto loaded = load_policy(
      {{"a.yaml", tenant_text("a", "x.acme.example", "profile: generic, addresses: [a@crm.test]")},
       {"b.yaml", tenant_text("b", ".acme.example", "profile: generic, addresses: [b@crm.test]")}},
      files());
  ASSERT_FALSE(loaded);
  EXPECT_TRUE(
      loaded.error().to_string().starts_with("a.yaml:3:11: domain 'x.acme.example' belongs to b.yaml"));
}

TEST(Policy, ReportsABadFileOfMany) {
  const auto loaded =
      load_policy({{"a.yaml", tenant_text("a", "a.example", "profile: generic, addresses: [a@crm.test]")},
                   {"b.yaml", "privet: 2\n"}},
                  files());
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().file, "b.yaml");
}

}  // namespace
}  // namespace privet::policy
