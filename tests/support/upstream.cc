#include "tests/support/upstream.h"

#include <algorithm>
#include <sstream>
#include <utility>

namespace privet::testing_support {

namespace {

// Which keyword allows a parameter of MAIL or RCPT; "" for one that nothing allows.
std::string_view keyword_for(std::string_view parameter) {
  constexpr std::pair<std::string_view, std::string_view> kAllow[] = {{"SIZE", "SIZE"},
                                                                      {"BODY", "8BITMIME"},
                                                                      {"SMTPUTF8", "SMTPUTF8"},
                                                                      {"RET", "DSN"},
                                                                      {"ENVID", "DSN"},
                                                                      {"NOTIFY", "DSN"},
                                                                      {"ORCPT", "DSN"},
                                                                      {"AUTH", "AUTH"},
                                                                      {"REQUIRETLS", "REQUIRETLS"},
                                                                      {"MT-PRIORITY", "MT-PRIORITY"}};
  const auto* found =
      std::ranges::find(kAllow, parameter, &std::pair<std::string_view, std::string_view>::first);
  return found == std::end(kAllow) ? std::string_view() : found->second;
}

}  // namespace

bool ScriptedUpstream::Message::is_to(std::string_view recipient) const {
  const std::string start = "RCPT TO:<" + std::string(recipient) + ">";
  return std::ranges::any_of(recipients, [&](const std::string& each) { return each.starts_with(start); });
}

// One connection, read line by line until it ends or has had its bytes of replies.
class ScriptedUpstream::Connection {
 public:
  Connection(ScriptedUpstream& owner, Peer peer) : owner_(owner), peer_(std::move(peer)) {
    const std::lock_guard lock(owner_.mutex_);
    keywords_ = owner_.keywords_;
    login_reply_ = owner_.login_reply_;
    left_ = owner_.close_after_;
  }

  void run() {
    if (owner_.tls_ != nullptr) peer_.start_tls_server(owner_.tls_);
    say("220 up.test ready");
    while (left_ > 0) {
      const auto line = peer_.line();
      if (!line) break;
      received_.append(*line).append("\r\n");
      if (in_content_) {
        read_content(*line);
      } else {
        obey(*line);
      }
    }
  }

  // What came at all, also behind the last whole line.
  std::string received() { return received_ + (left_ > 0 ? peer_.rest() : ""); }

 private:
  void say(const std::string& line) {
    const std::string bytes = (line + "\r\n").substr(0, left_);
    left_ -= bytes.size();
    said_ += bytes.size();
    {
      // Before it is sent: whoever has it may ask.
      const std::lock_guard lock(owner_.mutex_);
      owner_.longest_ = std::max(owner_.longest_, said_);
    }
    peer_.send(bytes);
    if (left_ == 0) peer_.close();
  }

  bool has(std::string_view keyword) const {
    return std::ranges::any_of(keywords_, [&](const std::string& each) {
      return each == keyword || each.starts_with(std::string(keyword) + " ");
    });
  }

  void obey(const std::string& line) {
    const std::string verb = line.substr(0, 4);
    const bool may_go_on = has("PIPELINING") && (verb == "MAIL" || verb == "RCPT" || verb == "RSET");
    if (!may_go_on && peer_.has_more()) blame("sent ahead of the answer to: " + line);
    if (verb == "EHLO") {
      say("250-up.test");
      for (const std::string& keyword : keywords_) say("250-" + keyword);
      say("250 HELP");
    } else if (verb == "AUTH") {
      say(login_reply_);
    } else if (verb == "MAIL") {
      check_parameters(line);
      message_ = Message{.mail = line, .recipients = {}, .content = {}};
      say("250 2.1.0 sender");
    } else if (verb == "RCPT") {
      check_parameters(line);
      message_.recipients.push_back(line);
      say("250 2.1.5 recipient");
    } else if (verb == "DATA") {
      in_content_ = true;
      say("354 go on");
    } else if (verb == "RSET") {
      say("250 2.0.0 forgotten");
    } else if (verb == "QUIT") {
      say("221 2.0.0 bye");
    } else {
      blame("unknown: " + line);
      say("500 5.5.1 unknown");
    }
  }

  void read_content(const std::string& line) {
    if (line != ".") {
      message_.content.append(line, line.starts_with('.') ? 1 : 0).append("\r\n");
      return;
    }
    in_content_ = false;
    {
      const std::lock_guard lock(owner_.mutex_);
      owner_.messages_.push_back(std::exchange(message_, {}));
    }
    say("250 2.0.0 queued");
  }

  void check_parameters(const std::string& line) {
    std::istringstream words(line.substr(line.find('>') + 1));
    for (std::string word; words >> word;) {
      const std::string_view keyword = keyword_for(std::string_view(word).substr(0, word.find('=')));
      if (keyword.empty() || !has(keyword)) blame("not announced: " + word);
    }
  }

  void blame(const std::string& what) {
    const std::lock_guard lock(owner_.mutex_);
    owner_.violations_.push_back(what);
  }

  ScriptedUpstream& owner_;
  Peer peer_;
  std::vector<std::string> keywords_;
  std::string login_reply_;
  std::size_t left_ = 0;
  std::size_t said_ = 0;
  std::string received_;
  Message message_;
  bool in_content_ = false;
};

ScriptedUpstream::ScriptedUpstream(ssl_ctx_st* tls) : tls_(tls), thread_([this] { listen(); }) {}

ScriptedUpstream::~ScriptedUpstream() {
  ending_ = true;
  Peer::connect(port());  // the listening thread wakes up
  thread_.join();
}

void ScriptedUpstream::announce(std::vector<std::string> keywords) {
  const std::lock_guard lock(mutex_);
  keywords_ = std::move(keywords);
}

void ScriptedUpstream::refuse_logins(std::string reply) {
  const std::lock_guard lock(mutex_);
  login_reply_ = std::move(reply);
}

void ScriptedUpstream::close_after(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  close_after_ = bytes;
}

std::vector<ScriptedUpstream::Message> ScriptedUpstream::messages() const {
  const std::lock_guard lock(mutex_);
  return messages_;
}

std::vector<std::string> ScriptedUpstream::connections() const {
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [this] { return connections_.size() == begun_; });
  return connections_;
}

std::vector<std::string> ScriptedUpstream::violations() const {
  const std::lock_guard lock(mutex_);
  return violations_;
}

std::size_t ScriptedUpstream::longest() const {
  const std::lock_guard lock(mutex_);
  return longest_;
}

void ScriptedUpstream::listen() {
  while (true) {
    if (!listener_.awaits_caller()) continue;
    Peer peer = listener_.accept();
    if (ending_) break;
    {
      const std::lock_guard lock(mutex_);
      ++begun_;
    }
    talks_.emplace_back([this, talk = std::move(peer)]() mutable { serve(std::move(talk)); });
  }
  for (std::thread& talk : talks_) talk.join();
}

void ScriptedUpstream::serve(Peer peer) {
  Connection connection(*this, std::move(peer));
  try {
    connection.run();
  } catch (const PeerError&) {
    // It ended within a line: what came of it is looked at below.
  }
  std::string received = connection.received();
  const std::lock_guard lock(mutex_);
  connections_.push_back(std::move(received));
  ended_.notify_all();
}

}  // namespace privet::testing_support
