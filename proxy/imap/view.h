// The filtered view of one mailbox in one session: which messages the upstream has, which of them the client
// may see, and which it has been told of (RFC 9051 2.3.1, 5.2, 7.4.1, 7.5.1).
//
// Promise: the client's numbers change in take_expunges() and take_exists() only, so that the session decides
// when; messages become visible in the order of their UIDs, none ever below one that was announced; a hidden
// message changes nothing that the client can ask for. No more than 8 bytes a message.
//
// `number` is the client's sequence number, `upstream number` the other one. Numbers and UIDs are never 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "proxy/imap/bitmap.h"
#include "proxy/imap/sequence_set.h"

namespace privet::imap {

/// What is kept of a message beside its UID.
struct Note {
  std::int32_t size_change = 0;  ///< octets by which its header section grew when it was redacted
  bool marked_private = false;
  bool operator==(const Note&) const = default;
};

/// A message as the client knows it.
struct Message {
  std::uint32_t number = 0;
  std::uint32_t uid = 0;
  bool operator==(const Message&) const = default;
};

class View {
 public:
  /// `uid_next`: the UIDNEXT that clients have been given, from storage; 1 for a mailbox never shown.
  explicit View(std::uint32_t uid_next = 1) : uid_next_(uid_next) {}

  // What the upstream says

  /// New messages, not yet classified. False, and nothing done, unless ascending and above all that are
  /// known: then the caller has to resynchronise().
  bool append(std::span<const std::uint32_t> uids);
  std::uint32_t upstream_exists() const { return static_cast<std::uint32_t>(alive_.count()); }
  std::optional<std::uint32_t> upstream_uid(std::uint32_t upstream_number) const;
  /// The upstream's EXPUNGE; the UID it was about, none when the number is above what append() brought.
  std::optional<std::uint32_t> expunge(std::uint32_t upstream_number);
  /// The upstream's VANISHED: all UIDs from `first` to `last`, whether or not they exist.
  void vanish(std::uint32_t first, std::uint32_t last);

  struct Difference {
    std::vector<std::uint32_t> vanished, arrived;  ///< UIDs, ascending
  };
  /// Believes `uids`, all that the upstream has, in any order, instead of its numbers. What arrives among
  /// messages that are classified stays hidden: the client would never ask for it. What comes back after
  /// expunge() stays hidden too.
  Difference resynchronise(std::vector<std::uint32_t> uids);

  // What the policy says

  /// The next messages to classify, in order, no more than `limit`.
  std::vector<std::uint32_t> unclassified(std::size_t limit) const;
  /// False, and nothing done, when a message below is not classified yet. A message that has vanished, or has
  /// been classified before, is ignored.
  bool classify(std::uint32_t uid, bool visible, Note note = {});
  /// Takes a visible message away from the client; false when there is no such message.
  bool hide(std::uint32_t uid);
  /// Gives a visible message the private keyword, or takes it; false when nothing changes.
  bool mark(std::uint32_t uid, bool marked_private);
  /// What was decided about messages that have not been announced is not: they are unclassified again.
  void reconsider();

  // What the client hears

  std::uint32_t exists() const { return static_cast<std::uint32_t>(shown_.rank(announced_)); }
  /// Above each UID that was announced, and never lower than before.
  std::uint32_t uid_next() const { return uid_next_; }

  struct Arrival {
    std::uint32_t exists, uid_next;  ///< as they will be
    bool operator==(const Arrival&) const = default;
  };
  /// What take_exists() would bring, if anything. `uid_next` has to be in storage before the client hears it.
  std::optional<Arrival> arrival() const;
  /// Announces the visible messages below the UID `limit`: the EXISTS to send, none when there is nothing
  /// new.
  std::optional<std::uint32_t> take_exists(std::uint32_t limit = std::numeric_limits<std::uint32_t>::max());

  bool expunges_due() const { return leaving_.count() > 0; }
  /// At a safe point only. In the order to send, highest first: each number is right when its turn comes.
  std::vector<Message> take_expunges();

  // What the client knows; a message stays until its EXPUNGE is taken

  /// What classify() was told of a visible message; none for any other.
  std::optional<Note> note(std::uint32_t uid) const;

  std::optional<std::uint32_t> uid(std::uint32_t number) const;
  std::optional<std::uint32_t> number(std::uint32_t uid) const;
  /// How many messages have a UID up to this one: their numbers are 1 to it.
  std::uint32_t count_to(std::uint32_t uid) const;
  /// The UIDs of the numbers whose bits are set, ascending. Bit 0 is number 1.
  std::vector<std::uint32_t> uids(const Bitmap& numbers) const;

  /// Messages whose EXPUNGE is due, by number as in uids(): nothing of them is served any more.
  Bitmap leaving() const;
  bool leaving(std::uint32_t uid) const;

  /// Those of `numbers` (resolved, beyond exists() ignored) that may be served: without the leaving.
  std::vector<Message> messages(Range numbers) const;
  /// The same as ranges of UIDs for a command to the upstream: they hold no other message that it has. Gaps
  /// left by messages long gone do not end a range.
  std::vector<Range> upstream_ranges(Range numbers) const;

  std::size_t bytes() const;  ///< of heap memory

 private:
  std::size_t index_of(std::uint32_t uid) const;  // of the first UID not below it
  std::size_t frontier() const { return shown_.size(); }
  template <class Visit>
  void visit(Range numbers, Visit&& visit) const;
  void extend_frontier(bool shown, std::uint16_t note);
  std::uint16_t pack(std::uint32_t uid, Note note);
  void remove(std::size_t index);
  void withdraw(std::size_t index);
  void rebuild(std::span<const std::uint32_t> inserted);
  void drop_tombstones();

  std::vector<std::uint32_t> uids_;   // ascending, with tombstones
  Bitmap alive_;                      // of all: the upstream has it
  Bitmap shown_;                      // of the classified: visible, or not yet known to be gone
  Bitmap leaving_;                    // of the classified: shown, announced, and its EXPUNGE is due
  std::vector<std::uint16_t> notes_;  // of the classified, packed
  std::map<std::uint32_t, std::int32_t> large_changes_;  // of size, by UID: the few that do not fit in a note
  std::size_t announced_ = 0;                            // what is shown below this index has been announced
  std::uint32_t uid_next_;
};

}  // namespace privet::imap
