// The state of the filtered view: what was decided about each message of a mailbox and what a CRM has been
// told of it, so that it never hears anything that contradicts an earlier word (RFC 3501 and RFC 9051
// 2.3.1.1: UIDs, UIDVALIDITY and UIDNEXT; messages under one UID never change).
//
// Promises: an announced UIDNEXT is durable, together with everything added before it, when announce() says
// so; many announcements share one flush of the disk; nothing of this runs on a loop. A process that is
// killed at any point finds what was promised. The UIDVALIDITY that a mailbox is shown with never goes back,
// and changes whenever the messages under it could be others than those a CRM knows: see README.md.
// Of a hidden message only its UID is kept.
//
// Each operation sees the effect of all that were asked for before it, from whatever thread.
//
// Threads: every function may be called from any thread. Tickets are awaited on the loop that is given.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mime/result.h"
#include "proxy/net/ticket.h"

namespace privet::state {

template <class T>
using Ticket = net::Ticket<T>;

/// Seconds since 1970.
using Time = std::int64_t;

struct MailboxName {
  std::string tenant;
  std::string account;  ///< the login, in lower case
  std::string mailbox;  ///< as the upstream writes it, any bytes
};

/// What the policy said when decisions were made: hashes of its parts that decide what is visible, what
/// redacted bytes look like, and what gets the private keyword. Whatever else decides (the version of the
/// redaction) has to be in them too.
struct Epochs {
  std::uint64_t visibility = 0, bytes = 0, keyword = 0;
  bool operator==(const Epochs&) const = default;
};

/// One life of a mailbox: from its first sight, or a new UIDVALIDITY, to the next. Whoever holds that of an
/// earlier life is refused, and never mixes it with the present one. Never given twice by one process.
using MailboxId = std::int64_t;

struct MailboxState {
  MailboxId id = 0;
  std::uint32_t real_uid_validity = 0;  ///< the upstream's
  std::uint32_t uid_validity = 0;       ///< what the CRM sees; never 0
  /// The UIDNEXT that the CRM may have seen: no message below it may appear any more.
  std::uint32_t announced_uid_next = 1;
  std::uint32_t frontier = 0;  ///< the highest UID that is classified, as is everything below it
  Epochs epochs;
  std::uint64_t modseq_offset = 0;  ///< added to the upstream's MODSEQ values; only grows
  /// Some decisions are older than the policy: a resync (bump) would show something else.
  bool sticky = false;

  /// What was decided has been lost, but not what was announced: a SELECT has to wait until the frontier is
  /// where it was. A shorter mailbox would make CRMs delete what they have.
  bool is_behind() const { return announced_uid_next > std::uint64_t{frontier} + 1; }
  bool operator==(const MailboxState&) const = default;
};

enum class MessageClass : std::uint8_t {
  Hidden,    ///< is not in the view, and never again below the announced UIDNEXT
  Verbatim,  ///< passes as it is
  Redacted,  ///< its header section is the one that is kept here
};

/// A classified message; 12 bytes, for mailboxes with very many.
struct Message {
  std::uint32_t uid = 0;
  std::uint32_t original_length : 29 = 0;  ///< of its header section, with the empty line; 0 where hidden
  MessageClass message_class : 2 = MessageClass::Hidden;
  bool marked_private : 1 = false;
  std::uint32_t redacted_length = 0;  ///< of the redacted header section; 0 where not redacted
  bool operator==(const Message&) const = default;
};

/// A decision to be kept. What does not go with its class is ignored: a hidden message has no lengths and no
/// mark, and only a redacted one a header.
struct Classified {
  std::uint32_t uid = 0;
  MessageClass message_class = MessageClass::Hidden;
  bool marked_private = false;
  std::uint32_t original_length = 0;  ///< octets of the original header section; below 2^29
  std::string redacted_header;        ///< the whole section with its empty line, never empty; frozen from now
};

/// A mailbox as it is kept.
struct Loaded {
  MailboxState state;
  std::vector<Message> messages;  ///< ascending by UID, none above the frontier
};

/// How far decisions go: about every message with a UID above `from`, which has to be decided up to there
/// already, and up to `to`.
struct Reach {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
};

/// What MODSEQ values (RFC 7162) a mailbox is seen with.
struct ModSeqs {
  std::uint64_t offset = 0;   ///< MailboxState::modseq_offset
  std::uint64_t highest = 0;  ///< the upstream's greatest of what is seen; 0 where nobody has said so yet
  bool operator==(const ModSeqs&) const = default;
};

/// How a policy changes the view of messages that were classified before. UIDs in any order; those that are
/// not there are passed over.
struct Change {
  Epochs from;                        ///< what the mailbox has to be at, or nothing happens
  Epochs to;                          ///< what it is at afterwards
  std::vector<std::uint32_t> hide;    ///< for ever: gone from the view, and their headers from the disk
  std::vector<std::uint32_t> mark;    ///< get the private keyword
  std::vector<std::uint32_t> unmark;  ///< lose it
  /// By how much the modseq offset grows, at least, where something may be seen that was not, or otherwise:
  /// with the upstream's HIGHESTMODSEQ all messages have greater ones than anybody was told.
  std::uint64_t modseq_step = 1;
};

struct Settings {
  std::string folder;           ///< "<state>/view"; made when it is not there, 0700
  std::function<Time()> clock;  ///< for tests; without it the machine's
};

/// Where false or an error comes back, the life has ended, somebody else was faster, or the disk failed:
/// nothing of the operation has happened, and the caller has to load the mailbox again or give it up.
class Store {
 public:
  /// Takes the folder; a second process is refused, by a lock. A damaged database is set aside, logged, and
  /// begun anew with what can be saved of it. The error names the path and the cause.
  static Result<std::unique_ptr<Store>> open(Settings settings);
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  /// Finishes what was asked for.
  virtual ~Store() = default;

  /// The mailbox as it is kept. Seen for the first time, it begins with the upstream's UIDVALIDITY (one that
  /// follows a loss: with one above all that were shown before) and `epochs`. Where `real_uid_validity` is
  /// not the one that is known, it begins a new life, with a greater UIDVALIDITY. So does one that
  /// is_behind() and whose lost decisions would not come out the same under `epochs`. Otherwise the state has
  /// the epochs of its messages, which the caller compares with those of the policy: see apply().
  virtual Ticket<Result<Loaded>> load(net::Loop& loop, MailboxName name, std::uint32_t real_uid_validity,
                                      Epochs epochs) = 0;

  /// The redacted header sections of these messages, in their order; an empty one for each that has none
  /// kept. `uids` ascending. Of the first of them only, one at least, where they exceed limits::kImapHeaders.
  virtual Ticket<Result<std::vector<std::string>>> headers(net::Loop& loop, MailboxId id,
                                                           std::vector<std::uint32_t> uids) = 0;

  /// Keeps decisions that were made under `epochs`, refused if the mailbox is at others, and raises the
  /// frontier to `reach.to`. A message that has one keeps it. The outcome need not be waited for: where it
  /// was refused, so is what reaches on from there, and announce() refuses what is above the frontier.
  virtual Ticket<bool> add_classified(net::Loop& loop, MailboxId id, Epochs epochs,
                                      std::vector<Classified> messages, Reach reach) = 0;

  /// Has to be true before a CRM is sent EXISTS or UIDNEXT: `uid_next`, and all that was added before, is
  /// durable. Never lowers it; costs no flush where it is as high already. Refused above frontier + 1.
  virtual Ticket<bool> announce(net::Loop& loop, MailboxId id, std::uint32_t uid_next) = 0;

  /// Raises the greatest MODSEQ of what is seen to `highest`, and gives what is kept then: also what other
  /// sessions have raised. A value that was made with a greater offset than the one it is taken back with
  /// would miss changes.
  virtual Ticket<Result<ModSeqs>> raise_modseq(net::Loop& loop, MailboxId id, std::uint64_t highest) = 0;

  /// A change of policy, all or nothing and durable. Where messages are hidden, the modseq offset grows by
  /// one; where a keyword changes, by Change::modseq_step. Where the new policy sees or redacts differently,
  /// messages that were never announced are forgotten, to be decided anew: the frontier falls below the
  /// announced UIDNEXT, and the offset grows by the step too. Gives the new state.
  virtual Ticket<Result<MailboxState>> apply(net::Loop& loop, MailboxId id, Change change) = 0;

  /// The upstream has expunged these: they are forgotten, sooner or later. Where one of them was visible, the
  /// modseq offset grows by one: not every upstream's HIGHESTMODSEQ tells.
  virtual void remove(MailboxId id, std::vector<std::uint32_t> uids) = 0;

  /// An administrator's resync: a new life with a greater UIDVALIDITY and nothing classified, at `epochs`.
  /// Durable. An error where there is no greater one below 2^32.
  virtual Ticket<Result<MailboxState>> bump(net::Loop& loop, MailboxId id, Epochs epochs) = 0;

  /// Ends all mailboxes of an account, or of a tenant where `account` is empty, and removes what is kept of
  /// them. Should they come back, their UIDVALIDITY is greater than before. Durable.
  virtual Ticket<bool> forget(net::Loop& loop, std::string tenant, std::string account) = 0;

 protected:
  Store() = default;
};

}  // namespace privet::state
