// One mailbox of the upstream as the client may see it: what is there, what was decided about each message,
// and what the client has been told. Used by SELECT on the session's connection, and by STATUS.
//
// Promise: nothing of a message is shown before it is classified; messages are classified in the order of
// their UIDs; what the client is told about UIDs is durable before it is told. A message that cannot be read,
// that is gone before it was read, or that is too large, is hidden.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/policy.h"
#include "policy/split.h"
#include "proxy/imap/environment.h"
#include "proxy/imap/modseq.h"
#include "proxy/imap/upstream.h"
#include "proxy/imap/view.h"
#include "proxy/state/store.h"

namespace privet::imap {

/// Whose mailbox it is, and by which rules it is seen.
struct Owner {
  std::shared_ptr<const policy::Policy> policy;  ///< keeps `tenant` alive
  const policy::Tenant* tenant = nullptr;
  std::string account;      ///< login, lower case
  policy::ViewScope scope;  ///< what the tenant lets be seen of this person's mailboxes
};

class Mailbox {
 public:
  Mailbox(Environment& environment, Upstream& upstream, Owner owner);

  enum class Opened { Yes, Missing, Unavailable, NotKnown };
  static constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();
  enum class Access { Read, Write };
  /// Selects the mailbox of this name (as the upstream writes it) on the upstream, and classifies what is
  /// new. `tell` is called now and then while that takes long. NotKnown where more than `most` messages
  /// would have to be looked into before anything can be said.
  net::Task<Opened> open(std::string name, std::function<void()> tell, Access access = Access::Read,
                         std::size_t most = kAll);
  /// The rules are these from now on: what they hide leaves, and what they mark otherwise is a change of
  /// flags; nothing that was seen changes. False where the client has to open the mailbox anew.
  net::Task<bool> take_rules(Owner owner, std::function<void()> tell);
  /// Opened for writing, and the upstream lets it be written.
  bool writable() const { return writable_; }
  /// What the upstream said last of PERMANENTFLAGS, in parentheses; nullopt where it said nothing.
  const std::optional<std::string>& permanent_flags() const { return permanent_flags_; }
  /// The upstream has said something that the view does not hold yet: new messages, or numbers that do not
  /// fit.
  bool is_behind() const { return behind_ || upstream_.has_missed(); }
  /// The last catch_up() came to no end, so often did the mailbox change meanwhile: worth another one, but
  /// not at once.
  bool is_unsettled() const { return unsettled_; }
  /// Asks what is new, classifies it and announces it; EXISTS is due then, if anything visible has come.
  net::Task<void> catch_up();

  /// NOOP upstream: what is gone, has come or has changed is noted then.
  net::Task<void> ask_for_changes();
  /// Takes note of what the upstream says unasked.
  void note(const Response& response);

  const View& view() const { return view_; }
  /// At a safe point, as View's own.
  std::vector<Message> take_expunges();
  /// The EXISTS to send, if any; its UIDs are durable.
  std::optional<std::uint32_t> take_exists() { return view_.take_exists(durable_uid_next_); }
  const state::MailboxState& state() const { return state_; }
  const Owner& owner() const { return owner_; }
  Upstream& upstream() { return upstream_; }
  const std::string& name() const { return name_; }
  /// Keywords that the upstream knows in this mailbox.
  const std::vector<std::string>& keywords() const { return keywords_; }

  struct FlagChange {
    std::vector<std::string> flags;
    std::optional<std::uint64_t> modseq = {};  ///< the upstream's, where it said so
  };
  using FlagChanges = std::map<std::uint32_t, FlagChange>;  ///< by UID
  /// Flags of visible messages that have changed since the last call, as the upstream has them.
  FlagChanges take_flag_changes() { return std::exchange(flag_changes_, {}); }
  bool has_flag_changes() const { return !flag_changes_.empty(); }
  /// The client has just been told newer ones.
  void forget_flag_change(std::uint32_t uid) { flag_changes_.erase(uid); }

  // MODSEQ (RFC 7162). Values of the client's are seen, those of the upstream's real.

  /// False: NOMODSEQ. As open() found it.
  bool has_modseq() const { return real_modseq_ > 0; }
  /// After open(): works out highest_modseq().
  net::Task<void> settle_modseq();
  /// The same later, with all that has happened since; EXISTS and EXPUNGE may be due then.
  net::Task<void> refresh_modseq();
  /// What the client hears as HIGHESTMODSEQ.
  std::uint64_t highest_modseq() const { return modseq_seen(highest_modseq_); }
  std::uint64_t modseq_seen(std::uint64_t real) const {
    return imap::modseq_seen(real, state_.modseq_offset);
  }
  /// Before MODSEQs are told: they are counted as the client's next UNCHANGEDSINCE will be.
  net::Task<void> refresh_modseq_offset();
  /// The real one for CHANGEDSINCE and UNCHANGEDSINCE: 0 is below all. Other sessions may have heard greater
  /// values than this one, so the store is asked.
  net::Task<std::uint64_t> modseq_meant(std::uint64_t seen);
  struct Changed {
    std::uint32_t uid = 0;
    std::uint64_t modseq = 0;  ///< real
  };
  /// Visible messages among `uids` with a greater real one, ascending; nullopt when the upstream refuses.
  net::Task<std::optional<std::vector<Changed>>> changed_since(Range uids, std::uint64_t modseq);

  /// UIDs that the upstream finds: `criteria` is what follows "UID SEARCH". nullopt when it refuses.
  net::Task<std::optional<std::vector<Range>>> search(std::string criteria);
  /// The same for a whole command, without tag and line end, and where it has to wait.
  net::Task<std::optional<std::vector<Range>>> ask(std::string command, std::vector<std::size_t> waits);
  /// Asks for `items`, which are small, of these messages (ascending); those that are gone are left out.
  /// False where the upstream refuses.
  using OnData = std::function<void(std::uint32_t uid, const FetchData& data)>;
  net::Task<bool> ask_each(std::vector<std::uint32_t> uids, Words items, OnData on_data);
  /// Reads these messages (ascending) whole, in no order; the larger ones are looked at on a pool thread.
  /// Those that are gone are left out, and so are those returned: there, but larger than
  /// Environment::message_size, or not given whole. What is seen here is for deciding, never for the client.
  using OnContent = std::function<void(std::uint32_t uid, std::string_view content)>;
  net::Task<std::vector<std::uint32_t>> for_each_content(std::vector<std::uint32_t> uids,
                                                         OnContent on_content);
  /// The redacted headers of these messages (ascending), empty where there is none; where they are large, of
  /// the first ones only, one at least.
  net::Task<std::vector<std::string>> headers(std::vector<std::uint32_t> uids);
  /// The same in two steps, for who has something else to do meanwhile; may be dropped after the first.
  using Headers = state::Ticket<Result<std::vector<std::string>>>;
  Headers read_headers(std::vector<std::uint32_t> uids);
  net::Task<std::vector<std::string>> headers(Headers reading);

 private:
  using Tell = std::function<void()>;
  net::Task<Opened> select(Access access);
  /// As the store has it.
  struct Loaded {
    View view;
    std::vector<state::Message> seen;  ///< where is_outdated(): by other rules, ascending by UID
  };
  net::Task<Loaded> load();
  state::Epochs epochs() const { return {owner_.tenant->epoch, owner_.tenant->epoch, owner_.tenant->epoch}; }
  bool is_outdated() const { return state_.epochs != epochs(); }
  net::Task<std::vector<std::uint32_t>> uids_from(std::uint32_t first);
  net::Task<std::vector<std::uint32_t>> all_uids();
  net::Task<std::vector<std::uint32_t>> read_contents(std::span<const std::uint32_t> uids,
                                                      const OnContent& on_content,
                                                      std::vector<std::uint32_t>& unreadable);
  /// Whether a number that the upstream says means the message that has it here.
  bool trusts_numbers() const {
    return !lost_count_ && !unsettled_ && !contradicts_ && !upstream_.has_missed();
  }
  int hang_ups_at(std::uint32_t uid) const;
  std::vector<std::uint32_t> take_suspects(std::vector<std::uint32_t>& uids) const;
  std::optional<std::uint32_t> any_seen(std::span<const std::uint32_t> suspects) const;
  net::Task<Completion> read_contents(std::vector<std::uint32_t>& left, std::uint32_t& next,
                                      const OnContent& on_content, std::vector<std::uint32_t>& unreadable);
  /// Decides anew about what was seen by other rules; what is seen then.
  net::Task<View> review(std::vector<state::Message> seen, const Tell& tell);
  net::Task<state::Change> decide_anew(std::vector<state::Message> seen, const Tell& tell);
  net::Task<std::uint64_t> upstream_modseq();
  net::Task<void> classify_new(const Tell& tell);
  net::Task<void> classify_some(std::vector<std::uint32_t> uids);
  net::Task<std::vector<std::uint32_t>> recent_enough(std::vector<std::uint32_t> uids);
  net::Task<void> announce();
  net::Task<void> raise_modseq(std::uint64_t highest);
  net::Task<std::string> read_literal(std::uint64_t size, bool wanted);
  void forget(std::span<const std::uint32_t> uids);

  Environment& environment_;
  Upstream& upstream_;
  Owner owner_;
  std::string name_;
  View view_;
  state::MailboxState state_;
  std::uint32_t real_uid_validity_ = 0;
  std::uint32_t real_uid_next_ = 0;  // as SELECT said it; 0 where it did not
  std::uint32_t durable_uid_next_ = 1;
  std::vector<std::string> keywords_;
  FlagChanges flag_changes_;
  std::uint64_t real_modseq_ = 0;  // the upstream's HIGHESTMODSEQ when all up to it was known; 0: it has none
  std::uint64_t highest_modseq_ = 0;  // the upstream's greatest of what is seen
  std::optional<std::string> permanent_flags_;
  bool writable_ = false;
  std::optional<std::uint32_t> said_exists_;  // as the upstream's EXISTS and EXPUNGE count
  std::uint64_t changes_ = 0;                 // that it told of, whatever could be made of them
  bool counts_ = false;                       // once it is open: what comes is noted in view_
  bool behind_ = false;
  bool unsettled_ = false;
  bool contradicts_ = false;  // the upstream: fewer UIDs than it says that there are
  bool lost_count_ = false;   // the upstream's numbers do not fit ours: all UIDs have to be asked for
};

/// What the store cannot do, for the log: the session has to end, since what it would say next might
/// contradict what is kept.
class StateError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace privet::imap
