#include "policy/tenant_file.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/policy/support.h"

namespace privet::policy {
namespace {

Result<std::string> read_from_disk(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return failure("no such file");
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST(TenantFile, ReadsEveryKey) {
  const FileReader reader = files({{"tenants/contacts.csv", "name,email\nBob,bob@bigco.example\n"},
                                   {"etc/ca.pem", "-----BEGIN CERTIFICATE-----\n"}});
  const LoadedTenant loaded = load(
      "privet: 1\n"
      "tenant: acme-2\n"
      "domains: [acme.example, .acme.example, BÜCHER.example]\n"
      "upstream: {smtp: {host: mail.acme.example, port: 2465, tls: implicit, ca: ../etc/ca.pem}}\n"
      "crm:\n"
      "  - {profile: pipedrive, addresses: acme@pipedrivemail.com}\n"
      "  - {profile: generic, addresses: ['*@in.crm.example']}\n"
      "lists:\n"
      "  internal: [anna@gmail.com]\n"
      "  customers: ['file: contacts.csv', .bigco.example]\n"
      "strip: internal\n"
      "default: hide\n"
      "rules:\n"
      "  - {when: {any: customers, subject: ['[ÖFFENTLICH]']}, do: share}\n"
      "  - {when: {all: [customers], only: [internal, customers], from: internal, to: customers}, do: "
      "private, floor: true}\n"
      "trusted_networks: [10.0.0.0/8, 'fd00::/8', 192.0.2.7/32]\n",
      reader);
  const Tenant& tenant = loaded.tenant;
  EXPECT_EQ(tenant.name, "acme-2");
  EXPECT_EQ(tenant.domains,
            (std::vector<std::string>{"acme.example", ".acme.example", "xn--bcher-kva.example"}));
  EXPECT_EQ(tenant.smtp->hosts, (std::vector<Endpoint>{{"mail.acme.example", 2465}}));
  EXPECT_EQ(tenant.smtp->tls, TlsMode::Implicit);
  EXPECT_EQ(tenant.smtp->ca_file, "etc/ca.pem");
  EXPECT_TRUE(tenant.smtp->maildir.empty());
  ASSERT_EQ(tenant.crms.size(), 2u);
  EXPECT_EQ(tenant.crms[0].profile, "pipedrive");
  EXPECT_EQ(tenant.crms[1].addresses[0].kind, Pattern::Kind::Domain);
  EXPECT_TRUE(tenant.internal.contains(address("anna@gmail.com")));
  EXPECT_TRUE(tenant.lists.at("internal").contains(address("tom@x.acme.example")));
  EXPECT_TRUE(tenant.lists.at("blocked").empty());
  EXPECT_TRUE(tenant.lists.at("customers").contains(address("Bob@bigco.example")));
  EXPECT_EQ(tenant.strip, std::vector<std::string>{"internal"});
  EXPECT_EQ(tenant.default_verdict, Verdict::Hide);
  ASSERT_EQ(tenant.rules.size(), 2u);
  EXPECT_EQ(tenant.rules[0].verdict, Verdict::Share);
  EXPECT_EQ(tenant.rules[0].subject, std::vector<std::string>{"[öffentlich]"});
  EXPECT_FALSE(tenant.rules[0].floor);
  EXPECT_EQ(tenant.rules[1].id, "rule 2");
  EXPECT_EQ(tenant.rules[1].only, (std::vector<std::string>{"internal", "customers"}));
  EXPECT_EQ(tenant.rules[1].to, std::vector<std::string>{"customers"});
  EXPECT_TRUE(tenant.rules[1].floor);
  EXPECT_EQ(tenant.trusted_networks.size(), 3u);
  EXPECT_TRUE(loaded.warnings.empty());
}

TEST(TenantFile, HasSafeDefaults) {
  const Tenant tenant = load(kBase).tenant;
  EXPECT_EQ(tenant.default_verdict, Verdict::Private);
  EXPECT_EQ(tenant.strip, (std::vector<std::string>{"internal", "blocked"}));
  EXPECT_EQ(tenant.smtp->maildir, "tenants/mail");
  EXPECT_TRUE(tenant.rules.empty());
  EXPECT_TRUE(tenant.trusted_networks.empty());
  EXPECT_TRUE(tenant.internal.contains(address("anna@acme.example")));
}

TEST(TenantFile, NeedsNoServerForMailWhereItOnlyShowsMailboxes) {
  const std::string file =
      "privet: 1\ntenant: a\ndomains: a.example\nupstream: {imap: {host: mail.a.example}}\n";
  const Tenant tenant = load(file + "crm: [{profile: generic}]\n").tenant;
  EXPECT_FALSE(tenant.smtp);
  EXPECT_TRUE(tenant.imap);
  EXPECT_TRUE(tenant.crms.at(0).addresses.empty());
}

TEST(TenantFile, KnowsTheNamesThatClientsConnectTo) {
  EXPECT_EQ(load(kBase + "names: [smtp.acme.example, Mail.ACME.example]\n").tenant.names,
            (std::vector<std::string>{"smtp.acme.example", "mail.acme.example"}));
}

TEST(TenantFile, KeepsAbsolutePaths) {
  const auto loaded =
      load(kBase + "lists: {board: ['file:/srv/board.txt']}\n", files({{"/srv/board.txt", "x.example"}}));
  EXPECT_EQ(loaded.tenant.lists.at("board").size(), 1u);
}

TEST(TenantFile, LoadsTheExampleWithoutWarnings) {
  const std::string path = PRIVET_SOURCE_DIR "/deploy/examples/tenants/acme.yaml";
  const auto text = read_from_disk(path);
  ASSERT_TRUE(text);
  const LoadedTenant loaded = [&] {
    auto result = load_tenant(*text, path, read_from_disk);
    EXPECT_TRUE(result) << (result ? "" : result.error().to_string());
    return result ? *std::move(result) : LoadedTenant{};
  }();
  EXPECT_TRUE(loaded.warnings.empty());
  EXPECT_EQ(loaded.tenant.name, "acme");
  EXPECT_EQ(loaded.tenant.smtp->maildir, PRIVET_SOURCE_DIR "/deploy/examples/mail");
  EXPECT_TRUE(loaded.tenant.strips(address("steuer@kanzlei.example")));
  EXPECT_TRUE(loaded.tenant.lists.at("customers").contains(address("bob@bigco.example")));
}

struct Row {
  const char* name;
  std::string text;
  const char* place;  // "line:column", or the whole place where another file is meant
  const char* what;
};
void PrintTo(const Row& row, std::ostream* out) {
  *out << row.name;
}

std::string row_name(const testing::TestParamInfo<Row>& info) {
  return info.param.name;
}

std::string at(const char* place) {
  return (std::isdigit(*place) ? "tenants/acme.yaml:" : "") + std::string(place) + ": ";
}

FileReader list_files() {
  return files({{"tenants/people.txt", "a@x.example\n\n  bad entry\n"},
                {"tenants/nomail.csv", "name;phone\nx;1\n"},
                {"tenants/bad.csv", "name,email\nx,y\n"},
                {"tenants/free.txt", "gmail.com\n"},
                {"tenants/customers.txt", "bob@bigco.example\ntom@acme.example\nanna@acme.example\n"},
                {"tenants/empty.txt", "\n"},
                {"tenants/two.txt", "hunter2\nhunter3\n"},
                {"tenants/not.pem", "hello"}});
}

/// A file whose fourth line is `upstream` and whose fifth is `crm`.
std::string with(const std::string& upstream,
                 const std::string& crm = "[{profile: generic, addresses: [a@crm.test]}]") {
  return "privet: 1\ntenant: acme\ndomains: [acme.example]\nupstream: " + upstream + "\ncrm: " + crm + "\n";
}
std::string with_crm(const std::string& crm) {
  return with("{smtp: {maildir: mail}}", crm);
}
std::string with_domains(const std::string& domains) {
  return "privet: 1\ntenant: acme\ndomains: " + domains +
         "\nupstream: {smtp: {maildir: mail}}\ncrm: [{profile: generic, addresses: [a@crm.test]}]\n";
}

class TenantFileRefuses : public testing::TestWithParam<Row> {};

TEST_P(TenantFileRefuses, WithPlaceAndReason) {
  const auto loaded = load_tenant(GetParam().text, "tenants/acme.yaml", list_files());
  ASSERT_FALSE(loaded);
  const std::string message = loaded.error().to_string();
  EXPECT_EQ(message.find("hunter"), std::string::npos) << "a secret in " << message;
  EXPECT_TRUE(message.starts_with(at(GetParam().place))) << message;
  EXPECT_NE(message.find(GetParam().what), std::string::npos) << message;
}

INSTANTIATE_TEST_SUITE_P(
    Keys, TenantFileRefuses,
    testing::Values(
        Row{"EmptyFile", "", "1:1", "key 'privet' is missing in a tenant file"},
        Row{"NotAMap", "- a\n", "1:1", "a list as a tenant file, expected a map"},
        Row{"UnknownKey", kBase + "domanis: x\n", "6:1",
            "unknown key 'domanis' in a tenant file (did you mean 'domains'?)"},
        Row{"PersonOfNobodysDomain", kBase + "people: {bob@bigco.example: {do: hide}}\n", "6:10",
            "of one of the tenant's domains"},
        Row{"PersonTwice", kBase + "people: {a@acme.example: {do: hide}, A+x@acme.example: {do: hide}}\n",
            "6:38", "in another spelling"},
        Row{"PersonLeft", kBase + "people: {a@acme.example: {until: 2026-01-01}}\n", "6:27", "not supported"},
        Row{"EverywhereAlone", kBase + "people: {a@acme.example: {everywhere: true}}\n", "6:39", "without"},
        Row{"PeopleIsAList", kBase + "people: [a@acme.example]\n", "6:9", "a list as 'people'"},
        Row{"SinceIsNoDate", kBase + "view: {since: 2026-02-30}\n", "6:15", "expected a date"},
        Row{"FoldersEmpty", kBase + "view: {folders: []}\n", "6:17", "an empty list as 'folders'"},
        Row{"FolderTwice", kBase + "view: {folders: [Sent, Sent]}\n", "6:24", "twice"},
        Row{"WriteIsAWord", kBase + "view: {write: yes}\n", "6:15", "expected true or false"},
        Row{"WriteIsPersonal", kBase + "people: {a@acme.example: {write: true}}\n", "6:27", "unknown key"},
        Row{"UnknownViewKey", kBase + "view: {folder: Sent}\n", "6:8", "(did you mean 'folders'?)"},
        Row{"Override", kBase + "override: {}\n", "6:1", "not supported by this version"},
        Row{"Notify", kBase + "notify: {}\n", "6:1", "not supported by this version"},
        Row{"DuplicateKey", kBase + "tenant: b\n", "6:1", "key 'tenant' stands here twice"},
        Row{"WrongVersion", "privet: 2\n", "1:9", "'2' as 'privet', expected one of: 1"},
        Row{"NoTenant", "privet: 1\n", "1:1", "key 'tenant' is missing"},
        Row{"TenantName", "privet: 1\ntenant: Acme Inc\n", "2:9", "expected 1 to 64 of a-z, 0-9 and -"},
        Row{"TenantIsAList", "privet: 1\ntenant: [a]\n", "2:9", "a list as 'tenant', expected a text"},
        Row{"TabIndentation", "privet: 1\n\ttenant: a\n", "2:1", "a tab"},
        Row{"OpenQuote", "privet: 1\ntenant: 'a\n", "2:9", "unterminated quote"},
        Row{"Anchor", "privet: 1\ntenant: &a b\n", "2:9", "an anchor"},
        Row{"SecondDocument", kBase + "---\n" + kBase, "6:1", "one document"},
        Row{"DefaultMetadata", kBase + "default: metadata\n", "6:10",
            "'metadata' as 'default' is not supported by this version"},
        Row{"DefaultUnknown", kBase + "default: privat\n", "6:10", "(did you mean 'private'?)"},
        Row{"CopyWithoutMail", with("{imap: {host: mail.a.example}}") + "copy: {notify: never}\n", "6:7",
            "expected 'smtp' in 'upstream'"},
        Row{"NetworkWithoutMail", with("{imap: {host: mail.a.example}}") + "trusted_networks: [10.0.0.0/8]\n",
            "6:20", "expected 'smtp' in 'upstream'"},
        Row{"NetworkWithoutLength", kBase + "trusted_networks: [10.0.0.1]\n", "6:20",
            "expected a network such as 10.0.0.0/8"},
        Row{"NetworkTooLong", kBase + "trusted_networks: [10.0.0.0/33]\n", "6:20", "expected a network"},
        Row{"NetworkWithHostBits", kBase + "trusted_networks: [10.0.0.0/8, 10.1.2.3/24]\n", "6:32",
            "bits are set behind /24"},
        Row{"NetworkOfEverybody", kBase + "trusted_networks: ['::/0']\n", "6:20",
            "smaller than the whole internet"}),
    row_name);

INSTANTIATE_TEST_SUITE_P(
    Domains, TenantFileRefuses,
    testing::Values(
        Row{"Missing", "privet: 1\ntenant: a\n", "1:1", "key 'domains' is missing"},
        Row{"Empty", with_domains("[]"), "3:10", "an empty list as 'domains'"},
        Row{"Freemail", with_domains("[acme.example, gmail.com]"), "3:25", "public mail provider"},
        Row{"FreemailOfACountry", with_domains("yahoo.co.uk"), "3:10", "public mail provider"},
        Row{"FreemailBelow", with_domains("[.gmx.net]"), "3:11", "public mail provider"},
        Row{"Invalid", with_domains("[acme..example]"), "3:11", "expected a mail domain"},
        Row{"Address", with_domains("[anna@acme.example]"), "3:11", "expected a mail domain"},
        Row{"WithoutDot", with_domains("[acme]"), "3:11", "expected a mail domain"},
        Row{"Twice", with_domains("[acme.example, ACME.example]"), "3:25", "twice"},
        Row{"Number", with_domains("{a: 1}"), "3:10", "a map as 'domains', expected a list of texts"}),
    row_name);

INSTANTIATE_TEST_SUITE_P(
    Upstream, TenantFileRefuses,
    testing::Values(
        Row{"Missing", "privet: 1\ntenant: a\ndomains: a.example\n", "1:1", "key 'upstream' is missing"},
        Row{"Empty", with("{}"), "4:11", "expected smtp, imap or both in 'upstream'"},
        Row{"Neither", with("{smtp: {port: 25}}"), "4:18", "exactly one of host, srv and maildir"},
        Row{"Both", with("{smtp: {host: a.example, maildir: x}}"), "4:18",
            "exactly one of host, srv and maildir"},
        Row{"TlsForMaildir", with("{smtp: {maildir: x, tls: none}}"), "4:36", "only with 'host'"},
        Row{"OnlyImapAndNoCrm", with("{imap: {host: x}}", "[]"), "5:6", "an empty list as 'crm'"},
        Row{"ImapFromMaildir", with("{smtp: {maildir: x}, imap: {maildir: x}}"), "4:39",
            "unknown key 'maildir'"},
        Row{"ImapNowhere", with("{smtp: {maildir: x}, imap: {tls: implicit}}"), "4:38",
            "exactly one of host and srv in 'imap'"},
        Row{"ImapInClear", with("{smtp: {maildir: x}, imap: {host: a.example, tls: none}}"), "4:61",
            "for a host on the network"},
        Row{"HostIsAUrl", with("{smtp: {host: 'smtp://a.example'}}"), "4:25",
            "expected a host name or an IP address"},
        Row{"HostAndTlsWrong", with("{smtp: {host: a b, tls: none}}"), "4:25",
            "expected a host name or an IP address"},
        Row{"PortOutOfRange", with("{smtp: {host: a.example, port: 65536}}"), "4:42",
            "expected a number from 1 to 65535"},
        Row{"PortInQuotes", with("{smtp: {host: a.example, port: '25'}}"), "4:42",
            "'25' in quotes as 'port'"},
        Row{"HostsEmpty", with("{smtp: {host: []}}"), "4:25", "an empty list as 'host'"},
        Row{"HostTwice", with("{smtp: {host: [a.example, 'a.example:587']}}"), "4:37", "twice"},
        Row{"HostPortWrong", with("{smtp: {host: 'a.example:0'}}"), "4:25", "and :port"},
        Row{"HostPortIsAWord", with("{smtp: {host: 'a.example:smtp'}}"), "4:25", "and :port"},
        Row{"BracketsAroundAName", with("{smtp: {host: '[a.example]:25'}}"), "4:25", "and :port"},
        Row{"NoTlsForOneOnTheNetwork", with("{smtp: {host: [localhost, a.example], tls: none}}"), "4:54",
            "for a host on the network"},
        Row{"SrvBesideHost", with("{smtp: {host: a.example, srv: a.example}}"), "4:18",
            "exactly one of host, srv and maildir"},
        Row{"SrvIsAnAddress", with("{smtp: {srv: 192.0.2.1}}"), "4:24", "expected a mail domain"},
        Row{"SrvWithPort", with("{smtp: {srv: a.example, port: 25}}"), "4:41", "the records name the port"},
        Row{"SrvInClear", with("{smtp: {srv: a.example, tls: none}}"), "4:40", "for a host on the network"},
        Row{"UnknownTls", with("{smtp: {host: a.example, tls: tls}}"), "4:41",
            "expected one of: starttls, implicit, none"},
        Row{"NoTlsOnTheNetwork", with("{smtp: {host: 10.0.0.1, tls: none}}"), "4:40",
            "for a host on the network"},
        Row{"NoTlsForANameLikeLoopback", with("{smtp: {host: 127.0.0.1.example, tls: none}}"), "4:49",
            "for a host on the network"},
        Row{"CaMissing", with("{smtp: {host: a.example, ca: x.pem}}"), "4:40",
            "file 'x.pem' cannot be read: no such file"},
        Row{"CaIsNoCertificate", with("{smtp: {host: a.example, ca: not.pem}}"), "4:40",
            "expected a PEM file"},
        Row{"PasswordKey", with("{smtp: {host: a.example, password: x}}"), "4:36",
            "unknown key 'password' in 'smtp'"}),
    row_name);

INSTANTIATE_TEST_SUITE_P(
    Copy, TenantFileRefuses,
    testing::Values(
        Row{"NotAMap", kBase + "copy: later\n", "6:7", "'later' as 'copy', expected a map"},
        Row{"UnknownKey", kBase + "copy: {retry: 3d}\n", "6:8", "unknown key 'retry' in 'copy'"},
        Row{"ExpireTooSoon", kBase + "copy: {expire: 59m}\n", "6:16", "a time from 1h to 30d"},
        Row{"ExpireTooLate", kBase + "copy: {expire: 31d}\n", "6:16", "a time from 1h to 30d"},
        Row{"ExpireWithoutUnit", kBase + "copy: {expire: 86400}\n", "6:16", "units m, h, d"},
        Row{"ExpireHuge", kBase + "copy: {expire: 99999999999d}\n", "6:16", "a time from 1h to 30d"},
        Row{"Notify", kBase + "copy: {notify: always}\n", "6:16", "expected one of: sender, never"},
        Row{"RelayWithoutHost", kBase + "copy: {relay: {tls: implicit}}\n", "6:15",
            "exactly one of host and srv"},
        Row{"RelayMaildir", kBase + "copy: {relay: {maildir: m}}\n", "6:16", "unknown key 'maildir'"},
        Row{"RelayInClear", kBase + "copy: {relay: {host: r.example, tls: none}}\n", "6:38",
            "for a host on the network"},
        Row{"UserWithoutPassword", kBase + "copy: {relay: {host: r.example, user: u}}\n", "6:15",
            "key 'password' is missing"},
        Row{"PasswordWithoutUser", kBase + "copy: {relay: {host: r.example, password: {env: HOME}}}\n",
            "6:15", "key 'user' is missing"},
        Row{"PasswordInTheFile", kBase + "copy: {relay: {host: r.example, user: u, password: hunter2}}\n",
            "6:52", "something else as 'password', expected {file: NAME}"},
        Row{"PasswordFromBoth",
            kBase + "copy: {relay: {host: r.example, user: u, password: {file: a, env: B}}}\n", "6:52",
            "exactly one of file and env"},
        Row{"PasswordFileMissing", kBase + "copy: {relay: {host: r.example, user: u, password: {file: x}}}\n",
            "6:59", "file 'x' cannot be read: no such file"},
        Row{"PasswordFileEmpty",
            kBase + "copy: {relay: {host: r.example, user: u, password: {file: empty.txt}}}\n", "6:59",
            "file 'empty.txt' for 'password' is empty"},
        Row{"PasswordOfTwoLines",
            kBase + "copy: {relay: {host: r.example, user: u, password: {file: two.txt}}}\n", "6:59",
            "more than one line"},
        Row{"PasswordNotInTheEnvironment",
            kBase + "copy: {relay: {host: r.example, user: u, password: {env: PRIVET_TEST_NONE}}}\n", "6:58",
            "environment variable 'PRIVET_TEST_NONE'"}),
    row_name);

INSTANTIATE_TEST_SUITE_P(
    Names, TenantFileRefuses,
    testing::Values(Row{"Twice", kBase + "names: [a.example, A.example]\n", "6:20", "twice"},
                    Row{"Address", kBase + "names: [192.0.2.1]\n", "6:9", "expected a host name"},
                    Row{"Pattern", kBase + "names: ['*.acme.example']\n", "6:9", "expected a host name"}),
    row_name);

INSTANTIATE_TEST_SUITE_P(
    Crm, TenantFileRefuses,
    testing::Values(
        Row{"Missing", "privet: 1\ntenant: a\ndomains: a.example\nupstream: {smtp: {maildir: m}}\n", "1:1",
            "key 'crm' is missing"},
        Row{"Empty", with_crm("[]"), "5:6", "an empty list as 'crm'"},
        Row{"OneMap", with_crm("{profile: generic}"), "5:6", "a map as 'crm', expected a list"},
        Row{"UnknownProfile", with_crm("[{profile: pipedriv, addresses: [a@b.test]}]"), "5:17",
            "(did you mean 'pipedrive'?)"},
        Row{"NoAddresses", with_crm("[{profile: generic}]"), "5:7", "key 'addresses' is missing in 'crm'"},
        Row{"NoAddressAtAll", with_crm("[{profile: generic, addresses: []}]"), "5:37",
            "an empty list as 'addresses'"},
        Row{"BareDomain", with_crm("[{profile: generic, addresses: [crm.test]}]"), "5:38", "or *@domain"},
        Row{"Malformed", with_crm("[{profile: generic, addresses: ['a*@crm.test']}]"), "5:38",
            "expected local@domain"},
        Row{"AnyAtPipedrive", with_crm("[{profile: pipedrive, addresses: ['*@pipedrivemail.com']}]"), "5:40",
            "expected local@domain"},
        Row{"WrongDomain", with_crm("[{profile: pipedrive, addresses: [acme@pipedrivemail.co]}]"), "5:40",
            "expected an address at pipedrivemail.com"},
        Row{"OwnDomain", with_crm("[{profile: generic, addresses: [a@crm.test, crm@acme.example]}]"), "5:50",
            "lies in a domain of this tenant"}),
    row_name);

INSTANTIATE_TEST_SUITE_P(
    Lists, TenantFileRefuses,
    testing::Values(
        Row{"NotAMap", kBase + "lists: [a]\n", "6:8", "a list as 'lists', expected a map"},
        Row{"BadName", kBase + "lists: {My List: []}\n", "6:9", "as a list's name"},
        Row{"Null", kBase + "lists:\n  board:\n", "7:3", "nothing as 'board', expected a list of texts"},
        Row{"BadEntry", kBase + "lists:\n  board: [x.example, y z]\n", "7:22",
            "'y z': a blank inside an entry, expected local@domain"},
        Row{"FreemailAsInternal", kBase + "lists: {internal: [gmx.de]}\n", "6:20", "public mail provider"},
        Row{"FileMissing", kBase + "lists: {board: ['file:none.txt']}\n", "6:17",
            "file 'none.txt' cannot be read: no such file"},
        Row{"FileWithoutName", kBase + "lists: {board: ['file:']}\n", "6:17", "no name behind file:"},
        Row{"BadLineInFile", kBase + "lists: {board: ['file:people.txt']}\n", "tenants/people.txt:3:3",
            "'bad entry'"},
        Row{"CsvWithoutMail", kBase + "lists: {board: ['file:nomail.csv']}\n", "tenants/nomail.csv:1:1",
            "no e-mail column"},
        Row{"BadCsvCell", kBase + "lists: {board: ['file:bad.csv']}\n", "tenants/bad.csv:2:3",
            "'y' in the e-mail column"},
        Row{"FreemailInFile", kBase + "lists: {internal: ['file:free.txt']}\n", "tenants/free.txt:1:1",
            "public mail provider"}),
    row_name);

INSTANTIATE_TEST_SUITE_P(
    Rules, TenantFileRefuses,
    testing::Values(
        Row{"StripUnknownList", kBase + "strip: [internal, bloked]\n", "6:19",
            "unknown list 'bloked' in 'strip', expected a name from 'lists' (did you mean 'blocked'?)"},
        Row{"NotAList", kBase + "rules: {when: {}}\n", "6:8", "a map as 'rules', expected a list"},
        Row{"RuleIsAText", kBase + "rules: [hide]\n", "6:9", "'hide' as rule 1, expected a map of keys"},
        Row{"NoWhen", kBase + "rules: [{do: hide}]\n", "6:9", "key 'when' is missing in rule 1"},
        Row{"NoDo", kBase + "rules: [{when: {any: internal}}]\n", "6:9", "key 'do' is missing in rule 1"},
        Row{"EmptyWhen", kBase + "rules: [{when: {}, do: hide}]\n", "6:16", "an empty 'when'"},
        Row{"EmptyCondition", kBase + "rules: [{when: {any: []}, do: hide}]\n", "6:22",
            "an empty list as 'any'"},
        Row{"UnknownList", kBase + "rules:\n  - {when: {any: bord}, do: hide}\n", "7:18",
            "unknown list 'bord' in 'any'"},
        Row{"UnknownVerdict", kBase + "rules: [{when: {any: internal}, do: hidden}]\n", "6:37",
            "expected one of: share, private, hide"},
        Row{"Metadata", kBase + "rules: [{when: {any: internal}, do: metadata}]\n", "6:37",
            "not supported by this version"},
        Row{"Class", kBase + "rules: [{when: {class: encrypted}, do: hide}]\n", "6:17",
            "not supported by this version"},
        Row{"UnknownCondition", kBase + "rules: [{when: {subjet: x}, do: hide}]\n", "6:17",
            "(did you mean 'subject'?)"},
        Row{"FloorIsAWord", kBase + "rules: [{when: {any: internal}, do: hide, floor: yes}]\n", "6:50",
            "expected true or false"},
        Row{"EmptySubject", kBase + "rules: [{when: {subject: ['']}, do: hide}]\n", "6:27",
            "expected a text"}),
    row_name);

class TenantFileWarns : public testing::TestWithParam<Row> {};

TEST_P(TenantFileWarns, WithPlaceAndReason) {
  const LoadedTenant loaded = load(GetParam().text, list_files());
  ASSERT_EQ(loaded.warnings.size(), 1u);
  const std::string message = loaded.warnings[0].to_string();
  EXPECT_TRUE(message.starts_with(at(GetParam().place))) << message;
  EXPECT_NE(message.find(GetParam().what), std::string::npos) << message;
}

INSTANTIATE_TEST_SUITE_P(
    Table, TenantFileWarns,
    testing::Values(
        Row{"NothingStripped", kBase + "strip: []\ndefault: share\n", "6:8", "nothing is stripped"},
        Row{"NothingStrippedByRule", kBase + "strip: []\nrules: [{when: {any: internal}, do: share}]\n",
            "6:8", "nothing is stripped"},
        Row{"RuleNeverMatches",
            kBase + "rules:\n  - {when: {any: [internal, blocked]}, do: hide}\n"
                    "  - {when: {any: [blocked, internal]}, do: share}\n",
            "8:12", "rule 2 can never match: rule 1 has the same 'when'"},
        Row{"InternalCustomer", kBase + "lists: {customers: [x.example, tom@acme.example]}\n", "6:32",
            "'tom@acme.example' is internal and in 'customers'"},
        Row{"InternalListedLater", kBase + "lists: {customers: [x.example], internal: [x.example]}\n", "6:21",
            "'x.example' is internal and in 'customers'"},
        Row{"InternalCustomersInFile", kBase + "lists: {customers: ['file:customers.txt']}\n",
            "tenants/customers.txt:2:1", "'tom@acme.example' is internal and in 'customers'"}),
    row_name);

TEST(TenantFile, DoesNotWarnOfNothingStrippedWhereNothingIsShared) {
  EXPECT_TRUE(load(kBase + "strip: []\n").warnings.empty());
}

}  // namespace
}  // namespace privet::policy
