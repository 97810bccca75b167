// One command of a client as a value (RFC 3501 6 and 9; RFC 2177 IDLE, 2342 NAMESPACE, 2971 ID, 3691
// UNSELECT, 4315 UIDPLUS, 4731 ESEARCH, 4959 SASL-IR, 5161 ENABLE, 5258 LIST-EXTENDED, 5819 LIST-STATUS, 6154
// SPECIAL-USE, 6851 MOVE, 7162 CONDSTORE, 7888 literals, 8438 STATUS=SIZE). An allow-list, pure.
//
// Promise: what is not understood completely is refused here, and nothing of a command goes on as it came.
// Which extensions are on offer is not known here: a session refuses what it did not announce.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "proxy/imap/date_time.h"
#include "proxy/imap/fetch_item.h"
#include "proxy/imap/search_key.h"
#include "proxy/imap/sequence_set.h"
#include "proxy/sasl.h"

namespace privet::imap {

/// What the commands carry. Mailbox names are UTF-8, decoded; INBOX in any case is "INBOX", and what no
/// mailbox can be called (decode_mailbox()) is empty.
/// Flags are "\Answered", "\Deleted", "\Draft", "\Flagged", "\Seen" in this case, or keywords as written.
namespace command {

struct Capability {};
struct Noop {};
struct Check {};
struct Logout {};
struct StartTls {};
struct Namespace {};
struct Idle {};  ///< its end, the line DONE, is the session's to read
struct Close {};
struct Unselect {};

struct Login {
  std::string user;
  Secret password;
};

struct Authenticate {
  std::string mechanism;                        ///< upper case
  std::optional<Secret> initial_response = {};  ///< base64 as sent; empty for "="
};

struct Id {
  /// Bytes as sent, of any charset. Empty for NIL; a value is nullopt for NIL.
  std::vector<std::pair<std::string, std::optional<std::string>>> parameters = {};
};

struct Enable {
  std::vector<std::string> capabilities;  ///< upper case, one at least
};

struct Select {
  std::string mailbox;
  bool examine = false;
  bool condstore = false;
};

struct Create {
  std::string mailbox;  ///< the delimiter may stand at its end: it shall hold others
};
struct Delete {
  std::string mailbox;
};
struct Rename {
  std::string from;
  std::string to;
};
struct Subscribe {
  std::string mailbox;
};
struct Unsubscribe {
  std::string mailbox;
};

enum class StatusItem : std::uint8_t { Messages, Recent, UidNext, UidValidity, Unseen, HighestModSeq, Size };

struct List {
  bool lsub = false;
  std::string reference = {};         ///< may be empty
  std::vector<std::string> patterns;  ///< one at least; an empty one asks for the delimiter
  bool extended = false;              ///< selection options, several patterns or RETURN were there
  bool select_subscribed = false;     ///< selection options, RFC 5258 3.1
  bool select_remote = false;
  bool select_recursive_match = false;
  bool select_special_use = false;  ///< RFC 6154
  bool return_subscribed = false;   ///< return options, RFC 5258 3.2
  bool return_children = false;
  bool return_special_use = false;
  std::vector<StatusItem> status = {};  ///< RETURN (STATUS (...)), each once; empty without it
};

struct Status {
  std::string mailbox;
  std::vector<StatusItem> items;  ///< one at least, each once
};

/// Its frame ends where the message's literal begins; the session accepts or refuses that.
struct Append {
  std::string mailbox;
  std::vector<std::string> flags = {};
  std::optional<DateTime> date = {};
  std::uint64_t size = 0;  ///< octets of the message
};

struct Expunge {
  std::optional<SequenceSet> uids = {};  ///< UID EXPUNGE
};

struct Search {
  bool uid = false;
  SearchProgram program = {};
};

struct Fetch {
  bool uid = false;
  SequenceSet set;
  std::vector<FetchItem> items;  ///< one at least; macros are expanded
  std::optional<std::uint64_t> changed_since = {};
};

struct Store {
  enum class Mode : std::uint8_t { Replace, Add, Remove };
  bool uid = false;
  SequenceSet set;
  Mode mode = Mode::Replace;
  bool silent = false;
  std::vector<std::string> flags = {};
  std::optional<std::uint64_t> unchanged_since = {};
};

struct Copy {
  bool uid = false;
  SequenceSet set;
  std::string mailbox;
};
struct Move {
  bool uid = false;
  SequenceSet set;
  std::string mailbox;
};

}  // namespace command

using CommandBody =
    std::variant<command::Capability, command::Noop, command::Check, command::Logout, command::StartTls,
                 command::Namespace, command::Idle, command::Close, command::Unselect, command::Login,
                 command::Authenticate, command::Id, command::Enable, command::Select, command::Create,
                 command::Delete, command::Rename, command::Subscribe, command::Unsubscribe, command::List,
                 command::Status, command::Append, command::Expunge, command::Search, command::Fetch,
                 command::Store, command::Copy, command::Move>;

struct Command {
  std::string tag;
  CommandBody body;
};

/// The answer to what cannot be understood: tag, BAD (or NO) and text.
struct BadCommand {
  std::string tag = "*";       ///< "*" where there is no legal tag
  std::string_view text = {};  ///< ours, of static life; begins with the response code where there is one
  bool no = false;             ///< NO, not BAD: a charset that is unknown
};

/// Reads one frame (command_frame.h): a command without its CRLF, with its literals in place. "UID" belongs
/// to the command's name.
std::expected<Command, BadCommand> parse_command(std::string_view frame);

/// The tag at the beginning of a frame, which need not be whole; empty where there is no legal one.
std::string_view read_tag(std::string_view frame);

}  // namespace privet::imap
