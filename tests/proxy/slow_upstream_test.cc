// Back-pressure: an upstream that begins to read late, at every point where the end of the content can stand
// by then.
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <string>

#include "tests/support/peer.h"
#include "tests/support/server.h"

namespace privet {
namespace {

using testing_support::Peer;

TEST(SlowUpstream, GetsContentWhoseEndCameWhileItWasWaitedFor) {
  const testing_support::TemporaryFolder folder;
  testing_support::PeerListener listener;
  folder.write("tenants/acme.yaml",
               "privet: 1\ntenant: acme\ndomains: [acme.test]\ntrusted_networks: [127.0.0.0/8]\n"
               "crm: [{profile: pipedrive, addresses: [acme@pipedrivemail.com]}]\n"
               "upstream: {smtp: {host: 127.0.0.1, port: " +
                   std::to_string(listener.port()) + ", tls: none}}\n");
  const auto config =
      load_config(folder.write("privet.yaml",
                               "privet: 1\nhostname: mx.test\ntenants: tenants\nlog: {level: \"off\"}\n"
                               "limits: {loops: 1}\nlisten: [{address: \"127.0.0.1:0\", tls: none}]\n"));
  ASSERT_TRUE(config);
  const testing_support::RunningServer server(*config);
  Peer client = Peer::connect(server.port());
  ASSERT_TRUE(client.line());
  client.send("EHLO client.test\r\n");
  Peer upstream = listener.accept();
  upstream.send("220 ready\r\n");
  ASSERT_TRUE(upstream.line());
  upstream.send("250 upstream.test\r\n");
  for (auto line = client.line(); line && line->starts_with("250-");) line = client.line();

  constexpr std::size_t kLine = 64;
  const std::string line = std::string(kLine - 2, 'x') + "\r\n";
  std::string content;
  while (content.size() < 10 * 1024 * 1024) {
    // Less than is read ahead of a busy session, so that one end falls into it whatever the kernel holds.
    for (int i = 0; i < 48 * 1024; i += kLine) content += line;
    for (const char* command : {"MAIL FROM:<anna@acme.test>\r\n", "RCPT TO:<bob@customer.test>\r\n"}) {
      client.send(command);
      ASSERT_TRUE(upstream.line());
      upstream.send("250 ok\r\n");
      ASSERT_TRUE(client.line());
    }
    client.send("DATA\r\n");
    ASSERT_EQ(upstream.line(), "DATA");
    upstream.send("354 go on\r\n");
    ASSERT_TRUE(client.line());
    const auto sent = std::async(std::launch::async, [&] { client.send(content + ".\r\n"); });
    sent.wait_for(std::chrono::milliseconds(20));  // larger ones are sent only while the upstream reads
    const auto got = upstream.content();
    ASSERT_TRUE(got && got->size() == content.size()) << content.size();
    upstream.send("250 queued\r\n");
    sent.wait();
    ASSERT_EQ(client.line(), "250 2.0.0 queued");
  }
}

}  // namespace
}  // namespace privet
