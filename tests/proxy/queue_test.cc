// What an administrator does to the spool's files. tests/proxy/spool holds what the files mean.
#include "proxy/queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "proxy/config.h"
#include "proxy/spool/disk.h"
#include "tests/support/folder.h"

namespace privet {
namespace {

using spool::Event;
using spool::Folder;
using spool::Record;
using spool::Time;
using Verb = QueueOptions::Verb;

constexpr Time kNow = 1'800'000'000;  // 2027-01-15T08:00:00Z
constexpr std::string_view kContent = "Subject: Offer\r\n\r\nHello Bob.\r\n";

struct Outcome {
  int status = 0;
  std::string out, errors;
};

class Queue : public testing::Test {
 protected:
  Queue() : disk_(spool::Disk::open(folder_ / "spool", true).value()) {}

  static Record record(const std::string& id) {
    return {.id = id,
            .tenant = "acme",
            .user = "anna@acme.test",
            .reverse_path = "anna@acme.test",
            .recipient = "acme@pipedrivemail.com",
            .mail_parameters = "BODY=8BITMIME",
            .verdict = "private",
            .rule = "rules[2]",
            .key = "0123456789abcdef",
            .notify = true,
            .created = kNow - 3 * 3600,
            .expires = kNow + 5 * 86400};
  }

  void put(const Record& record, Folder folder, Time next_try = kNow + 600,
           const std::vector<Event>& events = {}) {
    const std::string head = spool::write_head(record, kContent.size(), spool::sha256_hex(kContent));
    const auto file = disk_.make(Folder::Prepared, record.id);
    ASSERT_TRUE(file);
    ASSERT_EQ(spool::Disk::write(*file, {head, kContent}, false, next_try), 0);
    for (const Event& event : events) {
      ASSERT_EQ(disk_.append(Folder::Prepared, record.id, spool::write_event(event)), 0);
    }
    ASSERT_EQ(disk_.set_modified(Folder::Prepared, record.id, next_try), 0);
    if (folder != Folder::Prepared) ASSERT_EQ(disk_.move(record.id, Folder::Prepared, folder), 0);
  }

  Outcome run(QueueOptions options) const {
    options.folder = folder_ / "spool";
    std::ostringstream out, errors;
    const int status = queue(options, kNow, out, errors);
    return {status, out.str(), errors.str()};
  }

  nlohmann::json json(QueueOptions options) const {
    options.json = true;
    const Outcome outcome = run(options);
    EXPECT_EQ(outcome.status, 0) << outcome.errors;
    return nlohmann::json::parse(outcome.out);
  }

  /// State by id.
  std::map<std::string, std::string> states() const {
    std::map<std::string, std::string> found;
    for (const auto& each : json({})) found[each["id"]] = each["state"];
    return found;
  }

  std::string next_try(const std::string& id) const {
    return json({.verb = Verb::Show, .ids = {id}})["next_try"].get<std::string>();
  }

  testing_support::TemporaryFolder folder_;
  spool::Disk disk_;
};

const Event kRefused{
    .what = Event::What::Tried, .time = kNow - 60, .text = "451 4.7.1 <anna@acme.test> later please"};

TEST_F(Queue, ListsWhatWaits) {
  put(record("first"), Folder::Committed, kNow + 600, {kRefused});
  Record notice = record("notice");
  notice.kind = spool::Kind::Notice;
  notice.recipient = "anna@acme.test";
  notice.created = kNow - 45;
  notice.expires = kNow;
  put(notice, Folder::Committed, kNow);
  put(record("third"), Folder::Held);
  const Outcome outcome = run({});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_EQ(outcome.out,
            "ID      STATE      TENANT   AGE  NEXT  EXPIRES  TRIES  RECIPIENT\n"
            "first   deferred   acme      3h   10m       5d      1  acme@pipedrivemail.com\n"
            "    451 4.7.1 … later please\n"
            "third   held       acme      3h     -       5d      0  acme@pipedrivemail.com\n"
            "notice  committed  acme     45s   now      now      0  (its sender)\n"
            "3 in the spool.\n");
}

TEST_F(Queue, ListsForMachines) {
  put(record("first"), Folder::Committed, kNow + 600, {kRefused});
  put(record("second"), Folder::Prepared);
  folder_.write("spool/aside/torn", "half");
  const nlohmann::json expected = nlohmann::json::parse(R"([
    {"id": "first", "kind": "copy", "state": "deferred", "tenant": "acme", "created": "2027-01-15T05:00:00Z",
     "next_try": "2027-01-15T08:10:00Z", "expires": "2027-01-20T08:00:00Z", "tries": 1,
     "recipient": "acme@pipedrivemail.com", "last_answer": "451 4.7.1 … later please"},
    {"id": "second", "kind": "copy", "state": "in doubt", "tenant": "acme", "created": "2027-01-15T05:00:00Z",
     "next_try": null, "expires": "2027-01-20T08:00:00Z", "tries": 0,
     "recipient": "acme@pipedrivemail.com", "last_answer": null},
    {"id": "aside/torn", "kind": null, "state": "damaged", "tenant": null, "created": null, "next_try": null,
     "expires": null, "tries": null, "recipient": null, "last_answer": null}])");
  EXPECT_EQ(json({}), expected);
}

TEST_F(Queue, FitsTheScreen) {
  Record wide = record(std::string(40, 'x'));
  wide.tenant = std::string(60, 't');
  wide.recipient = std::string(60, 'r') + "@pipedrivemail.com";
  wide.created = 0;
  put(wide, Folder::Committed, kNow + 100 * 86400,
      {{.what = Event::What::Tried, .time = kNow, .text = "451 " + std::string(300, 'a')}});
  folder_.write("spool/aside/" + std::string(200, 'y'), "half");
  std::istringstream lines(run({}).out);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const auto inside = std::ranges::count_if(line, [](char c) { return (c & 0xC0) == 0x80; });
    EXPECT_LE(line.size() - static_cast<std::size_t>(inside), 110u) << line;
  }
  EXPECT_EQ(count, 5);
}

TEST_F(Queue, ListsOneTenantAlone) {
  put(record("first"), Folder::Committed);
  Record other = record("second");
  other.tenant = "globex";
  put(other, Folder::Committed);
  const nlohmann::json listed = json({.tenant = "globex"});
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0]["id"], "second");
}

TEST_F(Queue, ShowsAllThatIsKnownButTheContent) {
  put(record("first"), Folder::Committed, kNow + 600, {kRefused});
  const Outcome outcome = run({.verb = Verb::Show, .ids = {"first"}});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_EQ(outcome.out,
            "copy first\n"
            "  state            deferred\n"
            "  tenant           acme\n"
            "  user             anna@acme.test\n"
            "  sender           <anna@acme.test>\n"
            "  recipient        <acme@pipedrivemail.com>\n"
            "  MAIL parameters  BODY=8BITMIME\n"
            "  verdict          private (rules[2])\n"
            "  size             30 bytes\n"
            "  created          2027-01-15T05:00:00Z (3h ago)\n"
            "  next try         2027-01-15T08:10:00Z\n"
            "  expires          2027-01-20T08:00:00Z, the sender is told\n"
            "  2027-01-15T07:59:00Z tried: 451 4.7.1 <anna@acme.test> later please\n");
  const nlohmann::json shown = json({.verb = Verb::Show, .ids = {"first"}});
  EXPECT_EQ(shown["sender"], "anna@acme.test");
  EXPECT_EQ(shown["notify"], true);
  EXPECT_EQ(shown["size"], kContent.size());
  EXPECT_EQ(shown["events"][0]["what"], "tried");
  EXPECT_EQ(shown["last_answer"], kRefused.text);
}

TEST_F(Queue, WritesTheContentWhenAsked) {
  put(record("first"), Folder::Held);
  EXPECT_EQ(run({.verb = Verb::Show, .ids = {"first"}, .content = true}).out, kContent);
}

TEST_F(Queue, HoldsAndReleases) {
  put(record("first"), Folder::Committed);
  Outcome outcome = run({.verb = Verb::Hold, .ids = {"first"}});
  EXPECT_EQ(outcome.out, "held first\n");
  EXPECT_EQ(states().at("first"), "held");
  outcome = run({.verb = Verb::Release, .ids = {"first"}});
  EXPECT_EQ(outcome.out, "released first\n");
  EXPECT_EQ(states().at("first"), "committed");
  EXPECT_EQ(next_try("first"), "2027-01-15T08:00:00Z");
  const nlohmann::json shown = json({.verb = Verb::Show, .ids = {"first"}});
  EXPECT_EQ(shown["events"][0]["what"], "held");
  EXPECT_EQ(shown["events"][1]["what"], "released");
}

TEST_F(Queue, RemovesOnlyWhatItIsTold) {
  for (const char* id : {"first", "second", "third"}) put(record(id), Folder::Committed);
  EXPECT_EQ(run({.verb = Verb::Remove, .ids = {"first", "third"}}).out, "removed first\nremoved third\n");
  EXPECT_EQ(states(), (std::map<std::string, std::string>{{"second", "committed"}}));
}

TEST_F(Queue, FlushesByIdByTenantOrAll) {
  Record other = record("other");
  other.tenant = "globex";
  put(record("first"), Folder::Committed);
  put(record("second"), Folder::Committed);
  put(other, Folder::Committed);
  put(record("held"), Folder::Held);
  const std::string later = "2027-01-15T08:10:00Z", now = "2027-01-15T08:00:00Z";
  EXPECT_EQ(run({.verb = Verb::Flush, .ids = {"second"}}).out, "flushed second\n");
  EXPECT_EQ(next_try("first"), later);
  EXPECT_EQ(next_try("second"), now);
  EXPECT_EQ(run({.verb = Verb::Flush, .tenant = "globex"}).out, "flushed 1\n");
  EXPECT_EQ(next_try("first"), later);
  EXPECT_EQ(next_try("other"), now);
  EXPECT_EQ(run({.verb = Verb::Flush, .all = true}).out, "flushed 3\n");
  EXPECT_EQ(next_try("first"), now);
  EXPECT_EQ(states().at("held"), "held");
}

TEST_F(Queue, SaysWhatItCannotFindAndDoesTheRest) {
  for (const Verb verb : {Verb::Show, Verb::Flush, Verb::Hold, Verb::Release, Verb::Remove}) {
    const Outcome outcome = run({.verb = verb, .ids = {"nothing"}});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_EQ(outcome.out, "");
    EXPECT_TRUE(outcome.errors.starts_with("there is no copy nothing ")) << outcome.errors;
    EXPECT_EQ(std::ranges::count(outcome.errors, '\n'), 1);
    EXPECT_EQ(run({.verb = verb, .ids = {"../../etc/passwd"}}).status, 1);
  }
  put(record("first"), Folder::Committed);
  const Outcome outcome = run({.verb = Verb::Hold, .ids = {"nothing", "first"}});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.out, "held first\n");
}

TEST_F(Queue, SaysWhereThereIsNoSpool) {
  std::ostringstream out, errors;
  EXPECT_EQ(queue({.folder = folder_ / "elsewhere"}, kNow, out, errors), 1);
  EXPECT_NE(errors.str().find("elsewhere"), std::string::npos) << errors.str();
}

TEST_F(Queue, LetsNoFileMoveTheTerminal) {
  folder_.write("spool/aside/\x1b[2J", "half");
  Record strange = record("first");
  strange.recipient = "acme\x1b[2J@pipedrivemail.com";
  put(strange, Folder::Committed);
  EXPECT_EQ(run({}).out.find('\x1b'), std::string::npos);
  EXPECT_EQ(run({.verb = Verb::Show, .ids = {"first"}}).out.find('\x1b'), std::string::npos);
}

TEST_F(Queue, FindsTheSpoolWithoutReadingATenant) {
  const std::string path = folder_.write(
      "privet.yaml",
      "privet: 1\ntenants: nowhere\nstate: here\nlisten: [{address: \"127.0.0.1:0\", tls: implicit}]\n");
  EXPECT_EQ(load_state_only(path).value_or(""), folder_ / "here");
  EXPECT_FALSE(load_state_only(folder_ / "missing.yaml"));
}

}  // namespace
}  // namespace privet
