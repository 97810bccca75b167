#include "proxy/server.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <optional>
#include <utility>

#include "proxy/log.h"
#include "tests/support/peer.h"
#include "tests/support/server.h"

namespace privet {
namespace {

using testing_support::Peer;
using testing_support::RunningServer;

// A server with Maildir upstreams; tests add tenants and write privet.yaml.
class Servers : public testing::Test {
 protected:
  void tenant(const std::string& name, const std::string& more) const {
    folder_.write("tenants/" + name + ".yaml", "privet: 1\ntenant: " + name + "\ndomains: [" + name +
                                                   ".test]\nupstream: {smtp: {maildir: ../mail/" + name +
                                                   "}}\ncrm: [{profile: pipedrive, addresses: [" + name +
                                                   "@pipedrivemail.com]}]\n" + more);
  }

  std::shared_ptr<const Config> load(const std::string& limits = "loops: 1",
                                     const std::string& name = "mx.test",
                                     const std::string& listener = "") const {
    auto config = load_config(folder_.write(
        "privet.yaml", "privet: 1\nhostname: " + name +
                           "\ntenants: tenants\nlog: {level: \"off\"}\nlimits: {" + limits +
                           "}\nlisten: [{address: \"127.0.0.1:0\", tls: none" + listener + "}]\n"));
    EXPECT_TRUE(config) << (config ? "" : config.error().to_string());
    return config.value();
  }

  /// The last line of the reply, or "closed".
  static std::string say(Peer& client, const std::string& text) {
    client.send(text);
    return reply(client);
  }
  static std::string reply(Peer& client) {
    while (auto line = client.line()) {
      if (line->size() < 4 || (*line)[3] == ' ') return *line;
    }
    return "closed";
  }
  static Peer greeted(const RunningServer& server) {
    Peer client = Peer::connect(server.port());
    EXPECT_EQ(reply(client).substr(0, 3), "220");
    EXPECT_EQ(say(client, "EHLO client.test\r\n").substr(0, 3), "250");
    return client;
  }

  /// Gives this configuration at each reload.
  static Server::Reload counting(std::atomic<int>& reloads, std::shared_ptr<const Config> next) {
    return [&reloads, next = std::move(next)] {
      ++reloads;
      return next;
    };
  }
  /// Begins mails until one is refused, in 90 tries; a reload is followed from some transaction on.
  static std::string refusal_of_mail(Peer& client) {
    std::string answer = "250";
    for (int i = 0; i < 90 && answer.starts_with("250"); ++i) {
      answer = say(client, "MAIL FROM:<anna@acme.test>\r\n");
      if (answer.starts_with("250")) say(client, "RSET\r\n");
    }
    return answer;
  }

  bool filed(const std::string& box) const {
    return std::filesystem::exists(folder_.path() / "mail" / box / "new");
  }

  testing_support::TemporaryFolder folder_;
};

const std::string kTrusted = "trusted_networks: [127.0.0.0/8]\n";
const std::string kAnna = "AUTH PLAIN AGFubmFAYWNtZS50ZXN0AHNlY3JldA==\r\n";  // anna@acme.test
const std::string kBert = "AUTH PLAIN AGJlcnRAYmV0YS50ZXN0AHNlY3JldA==\r\n";  // bert@beta.test
const std::string kEve = "AUTH PLAIN AGV2ZUBlbHNld2hlcmUudGVzdAB4\r\n";       // eve@elsewhere.test

TEST_F(Servers, EndsIdleSessionsAndFinishesTransactionsOnStop) {
  tenant("acme", kTrusted);
  RunningServer server(load());
  Peer idle = greeted(server), busy = greeted(server);
  EXPECT_EQ(say(busy, "MAIL FROM:<anna@acme.test>\r\n"), "250 2.1.0 Ok");
  EXPECT_EQ(say(busy, "RCPT TO:<bob@customer.test>\r\n"), "250 2.1.5 Ok");
  server.stop();
  EXPECT_EQ(reply(idle), "421 4.3.2 Shutting down, try again later");
  EXPECT_TRUE(idle.ends());
  idle.close();
  EXPECT_THROW(Peer::connect(server.port()), testing_support::PeerError) << "nobody new is let in";
  EXPECT_EQ(say(busy, "DATA\r\n").substr(0, 3), "354");
  EXPECT_EQ(say(busy, "Subject: x\r\n\r\nx\r\n.\r\n"), "250 2.0.0 Filed");
  EXPECT_EQ(reply(busy), "421 4.3.2 Shutting down, try again later");
  EXPECT_TRUE(busy.ends());
  busy.close();
  server.end();
  EXPECT_TRUE(filed("acme/bob@customer.test"));
}

TEST_F(Servers, EndATransactionThatStandsStillWhenPatienceIsOver) {
  tenant("acme", kTrusted);
  const auto config = std::make_shared<Config>(*load());
  config->patience = std::chrono::milliseconds(1);
  RunningServer server(config);
  Peer silent = greeted(server);
  EXPECT_EQ(say(silent, "MAIL FROM:<anna@acme.test>\r\n"), "250 2.1.0 Ok");
  server.end();
  EXPECT_EQ(reply(silent), "421 4.3.2 Shutting down, try again later");
  EXPECT_TRUE(silent.ends());
}

TEST_F(Servers, StopsOnSigterm) {
  tenant("acme", kTrusted);
  RunningServer server(load("loops: 2"), {}, true);
  Peer idle = greeted(server);
  kill(getpid(), SIGTERM);
  EXPECT_EQ(reply(idle), "421 4.3.2 Shutting down, try again later");
}

TEST_F(Servers, RefuseMoreSessionsThanTheyMayHave) {
  tenant("acme", kTrusted);
  const RunningServer server(load("loops: 1, sessions: 1"));
  std::optional<Peer> first = greeted(server);
  Peer second = Peer::connect(server.port());
  EXPECT_EQ(reply(second), "421 4.3.2 Too many connections, try again later");
  EXPECT_TRUE(second.ends());
  first.reset();
  // Its place is free as soon as the server has seen it leave.
  std::string third = "421";
  for (int i = 0; i < 10'000 && third.starts_with("421"); ++i) {
    Peer next = Peer::connect(server.port());
    third = reply(next);
  }
  EXPECT_EQ(third.substr(0, 3), "220");
}

TEST_F(Servers, KeepTheOldConfigurationWhenTheNewOneIsWrong) {
  tenant("acme", kTrusted);
  const auto first = load();
  const auto second = load("loops: 1", "new.test");
  std::atomic<int> reloads{0};
  const auto reload = [&]() -> Result<std::shared_ptr<const Config>> {
    if (++reloads == 1) return failure("a mistake");
    return second;
  };
  const RunningServer server(first, reload, true);
  const auto greeting = [&server] {
    Peer client = Peer::connect(server.port());
    return reply(client);
  };
  EXPECT_EQ(greeting(), "220 mx.test ESMTP Privet");
  Peer before = greeted(server);
  kill(getpid(), SIGHUP);
  while (reloads < 1) EXPECT_EQ(greeting(), "220 mx.test ESMTP Privet");
  EXPECT_EQ(greeting(), "220 mx.test ESMTP Privet");

  kill(getpid(), SIGHUP);
  std::string now;
  for (int i = 0; i < 10'000 && now != "220 new.test ESMTP Privet"; ++i) now = greeting();
  EXPECT_EQ(now, "220 new.test ESMTP Privet");
  EXPECT_EQ(say(before, "MAIL FROM:<anna@acme.test>\r\n"), "250 2.1.0 Ok")
      << "a session lives through a reload";
}

TEST_F(Servers, FollowTheNewPolicyFromTheNextTransactionOn) {
  tenant("acme", kTrusted);
  const auto first = load();
  tenant("beta", "");
  const auto second = load();
  std::filesystem::remove(folder_ / "tenants/acme.yaml");
  const auto third = load();
  std::atomic<int> reloads{0};
  const RunningServer server(first, [&] { return ++reloads == 1 ? second : third; }, true);
  Peer client = greeted(server);
  EXPECT_EQ(say(client, "MAIL FROM:<anna@acme.test>\r\n"), "250 2.1.0 Ok");
  EXPECT_EQ(say(client, "RSET\r\n"), "250 2.0.0 Ok");
  for (int wanted : {1, 2}) {
    kill(getpid(), SIGHUP);
    while (reloads < wanted) greeted(server);
  }
  EXPECT_EQ(refusal_of_mail(client).substr(0, 9), "421 4.3.2") << "its tenant is gone";
}

TEST_F(Servers, SendNothingMoreForWhomANewConfigurationDoesNotLetIn) {
  const std::string view =
      "privet: 1\ntenant: acme\ndomains: [acme.test]\ncrm: [{profile: pipedrive}]\n"
      "upstream: {imap: {host: localhost, tls: none}}\n";
  for (const bool only_shows : {true, false}) {
    tenant("acme", only_shows ? "" : kTrusted);
    const auto first = load();
    tenant("acme", "");
    if (only_shows) folder_.write("tenants/acme.yaml", view);
    const auto second = load();
    std::atomic<int> reloads{0};
    const RunningServer server(first, counting(reloads, second), true);
    Peer client = greeted(server);
    if (only_shows) EXPECT_EQ(say(client, kAnna).substr(0, 3), "235");
    kill(getpid(), SIGHUP);
    while (reloads < 1) Peer::connect(server.port());
    EXPECT_EQ(refusal_of_mail(client).substr(0, 9), "421 4.3.2") << only_shows;
  }
}

TEST_F(Servers, SendNoPasswordToAServerOfTheOldConfiguration) {
  tenant("acme", "");
  const auto first = load();
  tenant("acme", "default: share\n");
  const auto second = load("loops: 1", "new.test");
  const RunningServer server(first, [&] { return second; }, true);
  Peer client = greeted(server);
  kill(getpid(), SIGHUP);
  std::string now;
  for (int i = 0; i < 10'000 && now != "220 new.test ESMTP Privet"; ++i) {
    Peer other = Peer::connect(server.port());
    now = reply(other);
  }
  EXPECT_EQ(say(client, kAnna).substr(0, 9), "421 4.3.2");
  EXPECT_EQ(reply(client), "closed");
}

TEST_F(Servers, TakeTheirLimitsAtAReloadAndSayWhatWaitsForARestart) {
  tenant("acme", kTrusted);
  const std::string balancer = ", proxy_protocol: [127.0.0.0/8]";
  const auto first = load("loops: 1, per_source: 1", "mx.test", balancer);
  const auto second =
      std::make_shared<Config>(*load("loops: 1, per_source: 2, spool: 2GiB", "mx.test", balancer));
  second->log_level = log::Level::Warning;
  std::atomic<int> reloads{0};
  const RunningServer server(first, counting(reloads, second), true);
  const auto greeting = [](Peer& client) {
    client.send("PROXY TCP4 192.0.2.7 192.0.2.1 4711 587\r\n");
    return reply(client).substr(0, 3);
  };
  Peer before = Peer::connect(server.port());
  EXPECT_EQ(greeting(before), "220");
  Peer refused = Peer::connect(server.port());
  EXPECT_EQ(greeting(refused), "421");
  testing::internal::CaptureStderr();
  for (int wanted : {1, 2}) {
    kill(getpid(), SIGHUP);
    std::string answer;
    for (int i = 0; i < 10'000 && (reloads < wanted || answer != "220"); ++i) {
      Peer client = Peer::connect(server.port());
      answer = greeting(client);
    }
    EXPECT_EQ(answer, "220");
  }
  log::configure(log::Level::Off, false);
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_NE(text.find("are taken at the next start only"), std::string::npos) << text;
}

TEST_F(Servers, ChooseTheTenantByTheLoginsDomain) {
  tenant("acme", "");
  tenant("beta", "");
  RunningServer server(load());
  Peer anna = greeted(server), bert = greeted(server), eve = greeted(server);
  EXPECT_EQ(say(eve, kEve), "535 5.7.8 Authentication failed");
  ASSERT_EQ(say(anna, kAnna).substr(0, 3), "235");
  ASSERT_EQ(say(bert, kBert).substr(0, 3), "235");
  for (Peer* client : {&anna, &bert}) EXPECT_EQ(say(*client, "MAIL FROM:<a@acme.test>\r\n"), "250 2.1.0 Ok");
  EXPECT_EQ(say(anna, "RCPT TO:<acme@pipedrivemail.com>\r\n"), "250 2.1.5 Ok");
  EXPECT_EQ(say(anna, "RCPT TO:<beta@pipedrivemail.com>\r\n").substr(0, 9), "550 5.7.1");
  EXPECT_EQ(say(bert, "RCPT TO:<beta@pipedrivemail.com>\r\n"), "250 2.1.5 Ok");
  EXPECT_EQ(say(bert, "RCPT TO:<acme@pipedrivemail.com>\r\n").substr(0, 9), "550 5.7.1");

  EXPECT_EQ(say(bert, "RCPT TO:<bob@customer.test>\r\n"), "250 2.1.5 Ok");
  EXPECT_EQ(say(bert, "DATA\r\n").substr(0, 3), "354");
  EXPECT_EQ(say(bert, "From: bert@beta.test\r\nTo: bob@customer.test\r\n\r\n.\r\n"), "250 2.0.0 Filed");
  EXPECT_EQ(say(bert, "QUIT\r\n"), "221 2.0.0 Bye");
  anna.close();
  server.end();  // the copy comes behind the answer
  EXPECT_TRUE(filed("beta/bob@customer.test"));
  EXPECT_TRUE(filed("beta/beta@pipedrivemail.com"));
  EXPECT_FALSE(filed("acme/bob@customer.test"));
}

TEST_F(Servers, AskNoLoginOfATrustedNetwork) {
  tenant("acme", "trusted_networks: [192.0.2.0/24]\n");
  {
    const RunningServer server(load());
    Peer stranger = greeted(server);
    EXPECT_EQ(say(stranger, "MAIL FROM:<a@acme.test>\r\n").substr(0, 9), "530 5.7.0");
  }
  tenant("acme", kTrusted);
  tenant("beta", "");
  const RunningServer server(load());
  Peer friendly = greeted(server);
  EXPECT_EQ(say(friendly, kBert), "535 5.7.8 Authentication failed") << "the network has chosen the tenant";
  EXPECT_EQ(say(friendly, "MAIL FROM:<a@acme.test>\r\n"), "250 2.1.0 Ok");
}

TEST_F(Servers, SayWhichAddressTheyCannotHave) {
  tenant("acme", "");
  const testing_support::PeerListener other;
  const auto config = load_config(folder_.write(
      "privet.yaml", "privet: 1\ntenants: tenants\nlisten: [{address: \"127.0.0.1:" +
                         std::to_string(other.port()) + "\", tls: none}]\nlimits: {loops: 1}\n"));
  ASSERT_TRUE(config);
  Server server(*config, {});
  const auto ports = server.listen();
  ASSERT_FALSE(ports);
  EXPECT_NE(ports.error().what.find(std::to_string(other.port())), std::string::npos);
}

}  // namespace
}  // namespace privet
