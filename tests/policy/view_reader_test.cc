#include "policy/view_reader.h"

#include <gtest/gtest.h>

#include <chrono>

#include "tests/policy/support.h"

namespace privet::policy {
namespace {

using namespace std::chrono_literals;
using Folders = std::vector<std::string>;

TEST(ViewReader, ShowsUsualFoldersUnlessTold) {
  const ViewScope view = load(kBase).tenant.view_of("anna@acme.example");
  EXPECT_TRUE(view.folders.empty());
  EXPECT_FALSE(view.since);
  EXPECT_FALSE(view.hide);
}

TEST(ViewReader, LetsAPersonHaveSettingsOfTheirOwn) {
  const Tenant tenant = load(kBase +
                             "view: {folders: [INBOX, Gesendet], since: 2026-01-01}\n"
                             "people:\n"
                             "  anna@acme.example: {folders: [Sales], since: 2026-03-01}\n"
                             "  tom@acme.example: {since: 2025-01-01}\n"
                             "  ceo@acme.example: {do: hide, everywhere: true}\n")
                            .tenant;
  EXPECT_EQ(tenant.view_of("eve@acme.example").folders, (Folders{"INBOX", "Gesendet"}));
  EXPECT_EQ(tenant.view_of("eve@acme.example").since, std::chrono::sys_days(2026y / 1 / 1));
  EXPECT_EQ(tenant.view_of("Anna@ACME.example").folders, Folders{"Sales"});
  EXPECT_EQ(tenant.view_of("anna@acme.example").since, std::chrono::sys_days(2026y / 3 / 1));
  EXPECT_EQ(tenant.view_of("tom@acme.example").since, std::chrono::sys_days(2026y / 1 / 1)) << "never more";
  EXPECT_TRUE(tenant.view_of("ceo@acme.example").hide);
  ASSERT_NE(tenant.find_person("ceo@acme.example"), nullptr);
  EXPECT_TRUE(tenant.find_person("ceo@acme.example")->everywhere);
}

TEST(ViewReader, FindsPeopleBehindLoginsThatAreNoAddress) {
  const Tenant tenant =
      load(kBase + "people: {ceo@acme.example: {do: hide}, anna@acme.example: {folders: [Sales]}}\n").tenant;
  for (const char* login : {"ceo", "CEO", "ceo+sync", "ceo@acme.example*admin", "ceo*admin",
                            "bob*admin@acme.example", "ceo%acme.example", "ACME\\ceo"})
    EXPECT_TRUE(tenant.view_of(login).hide) << login;
  EXPECT_EQ(tenant.view_of("anna").folders, Folders{"Sales"});
  EXPECT_FALSE(tenant.view_of("anna").hide);
  EXPECT_FALSE(tenant.view_of("bob").hide);
  EXPECT_FALSE(load(kBase).tenant.view_of("ACME\\bob").hide) << "nobody has rules of their own";
}

TEST(ViewReader, LetsASyncChangeOnlyWhatItSeesAndOnlyWhereItIsTold) {
  const Tenant tenant = load(kBase +
                             "view: {write: true}\npeople: {ceo@acme.example: {do: hide}, anna@acme.example: "
                             "{folders: [Sales]}}\n")
                            .tenant;
  EXPECT_TRUE(tenant.view_of("anna@acme.example").write);
  EXPECT_FALSE(tenant.view_of("ceo@acme.example").write);
  EXPECT_FALSE(load(kBase + "view: {write: false}\n").tenant.view_of("anna@acme.example").write);
  EXPECT_FALSE(load(kBase).tenant.view_of("anna@acme.example").write);
}

TEST(ViewReader, FindsTheMailboxesBesideTheSubmissionServer) {
  const Tenant tenant =
      load(
          "privet: 1\ntenant: acme\ndomains: [acme.example]\n"
          "upstream: {smtp: {maildir: mail}, imap: {host: [a.example, 'b.example:1993'], tls: "
          "implicit}}\n"
          "crm: [{profile: pipedrive, addresses: [acme@pipedrivemail.com]}]\n")
          .tenant;
  ASSERT_TRUE(tenant.imap);
  EXPECT_EQ(tenant.imap->hosts, (std::vector<Endpoint>{{"a.example", 993}, {"b.example", 1993}}));
  EXPECT_EQ(tenant.imap->tls, TlsMode::Implicit);
  EXPECT_FALSE(load(kBase).tenant.imap);
}

TEST(Epoch, ChangesWithEachTextThatDecides) {
  const std::string lists = kBase + "lists: {customers: [file:contacts.txt]}\n";
  const auto epoch = [](const std::string& text, const std::string& contacts) {
    return load(text, files({{"tenants/contacts.txt", contacts}})).tenant.epoch;
  };
  EXPECT_EQ(epoch(lists, "bigco.example\n"), epoch(lists, "bigco.example\n"));
  EXPECT_NE(epoch(lists, "bigco.example\n"), epoch(lists, "bigco.example\nother.example\n"));
  EXPECT_NE(epoch(lists, "bigco.example\n"), epoch(lists + "default: hide\n", "bigco.example\n"));
}

}  // namespace
}  // namespace privet::policy
