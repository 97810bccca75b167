// The embedded upstream for trying out: accepts every login and recipient and files mail into one Maildir per
// recipient, FOLDER/local@domain/{tmp,new,cur}, byte for byte as it was sent.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "proxy/smtp/content.h"
#include "proxy/smtp/upstream.h"

namespace privet::smtp {

class MaildirUpstream final : public Upstream {
 public:
  MaildirUpstream(net::Loop& loop, std::string folder, std::uint64_t size_limit);

  net::Task<std::optional<Reply>> open(Environment& environment, const policy::Tenant& tenant) override;
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
  Reply answer(const Command& command);

  net::Loop& loop_;
  std::string folder_;
  std::deque<Reply> owed_;
  std::vector<std::string> recipients_;
  ContentDecoder decoder_{ContentDecoder::Form::Decoded};
  std::string content_;
};

}  // namespace privet::smtp
