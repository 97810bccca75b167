// A spool in a folder of its own, with a clock that the test sets and a loop to answer to.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy/net/loop.h"
#include "proxy/net/task.h"
#include "proxy/spool/spool.h"
#include "tests/support/folder.h"

namespace privet::spool {

inline constexpr Time kStart = 1'800'000'000;
inline constexpr Time kDay = 24 * 60 * 60;
inline constexpr std::string_view kHeader = "Subject: offer\r\n\r\n";
inline constexpr std::string_view kBody = "Dear Jane,\r\n";

/// A copy of anna's to the CRM; copies with the same key are the same.
inline Draft draft(std::string key, std::string user = "anna@acme.example") {
  Draft made{.record = {.tenant = "acme",
                        .user = std::move(user),
                        .reverse_path = "anna@acme.example",
                        .recipient = "acme@crm.example",
                        .verdict = "private",
                        .rule = "default",
                        .key = std::move(key),
                        .created = kStart,
                        .expires = kStart + 5 * kDay},
             .header = kHeader,
             .body = kBody};
  return made;
}

class SpoolTest : public testing::Test {
 protected:
  std::string folder() const { return folder_ / "spool"; }

  /// Opens the spool anew, as a new process would.
  void open() {
    spool_.reset();
    auto opened =
        Spool::open({.folder = folder(), .size_limit = size_limit_, .clock = [this] { return now_.load(); }});
    ASSERT_TRUE(opened.has_value()) << opened.error().what;
    spool_ = std::move(*opened);
  }

  /// What a job came to: runs a loop until it is done.
  template <class T>
  T wait(Ticket<T> ticket) {
    std::optional<T> result;
    loop_->spawn(finish(std::move(ticket), result, *loop_));
    loop_->run();
    loop_.reset();
    loop_ = std::make_unique<net::Loop>();
    return std::move(*result);
  }

  Result<std::vector<Prepared>> prepare(std::vector<Draft> drafts) {
    return wait(spool_->prepare(*loop_, std::move(drafts)));
  }
  /// One copy; the test ends where it cannot be had.
  Prepared prepare_one(Draft one) {
    std::vector<Draft> drafts;
    drafts.push_back(std::move(one));
    const auto prepared = prepare(std::move(drafts));
    EXPECT_TRUE(prepared.has_value());
    return prepared ? prepared->front() : Prepared{};
  }
  bool commit(const std::string& id) { return wait(spool_->commit(*loop_, {id})); }
  bool settle() { return wait(spool_->settled(*loop_)); }
  Result<Loaded> load(const std::string& id) { return wait(spool_->load(*loop_, id)); }
  void look_around() {
    spool_->look_around();
    settle();
  }
  /// A copy that is owed, and nobody's.
  std::string owe(std::string key, std::string user = "anna@acme.example") {
    const Prepared one = prepare_one(draft(std::move(key), std::move(user)));
    EXPECT_TRUE(commit(one.id));
    spool_->release(one.id);
    return one.id;
  }

  std::vector<std::string> due() const {
    std::vector<std::string> ids;
    for (const Waiting& one : spool_->due([](std::string_view) { return true; }, 100)) ids.push_back(one.id);
    return ids;
  }
  std::vector<std::string> names(std::string_view state) const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(folder()) / state)) {
      found.push_back(entry.path().filename().string());
    }
    return found;
  }
  std::string path(std::string_view state, std::string_view id) const {
    return folder() + "/" + std::string(state) + "/" + std::string(id);
  }
  static std::string read(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  testing_support::TemporaryFolder folder_;
  std::atomic<Time> now_ = kStart;
  std::uint64_t size_limit_ = 0;
  std::unique_ptr<net::Loop> loop_ = std::make_unique<net::Loop>();
  std::unique_ptr<Spool> spool_;

  /// Ends the loop with what the job came to.
  template <class T>
  static net::Task<void> finish(Ticket<T> ticket, std::optional<T>& result, net::Loop& loop) {
    result = co_await ticket;
    loop.close_door();
  }
};

}  // namespace privet::spool
