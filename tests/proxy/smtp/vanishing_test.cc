// Either side vanishes at any byte of a split session: the CRM never has a mail that nobody got, people never
// get one twice, and no session hangs (field rules: rules F6 to F8, F14 to F19, and the second transaction
// behind the dot, at which Dovecot Submission 2.3.19 panicked).
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "tests/support/proxied.h"

namespace privet {
namespace {

using testing_support::Client;
using testing_support::kEhlo;
using testing_support::kLogin;
using testing_support::Proxied;
using Message = testing_support::ScriptedUpstream::Message;

// What a client sends between two points where it has to wait, and how many replies it waits for then.
struct Piece {
  std::string bytes;
  int replies;
};

std::string content(const std::string& id) {
  return "From: anna@acme.test\r\nTo: buyer@bigco.test\r\nMessage-ID: <" + id + "@acme.test>\r\n\r\n.\r\n";
}

// Two transactions with a copy each, the second right behind the final dot of the first.
std::vector<Piece> script(const std::string& first, const std::string& second) {
  const std::string envelope =
      "MAIL FROM:<anna@acme.test>\r\nRCPT TO:<buyer@bigco.test>\r\nRCPT "
      "TO:<acme@pipedrivemail.com>\r\nDATA\r\n";
  return {{"", 1},        {std::string(kEhlo), 1},        {std::string(kLogin), 1},
          {envelope, 4},  {content(first) + envelope, 5}, {content(second), 1},
          {"QUIT\r\n", 1}};
}

std::string id_of(const char* which, std::size_t at) {
  return which + std::to_string(1000 + at);
}

class Vanishing : public testing::Test {
 protected:
  // One session at a time: the next is let in when the one before has ended, its copies included.
  Client next_client() {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(2);
    while (std::chrono::steady_clock::now() < end) {
      Client client(proxied_.port());
      if (client.reply().starts_with("220")) return client;
    }
    throw std::runtime_error("the session before hangs");
  }

  // Sends at most `bytes` of the script and leaves; `answered` gets the ids whose content was answered 250.
  void talk(std::size_t at, std::size_t bytes) {
    Client client = next_client();
    const std::string ids[] = {id_of("first", at), id_of("second", at)};
    const std::vector<Piece> pieces = script(ids[0], ids[1]);
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      const std::string some = pieces[i].bytes.substr(0, bytes);
      client.send(some);
      bytes -= some.size();
      if (some.size() < pieces[i].bytes.size()) return;
      for (int n = i == 0 ? 1 : 0; n < pieces[i].replies; ++n) {
        const std::string reply = client.reply();
        if (n == 0 && i >= 4 && i <= 5 && reply.starts_with("250")) answered_.push_back(ids[i - 4]);
        if (reply.empty() || reply.starts_with('4') || reply.starts_with('5')) return;
      }
    }
  }

  void check(std::size_t most, std::ptrdiff_t copies) {
    next_client().close();
    proxied_.end();
    const auto messages = proxied_.upstream().messages();
    const auto count = [&](const std::string& id, std::string_view recipient) {
      return std::ranges::count_if(messages, [&](const Message& each) {
        return each.is_to(recipient) && each.content.contains("<" + id + "@");
      });
    };
    std::ptrdiff_t people = 0;
    for (std::size_t at = 0; at <= most; ++at) {
      for (const char* which : {"first", "second"}) {
        const std::string id = id_of(which, at);
        const auto original = count(id, testing_support::kPerson), copy = count(id, testing_support::kCrm);
        EXPECT_LE(original, 1) << id;
        EXPECT_LE(copy, original * copies) << id;
        if (std::ranges::find(answered_, id) != answered_.end()) {
          EXPECT_EQ(original, 1) << id;
        }
        people += original;
      }
    }
    EXPECT_GT(people, 2) << "some had to come through";
    EXPECT_EQ(proxied_.upstream().violations(), std::vector<std::string>());
  }

  Proxied proxied_{"loops: 1, sessions: 1"};
  std::vector<std::string> answered_;
};

TEST_F(Vanishing, ClientsLeaveNoCopyWithoutItsOriginal) {
  std::size_t all = 0;
  for (const Piece& piece : script(id_of("first", 0), id_of("second", 0))) all += piece.bytes.size();
  for (std::size_t bytes = 0; bytes <= all; ++bytes) ASSERT_NO_THROW(talk(bytes, bytes)) << bytes;
  check(all, 1);
}

TEST_F(Vanishing, UpstreamsLeaveNoCopyWithoutItsOriginal) {
  talk(0, testing_support::ScriptedUpstream::kNever);
  next_client().close();
  const std::size_t all = proxied_.upstream().longest();
  for (std::size_t bytes = 1; bytes <= all; ++bytes) {
    proxied_.upstream().close_after(bytes);
    ASSERT_NO_THROW(talk(bytes, testing_support::ScriptedUpstream::kNever)) << bytes;
  }
  proxied_.upstream().close_after(testing_support::ScriptedUpstream::kNever);
  check(all, 2);  // a copy whose answer was lost may be sent once more
}

}  // namespace
}  // namespace privet
