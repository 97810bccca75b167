#include "proxy/smtp/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "proxy/limits.h"
#include "proxy/log.h"
#include "proxy/net/loop.h"
#include "tests/support/peer.h"
#include "tests/support/server.h"

namespace privet {
namespace {

using testing::HasSubstr;
using testing_support::Peer;
using testing_support::PeerListener;
using testing_support::RunningServer;

const std::string kAnna = "AUTH PLAIN AGFubmFAYWNtZS50ZXN0AHNlY3JldA==\r\n";  // anna@acme.test
const std::string kEve = "AUTH PLAIN AGV2ZUBlbHNld2hlcmUudGVzdAB4\r\n";       // eve@elsewhere.test

// The test is the client and acme's upstream.
class Sessions : public testing::Test {
 protected:
  std::shared_ptr<const Config> configure(const std::string& more) const {
    folder_.write("tenants/acme.yaml",
                  "privet: 1\ntenant: acme\ndomains: [acme.test]\nupstream: {smtp: {host: localhost, port: " +
                      std::to_string(upstreams_.port()) +
                      ", tls: none}}\ncrm: [{profile: pipedrive, addresses: [acme@pipedrivemail.com]}]\n"
                      "lists: {customers: [bigco.test]}\nrules: [{when: {any: customers}, do: share}]\n"
                      "default: private\n" +
                      more);
    auto config = load_config(
        folder_.write("privet.yaml",
                      "privet: 1\nhostname: mx.test\ntenants: tenants\nstate: state\nlog: {level: \"off\"}\n"
                      "limits: {loops: 1}\nlisten: [{address: \"127.0.0.1:0\", tls: none}]\n"));
    if (!config) throw std::runtime_error(config.error().to_string());
    return *config;
  }

  /// The last line of the reply, or "closed".
  static std::string reply(Peer& peer) {
    while (auto line = peer.line()) {
      if (line->size() < 4 || (*line)[3] == ' ') return *line;
    }
    return "closed";
  }
  static std::string say(Peer& client, const std::string& text) {
    client.send(text);
    return reply(client);
  }
  Peer meet() {
    Peer upstream = upstreams_.accept();
    upstream.send("220 mail.test\r\n");
    EXPECT_EQ(upstream.line(), "EHLO mx.test");
    upstream.send("250-mail.test\r\n250-PIPELINING\r\n250 AUTH PLAIN\r\n");
    return upstream;
  }
  static void expect(Peer& upstream, const std::string& command, const std::string& answer) {
    EXPECT_EQ(upstream.line().value_or("closed"), command);
    upstream.send(answer + "\r\n");
  }

  testing_support::TemporaryFolder folder_;
  PeerListener upstreams_;
};

net::Task<void> owe(spool::Spool& spool, net::Loop& loop) {
  const std::string content = "Subject: older\r\n\r\nolder\r\n";
  std::vector<spool::Draft> drafts;
  drafts.push_back({.record = {.tenant = "acme",
                               .user = "anna@acme.test",
                               .reverse_path = "anna@acme.test",
                               .recipient = "acme@pipedrivemail.com",
                               .expires = spool.now() + 3600},
                    .header = content,
                    .body = {},
                    .keep = nullptr});
  auto preparing = spool.prepare(loop, std::move(drafts));
  const auto prepared = co_await preparing;
  auto committing = spool.commit(loop, {prepared->front().id});
  co_await committing;
  loop.close_door();
}

TEST_F(Sessions, BeginNoOlderCopyBehindAnswersThatAreStillOwed) {
  const auto config = configure("");
  {
    net::Loop loop;
    const auto spool = spool::Spool::open({.folder = config->state + "/spool", .size_limit = 0, .clock = {}});
    ASSERT_TRUE(spool.has_value()) << spool.error().to_string();
    loop.spawn(owe(**spool, loop));
    loop.run();
  }
  const RunningServer server(config);
  Peer client = Peer::connect(server.port());
  EXPECT_EQ(reply(client).substr(0, 3), "220");
  client.send("EHLO client.test\r\n");
  Peer upstream = meet();
  EXPECT_EQ(reply(client).substr(0, 3), "250");
  client.send(kAnna);
  EXPECT_EQ(upstream.line().value_or("closed").substr(0, 5), "AUTH ");
  upstream.send("235 2.7.0 welcome\r\n");
  EXPECT_EQ(reply(client), "235 2.7.0 welcome");

  client.send("MAIL FROM:<anna@acme.test>\r\nRCPT TO:<bob@customer.test>\r\nRCPT TO:<b\rb>\r\n");
  EXPECT_EQ(reply(client).substr(0, 3), "521");
  expect(upstream, "MAIL FROM:<anna@acme.test>", "250 2.1.0 ok");
  expect(upstream, "RCPT TO:<bob@customer.test>", "250 2.1.5 ok");
  expect(upstream, "QUIT", "221 2.0.0 bye");
}

TEST_F(Sessions, LogWhoseServerWasLostAtALogin) {
  const RunningServer server(configure(""));
  Peer client = Peer::connect(server.port());
  EXPECT_EQ(reply(client).substr(0, 3), "220");
  client.send("EHLO client.test\r\n");
  std::optional<Peer> upstream(meet());
  EXPECT_EQ(reply(client).substr(0, 3), "250");
  log::configure(log::Level::Warning, false);
  testing::internal::CaptureStderr();
  client.send(kAnna);
  EXPECT_TRUE(upstream->line().has_value());
  upstream.reset();
  EXPECT_EQ(reply(client).substr(0, 9), "451 4.4.2");
  log::configure(log::Level::Off, false);
  const std::string text = testing::internal::GetCapturedStderr();
  const std::string host = "localhost:" + std::to_string(upstreams_.port());
  EXPECT_THAT(text, HasSubstr("upstream lost tenant=acme cause=\"" + host + ": "));
  EXPECT_THAT(text, HasSubstr("cause=\"the connection to the server was lost\""));
}

TEST_F(Sessions, KeepTheUpstreamOfACopyWhenALoginFails) {
  folder_.write("tenants/beta.yaml",
                "privet: 1\ntenant: beta\ndomains: [beta.test]\nupstream: {smtp: {maildir: ../mail}}\n"
                "crm: [{profile: pipedrive, addresses: [beta@pipedrivemail.com]}]\n");
  const RunningServer server(configure("trusted_networks: [127.0.0.0/8]\n"));
  Peer probe = meet();  // of a server with several tenants
  expect(probe, "QUIT", "221 2.0.0 bye");
  Peer client = Peer::connect(server.port());
  EXPECT_EQ(reply(client).substr(0, 3), "220");
  client.send("EHLO client.test\r\n");
  Peer upstream = meet();
  EXPECT_EQ(reply(client).substr(0, 3), "250");
  client.send("MAIL FROM:<anna@acme.test>\r\n");
  expect(upstream, "MAIL FROM:<anna@acme.test>", "250 2.1.0 ok");
  EXPECT_EQ(reply(client), "250 2.1.0 ok");
  client.send("RCPT TO:<buyer@bigco.test>\r\n");
  expect(upstream, "RCPT TO:<buyer@bigco.test>", "250 2.1.5 ok");
  EXPECT_EQ(reply(client), "250 2.1.5 ok");
  EXPECT_EQ(say(client, "RCPT TO:<acme@pipedrivemail.com>\r\n"), "250 2.1.5 Ok");
  EXPECT_EQ(say(client, "DATA\r\n").substr(0, 3), "354");
  client.send("From: anna@acme.test\r\nTo: buyer@bigco.test\r\nSubject: x\r\n\r\nx\r\n.\r\n");
  expect(upstream, "DATA", "354 go on");
  EXPECT_TRUE(upstream.content().has_value());
  upstream.send("250 2.0.0 queued\r\n");
  EXPECT_EQ(reply(client), "250 2.0.0 queued");

  EXPECT_EQ(upstream.line().value_or("closed"), "MAIL FROM:<anna@acme.test>");
  client.send(kEve);
  expect(upstream, "RCPT TO:<acme@pipedrivemail.com>", "250 2.1.0 ok\r\n250 2.1.5 ok");
  expect(upstream, "DATA", "354 go on");
  EXPECT_TRUE(upstream.content().has_value());
  upstream.send("250 2.0.0 queued\r\n");
  EXPECT_EQ(reply(client).substr(0, 3), "535");
}

TEST_F(Sessions, TakeNoMailOfATenantThatHasNoServerForIt) {
  const std::string view = "privet: 1\ntenant: view\ndomains: [elsewhere.test]\ncrm: [{profile: generic}]\n";
  folder_.write("tenants/view.yaml", view + "upstream: {imap: {host: localhost, port: 1, tls: none}}\n");
  {
    const RunningServer server(configure(""));
    Peer probe = meet();  // of a server with several tenants, where there is something to ask
    expect(probe, "QUIT", "221 2.0.0 bye");
    Peer client = Peer::connect(server.port());
    EXPECT_EQ(reply(client).substr(0, 3), "220");
    EXPECT_EQ(say(client, "EHLO client.test\r\n").substr(0, 3), "250");
    EXPECT_EQ(say(client, kEve), "550 5.3.2 No mail is sent here, only mailboxes are shown");
  }
  std::filesystem::remove(folder_ / "tenants/acme.yaml");
  const auto alone = load_config(folder_ / "privet.yaml");
  ASSERT_TRUE(alone) << alone.error().to_string();
  const RunningServer server(*alone);
  Peer client = Peer::connect(server.port());
  EXPECT_EQ(reply(client).substr(0, 3), "220");
  EXPECT_EQ(say(client, "EHLO client.test\r\n").substr(0, 9), "550 5.3.2");
}

TEST_F(Sessions, ThatWaitForFailedLoginsEndWithTheServer) {
  constexpr std::size_t kFailures = 6;  // the last of which waits for limits::kLoginDelayMost
  std::optional<RunningServer> server(configure(""));
  std::vector<Peer> clients, upstreams;
  for (std::size_t i = 0; i <= kFailures; ++i) {
    clients.push_back(Peer::connect(server->port()));
    EXPECT_EQ(reply(clients[i]).substr(0, 3), "220");
    clients[i].send("EHLO client.test\r\n");
    upstreams.push_back(meet());
    EXPECT_EQ(reply(clients[i]).substr(0, 3), "250");
  }
  Peer& late = clients[kFailures];
  for (std::size_t i = 0; i < kFailures; ++i) {
    clients[i].send(kAnna);
    EXPECT_EQ(upstreams[i].line().value_or("closed").substr(0, 5), "AUTH ");
  }
  for (std::size_t i = 0; i < kFailures; ++i) upstreams[i].send("535 5.7.8 no\r\n");
  EXPECT_EQ(say(late, "NOOP\r\n"), "250 2.0.0 Ok");
  late.send(kAnna);

  const auto stopped = std::chrono::steady_clock::now();
  server->stop();
  for (std::size_t i = 0; i < kFailures; ++i) {
    EXPECT_EQ(reply(clients[i]), "535 5.7.8 no");
    EXPECT_EQ(reply(clients[i]).substr(0, 9), "421 4.3.2");
  }
  EXPECT_EQ(reply(late).substr(0, 9), "421 4.3.2");
  EXPECT_EQ(upstreams[kFailures].line().value_or("closed"), "QUIT") << "the login goes no further";
  upstreams.clear();
  clients.clear();
  server.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - stopped, limits::kLoginDelayMost / 2);
}

}  // namespace
}  // namespace privet
