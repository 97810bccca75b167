// What `explain` says is what `serve` does: every message of tests/messages/privacy through both.
#include "proxy/explain.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "tests/support/peer.h"
#include "tests/support/server.h"

namespace privet {
namespace {

namespace fs = std::filesystem;
using testing_support::Peer;

constexpr std::string_view kTenant = R"(privet: 1
tenant: acme
domains: [acme.test, .acme.test]
upstream: {smtp: {maildir: ../mail}, imap: {host: localhost, tls: none}}
trusted_networks: [127.0.0.0/8]
crm: [{profile: pipedrive, addresses: [acme@pipedrivemail.com]}]
lists: {blocked: [steuer@kanzlei.test, straße.test]}
strip: [internal, blocked]
default: private
rules: [{when: {only: [internal, blocked]}, do: hide, floor: true}]
)";

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> messages() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(fs::path(PRIVET_SOURCE_DIR) / "tests/messages/privacy")) {
    if (entry.path().extension() == ".eml") names.push_back(entry.path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

void replace_all(std::string& text, std::string_view from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
}

class ExplainOfAViewAlone : public testing::Test {
 protected:
  /// `tenant`: more keys of the tenant's file.
  std::pair<int, std::string> explained(const std::string& tenant, const ExplainRequest& request) {
    folder_.write(
        "tenants/acme.yaml",
        "privet: 1\ntenant: acme\ndomains: [acme.test]\nupstream: {imap: {host: localhost, tls: none}}\n"
        "crm: [{profile: pipedrive}]\n" +
            tenant);
    const auto policy = load_policy_only(folder_.write(
        "privet.yaml",
        "privet: 1\ntenants: tenants\nlisten: [{address: \"127.0.0.1:0\", tls: none, protocol: imap}]\n"));
    if (!policy) throw std::runtime_error(policy.error().to_string());
    std::ostringstream out;
    const int status = explain(**policy, (*policy)->tenants().front(), request, out);
    return {status, out.str()};
  }

  testing_support::TemporaryFolder folder_;
};

TEST_F(ExplainOfAViewAlone, SaysWhatTheMailSyncSees) {
  const auto explained_to = [this](const std::string& to) {
    return explained("", {.reverse_path = "anna@acme.test",
                          .recipients = {to},
                          .mailbox = "",
                          .content = "From: anna@acme.test\r\nTo: " + to + "\r\nSubject: x\r\n\r\nx\r\n"});
  };
  const auto [seen, text] = explained_to("buyer@bigco.test");
  EXPECT_EQ(seen, 0);
  EXPECT_TRUE(text.starts_with("Mail sync of a mailbox that holds it: private")) << text;
  EXPECT_EQ(explained_to("bert@acme.test").first, 3) << "for colleagues alone";
}

TEST_F(ExplainOfAViewAlone, KnowsWhoseMailboxItIs) {
  const auto explained_in = [this](const std::string& mailbox) {
    return explained(
        "view: {folders: [INBOX, Sent], since: 2026-01-01}\npeople: {tom@acme.test: {do: hide}}\n",
        {.reverse_path = "",
         .recipients = {},
         .mailbox = mailbox,
         .content = "From: bob@bigco.test\r\nTo: anna@acme.test\r\nSubject: Re\r\n\r\n"
                    "On Monday Anna <anna@acme.test> wrote:\r\n> x\r\n"});
  };
  const auto [seen, text] = explained_in("anna@acme.test");
  EXPECT_EQ(seen, 0);
  EXPECT_TRUE(
      text.starts_with("Mail sync of anna@acme.test: private (default)\n"
                       "  if it lies in a folder that is seen: 'INBOX' 'Sent'\n"
                       "  if it arrived on or after 2026-01-01\n"
                       "  seen with this header:\n"))
      << text;
  const auto [hidden, why] = explained_in("tom@acme.test");
  EXPECT_EQ(hidden, 3);
  EXPECT_TRUE(
      why.starts_with("Mail sync of tom@acme.test: hide (nothing of this person's mailboxes is seen)"))
      << why;
  EXPECT_EQ(explained_in("").first, 3) << "a colleague of somebody's is quoted";
}

class Explain : public testing::TestWithParam<std::string> {
 protected:
  Explain() {
    folder_.write("tenants/acme.yaml", kTenant);
    config_ =
        load_config(folder_.write("privet.yaml",
                                  "privet: 1\nhostname: mx.test\ntenants: tenants\nlog: {level: \"off\"}\n"
                                  "listen: [{address: \"127.0.0.1:0\", tls: none}]\nlimits: {loops: 1}\n"))
            .value();
  }

  static void say(Peer& client, const std::string& line, const std::string& code) {
    client.send(line);
    const auto reply = client.line();
    ASSERT_TRUE(reply && reply->starts_with(code)) << line << reply.value_or("closed");
  }

  /// Sends the content as a mail client would; the session has ended afterwards.
  void send(const std::string& content) {
    const testing_support::RunningServer server(config_);
    Peer client = Peer::connect(server.port());
    ASSERT_TRUE(client.line());
    say(client, "HELO client.test\r\n", "250");
    say(client, "MAIL FROM:<anna@acme.test>\r\n", "250");
    for (const std::string& recipient : kRecipients) say(client, "RCPT TO:<" + recipient + ">\r\n", "250");
    say(client, "DATA\r\n", "354");
    std::string wire = "\r\n" + content + ".\r\n";
    replace_all(wire, "\r\n.", "\r\n..");
    wire.erase(wire.size() - 4, 1);
    say(client, wire.substr(2), "250");
    say(client, "QUIT\r\n", "221");
    EXPECT_TRUE(client.ends());
  }

  std::optional<std::string> filed_for(const std::string& recipient) const {
    const fs::path box = folder_.path() / "mail" / recipient / "new";
    if (!fs::exists(box)) return std::nullopt;
    return read_file(fs::directory_iterator(box)->path());
  }

  std::pair<int, std::string> explained(const std::string& content, ExplainForm form) const {
    std::ostringstream out;
    const auto& tenant = config_->policy->tenants().front();
    const int status = explain(*config_->policy, tenant,
                               {.reverse_path = "anna@acme.test",
                                .recipients = kRecipients,
                                .mailbox = "",
                                .content = content,
                                .form = form},
                               out);
    return {status, out.str()};
  }

  const std::vector<std::string> kRecipients{"bob@customer.test", "carl@acme.test", "acme@pipedrivemail.com"};
  testing_support::TemporaryFolder folder_;
  std::shared_ptr<const Config> config_;
};

TEST_P(Explain, AgreesWithServe) {
  const fs::path file = fs::path(PRIVET_SOURCE_DIR) / "tests/messages/privacy" / (GetParam() + ".eml");
  const std::string content = read_file(file);
  auto [status, copy] = explained(content, ExplainForm::Copy);
  send(content);
  if (HasFatalFailure()) return;

  const auto original = filed_for("bob@customer.test"), delivered = filed_for("acme@pipedrivemail.com");
  ASSERT_TRUE(original);
  EXPECT_EQ(filed_for("carl@acme.test"), original);
  EXPECT_TRUE(original->ends_with(content)) << "people get what the sender wrote";
  const std::string prefix = original->substr(0, original->size() - content.size());
  if (!prefix.empty()) {
    // explain cannot know the random Message-ID.
    constexpr std::string_view kField = "Message-ID: ";
    ASSERT_TRUE(prefix.starts_with(kField)) << prefix;
    replace_all(copy, "<made-when-sent@privet.invalid>",
                prefix.substr(kField.size(), prefix.size() - kField.size() - 2));
  }
  EXPECT_EQ(status, delivered ? 0 : 3);
  EXPECT_EQ(copy, delivered.value_or(""));
}

INSTANTIATE_TEST_SUITE_P(Messages, Explain, testing::ValuesIn(messages()),
                         [](const auto& row) { return row.param; });

TEST_F(Explain, SaysWhatHappensAndWhy) {
  const std::string content =
      read_file(fs::path(PRIVET_SOURCE_DIR) / "tests/messages/dialogs/tax_adviser_in_cc.eml");
  const auto [status, text] = explained(content, ExplainForm::Text);
  EXPECT_EQ(status, 0);
  for (const char* part : {"People: 2 recipient(s)", "CRM acme@pipedrivemail.com: private (",
                           "Cc: ", "  | X-Privet-Verdict: private\n"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
  const auto [same, json] = explained(content, ExplainForm::Json);
  EXPECT_EQ(same, 0);
  EXPECT_NE(json.find("\"verdict\": \"private\""), std::string::npos) << json;
}

TEST_F(Explain, SaysWhatTheMailSyncSeesAndWhyNot) {
  const std::string nested =
      "From: bob@customer.test\r\nTo: anna@acme.test\r\nContent-Type: message/rfc822\r\n\r\n"
      "From: bob@customer.test\r\nCc: steuer@kanzlei.test\r\n\r\ntext\r\n";
  const std::string text = explained(nested, ExplainForm::Text).second;
  EXPECT_NE(text.find("Mail sync of a mailbox that holds it: hide (a forwarded header names an internal or "
                      "blocked party)\n  hidden: for the CRM there is no such message.\n"),
            std::string::npos)
      << text;
  EXPECT_NE(explained(nested, ExplainForm::Json).second.find("\"hidden\": true"), std::string::npos);
  const std::string plain = "From: bob@customer.test\r\nTo: anna@acme.test\r\n\r\ntext\r\n";
  EXPECT_NE(explained(plain, ExplainForm::Text)
                .second.find("  seen with this header:\n  | X-Privet-Verdict: private\n"),
            std::string::npos);
}

}  // namespace
}  // namespace privet
