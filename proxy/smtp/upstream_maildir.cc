#include "proxy/smtp/upstream_maildir.h"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

namespace privet::smtp {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFileName = 255;  // NAME_MAX of Linux file systems

const Reply kEnded{451, "4.4.2", "The connection was ended"};

// A recipient as a folder name: lower case, and nothing that leads elsewhere.
std::string folder_name(std::string_view recipient) {
  std::string name;
  for (const char c : recipient) {
    const bool plain = c != '/' && static_cast<unsigned char>(c) > ' ' && !(c == '.' && name.empty());
    name += plain ? static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c) : '_';
  }
  return name.substr(0, kFileName);
}

std::string unique_name() {
  static std::atomic<unsigned> counter{0};
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  return std::to_string(micros) + ".P" + std::to_string(getpid()) + "Q" + std::to_string(counter++) +
         ".privet";
}

// Maildir delivery: write in tmp, then rename into new. False when the disk refuses.
bool file_into(const fs::path& maildir, std::string_view content) {
  std::error_code error;
  for (const char* part : {"tmp", "new", "cur"}) fs::create_directories(maildir / part, error);
  const std::string name = unique_name();
  std::ofstream out(maildir / "tmp" / name, std::ios::binary);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  out.close();
  if (!out) return false;
  fs::rename(maildir / "tmp" / name, maildir / "new" / name, error);
  return !error;
}

}  // namespace

MaildirUpstream::MaildirUpstream(net::Loop& loop, std::string folder, std::uint64_t size_limit)
    : loop_(loop), folder_(std::move(folder)) {
  extensions_.pipelining = extensions_.eight_bit_mime = extensions_.smtp_utf8 = true;
  extensions_.enhanced_status_codes = extensions_.size = true;
  extensions_.size_limit = size_limit;
  extensions_.mechanisms =
      static_cast<std::uint8_t>(Mechanism::Plain) | static_cast<std::uint8_t>(Mechanism::Login);
}

net::Task<std::optional<Reply>> MaildirUpstream::open(Environment& environment,
                                                      const policy::Tenant& tenant) {
  remember_announced(environment, tenant);
  co_return std::nullopt;
}

net::Task<Reply> MaildirUpstream::log_in(const Credentials&) {
  co_return Reply{235, "2.7.0", "Welcome to the embedded upstream"};
}

net::Task<Reply> MaildirUpstream::answer_challenge(std::string_view) {
  co_return Reply{501, "5.5.2", "No challenge was given"};
}

void MaildirUpstream::put(const Command& command) {
  owed_.push_back(answer(command));
}

net::Task<Reply> MaildirUpstream::reply() {
  if (lost_) co_return kEnded;
  const Reply oldest = owed_.empty() ? Reply{451, "4.4.2", "No reply is owed"} : owed_.front();
  if (!owed_.empty()) owed_.pop_front();
  co_return oldest;
}

Reply MaildirUpstream::answer(const Command& command) {
  switch (command.verb) {
    case Verb::Rcpt:
      recipients_.push_back(command.argument);
      return {250, "2.1.5", "Ok"};
    case Verb::Data:
      decoder_ = ContentDecoder(ContentDecoder::Form::Decoded);
      content_ = std::string();
      return {354, "", "End data with <CR><LF>.<CR><LF>"};
    case Verb::Mail:
    case Verb::Rset:
      recipients_.clear();
      return {250, command.verb == Verb::Mail ? "2.1.0" : "2.0.0", "Ok"};
    default:
      return {250, "2.0.0", "Ok"};
  }
}

void MaildirUpstream::put_content(std::string_view wire) {
  decoder_.feed(wire, [this](std::string_view piece) { content_.append(piece); });
}

net::Task<void> MaildirUpstream::drained() {
  co_return;
}

net::Task<Reply> MaildirUpstream::finish_content() {
  if (lost_) co_return kEnded;
  put_content(".\r\n");
  bool filed = true;
  const auto file_all = [this, &filed] {
    for (const std::string& recipient : recipients_) {
      filed = file_into(fs::path(folder_) / folder_name(recipient), content_) && filed;
    }
  };
  co_await loop_.blocking(file_all);
  recipients_.clear();
  content_ = std::string();
  if (!filed) co_return Reply{452, "4.3.1", "Cannot write to the Maildir"};
  co_return Reply{250, "2.0.0", "Filed"};
}

net::Task<void> MaildirUpstream::quit() {
  co_return;
}

void MaildirUpstream::abandon() {
  lost_ = true;
}

void MaildirUpstream::cancel() {
  lost_ = true;
}

}  // namespace privet::smtp
