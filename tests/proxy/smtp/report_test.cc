// The end of a copy that never arrived: one notice, whatever the disk does and whenever the process is
// killed.
#include "proxy/smtp/report.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "proxy/limits.h"
#include "proxy/spool/browse.h"
#include "tests/proxy/spool/support.h"
#include "tests/support/faulty_disk.h"
#include "tests/support/spool_summary.h"

namespace privet::smtp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::chrono::seconds kRetry = limits::kNoticeRetry;
constexpr std::chrono::seconds kPatience = limits::kNoticePatience;

class ReportTest : public spool::SpoolTest {
 protected:
  ~ReportTest() override { testing_support::disarm(); }

  /// A copy of anna's, who is to be told of it.
  std::string owe_copy() {
    spool::Draft copy = spool::draft("k1");
    copy.record.notify = true;
    const std::string id = prepare_one(std::move(copy)).id;
    EXPECT_TRUE(commit(id));
    spool_->release(id);
    return id;
  }
  /// Gives it up, if it is there and free, and waits for what follows.
  void give_up_copy(const std::string& id) {
    if (!spool_->claim(id)) return;
    auto loaded = load(id);
    ASSERT_TRUE(loaded.has_value());
    Environment environment{.loop = *loop_, .hostname = "mx.test"};
    environment.spool = spool_.get();
    NoticeLimiter notices;
    environment.notices = &notices;
    environment.errand_done = [this] { loop_->close_door(); };
    give_up(environment, owed(*std::move(loaded)), mime::NoticeReason::Refused, "550 5.1.1 nobody");
    ASSERT_EQ(environment.errands, 1u);
    loop_->run();
    loop_ = std::make_unique<net::Loop>();
    EXPECT_TRUE(settle() || !spool_->accepts());
  }
  std::string held() const { return testing_support::spool_summary(folder()); }
};

TEST_F(ReportTest, ACopyEndsAndItsNoticeIsFree) {
  open();
  give_up_copy(owe_copy());
  EXPECT_EQ(held(), "1 notice");
  EXPECT_THAT(due(), SizeIs(1));
}

/// Killed in front of each call: the next process gives the copy up once more.
TEST_F(ReportTest, AProcessKilledAtAnyCallLosesNoNoticeAndFilesNoSecond) {
  int deaths = 0;
  for (const char* const call : {"openat", "write", "fdatasync", "fsync", "renameat", "unlinkat"}) {
    for (int number = 1; number < 100; ++number) {
      SCOPED_TRACE(std::string(call) + " " + std::to_string(number));
      std::filesystem::remove_all(folder());
      open();
      const std::string id = owe_copy();
      spool_.reset();
      const pid_t child = fork();
      if (child == 0) {
        testing_support::arm(folder(), {.call = call, .number = number, .error = 0});
        open();
        give_up_copy(id);
        spool_.reset();
        _exit(0);
      }
      int status = 0;
      waitpid(child, &status, 0);
      open();
      give_up_copy(id);
      EXPECT_EQ(held(), "1 notice");
      EXPECT_THAT(names("prepared"), IsEmpty());
      EXPECT_THAT(due(), SizeIs(1)) << "nobody has it";
      spool_.reset();
      if (!WIFSIGNALED(status)) break;
      ++deaths;
    }
  }
  EXPECT_GT(deaths, 10) << "the calls were not found";
}

TEST_F(ReportTest, AReportBehindTheNoticesArrivalMakesNoSecond) {
  open();
  const std::string id = owe_copy();
  const std::string file = read(path("committed", id));
  give_up_copy(id);
  const std::string notice = due().front();
  ASSERT_TRUE(spool_->claim(notice));
  spool_->delivered(notice);
  spool_.reset();
  folder_.write("spool/committed/" + id, file);  // as if the process had been killed in front of its removal
  open();
  give_up_copy(id);
  EXPECT_EQ(held(), "empty");
}

TEST_F(ReportTest, WhereTheDiskTakesNoNoticeTheCopyWaits) {
  open();
  const std::string id = owe_copy();
  testing_support::arm(folder(), {.call = "write", .from_then = true, .error = ENOSPC});
  give_up_copy(id);
  testing_support::disarm();
  EXPECT_EQ(held(), "1 committed");
  EXPECT_THAT(due(), IsEmpty());
  now_ += kRetry.count();
  EXPECT_THAT(due(), ElementsAre(id));
  give_up_copy(id);
  EXPECT_EQ(held(), "1 notice");
}

TEST_F(ReportTest, WhereTheDiskTakesNoNoticeForDaysTheCopyEndsWithoutOne) {
  open();
  const std::string id = owe_copy();
  now_ += 5 * spool::kDay;
  testing_support::arm(folder(), {.call = "write", .from_then = true, .error = ENOSPC});
  give_up_copy(id);
  EXPECT_EQ(held(), "1 committed");
  EXPECT_THAT(spool_->expired(1), IsEmpty()) << "not each second anew";
  now_ += kPatience.count();
  EXPECT_THAT(spool_->expired(1), SizeIs(1));
  give_up_copy(id);
  EXPECT_EQ(held(), "empty");
}

}  // namespace
}  // namespace privet::smtp
