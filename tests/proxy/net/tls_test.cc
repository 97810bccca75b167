#include "proxy/net/tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <array>

#include "certs/authority.h"
#include "certs/store.h"
#include "tests/support/folder.h"

namespace privet::net {
namespace {

// Two engines and nothing between them but strings.
class TlsEngines : public testing::TestWithParam<std::size_t> {
 protected:
  TlsEngines() {
    const auto leaf = authority_.issue({"mail.test", "127.0.0.1"}, 1);
    folder_.write("certificates/default.pem", leaf.certificate + leaf.key);
    store_ = certs::Store::load(folder_ / "certificates").value();
  }

  std::shared_ptr<ssl_ctx_st> trust(const certs::Authority& authority) {
    std::string why;
    return make_client_context(folder_.write("authority.pem", authority.certificate()), why);
  }

  /// Moves ciphertext in pieces until neither side has any; each piece is kept as a stream would.
  static void carry(Tls& from, Tls& to, std::size_t piece, std::string& plain) {
    std::string wire = std::exchange(from.output(), {});
    for (std::string_view rest = wire; !rest.empty(); rest.remove_prefix(std::min(piece, rest.size()))) {
      to.receive(rest.substr(0, piece));
      std::array<char, 1000> buffer{};
      while (const std::size_t count = to.read(buffer.data(), buffer.size()))
        plain.append(buffer.data(), count);
      to.keep();
    }
  }

  /// True when both sides finished.
  static bool shake_hands(Tls& client, Tls& server, std::size_t piece) {
    Tls::Progress progress[] = {client.handshake(), Tls::Progress::NeedInput};
    Tls* ends[] = {&client, &server};
    bool moved = true;
    while (moved) {
      moved = false;
      for (int to : {1, 0}) {
        const std::string wire = std::exchange(ends[1 - to]->output(), {});
        for (std::string_view rest = wire; !rest.empty(); rest.remove_prefix(std::min(piece, rest.size()))) {
          moved = true;
          ends[to]->receive(rest.substr(0, piece));
          if (progress[to] == Tls::Progress::NeedInput) progress[to] = ends[to]->handshake();
          ends[to]->keep();
        }
      }
    }
    return progress[0] == Tls::Progress::Done && progress[1] == Tls::Progress::Done;
  }

  testing_support::TemporaryFolder folder_;
  certs::Authority authority_ = certs::Authority::make("Test authority", 1);
  std::shared_ptr<const certs::Store> store_;
};

TEST_P(TlsEngines, CarryDataInPiecesOfAnySize) {
  const auto context = trust(authority_);
  const auto client = Tls::client(context.get(), "mail.test"), server = Tls::server(store_->context());
  ASSERT_TRUE(shake_hands(*client, *server, GetParam())) << client->error() << server->error();
  EXPECT_STREQ(client->version(), "TLSv1.3");

  std::string request;
  for (int i = 0; i < 5000; ++i) request += "line " + std::to_string(i) + "\r\n";
  client->write(request);
  std::string seen_by_server, seen_by_client;
  carry(*client, *server, GetParam(), seen_by_server);
  EXPECT_TRUE(seen_by_server == request);
  server->write("221 bye\r\n");
  server->shutdown();
  carry(*server, *client, GetParam(), seen_by_client);
  EXPECT_EQ(seen_by_client, "221 bye\r\n");
  EXPECT_TRUE(client->peer_closed());
  EXPECT_FALSE(client->failed());
}

INSTANTIATE_TEST_SUITE_P(Pieces, TlsEngines, testing::Values(1, 2, 5, 1000, 100'000));

int count_ticket(SSL* ssl, SSL_SESSION*) {
  ++*static_cast<int*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  return 0;
}

// A client that reads and writes in two threads does not survive a ticket while it sends its first command.
TEST_F(TlsEngines, SendTheTicketWithTheFirstReplyAndNotBefore) {
  int tickets = 0;
  const auto context = trust(authority_);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT);
  SSL_CTX_set_app_data(context.get(), &tickets);
  SSL_CTX_sess_set_new_cb(context.get(), count_ticket);
  const auto client = Tls::client(context.get(), "mail.test"), server = Tls::server(store_->context());
  std::string plain;
  ASSERT_TRUE(shake_hands(*client, *server, 1000));
  client->write("EHLO client.test\r\n");
  carry(*client, *server, 1000, plain);
  carry(*server, *client, 1000, plain);
  EXPECT_EQ(tickets, 0);

  for (const std::string_view reply : {"250 mail.test\r\n", "250 OK\r\n"}) {
    plain.clear();
    server->write(reply);
    carry(*server, *client, 1000, plain);
    EXPECT_EQ(plain, reply);
    EXPECT_EQ(tickets, 1);
  }
}

TEST_F(TlsEngines, AcceptAnAddressInTheCertificate) {
  const auto context = trust(authority_);
  const auto client = Tls::client(context.get(), "127.0.0.1"), server = Tls::server(store_->context());
  EXPECT_TRUE(shake_hands(*client, *server, 1000));
}

TEST_F(TlsEngines, KnowWhichNameTheClientAskedFor) {
  const auto context = trust(authority_);
  for (const auto& [host, name] : {std::pair{"Mail.TEST", "mail.test"}, std::pair{"127.0.0.1", ""}}) {
    const auto client = Tls::client(context.get(), host), server = Tls::server(store_->context());
    EXPECT_EQ(server->server_name(), "");
    ASSERT_TRUE(shake_hands(*client, *server, 1000));
    EXPECT_EQ(server->server_name(), name);
  }
}

TEST_F(TlsEngines, RefuseAnotherHostsCertificate) {
  const auto context = trust(authority_);
  for (const std::string host : {"other.test", "test", "127.0.0.2"}) {
    const auto client = Tls::client(context.get(), host), server = Tls::server(store_->context());
    EXPECT_FALSE(shake_hands(*client, *server, 1000)) << host;
    EXPECT_TRUE(client->failed());
    EXPECT_THAT(client->error(), testing::HasSubstr("certificate")) << host;
  }
}

TEST_F(TlsEngines, RefuseAnUnknownAuthority) {
  const auto context = trust(certs::Authority::make("Another authority", 1));
  const auto client = Tls::client(context.get(), "mail.test"), server = Tls::server(store_->context());
  EXPECT_FALSE(shake_hands(*client, *server, 1000));
  EXPECT_THAT(client->error(), testing::HasSubstr("certificate"));
}

TEST_F(TlsEngines, RefuseWhatIsNoTls) {
  const auto server = Tls::server(store_->context());
  server->receive("EHLO client.test\r\n");
  EXPECT_EQ(server->handshake(), Tls::Progress::Failed);
  EXPECT_FALSE(server->error().empty());
}

TEST_F(TlsEngines, ReportBytesThatWereTamperedWith) {
  const auto context = trust(authority_);
  const auto client = Tls::client(context.get(), "mail.test"), server = Tls::server(store_->context());
  ASSERT_TRUE(shake_hands(*client, *server, 1000));
  client->write("MAIL FROM:<anna@acme.test>\r\n");
  std::string wire = std::exchange(client->output(), {});
  wire.back() = static_cast<char>(wire.back() ^ 1);
  server->receive(wire);
  std::array<char, 100> buffer{};
  EXPECT_EQ(server->read(buffer.data(), buffer.size()), 0u);
  EXPECT_TRUE(server->failed());
}

TEST(ClientContext, NamesTheFileItCannotUse) {
  std::string why;
  EXPECT_EQ(make_client_context("/nowhere/authority.pem", why), nullptr);
  EXPECT_THAT(why, testing::HasSubstr("/nowhere/authority.pem"));
}

}  // namespace
}  // namespace privet::net
