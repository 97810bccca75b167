// A DNS server of the test's own on 127.0.0.1 over UDP (RFC 1035, RFC 2782), on a thread of its own.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace privet::testing_support {

class NameServer {
 public:
  /// What it knows of one name.
  struct Entry {
    std::vector<std::string> addresses = {};  ///< IPv4 or IPv6 literals
    struct Srv {
      std::uint16_t priority, weight, port;
      std::string target;
    };
    std::vector<Srv> services = {};
    bool silent = false;  ///< no answer at all
  };

  explicit NameServer(std::map<std::string, Entry> entries);
  NameServer(const NameServer&) = delete;
  NameServer& operator=(const NameServer&) = delete;
  ~NameServer();

  /// "127.0.0.1:PORT"
  std::string address() const;
  int questions() const { return questions_; }

 private:
  void serve();
  std::string answer(const std::string& question) const;

  std::map<std::string, Entry> entries_;
  int socket_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> questions_ = 0;
  std::thread thread_;
};

}  // namespace privet::testing_support
