#include "tests/dialogs/runner.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <sstream>
#include <thread>
#include <vector>

#include "proxy/net/tls.h"
#include "tests/support/spool_summary.h"

namespace privet::dialogs {

namespace {

using testing_support::PeerError;

constexpr std::chrono::minutes kSpoolPatience(2);  // sanitizers on a busy machine

constexpr std::string_view kUsualPolicy = R"(crm:
  - {profile: pipedrive, addresses: [acme@pipedrivemail.com, acme+*@pipedrivemail.com]}
lists:
  blocked: [steuer@kanzlei.test]
  customers: [bigco.test]
strip: [internal, blocked]
default: private
rules:
  - {when: {only: [internal, blocked]}, do: hide, floor: true}
  - {when: {from: blocked}, do: hide, floor: true}
  - {when: {subject: ['[private]']}, do: private}
  - {when: {any: customers}, do: share}
)";

std::string read_file(const std::string& name) {
  const std::string path = std::string(PRIVET_SOURCE_DIR) + "/tests/" + name;
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find("\r\n");
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
  }
  return lines;
}

std::string dot_stuffed(std::string_view content) {
  std::string wire;
  for (const std::string_view line : lines_of(content)) {
    if (line.starts_with('.')) wire += '.';
    wire.append(line).append("\r\n");
  }
  return wire + ".\r\n";
}

// A pattern that may also hold one {name}: what it stands for the first time must stand there each time.
bool matches_naming(std::string pattern, std::string_view text, std::map<std::string, std::string>& named) {
  const std::size_t open = pattern.find('{');
  const std::size_t close = pattern.find('}', open);
  if (open == std::string::npos || close == std::string::npos) return matches(pattern, text);
  const std::string name = pattern.substr(open + 1, close - open - 1);
  const std::string before = pattern.substr(0, open), after = pattern.substr(close + 1);
  if (text.size() < before.size() + after.size() || !text.starts_with(before) || !text.ends_with(after))
    return false;
  const std::string_view value = text.substr(before.size(), text.size() - before.size() - after.size());
  return named.emplace(name, value).first->second == value;
}

}  // namespace

Runner::Runner(const Dialog& dialog, bool singly)
    : dialog_(dialog),
      singly_(singly),
      upstream_listener_(std::make_unique<testing_support::PeerListener>()),
      config_(configure()),
      server_(std::make_unique<testing_support::RunningServer>(config_)) {
  if (!dialog_.upstream_reachable) upstream_listener_->close();
}

std::shared_ptr<const Config> Runner::configure() {
  testing_support::write_certificates(folder_, {dialog_.certificate_name, "beta.test"});
  folder_.write("privet.yaml",
                "privet: 1\nhostname: mx.test\ncertificates: certificates\ntenants: tenants\n"
                "state: state\nlog: {level: \"off\"}\n"
                "listen: [{address: \"127.0.0.1:0\", tls: " +
                    dialog_.listener + dialog_.listener_more +
                    "}]\nlimits: {loops: 1, message_size: " + dialog_.message_size + "}\n");
  certificates_ = certs::Store::load(folder_ / "certificates").value();
  const bool tls = dialog_.upstream_tls != "none";
  folder_.write("tenants/acme.yaml",
                "privet: 1\ntenant: acme\ndomains: [acme.test, .acme.test]\nnames: [localhost]\n"
                "upstream: {smtp: {host: [" +
                    dialog_.upstream_hosts + "], port: " + std::to_string(upstream_listener_->port()) +
                    ", tls: " + dialog_.upstream_tls + (tls ? ", ca: ../authority.pem" : "") + "}}\n" +
                    (dialog_.trusted.empty() ? "" : "trusted_networks: [" + dialog_.trusted + "]\n") +
                    (dialog_.policy.empty() ? std::string(kUsualPolicy) : dialog_.policy));
  if (dialog_.second_tenant) {
    folder_.write("tenants/beta.yaml",
                  "privet: 1\ntenant: beta\ndomains: [beta.test]\nnames: [beta.test]\n"
                  "upstream: {smtp: {maildir: ../mail}}\ncrm: [{profile: pipedrive, addresses: "
                  "[beta@pipedrivemail.com]}]\n");
  }
  auto config = load_config(folder_ / "privet.yaml");
  if (!config) throw std::runtime_error(config.error().to_string());
  return *config;
}

void Runner::run() {
  begin();
  for (const Step& step : dialog_.steps) {
    try {
      perform(step);
    } catch (const std::runtime_error& error) {
      throw std::runtime_error("line " + std::to_string(step.line) + ": " + error.what());
    }
  }
  farewell();
}

void Runner::begin() {
  client_ = Peer::connect(server_->port());
  if (dialog_.listener == "implicit") client_->gather();
  if (singly_) client_->send_bytes_singly();
  if (dialog_.start == Dialog::Start::Connected) return;
  expect_line(*client_, dialog_.lmtp ? "220 mx.test LMTP Privet" : "220 mx.test ESMTP Privet");
  client_->send(dialog_.lmtp ? "LHLO client.test\r\n" : "EHLO client.test\r\n");
  meet_upstream();
  expect_ehlo_reply();
  if (dialog_.start == Dialog::Start::Greeted) return;
  client_->send("AUTH PLAIN AGFubmFAYWNtZS50ZXN0AHNlY3JldA==\r\n");  // anna@acme.test, secret
  expect_line(upstream(), "AUTH *");
  upstream().send("235 2.7.0 welcome\r\n");
  expect_line(*client_, "235 2.7.0 welcome");
}

void Runner::perform(const Step& step) {
  switch (step.kind) {
    case Step::Kind::ClientSends:
      return client_sends(step);
    case Step::Kind::ClientExpects:
      if (step.text == "closed") {
        part_from_upstream();  // the proxy says QUIT there before it closes here
        if (!client_->ends()) throw PeerError("the proxy did not close");
        client_.reset();
      } else {
        expect_line(*client_, step.text);
      }
      return;
    case Step::Kind::UpstreamExpects:
      return upstream_expects(step.text);
    case Step::Kind::UpstreamSends:
      return upstream_sends(step);
    case Step::Kind::ProxyRestarts:
      server_.reset();  // before the next takes the spool
      server_ = std::make_unique<testing_support::RunningServer>(config_);
      return;
    case Step::Kind::SpoolHolds:
      return expect_spool(step.text);
  }
}

// What the upstream said reaches the disk a moment later.
void Runner::expect_spool(const std::string& wanted) {
  const auto deadline = std::chrono::steady_clock::now() + kSpoolPatience;
  std::string found;
  while (found != wanted) {
    if (std::chrono::steady_clock::now() > deadline) {
      throw PeerError("the spool holds \"" + found + "\" instead of \"" + wanted + "\"");
    }
    std::this_thread::yield();
    found = testing_support::spool_summary(folder_ / "state/spool");
  }
}

void Runner::client_sends(const Step& step) {
  constexpr std::string_view kHandshake = "handshake";
  if (step.raw) {
    client_->send(step.text);
  } else if (step.text == "connects") {
    begin();
  } else if (step.text == "closed") {
    client_.reset();
  } else if (step.text.starts_with(kHandshake)) {
    std::string why;
    const auto context = net::make_client_context(folder_ / "authority.pem", why);
    const std::string name = step.text.substr(std::min(step.text.size(), kHandshake.size() + 1));
    client_->start_tls_client(context.get(), name.empty() ? "localhost" : name);
  } else if (step.text.starts_with('@')) {
    original_ = read_file(step.text.substr(1));
    client_->send(dot_stuffed(original_));
  } else {
    client_->send(step.text + "\r\n");
  }
}

void Runner::upstream_sends(const Step& step) {
  if (step.raw) {
    upstream().send(step.text);
  } else if (step.text == "closed") {
    upstream_.reset();
  } else if (step.text == "reset") {
    upstream().reset();
    upstream_.reset();
  } else if (step.text == "handshake") {
    upstream().start_tls_server(certificates_->context());
  } else if (step.text == "handshake in vain") {
    try {
      upstream().start_tls_server(certificates_->context());
    } catch (const PeerError&) {
      upstream_.reset();
      return;
    }
    throw PeerError("the proxy took the certificate");
  } else {
    upstream().send(step.text + "\r\n");
  }
}

void Runner::upstream_expects(const std::string& text) {
  constexpr std::string_view kContent = "content ";
  if (text == "connects") {
    meet_upstream();
  } else if (text == "closed") {
    if (!upstream().ends()) throw PeerError("the proxy did not close its connection to the upstream");
    upstream_.reset();
  } else if (text == "content without its end") {
    if (("\r\n" + upstream().rest()).find("\r\n.\r\n") != std::string::npos) throw PeerError("it was ended");
    upstream_.reset();
  } else if (text.starts_with(kContent)) {
    expect_content(text.substr(kContent.size()));
  } else {
    expect_line(upstream(), text);
  }
}

void Runner::expect_line(Peer& peer, const std::string& pattern) {
  const auto line = peer.line();
  if (!line) throw PeerError("the connection ended instead of \"" + pattern + "\"");
  if (!matches_naming(pattern, *line, named_)) {
    throw PeerError("\"" + *line + "\" instead of \"" + pattern + "\"");
  }
}

// "== original", "== FILE" byte by byte, or "~ FILE" line by line with "*" and {name}.
void Runner::expect_content(const std::string& wanted) {
  const auto content = upstream().content();
  if (!content) throw PeerError("the connection ended within content");
  const std::string name = wanted.substr(wanted.find(' ') + 1);
  const std::string expected = name == "original" ? original_ : read_file(name);
  const auto differs = [&] { throw PeerError("content differs from " + name + ":\n" + *content); };
  if (wanted.starts_with("== ")) {
    if (*content != expected) differs();
    return;
  }
  const auto lines = lines_of(*content), patterns = lines_of(expected);
  if (lines.size() != patterns.size()) differs();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!matches_naming(std::string(patterns[i]), lines[i], named_)) differs();
  }
}

void Runner::expect_ehlo_reply() {
  while (true) {
    const auto line = client_->line();
    if (!line || !line->starts_with("250")) throw PeerError("EHLO was refused: " + line.value_or("closed"));
    if (line->starts_with("250 ")) return;
  }
}

void Runner::meet_upstream() {
  upstream_ = upstream_listener_->accept();
  if (singly_) upstream_->send_bytes_singly();
  if (!dialog_.upstream_scripted) greet_proxy();
}

void Runner::greet_proxy() {
  if (dialog_.upstream_tls == "implicit") upstream().start_tls_server(certificates_->context());
  upstream().send(dialog_.upstream_greeting + "\r\n");
  if (!dialog_.upstream_greeting.starts_with("2")) return;
  answer_ehlo();
  if (dialog_.upstream_tls != "starttls") return;
  expect_line(upstream(), "STARTTLS");
  upstream().send("220 2.0.0 go ahead\r\n");
  upstream().start_tls_server(certificates_->context());
  answer_ehlo();
}

// The words of the setting as EHLO lines; SIZE takes its number along, AUTH everything behind it.
void Runner::answer_ehlo() {
  expect_line(upstream(), "EHLO mx.test");
  std::vector<std::string> keywords;
  if (dialog_.upstream_tls == "starttls") keywords.emplace_back("STARTTLS");
  std::istringstream words(dialog_.upstream_ehlo);
  for (std::string word; words >> word;) {
    const bool argument =
        !keywords.empty() && (keywords.back().starts_with("AUTH") || keywords.back() == "SIZE");
    if (argument) {
      keywords.back() += " " + word;
    } else {
      keywords.push_back(word);
    }
  }
  std::string reply = "mail.test";
  for (const std::string& keyword : keywords) {
    upstream().send("250-" + reply + "\r\n");
    reply = keyword;
  }
  upstream().send("250 " + reply + "\r\n");
}

// Whatever the dialog left open ends politely, and nothing else may come.
void Runner::farewell() {
  if (client_) {
    client_->send("QUIT\r\n");
    expect_line(*client_, "221 2.0.0 Bye");
  }
  part_from_upstream();
  if (client_ && !client_->ends()) throw PeerError("the client was sent something behind 221");
  if (dialog_.upstream_reachable && upstream_listener_->has_caller())
    throw PeerError("the proxy connected to the upstream once more");
}

void Runner::part_from_upstream() {
  if (!upstream_) return;
  const auto line = upstream_->line();
  if (line && *line != "QUIT") throw PeerError("at the end the upstream was sent: " + *line);
  if (line) upstream_->send("221 2.0.0 bye\r\n");
  if (!upstream_->ends()) throw PeerError("the upstream was sent something behind QUIT");
  upstream_.reset();
}

testing_support::Peer& Runner::upstream() {
  if (!upstream_) throw PeerError("no upstream is connected: write \">U: connects\" first");
  return *upstream_;
}

}  // namespace privet::dialogs
