// IDLE in whole sessions: what is no news, and an upstream that does not want it.
#include "tests/support/imap_session.h"

namespace privet::imap {
namespace {

using testing_support::ImapSession;

class ImapIdle : public ImapSession {
 protected:
  /// The client idles, and the upstream is asked to; returns its tag.
  std::string idle() {
    client_->send("c IDLE\r\n");
    EXPECT_EQ(heard(), "+ idling");
    return asked("IDLE");
  }
  void end_idle(const std::string& tag) {
    EXPECT_EQ(upstream_->line(), "DONE");
    upstream_->send(tag + " OK done\r\n");
  }
};

TEST_F(ImapIdle, WaitsWhereAnExpungeMayNotBeToldBehindHalfALine) {
  open();
  std::string tag = idle();
  upstream_->send("+ ok\r\n");
  client_->send("D");
  end_idle(tag);
  tag = asked("IDLE");
  upstream_->send("+ ok\r\n");
  settle();
  upstream_->send("* 2 EXPUNGE\r\n");
  end_idle(tag);
  tag = asked("IDLE");
  upstream_->send("+ ok\r\n");
  settle();
  EXPECT_FALSE(upstream_->has_input()) << "it would be asked again and again";
  client_->send("ONE\r\n");
  end_idle(tag);
  EXPECT_EQ(until("c "), "* 1 EXPUNGE\nc OK Idle completed\n");
}

TEST_F(ImapIdle, GoesOnWithAnUpstreamThatRefusesIt) {
  open();
  std::string tag = idle();
  upstream_->send(tag + " NO [LIMIT] CANARY\r\n");
  settle();
  client_->send("DONE\r\n");
  EXPECT_EQ(heard(), "c OK Idle completed");
  client_->send("c IDLE\r\n");
  EXPECT_EQ(heard(), "+ idling");
  client_->send("DONE\r\n");
  EXPECT_EQ(heard(), "c OK Idle completed");
  EXPECT_FALSE(upstream_->has_input()) << "it has said that it does not want it";
}

}  // namespace
}  // namespace privet::imap
