// A client, the proxy with its spool, and an upstream that says what the test tells it to and counts what it
// takes.
#pragma once

#include <gmock/gmock.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/peer.h"
#include "tests/support/server.h"
#include "tests/support/spool_summary.h"

namespace privet::smtp {

inline constexpr std::string_view kCrm = "acme@pipedrivemail.com";
inline constexpr std::string_view kOtherCrm = "acme+2@pipedrivemail.com";
inline constexpr std::string_view kMessage =
    "From: Anna <anna@acme.test>\r\nTo: buyer@bigco.test\r\nMessage-ID: <m1@acme.test>\r\n"
    "Subject: Offer\r\n\r\nHello.\r\n";

/// The upstream's replies within one transaction; "closed" leaves instead. What follows a refusal is not
/// reached.
struct Script {
  std::string mail = "250 2.1.0 ok", rcpt = "250 2.1.5 ok", data = "354 go on", end = "250 2.0.0 queued";
};

class SplitTest : public testing::Test {
 protected:
  using Peer = testing_support::Peer;

  SplitTest() { testing_support::write_certificates(folder_, {"localhost"}); }

  /// Starts the proxy, or starts it anew on the same state folder. `more` is YAML of the tenant.
  void serve(const std::string& more = "", const std::string& limits = "") {
    server_.reset();
    folder_.write("privet.yaml",
                  "privet: 1\nhostname: mx.test\ntenants: tenants\nstate: state\nlog: {level: \"off\"}\n"
                  "listen: [{address: \"127.0.0.1:0\", tls: none}]\nlimits: {loops: 1" +
                      limits + "}\n");
    folder_.write("tenants/acme.yaml",
                  "privet: 1\ntenant: acme\ndomains: [acme.test]\ncrm: [{profile: pipedrive, addresses: "
                  "[acme@pipedrivemail.com, acme+*@pipedrivemail.com]}]\nlists: {customers: [bigco.test]}\n"
                  "default: private\nrules: [{when: {any: customers}, do: share}]\n"
                  "upstream: {smtp: {host: localhost, tls: none, port: " +
                      std::to_string(upstreams_.port()) + "}}\n" + more);
    auto config = load_config(folder_ / "privet.yaml");
    ASSERT_TRUE(config) << config.error().to_string();
    const auto changed = std::make_shared<Config>(**config);
    changed->disk_patience = disk_patience_;
    server_ = std::make_unique<testing_support::RunningServer>(changed);
  }

  /// anna logs in.
  void log_in(const std::string& limits = "", const std::string& user = "AGFubmFAYWNtZS50ZXN0AHNlY3JldA==") {
    greet(limits);
    client_->send("AUTH PLAIN " + user + "\r\n");
    EXPECT_THAT(heard(), testing::StartsWith("AUTH PLAIN "));
    upstream_->send("235 2.7.0 welcome\r\n");
    EXPECT_EQ(reply(), "235 2.7.0 welcome");
  }
  void greet(const std::string& limits = "") {
    client_ = Peer::connect(server_->port());
    EXPECT_THAT(reply(), testing::StartsWith("220 "));
    client_->send("EHLO client.test\r\n");
    meet("250-mail.test\r\n250-PIPELINING\r\n" + limits + "250 AUTH PLAIN\r\n");
    EXPECT_THAT(reply(), testing::StartsWith("250 "));
  }
  void meet(const std::string& hello = "250-mail.test\r\n250 PIPELINING\r\n") {
    upstream_ = upstreams_.accept();
    upstream_->send("220 mail.test\r\n");
    EXPECT_THAT(heard(), testing::StartsWith("EHLO "));
    upstream_->send(hello);
  }

  /// The reply to a command that the upstream is not asked about.
  std::string say(const std::string& line) {
    client_->send(line + "\r\n");
    return reply();
  }
  /// The reply to a command that the upstream answers.
  std::string ask(const std::string& line, const std::string& answer) {
    client_->send(line + "\r\n");
    EXPECT_EQ(heard(), line);
    answer_with(answer);
    return reply();
  }
  /// The last line of a reply, or "closed".
  std::string reply() {
    while (auto line = client_->line()) {
      if (line->size() < 4 || (*line)[3] == ' ') return *line;
    }
    return "closed";
  }
  /// What the upstream is sent, or "closed".
  std::string heard() { return upstream_->line().value_or("closed"); }
  void answer_with(const std::string& line) {
    if (line == "closed") {
      upstream_.reset();
    } else {
      upstream_->send(line + "\r\n");
    }
  }

  void open_transaction(const std::vector<std::string_view>& crm = {kCrm},
                        const std::string& sender = "anna@acme.test") {
    EXPECT_EQ(ask("MAIL FROM:<" + sender + ">", "250 2.1.0 ok"), "250 2.1.0 ok");
    EXPECT_EQ(ask("RCPT TO:<buyer@bigco.test>", "250 2.1.5 ok"), "250 2.1.5 ok");
    for (const std::string_view address : crm) {
      EXPECT_EQ(say("RCPT TO:<" + std::string(address) + ">"), "250 2.1.5 Ok");
    }
  }
  /// Sends a message until the upstream has all of the original, its dot included.
  void submit(const std::vector<std::string_view>& crm = {kCrm}, std::string_view message = kMessage,
              const std::string& sender = "anna@acme.test") {
    open_transaction(crm, sender);
    EXPECT_THAT(say("DATA"), testing::StartsWith("354 "));
    client_->send(std::string(message) + ".\r\n");
    EXPECT_EQ(heard(), "DATA");
    answer_with("354 go on");
    EXPECT_EQ(upstream_->content(), message);
  }
  /// The same to its end; what the client hears of it.
  std::string send(const std::string& end = "250 2.0.0 queued",
                   const std::vector<std::string_view>& crm = {kCrm}, std::string_view message = kMessage,
                   const std::string& sender = "anna@acme.test") {
    submit(crm, message, sender);
    if (end.starts_with('2')) ++originals_;
    answer_with(end);
    return reply();
  }
  /// The upstream gets a copy (or a notice) and answers; the content, as far as it came.
  std::string take_copy(const Script& script = {}, std::string_view recipient = kCrm,
                        const std::string& sender = "anna@acme.test") {
    EXPECT_EQ(heard(), "MAIL FROM:<" + sender + ">");
    EXPECT_EQ(heard(), "RCPT TO:<" + std::string(recipient) + ">");
    const bool begun = script.mail.starts_with('2');
    answer_with(script.mail);
    if (script.mail == "closed") return "";
    answer_with(begun ? script.rcpt : "503 5.5.1 send MAIL first");
    if (!begun || script.rcpt == "closed") return "";
    if (script.rcpt.starts_with('2')) {
      EXPECT_EQ(heard(), "DATA");
      answer_with(script.data);
      if (script.data == "closed") return "";
      if (script.data.starts_with('3')) {
        const std::string content = upstream_->content().value_or("");
        if (script.end.starts_with('2')) ++copies_;
        answer_with(script.end);
        return content;
      }
    }
    EXPECT_EQ(heard(), "RSET");
    answer_with("250 2.0.0 ok");
    return "";
  }

  /// QUIT on both sides; what waits for anna and is due must have come before.
  void leave() {
    if (client_) EXPECT_EQ(say("QUIT"), "221 2.0.0 Bye");
    part();
    client_.reset();
  }
  /// False once the proxy has closed its door.
  bool listens() const {
    try {
      Peer::connect(server_->port());
      return true;
    } catch (const testing_support::PeerError&) {
      return false;
    }
  }
  void part() {
    if (!upstream_) return;
    EXPECT_EQ(heard(), "QUIT");
    answer_with("221 2.0.0 bye");
    EXPECT_TRUE(upstream_->ends());
    upstream_.reset();
  }

  std::string spool() const { return folder_ / "state/spool"; }
  /// Waits until the spool holds this; what it holds at the end of patience.
  std::string spool_after(const std::string& wanted) const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(2);
    std::string found = testing_support::spool_summary(spool());
    while (found != wanted && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::yield();
      found = testing_support::spool_summary(spool());
    }
    return found;
  }
  /// Everything that waits is due now, as after `privet queue flush`. While the proxy is down.
  void hurry() const {
    const auto listing = spool::list(spool());
    ASSERT_TRUE(listing);
    for (const spool::Item& item : listing->items) {
      ASSERT_TRUE(spool::flush(spool(), item.record.id, item.record.created));
    }
  }
  /// Ends the proxy, starts it again, and lets anna come once more with all that waits due.
  void come_again(const std::string& more = "") {
    server_.reset();
    hurry();
    serve(more);
    log_in();
    EXPECT_EQ(say("QUIT"), "221 2.0.0 Bye");
    client_.reset();
  }

  testing_support::TemporaryFolder folder_;
  testing_support::PeerListener upstreams_;
  std::unique_ptr<testing_support::RunningServer> server_;
  std::optional<Peer> client_, upstream_;
  std::chrono::milliseconds disk_patience_ = limits::kDiskPatience;
  int originals_ = 0;  // accepted by the upstream
  int copies_ = 0;
};

}  // namespace privet::smtp
