// A submission server as tests of whole sessions need it: it announces what it is told to, takes every
// message, writes down every byte, and finds fault with what a client may not send. Strict where it reads
// content.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <limits>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/peer.h"

namespace privet::testing_support {

class ScriptedUpstream {
 public:
  struct Message {
    std::string mail;  ///< the line
    std::vector<std::string> recipients;
    std::string content;  ///< dots removed
    bool is_to(std::string_view recipient) const;
  };
  static constexpr std::size_t kNever = std::numeric_limits<std::size_t>::max();

  /// `tls`: TLS from the first byte; must outlive this.
  explicit ScriptedUpstream(ssl_ctx_st* tls = nullptr);
  ScriptedUpstream(const ScriptedUpstream&) = delete;
  ScriptedUpstream& operator=(const ScriptedUpstream&) = delete;
  /// Waits until all connections have ended: the proxy has to be gone.
  ~ScriptedUpstream();

  std::uint16_t port() const { return listener_.port(); }
  /// These three hold for connections from now on. Keywords as EHLO lines, without "250".
  void announce(std::vector<std::string> keywords);
  /// Answers AUTH with this line instead of 235.
  void refuse_logins(std::string reply);
  /// Closes each connection behind so many bytes of replies.
  void close_after(std::size_t bytes);

  std::vector<Message> messages() const;
  /// Every byte of each connection. Waits until all have ended: the other end has seen to that.
  std::vector<std::string> connections() const;
  /// What the client did that it may not: parameters that were not announced, commands sent ahead.
  std::vector<std::string> violations() const;
  /// The most bytes of replies that one connection took.
  std::size_t longest() const;

 private:
  class Connection;

  void listen();
  void serve(Peer peer);

  PeerListener listener_;
  ssl_ctx_st* const tls_;
  mutable std::mutex mutex_;
  mutable std::condition_variable ended_;
  std::size_t begun_ = 0;  // connections
  std::vector<std::string> keywords_{"PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH PLAIN"};
  std::string login_reply_ = "235 2.7.0 welcome";
  std::size_t close_after_ = kNever;
  std::vector<Message> messages_;
  std::vector<std::string> connections_;
  std::vector<std::string> violations_;
  std::size_t longest_ = 0;
  std::atomic<bool> ending_ = false;
  std::vector<std::thread> talks_;  // of the listening thread alone
  std::thread thread_;
};

}  // namespace privet::testing_support
