#include "proxy/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy/limits.h"
#include "tests/support/server.h"

namespace privet {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view kTenant =
    "privet: 1\ntenant: acme\ndomains: [acme.test]\nupstream: {smtp: {maildir: ../mail}}\n"
    "crm: [{profile: pipedrive, addresses: [acme@pipedrivemail.com]}]\n";
constexpr std::string_view kListen = "listen: [{address: \"127.0.0.1:0\", protocol: smtp, tls: none}]\n";

class Configuration : public testing::Test {
 protected:
  Result<std::shared_ptr<const Config>> load(const std::string& text) const {
    folder_.write("tenants/acme.yaml", kTenant);
    return load_config(folder_.write("privet.yaml", text));
  }
  testing_support::TemporaryFolder folder_;
};

TEST_F(Configuration, HasDefaultsForWhatIsNotSaid) {
  const auto config = load("privet: 1\ntenants: tenants\n" + std::string(kListen));
  ASSERT_TRUE(config) << config.error().to_string();
  EXPECT_EQ((*config)->sessions, limits::kSessions);
  EXPECT_EQ((*config)->message_size, limits::kMessageSize);
  EXPECT_EQ((*config)->per_source, limits::kSessionsPerSource);
  EXPECT_EQ((*config)->spool_size, limits::kSpoolSize);
  EXPECT_EQ((*config)->listeners.at(0).protocol, Protocol::Smtp);
  EXPECT_TRUE((*config)->listeners.at(0).tenant.empty());
  EXPECT_GE((*config)->loops, 1u);
  EXPECT_FALSE((*config)->hostname.empty());
  EXPECT_EQ((*config)->certificates, nullptr);
  EXPECT_EQ((*config)->policy->tenants().size(), 1u);
}

TEST_F(Configuration, TakesWhatIsSaid) {
  const auto config = load(
      "privet: 1\nhostname: mx.test\ntenants: tenants\nstate: var/state\nlog: {level: warning, format: "
      "json}\n"
      "listen:\n  - {address: \"127.0.0.1:2525\", tls: none}\n  - {address: \"[::1]:0\", protocol: smtp, "
      "tls: none}\n"
      "limits: {sessions: 5, per_source: 7, many_users: [192.0.2.0/24], message_size: 10KiB, spool: 2GiB, "
      "loops: 2}\n");
  ASSERT_TRUE(config) << config.error().to_string();
  EXPECT_EQ((*config)->hostname, "mx.test");
  EXPECT_EQ((*config)->listeners.at(0).port, 2525);
  EXPECT_EQ((*config)->listeners.at(1).address, "::1");
  EXPECT_EQ((*config)->sessions, 5u);
  EXPECT_EQ((*config)->message_size, 10u * 1024);
  EXPECT_EQ((*config)->per_source, 7u);
  EXPECT_EQ((*config)->many_users, std::vector{*policy::Network::parse("192.0.2.0/24")});
  EXPECT_EQ((*config)->spool_size, std::uint64_t{2} << 30);
  EXPECT_EQ((*config)->loops, 2u);
  EXPECT_EQ((*config)->log_level, log::Level::Warning);
  EXPECT_TRUE((*config)->log_json);
  EXPECT_EQ(std::filesystem::path((*config)->state), std::filesystem::path(folder_ / "var/state"))
      << "relative to the file";
  EXPECT_FALSE(std::filesystem::exists(folder_ / "var/state")) << "serve makes it, not check";
}

TEST_F(Configuration, KnowsWhoseClientsAListenerHas) {
  const auto config = load(
      "privet: 1\ntenants: tenants\nlisten:\n  - {address: \"127.0.0.1:24\", protocol: lmtp, tls: none, "
      "tenant: "
      "acme, proxy_protocol: [10.0.0.0/8, \"::1/128\"], xclient: 127.0.0.0/8}\n");
  ASSERT_TRUE(config) << config.error().to_string();
  const ListenerConfig& listener = (*config)->listeners.at(0);
  EXPECT_EQ(listener.protocol, Protocol::Lmtp);
  EXPECT_EQ(listener.tenant, "acme");
  ASSERT_EQ(listener.proxy_protocol.size(), 2u);
  EXPECT_TRUE(listener.proxy_protocol[0].contains("10.1.2.3"));
  EXPECT_TRUE(listener.proxy_protocol[1].contains("::1"));
  ASSERT_EQ(listener.xclient.size(), 1u);
  EXPECT_TRUE(listener.xclient[0].contains("127.0.0.1"));
}

TEST_F(Configuration, BringsTheAuthorityOfTheRelayForCopies) {
  testing_support::write_certificates(folder_, {"relay.test"});
  folder_.write("tenants/relayed.yaml",
                "privet: 1\ntenant: relayed\ndomains: [relayed.test]\nupstream: {smtp: {maildir: ../mail}}\n"
                "crm: [{profile: generic, addresses: [a@crm.test]}]\n"
                "copy: {relay: {host: relay.test, ca: ../authority.pem}}\n");
  const auto config = load("privet: 1\ntenants: tenants\n" + std::string(kListen));
  ASSERT_TRUE(config) << config.error().to_string();
  EXPECT_TRUE((*config)->client_contexts.contains(folder_ / "authority.pem"));
}

struct Mistake {
  const char* name;
  std::string text;
  std::string place;  ///< ":line:column: "
  std::string what;
};

class Mistakes : public Configuration, public testing::WithParamInterface<Mistake> {};

TEST_P(Mistakes, AreToldWithTheirPlace) {
  const auto config = load(GetParam().text);
  ASSERT_FALSE(config);
  EXPECT_THAT(config.error().to_string(), StartsWith(folder_ / "privet.yaml" + GetParam().place));
  EXPECT_THAT(config.error().what, HasSubstr(GetParam().what));
}

const std::string kHead = "privet: 1\ntenants: tenants\n";

INSTANTIATE_TEST_SUITE_P(
    PrivetYaml, Mistakes,
    testing::Values(
        Mistake{"unknown_key", kHead + std::string(kListen) + "colour: red\n", ":4:1: ", "colour"},
        Mistake{"unknown_key_in_listener",
                kHead + "listen:\n  - {address: \"127.0.0.1:0\", tls: none, port: 25}\n", ":4:41: ", "port"},
        Mistake{"duplicate_key", kHead + "tenants: other\n" + std::string(kListen), ":3:1: ", "tenants"},
        Mistake{"wrong_version", "privet: 2\ntenants: tenants\n" + std::string(kListen), ":1:9: ", "privet"},
        Mistake{"no_version", "tenants: tenants\n" + std::string(kListen), ":1:1: ", "privet"},
        // GHSA-vvjj-xcjg-gr5g: nodemailer wrote such a name into its EHLO as it was.
        Mistake{"GHSA_vvjj_xcjg_gr5g_line_end_in_the_name",
                kHead + "hostname: \"mx.test\\r\\nMAIL FROM:<a@b>\"\n" + std::string(kListen),
                ":3:11: ", "host name"},
        Mistake{"no_listener", kHead, ":1:1: ", "listen"},
        Mistake{"listener_is_no_list", kHead + "listen: 587\n", ":3:9: ", "listen"},
        Mistake{"no_tls", kHead + "listen:\n  - {address: \"127.0.0.1:0\"}\n", ":4:5: ", "tls"},
        Mistake{"bad_address", kHead + "listen:\n  - {address: \"127.0.0.1\", tls: none}\n",
                ":4:5: ", "IP:port"},
        Mistake{"bad_port", kHead + "listen:\n  - {address: \"127.0.0.1:99999\", tls: none}\n",
                ":4:5: ", "IP:port"},
        Mistake{"clear_text_on_the_network", kHead + "listen:\n  - {address: \"0.0.0.0:587\", tls: none}\n",
                ":4:35: ", "loopback"},
        Mistake{"lmtp_in_clear_on_the_network",
                kHead + "listen:\n  - {address: \"0.0.0.0:24\", protocol: lmtp, tls: none}\n",
                ":4:50: ", "loopback"},
        Mistake{"xclient_for_imap",
                kHead + "listen:\n  - {address: \"127.0.0.1:0\", tls: none, protocol: imap, xclient: "
                        "[127.0.0.0/8]}\n",
                ":4:66: ", "smtp or lmtp"},
        Mistake{"unknown_tenant",
                kHead + "listen:\n  - {address: \"127.0.0.1:0\", tls: none, tenant: acmee}\n",
                ":4:49: ", "did you mean 'acme'?"},
        Mistake{
            "proxies_from_everywhere",
            kHead + "listen:\n  - {address: \"127.0.0.1:0\", tls: none, proxy_protocol: [\"0.0.0.0/0\"]}\n",
            ":4:58: ", "smaller than the whole internet"},
        Mistake{"xclient_without_length",
                kHead + "listen:\n  - {address: \"127.0.0.1:0\", tls: none, xclient: [127.0.0.1]}\n",
                ":4:51: ", "in 'xclient': expected a network"},
        Mistake{"no_connection_of_a_source", kHead + std::string(kListen) + "limits: {per_source: 0}\n",
                ":4:22: ", "per_source"},
        Mistake{"many_users_everywhere",
                kHead + std::string(kListen) + "limits: {many_users: [\"0.0.0.0/0\"]}\n",
                ":4:23: ", "in 'many_users': expected a network smaller"},
        Mistake{"bad_spool_size", kHead + std::string(kListen) + "limits: {spool: much}\n",
                ":4:17: ", "spool: expected a size"},
        Mistake{"host_name", kHead + "listen:\n  - {address: \"localhost:25\", tls: none}\n",
                ":4:5: ", "IP:port"},
        Mistake{"no_brackets", kHead + "listen:\n  - {address: \"::1:25\", tls: none}\n",
                ":4:5: ", "[::1]:587"},
        Mistake{"same_address_twice",
                kHead + "listen:\n  - {address: \"127.0.0.1:25\", tls: none}\n"
                        "  - {address: \"127.0.0.1:25\", tls: none, protocol: imap}\n",
                ":5:5: ", "another listener has it already"},
        Mistake{"unknown_tls", kHead + "listen:\n  - {address: \"127.0.0.1:0\", tls: ssl}\n",
                ":4:35: ", "starttls"},
        Mistake{"no_sessions", kHead + std::string(kListen) + "limits: {sessions: 0}\n",
                ":4:20: ", "sessions"},
        Mistake{"bad_size", kHead + std::string(kListen) + "limits: {message_size: 50 megs}\n",
                ":4:24: ", "50MiB"},
        Mistake{"unknown_level", kHead + std::string(kListen) + "log: {level: loud}\n", ":4:14: ", "info"}),
    [](const auto& row) { return row.param.name; });

TEST_F(Configuration, NeedsACertificateForTls) {
  const auto config =
      load("privet: 1\ntenants: tenants\nlisten: [{address: \"127.0.0.1:0\", tls: starttls}]\n");
  ASSERT_FALSE(config);
  EXPECT_THAT(config.error().to_string(), HasSubstr("certificates"));
}

TEST_F(Configuration, WarnsOfListenersAndServersWithoutEachOther) {
  folder_.write(
      "tenants/view.yaml",
      "privet: 1\ntenant: view\ndomains: [view.test]\nupstream: {imap: {host: localhost, tls: none}}\n"
      "crm: [{profile: pipedrive}]\n");
  const auto warnings = [this](const std::string& listeners) {
    const auto config = load("privet: 1\ntenants: tenants\nlisten: [" + listeners + "]\n");
    EXPECT_TRUE(config) << config.error().to_string();
    std::vector<std::string> said;
    for (const Error& warning : (*config)->warnings) said.push_back(warning.what);
    return said;
  };
  const std::string smtp = "{address: \"127.0.0.1:0\", tls: none", imap = smtp + ", protocol: imap";
  const auto without_listener = [](const std::string& which) {
    return HasSubstr("tenant " + which + ", but no listener for it");
  };
  EXPECT_THAT(warnings(smtp + "}, " + imap + "}"), testing::IsEmpty());
  EXPECT_THAT(warnings(smtp + "}"), testing::ElementsAre(without_listener("view has upstream.imap")));
  EXPECT_THAT(warnings(imap + "}"), testing::ElementsAre(without_listener("acme has upstream.smtp")));
  EXPECT_THAT(warnings(smtp + ", tenant: view}, " + imap + ", tenant: acme}"),
              testing::ElementsAre(HasSubstr("serves nobody: no tenant it is for has upstream.smtp"),
                                   HasSubstr("no tenant it is for has upstream.imap"),
                                   without_listener("acme has upstream.smtp"),
                                   without_listener("view has upstream.imap")));
}

TEST_F(Configuration, WarnsOfADateToComeAndOfASizeWithoutItsUnit) {
  folder_.write(
      "tenants/view.yaml",
      "privet: 1\ntenant: view\ndomains: [view.test]\nupstream: {imap: {host: localhost, tls: none}}\n"
      "crm: [{profile: pipedrive}]\npeople: {anna@view.test: {since: 2999-01-01}}\n");
  const auto config = load(
      "privet: 1\ntenants: tenants\nlimits: {message_size: 50}\nlisten: [{address: \"127.0.0.1:0\", "
      "tls: none}, {address: \"127.0.0.1:0\", tls: none, protocol: imap}]\n");
  ASSERT_TRUE(config) << config.error().to_string();
  ASSERT_EQ((*config)->warnings.size(), 2u);
  EXPECT_THAT((*config)->warnings[0].what, StartsWith("limits: message_size is 50 bytes"));
  EXPECT_THAT((*config)->warnings[1].what, StartsWith("tenant view has a 'since' that is yet to come"));
}

TEST_F(Configuration, NamesTheTenantsFileThatIsWrong) {
  folder_.write("tenants/broken.yaml", "privet: 1\ntenant: broken\ncolour: red\n");
  const auto config = load("privet: 1\ntenants: tenants\n" + std::string(kListen));
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().file, folder_ / "tenants/broken.yaml");
  EXPECT_EQ(config.error().line, 3);
}

TEST_F(Configuration, NamesTheFileOrFolderThatIsNotThere) {
  const auto missing = load_config(folder_ / "nowhere.yaml");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().file, folder_ / "nowhere.yaml");
  EXPECT_EQ(missing.error().what, "No such file or directory");
  const auto folder = load_config(folder_.path().string());
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().what, "is no regular file");
  const auto no_tenants = load("privet: 1\ntenants: nowhere\n" + std::string(kListen));
  ASSERT_FALSE(no_tenants);
  EXPECT_EQ(no_tenants.error().file, folder_ / "nowhere");
}

TEST_F(Configuration, RefusesWhatIsNoRegularFile) {
  std::filesystem::create_directories(folder_ / "tenants/folder.yaml");
  const auto config = load("privet: 1\ntenants: tenants\n" + std::string(kListen));
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().to_string(), folder_ / "tenants/folder.yaml" + ": is no regular file");
}

TEST_F(Configuration, GivesThePolicyAloneWithoutCertificates) {
  folder_.write("tenants/acme.yaml", kTenant);
  const auto policy = load_policy_only(folder_.write(
      "privet.yaml", "privet: 1\ntenants: tenants\nlisten: [{address: \"127.0.0.1:0\", tls: starttls}]\n"));
  ASSERT_TRUE(policy) << policy.error().to_string();
  EXPECT_NE((*policy)->find("acme"), nullptr);
}

}  // namespace
}  // namespace privet
