// The upstream over SMTP: greeting, EHLO, TLS, login, transactions (RFC 5321, 3207, 4954, 2920).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "proxy/net/connect.h"
#include "proxy/net/stream.h"
#include "proxy/route.h"
#include "proxy/smtp/upstream.h"

namespace privet::smtp {

class SmtpUpstream final : public Upstream {
 public:
  /// Which of the tenant's servers it is.
  enum class Role { Submission, Relay };
  explicit SmtpUpstream(net::Loop& loop, Role role = Role::Submission)
      : loop_(loop), connector_(loop), role_(role) {}

  /// One host after the other, until one has greeted and, where there is TLS, shown its certificate.
  net::Task<std::optional<Reply>> open(Environment& environment, const policy::Tenant& tenant) override;
  bool tls() const override { return stream_ && stream_.tls(); }
  net::Task<Reply> log_in(const Credentials& credentials) override;
  net::Task<Reply> answer_challenge(std::string_view line) override;
  void put(const Command& command) override;
  net::Task<Reply> reply() override;
  void put_content(std::string_view wire) override;
  net::Task<void> drained() override;
  net::Task<Reply> finish_content() override;
  net::Task<void> quit() override;
  void abandon() override;
  void cancel() override;

 private:
  /// Why a host cannot be used: for the client, and for the log.
  struct Failure {
    Reply reply;
    std::string cause;
  };

  net::Task<std::optional<Failure>> try_host(const Host& host, policy::TlsMode mode,
                                             const std::string& hostname, ssl_ctx_st* tls);
  net::Task<void> greet(const std::string& host, policy::TlsMode mode, const std::string& hostname,
                        ssl_ctx_st* tls);
  net::Task<void> hello(const std::string& hostname);
  net::Task<Reply> read_reply(net::Deadline deadline);
  net::Task<Reply> exchange(std::string line, net::Deadline deadline);
  /// A line that ends with `secret` in base64; no buffer keeps it.
  void put_secret(std::string_view command, std::string_view secret);
  Reply lose(const std::string& why, Reply reply);

  net::Loop& loop_;
  net::Connector connector_;
  const Role role_;
  net::Stream stream_;
  std::string tenant_;  // whose server it is, and which host of it: for the log
  std::string host_;
  bool cancelled_ = false;
  bool data_sent_ = false;  // the reply owed next is DATA's
};

}  // namespace privet::smtp
