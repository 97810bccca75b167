// Runs one dialog against a proxy of its own: the test is the client and the upstream, in one thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "tests/dialogs/dialog.h"
#include "tests/support/peer.h"
#include "tests/support/server.h"

namespace privet::dialogs {

class Runner {
 public:
  /// `singly`: both sides send every byte on its own.
  Runner(const Dialog& dialog, bool singly);
  /// Throws std::runtime_error with the line of the step that went otherwise.
  void run();

 private:
  using Peer = testing_support::Peer;

  std::shared_ptr<const Config> configure();
  void begin();
  void perform(const Step& step);
  void client_sends(const Step& step);
  void upstream_sends(const Step& step);
  void upstream_expects(const std::string& text);
  void expect_line(Peer& peer, const std::string& pattern);
  void expect_content(const std::string& wanted);
  void expect_spool(const std::string& wanted);
  void expect_ehlo_reply();
  void meet_upstream();
  void greet_proxy();
  void answer_ehlo();
  void part_from_upstream();
  void farewell();
  Peer& upstream();

  const Dialog& dialog_;
  const bool singly_;
  testing_support::TemporaryFolder folder_;
  std::unique_ptr<testing_support::PeerListener> upstream_listener_;
  std::shared_ptr<const certs::Store> certificates_;  // of the upstream, and of a listener with TLS
  std::shared_ptr<const Config> config_;
  std::unique_ptr<testing_support::RunningServer> server_;
  std::optional<Peer> client_;
  std::optional<Peer> upstream_;
  std::string original_;                      // content the client sent last
  std::map<std::string, std::string> named_;  // what {name} stood for
};

}  // namespace privet::dialogs
