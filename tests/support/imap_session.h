// A whole IMAP session: the test is the client and the upstream. INBOX holds a hidden message and a visible
// one, both ends are line by line.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "tests/support/peer.h"
#include "tests/support/server.h"

namespace privet::testing_support {

inline const std::string kVisible =
    "From: bob@bigco.test\r\nTo: anna@acme.test\r\nSubject: Offer\r\n\r\nHello\r\n";
inline const std::string kSeen =
    "X-Privet-Verdict: private\r\nSensitivity: Private\r\nFrom: bob@bigco.test\r\nTo: "
    "undisclosed-recipients:;\r\nSubject: Offer\r\n\r\n";
inline const std::string kHidden =
    "From: tom@acme.test\r\nTo: anna@acme.test\r\nSubject: CANARY\r\n\r\nCANARY\r\n";

inline std::string literal(std::string_view bytes) {
  return "{" + std::to_string(bytes.size()) + "}\r\n" + std::string(bytes);
}

class ImapSession : public testing::Test {
 protected:
  /// `tenant`: more keys of the tenant's file.
  explicit ImapSession(const std::string& tenant = "") {
    folder_.write("privet.yaml",
                  "privet: 1\nhostname: mx.test\ntenants: tenants\nstate: state\nlog: {level: \"off\"}\n"
                  "listen: [{address: \"127.0.0.1:0\", tls: none, protocol: imap}]\nlimits: {loops: 1}\n");
    folder_.write(
        "tenants/acme.yaml",
        "privet: 1\ntenant: acme\ndomains: [acme.test]\ncrm: [{profile: pipedrive, addresses: "
        "[acme@pipedrivemail.com]}]\nupstream: {smtp: {maildir: mail}, imap: {host: localhost, tls: none, "
        "port: " +
            std::to_string(upstreams_.port()) + "}}\n" + tenant);
    serve();
  }

  void serve() {
    server_.reset();
    auto config = load_config(folder_ / "privet.yaml");
    if (!config) throw std::runtime_error(config.error().to_string());
    server_ = std::make_unique<RunningServer>(*config);
  }

  std::string capability() const { return "[CAPABILITY " + capability_ + "]"; }
  void connect() {
    client_ = Peer::connect(server_->port());
    EXPECT_THAT(heard(), testing::StartsWith("* OK [CAPABILITY IMAP4rev1 "));
  }
  void log_in() {
    connect();
    client_->send("a LOGIN anna@acme.test secret\r\n");
    upstream_ = upstreams_.accept();
    upstream_->send("* OK " + capability() + " ready\r\n");
    answer("AUTHENTICATE PLAIN AGFubmFAYWNtZS50ZXN0AHNlY3JldA==", "OK " + capability() + " CANARY\r\n");
    EXPECT_THAT(heard(), testing::StartsWith("a OK [CAPABILITY IMAP4rev1 "));
  }
  /// Opens INBOX, which holds these UIDs; `classified` answers what is asked about them, if anything.
  void examine(const std::string& uids, const std::string& examined, const std::string& asked,
               const std::string& classified) {
    client_->send("b EXAMINE INBOX\r\n");
    answer("LIST \"\" \"*\"", "OK done\r\n", "* LIST (\\HasNoChildren) \"/\" INBOX\r\n");
    answer("EXAMINE INBOX", "OK [READ-ONLY] CANARY\r\n", examined);
    answer("UID SEARCH ALL", "OK done\r\n", "* SEARCH" + uids + "\r\n");
    if (!asked.empty()) answer("UID FETCH " + asked + " (UID BODY.PEEK[])", "OK done\r\n", classified);
    answer("UID SEARCH UNSEEN", "OK done\r\n", "* SEARCH" + uids + "\r\n");
  }
  /// EXAMINE in a new session, as far as the question which messages there are.
  void begin_to_examine(std::ptrdiff_t exists) {
    log_in();
    client_->send("b EXAMINE INBOX\r\n");
    answer("LIST \"\" \"*\"", "OK x\r\n", "* LIST () \"/\" INBOX\r\n");
    answer("EXAMINE INBOX", "OK x\r\n",
           "* " + std::to_string(exists) + " EXISTS\r\n* OK [UIDVALIDITY 77] x\r\n");
  }
  /// INBOX with a hidden message and a visible one.
  void open() {
    log_in();
    examine(" 4 7", "* 2 EXISTS\r\n* OK [UIDVALIDITY 77] x\r\n", "4,7",
            "* 1 FETCH (UID 4 BODY[] " + literal(kHidden) + ")\r\n* 2 FETCH (UID 7 BODY[] " +
                literal(kVisible) + ")\r\n");
    EXPECT_THAT(
        until("b "),
        testing::HasSubstr("* 1 EXISTS\n* 0 RECENT\n* OK [UNSEEN 1] First unseen\n* OK [UIDVALIDITY 77] "
                           "UIDs valid\n* OK [UIDNEXT 8] Predicted next UID\nb OK [READ-ONLY]"));
  }

  /// After open(): a message with UID 9 comes, which is seen. What the client hears of it.
  std::string arrive() {
    client_->send("c NOOP\r\n");
    answer("NOOP", "OK x\r\n", "* 3 EXISTS\r\n");
    answer("UID SEARCH UID 8:*", "OK done\r\n", "* SEARCH 9\r\n");
    answer("UID FETCH 9 (UID BODY.PEEK[])", "OK done\r\n",
           "* 3 FETCH (UID 9 BODY[] " + literal(kVisible) + ")\r\n");
    return until("c ");
  }
  /// What was said to the server before is there, and read, when it has closed the door behind another of its
  /// clients.
  void settle() {
    Peer other = Peer::connect(server_->port());
    EXPECT_THAT(other.line().value_or(""), testing::StartsWith("* OK "));
    other.send("x LOGOUT\r\n");
    EXPECT_THAT(other.rest(), testing::HasSubstr("x OK "));
  }

  /// The client asks for the status of Fresh, a folder that has come: it is looked for, and found empty.
  std::string status_of_fresh() {
    client_->send("c STATUS Fresh (UIDVALIDITY)\r\n");
    answer("LIST \"\" \"*\"", "OK done\r\n", "* LIST () \"/\" INBOX\r\n* LIST () \"/\" Fresh\r\n");
    answer("EXAMINE Fresh", "OK x\r\n", "* OK [UIDVALIDITY 78] x\r\n");
    answer("UID SEARCH ALL", "OK done\r\n", "* SEARCH\r\n");
    return until("c ");
  }

  /// The upstream is asked this, and says that: untagged lines, then its tagged one.
  void answer(const std::string& command, const std::string& tagged, const std::string& untagged = "") {
    const std::string tag = asked(command);
    upstream_->send(untagged + tag + " " + tagged);
  }
  std::string asked(const std::string& command) {
    const std::string line = upstream_->line().value_or("closed");
    const std::size_t blank = line.find(' ');
    EXPECT_EQ(line.substr(blank == std::string::npos ? 0 : blank + 1), command);
    return line.substr(0, blank);
  }
  std::string heard() { return client_->line().value_or("closed"); }
  /// What the client hears, up to the line that begins like this.
  std::string until(std::string_view start) {
    std::string all, line;
    do {
      line = heard();
      all += line + "\n";
    } while (!line.starts_with(start) && line != "closed");
    EXPECT_THAT(all, testing::Not(testing::HasSubstr("CANARY")));
    return all;
  }
  std::string say(const std::string& command) {
    client_->send("c " + command + "\r\n");
    return until("c ");
  }

  std::string capability_ = "IMAP4rev1 SASL-IR AUTH=PLAIN IDLE";  // the upstream's
  TemporaryFolder folder_;
  PeerListener upstreams_;
  std::unique_ptr<RunningServer> server_;
  std::optional<Peer> client_, upstream_;
};

}  // namespace privet::testing_support
