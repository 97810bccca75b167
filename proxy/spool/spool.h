// The spool: copies that are owed to CRMs, durable before the client hears 250 (field rules: the split
// protocol).
//
// A copy's state is the folder its file stands in, so that one rename is the whole step:
//   prepared/   written and durable; the original's fate is not known yet
//   committed/  the original was accepted: it is owed, and tried until delivered, failed or expired
//   held/       owed, but an administrator holds it
//   aside/      torn or foreign: never delivered, reported, left for a human
// Its next try is the file's modification time (as in Postfix's queue), so that every tool sees it.
//
// Promises: prepare() is durable (file and folder) when it reports success, and so is commit(); many of them
// share one flush of the disk; nothing of this runs on a loop. A process that is killed at any point finds at
// its start exactly what was promised before. What an original's unknown fate left in prepared/ waits for the
// same message to come again (its duplicate key), and is dropped after limits::kInDoubt.
//
// Threads: every function may be called from any thread. Callbacks go to the loop that is given.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mime/result.h"
#include "proxy/net/ticket.h"
#include "proxy/spool/record.h"

namespace privet::spool {

/// Where a copy is on its way. (Failed, expired, aborted and dropped ones leave no file; the log has them.)
enum class State { Prepared, InDoubt, Committed, Deferred, Held, Delivered };
std::string_view to_string(State state);

/// A copy to be made durable. The content is header and body, one behind the other.
struct Draft {
  Record record;  ///< `id` is given by the spool, `created` where it is 0; `key` by key_for()
  std::string_view header;
  std::string_view body;
  std::shared_ptr<const void> keep;  ///< what header and body borrow from; let go of on another thread
  bool mapped = false;               ///< body is a view of a file: read in windows
};

/// What prepare() made of a draft.
struct Prepared {
  std::string id;
  /// Prepared: written now. InDoubt: the same copy was found in doubt and is taken over. Committed, Deferred,
  /// Held: the same copy is owed already. Delivered: the CRM has it already. Only the first two are to be
  /// committed or aborted.
  State state = State::Prepared;
  /// False: another session carries the same copy at this moment, and delivers it if its original is
  /// accepted. Commit or abort this one all the same (its `id` then stands for our share in it), but do not
  /// deliver it.
  bool claimed = true;
};

/// A job of the spool under way; see there.
template <class T>
using Ticket = net::Ticket<T>;

struct Settings {
  std::string folder;            ///< "<state>/spool"; made when it is not there, 0700
  std::uint64_t size_limit = 0;  ///< bytes of content in it; more is not accepted; 0: no limit
  std::function<Time()> clock;  ///< for tests; without it the machine's, taken once and gone on from steadily
};

/// A committed copy that waits for somebody to deliver it.
struct Waiting {
  std::string id, tenant, user;
  Kind kind = Kind::Copy;
  Time next_try = 0, expires = 0;
};

/// A copy read back for delivery.
struct Loaded {
  Record record;
  std::vector<Event> events;
  std::string_view content;          ///< checked against its digest
  bool mapped = false;               ///< it is a view of the file: to be read in windows
  std::shared_ptr<const void> keep;  ///< holds `content`
};

class Spool {
 public:
  /// Takes the folder (a second process is refused, by a lock), removes unfinished files, sets torn and
  /// foreign ones aside, and takes up what is owed. The error names the path and the cause.
  static Result<std::unique_ptr<Spool>> open(Settings settings);
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;
  /// Finishes the jobs under way.
  virtual ~Spool() = default;

  /// False from a failed disk operation until a probe of the disk goes well, or while the size limit is
  /// reached: a CRM recipient is then answered 452 4.3.1. Asking (or look_around()) limits::kSpoolProbe after
  /// the failure starts the probe.
  virtual bool accepts() const = 0;
  /// The duplicate key: an HMAC, under a key of this spool's own, of tenant, user, recipient, Message-ID and
  /// content digest.
  virtual std::string key_for(std::string_view tenant, std::string_view user, std::string_view recipient,
                              std::string_view message_id, std::string_view content_sha256) const = 0;

  /// PREPARE. All or nothing: an error leaves none of the drafts behind. Its copies are claimed by the
  /// caller, but where Prepared says otherwise.
  virtual Ticket<Result<std::vector<Prepared>>> prepare(net::Loop& loop, std::vector<Draft> drafts) = 0;
  /// COMMIT. False when the disk failed: the caller then delivers from memory now (F13), and ends its claims
  /// as always. The copies stay claimed. One that a second session delivered in the meantime counts as
  /// committed.
  virtual Ticket<bool> commit(net::Loop& loop, std::vector<std::string> ids) = 0;
  /// The original was not accepted: the files go. One that was found in doubt, or that another session
  /// carries too, stays as that left it.
  virtual void abort(std::vector<std::string> ids) = 0;
  /// The original's fate is not known.
  virtual void leave_in_doubt(std::vector<std::string> ids) = 0;

  /// What is due now of `tenant` and `user`, oldest first, at most `most`. Nothing is claimed.
  virtual std::vector<Waiting> waiting_for(std::string_view tenant, std::string_view user,
                                           std::size_t most) const = 0;
  /// What is due now, of every tenant that `wanted` says yes to, oldest first, at most `most`.
  virtual std::vector<Waiting> due(const std::function<bool(std::string_view tenant)>& wanted,
                                   std::size_t most) const = 0;
  /// What has expired, is not held, and is to be reported: claim() it, report it, and failed() ends it.
  virtual std::vector<Waiting> expired(std::size_t most) const = 0;
  /// True: the caller alone may deliver it now, until delivered(), failed(), deferred(), release() or
  /// postpone().
  virtual bool claim(std::string_view id) = 0;
  virtual void release(std::string_view id) = 0;
  /// The same, but nobody gets it before `until`, an expired one neither. Not kept on disk.
  virtual void postpone(std::string_view id, Time until) = 0;
  /// Reads a claimed copy. An error when it is gone, held, unreadable for now (then it is postponed) or
  /// damaged (then it was set aside); it ends the claim.
  virtual Ticket<Result<Loaded>> load(net::Loop& loop, std::string id) = 0;

  /// These end a claim. delivered() and failed() remove the file; deferred() notes the event and tries again
  /// at `next_try`.
  virtual void delivered(std::string_view id) = 0;
  virtual void failed(std::string_view id) = 0;
  virtual void deferred(std::string_view id, Event event, Time next_try) = 0;

  /// Done once everything asked for before has reached the disk; false when the disk fails.
  virtual Ticket<bool> settled(net::Loop& loop) = 0;
  /// Drops what is in doubt for too long, and reads the folders anew: an administrator (privet queue) may
  /// have held, released, removed or hurried copies. Called now and then, and when told to.
  virtual void look_around() = 0;
  /// look_around(), if limits::kSpoolLook has passed since the last one or the file "nudge" was touched.
  /// Removes spare files that were not used since the last call. Cheap: for every second.
  virtual void glance() = 0;
  /// Now, on the spool's clock: never jumps while the process runs.
  virtual Time now() const = 0;

 protected:
  Spool() = default;
};

}  // namespace privet::spool
