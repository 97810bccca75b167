#include "proxy/imap/read_command.h"

#include <optional>
#include <utility>

#include "proxy/imap/argument.h"

namespace privet::imap {
namespace {

using Refused = std::unexpected<Refusal>;

constexpr Refusal kBadSet{"Invalid message set"};
constexpr Refusal kBadItems{"Invalid FETCH items"};
constexpr Refusal kBadFetchModifier{"Invalid FETCH modifier"};
constexpr Refusal kBadStoreModifier{"Invalid STORE modifier"};
constexpr Refusal kBadStoreItem{"Invalid STORE item"};
constexpr Refusal kBadFlags{"Invalid flags"};
constexpr Refusal kBadMailbox{"Invalid mailbox name"};

template <class T>
ReadBody read_set_and_mailbox(CommandReader& reader, bool uid) {
  auto set = read_set(reader);
  if (!set) return Refused(kBadSet);
  auto mailbox = read_mailbox(reader);
  if (!mailbox) return Refused(kBadMailbox);
  return T{.uid = uid, .set = *std::move(set), .mailbox = *std::move(mailbox)};
}

}  // namespace

ReadBody read_search_command(CommandReader& reader, bool uid) {
  auto program = read_search(reader);
  if (!program) return Refused(program.error());
  return command::Search{.uid = uid, .program = *std::move(program)};
}

ReadBody read_fetch_command(CommandReader& reader, bool uid) {
  command::Fetch fetch{.uid = uid, .set = {}, .items = {}};
  auto set = read_set(reader);
  if (!set) return Refused(kBadSet);
  fetch.set = *std::move(set);
  if (!reader.blank()) return Refused(kBadItems);
  auto items = read_fetch_items(reader);
  if (!items) return Refused(kBadItems);
  fetch.items = *std::move(items);
  if (reader.blank()) {
    fetch.changed_since = read_modifier(reader, "CHANGEDSINCE", 1);
    if (!fetch.changed_since) return Refused(kBadFetchModifier);
  }
  return fetch;
}

ReadBody read_store_command(CommandReader& reader, bool uid) {
  using Mode = command::Store::Mode;
  command::Store store{.uid = uid, .set = {}};
  auto set = read_set(reader);
  if (!set) return Refused(kBadSet);
  store.set = *std::move(set);
  if (!reader.blank()) return Refused(kBadStoreItem);
  if (reader.peek() == '(') {
    store.unchanged_since = read_modifier(reader, "UNCHANGEDSINCE", 0);
    if (!store.unchanged_since || !reader.blank()) return Refused(kBadStoreModifier);
  }
  store.mode = reader.take('+') ? Mode::Add : reader.take('-') ? Mode::Remove : Mode::Replace;
  store.silent = reader.word("FLAGS.SILENT");
  if (!store.silent && !reader.word("FLAGS")) return Refused(kBadStoreItem);
  auto flags = read_flags(reader, true);
  if (!flags) return Refused(kBadFlags);
  store.flags = *std::move(flags);
  return store;
}

ReadBody read_copy_command(CommandReader& reader, bool uid) {
  return read_set_and_mailbox<command::Copy>(reader, uid);
}

ReadBody read_move_command(CommandReader& reader, bool uid) {
  return read_set_and_mailbox<command::Move>(reader, uid);
}

ReadBody read_expunge_command(CommandReader& reader, bool uid) {
  if (!uid) return command::Expunge{};
  auto set = read_set(reader);
  if (!set) return Refused(kBadSet);
  return command::Expunge{.uids = std::move(set)};
}

}  // namespace privet::imap
