#include "tests/support/name_server.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace privet::testing_support {

namespace {

constexpr std::size_t kHead = 12;

std::string number(unsigned value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value & 0xFF)};
}

std::string wire_name(const std::string& name) {
  std::string wire;
  std::istringstream labels(name);
  for (std::string label; std::getline(labels, label, '.');) wire += static_cast<char>(label.size()) + label;
  return wire + '\0';
}

std::string record(unsigned type, const std::string& data) {
  return number(0xC00C) + number(type) + number(ns_c_in) + std::string(4, '\0') +
         number(static_cast<unsigned>(data.size())) + data;
}

}  // namespace

NameServer::NameServer(std::map<std::string, Entry> entries)
    : entries_(std::move(entries)), socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(socket_, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("cannot bind a name server");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

NameServer::~NameServer() {
  shutdown(socket_, SHUT_RDWR);  // wakes the thread
  thread_.join();
  ::close(socket_);
}

std::string NameServer::address() const {
  return "127.0.0.1:" + std::to_string(port_);
}

void NameServer::serve() {
  while (true) {
    std::array<char, 1500> buffer{};
    sockaddr_in from{};
    socklen_t size = sizeof from;
    const ssize_t count =
        recvfrom(socket_, buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
    if (count <= static_cast<ssize_t>(kHead)) return;
    ++questions_;
    const std::string reply = answer({buffer.data(), static_cast<std::size_t>(count)});
    if (!reply.empty())
      sendto(socket_, reply.data(), reply.size(), 0, reinterpret_cast<const sockaddr*>(&from), size);
  }
}

std::string NameServer::answer(const std::string& question) const {
  std::string name;
  std::size_t at = kHead;
  while (at < question.size() && question[at] != '\0') {
    const auto length = static_cast<unsigned char>(question[at]);
    name += (name.empty() ? "" : ".") + question.substr(at + 1, length);
    at += length + 1u;
  }
  const std::string asked = question.substr(kHead, at + 5 - kHead);
  const unsigned type = static_cast<unsigned char>(question.at(at + 2));
  const auto found = entries_.find(name);
  const Entry entry = found == entries_.end() ? Entry{} : found->second;
  if (entry.silent) return "";

  std::string records;
  unsigned count = 0;
  for (const std::string& address : entry.addresses) {
    std::array<char, 16> bytes{};
    const bool v6 = address.find(':') != std::string::npos;
    inet_pton(v6 ? AF_INET6 : AF_INET, address.c_str(), bytes.data());
    if (type != (v6 ? ns_t_aaaa : ns_t_a)) continue;
    records += record(type, {bytes.data(), v6 ? 16u : 4u});
    ++count;
  }
  for (const Entry::Srv& service : entry.services) {
    if (type != ns_t_srv) break;
    records += record(type, number(service.priority) + number(service.weight) + number(service.port) +
                                wire_name(service.target));
    ++count;
  }
  const unsigned code = found == entries_.end() ? ns_r_nxdomain : ns_r_noerror;
  return question.substr(0, 2) + number(0x8180 | code) + number(1) + number(count) + std::string(4, '\0') +
         asked + records;
}

}  // namespace privet::testing_support
