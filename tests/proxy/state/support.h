// A store in a folder of its own, with a clock that the test sets and a loop to answer to.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "proxy/net/loop.h"
#include "proxy/net/task.h"
#include "proxy/state/sqlite.h"
#include "proxy/state/store.h"
#include "tests/support/folder.h"

namespace privet::state {

inline constexpr Time kStart = 1'800'000'000;
inline constexpr std::uint32_t kReal = 7'000;  // as small as Gmail's
inline constexpr Epochs kEpochs = {.visibility = 1, .bytes = 2, .keyword = ~std::uint64_t{0}};
inline constexpr Epochs kStricter = {.visibility = 11, .bytes = 2, .keyword = ~std::uint64_t{0}};

inline MailboxName inbox(std::string account = "anna@acme.example") {
  return {.tenant = "acme", .account = std::move(account), .mailbox = "INBOX"};
}
inline Classified hidden(std::uint32_t uid) {
  return {.uid = uid};
}
inline Classified verbatim(std::uint32_t uid) {
  return {.uid = uid, .message_class = MessageClass::Verbatim, .original_length = 100};
}
inline Classified redacted(std::uint32_t uid) {
  return {.uid = uid,
          .message_class = MessageClass::Redacted,
          .marked_private = true,
          .original_length = 200,
          .redacted_header = "Subject: " + std::to_string(uid) + "\r\n\r\n"};
}

/// What a ticket comes to: a loop on a thread of its own awaits it. For any thread; outlives the store.
class Waiter {
 public:
  ~Waiter() {
    if (!loop_) return;
    loop_->post([this] { loop_->close_door(); });
    thread_.join();
  }
  /// The thread begins here, so that a test can fork before.
  net::Loop& loop() {
    if (!loop_) {
      loop_ = std::make_unique<net::Loop>();
      thread_ = std::thread([this] { loop_->run(); });
    }
    return *loop_;
  }
  template <class T>
  T wait(Ticket<T> ticket) {
    const auto result = std::make_shared<std::promise<T>>();
    loop().post([this, ticket, result] { loop_->spawn(finish(ticket, result)); });
    return result->get_future().get();
  }

 private:
  template <class T>
  static net::Task<void> finish(Ticket<T> ticket, std::shared_ptr<std::promise<T>> result) {
    T value = co_await ticket;
    result->set_value(std::move(value));
  }
  std::unique_ptr<net::Loop> loop_;
  std::thread thread_;
};

class StoreTest : public testing::Test {
 protected:
  std::string folder() const { return folder_ / "view"; }
  std::string file() const { return folder() + "/state.sqlite"; }

  /// Opens the store anew, as a new process would.
  void open() {
    store_.reset();
    auto opened = Store::open({.folder = folder(), .clock = [this] { return now_.load(); }});
    ASSERT_TRUE(opened.has_value()) << opened.error().what;
    store_ = std::move(*opened);
  }
  template <class T>
  T wait(Ticket<T> ticket) {
    return waiter_.wait(std::move(ticket));
  }
  net::Loop& loop() { return waiter_.loop(); }

  Result<Loaded> try_load(MailboxName name = inbox(), std::uint32_t real = kReal, Epochs epochs = kEpochs) {
    return wait(store_->load(loop(), std::move(name), real, epochs));
  }
  /// The test ends where it cannot be had.
  Loaded load(MailboxName name = inbox(), std::uint32_t real = kReal, Epochs epochs = kEpochs) {
    auto loaded = try_load(std::move(name), real, epochs);
    EXPECT_TRUE(loaded.has_value()) << loaded.error().what;
    return loaded ? std::move(*loaded) : Loaded{};
  }
  bool add(MailboxId id, std::vector<Classified> messages, std::uint32_t frontier, Epochs epochs = kEpochs) {
    return wait(store_->add_classified(loop(), id, epochs, std::move(messages), {0, frontier}));
  }
  bool announce(MailboxId id, std::uint32_t next) { return wait(store_->announce(loop(), id, next)); }
  Result<MailboxState> apply(MailboxId id, Change change) {
    return wait(store_->apply(loop(), id, std::move(change)));
  }
  std::vector<std::string> headers(MailboxId id, std::vector<std::uint32_t> uids) {
    return wait(store_->headers(loop(), id, std::move(uids))).value_or(std::vector<std::string>{"none"});
  }
  /// A mailbox with UIDs 1 to 4, the last of them hidden, that a CRM has seen.
  Loaded seen(MailboxName name = inbox()) {
    const MailboxState state = load(name).state;
    EXPECT_TRUE(add(state.id, {redacted(1), hidden(2), verbatim(3), hidden(4)}, 4));
    EXPECT_TRUE(announce(state.id, 4));
    return load(name);
  }
  static std::vector<std::uint32_t> uids_of(const Loaded& loaded, MessageClass kind) {
    std::vector<std::uint32_t> uids;
    for (const Message& one : loaded.messages) {
      if (one.message_class == kind) uids.push_back(one.uid);
    }
    return uids;
  }
  /// Changes the database behind the back of the store, which is closed.
  void tamper(const char* sql) {
    store_.reset();
    Database database(file());
    database.run(sql);
    ASSERT_TRUE(database.is_good()) << database.cause();
  }
  std::int64_t count(const char* sql) {
    Database database(file());
    Rows rows = database.query(sql);
    return rows.next() ? rows.integer(0) : -1;
  }

  testing_support::TemporaryFolder folder_;
  std::atomic<Time> now_ = kStart;
  Waiter waiter_;
  std::array<Waiter, 4> waiters_;  // for threads
  std::unique_ptr<Store> store_;
};

}  // namespace privet::state
