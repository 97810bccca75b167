#include "tests/support/imap_command.h"

#include <string_view>
#include <type_traits>
#include <variant>

#include "proxy/imap/mailbox_name.h"

namespace privet::imap::test {
namespace {

std::string string(std::string_view text) {
  return "{" + std::to_string(text.size()) + "}\r\n" + std::string(text);
}

std::string mailbox(std::string_view name) {
  return string(encode_mailbox(name).value());
}

std::string flag_list(const std::vector<std::string>& flags) {
  std::string text;
  for (const std::string& flag : flags) text += (text.empty() ? "" : " ") + flag;
  return "(" + text + ")";
}

std::string status_items(const std::vector<command::StatusItem>& items) {
  constexpr std::string_view kNames[] = {"MESSAGES", "RECENT",        "UIDNEXT", "UIDVALIDITY",
                                         "UNSEEN",   "HIGHESTMODSEQ", "SIZE"};
  std::string text;
  for (const auto item : items) {
    text.append(text.empty() ? "" : " ").append(kNames[static_cast<std::size_t>(item)]);
  }
  return "(" + text + ")";
}

std::string fetch_item(const FetchItem& item) {
  std::string name = item.answer_name();
  if (item.kind == FetchItem::Kind::Rfc822 && item.peek) return "RFC822.PEEK";
  if (item.kind != FetchItem::Kind::Section) return name;
  if (item.peek) name.insert(name.find('['), ".PEEK");
  if (item.partial) name.insert(name.size() - 1, "." + std::to_string(item.partial->count));
  return name;
}

template <class T>
constexpr std::string_view kBare = "";
template <>
constexpr std::string_view kBare<command::Capability> = "CAPABILITY";
template <>
constexpr std::string_view kBare<command::Noop> = "NOOP";
template <>
constexpr std::string_view kBare<command::Check> = "CHECK";
template <>
constexpr std::string_view kBare<command::Logout> = "LOGOUT";
template <>
constexpr std::string_view kBare<command::StartTls> = "STARTTLS";
template <>
constexpr std::string_view kBare<command::Namespace> = "NAMESPACE";
template <>
constexpr std::string_view kBare<command::Idle> = "IDLE";
template <>
constexpr std::string_view kBare<command::Close> = "CLOSE";
template <>
constexpr std::string_view kBare<command::Unselect> = "UNSELECT";

struct Writer {
  template <class T>
    requires(!kBare<T>.empty())
  std::string operator()(const T& /*bare*/) const {
    return std::string(kBare<T>);
  }
  std::string operator()(const command::Login& c) const {
    return "LOGIN " + string(c.user) + " " + string(c.password.reveal());
  }
  std::string operator()(const command::Authenticate& c) const {
    std::string text = "AUTHENTICATE " + c.mechanism;
    if (c.initial_response) {
      text.append(" ").append(c.initial_response->empty() ? "=" : c.initial_response->reveal());
    }
    return text;
  }
  std::string operator()(const command::Id& c) const {
    std::string text;
    for (const auto& [field, value] : c.parameters) {
      text += (text.empty() ? "" : " ") + string(field) + " " + (value ? string(*value) : "NIL");
    }
    return "ID (" + text + ")";
  }
  std::string operator()(const command::Enable& c) const {
    std::string text = "ENABLE";
    for (const std::string& capability : c.capabilities) text += " " + capability;
    return text;
  }
  std::string operator()(const command::Select& c) const {
    return (c.examine ? "EXAMINE " : "SELECT ") + mailbox(c.mailbox) + (c.condstore ? " (CONDSTORE)" : "");
  }
  std::string operator()(const command::Create& c) const { return "CREATE " + mailbox(c.mailbox); }
  std::string operator()(const command::Delete& c) const { return "DELETE " + mailbox(c.mailbox); }
  std::string operator()(const command::Subscribe& c) const { return "SUBSCRIBE " + mailbox(c.mailbox); }
  std::string operator()(const command::Unsubscribe& c) const { return "UNSUBSCRIBE " + mailbox(c.mailbox); }
  std::string operator()(const command::Rename& c) const {
    return "RENAME " + mailbox(c.from) + " " + mailbox(c.to);
  }
  std::string operator()(const command::List& c) const {
    const auto option = [](bool set, std::string_view name) { return set ? std::string(name) + " " : ""; };
    std::string text = c.lsub ? "LSUB " : "LIST ";
    if (c.extended) {
      text += "(" + option(c.select_subscribed, "SUBSCRIBED") + option(c.select_remote, "REMOTE") +
              option(c.select_recursive_match, "RECURSIVEMATCH") +
              option(c.select_special_use, "SPECIAL-USE") + ") ";
    }
    text += mailbox(c.reference);
    if (!c.extended) return text + " " + mailbox(c.patterns.front());
    text += " (";
    for (const std::string& pattern : c.patterns) text += mailbox(pattern) + " ";
    text += ") RETURN (" + option(c.return_subscribed, "SUBSCRIBED") + option(c.return_children, "CHILDREN") +
            option(c.return_special_use, "SPECIAL-USE");
    if (!c.status.empty()) text += "STATUS " + status_items(c.status);
    return text + ")";
  }
  std::string operator()(const command::Status& c) const {
    return "STATUS " + mailbox(c.mailbox) + " " + status_items(c.items);
  }
  std::string operator()(const command::Append& c) const {
    return "APPEND " + mailbox(c.mailbox) + " " + flag_list(c.flags) +
           (c.date ? " \"" + to_string(*c.date) + "\"" : "") + " {" + std::to_string(c.size) + "}";
  }
  std::string operator()(const command::Expunge& c) const {
    return c.uids ? "UID EXPUNGE " + format_set(*c.uids) : "EXPUNGE";
  }
  std::string operator()(const command::Search& c) const {
    std::string text = c.uid ? "UID SEARCH " : "SEARCH ";
    if (const auto& result = c.program.result) {
      text += std::string("RETURN (") + (result->min ? "MIN " : "") + (result->max ? "MAX " : "") +
              (result->all ? "ALL " : "") + (result->count ? "COUNT " : "") + ") ";
    }
    if (c.program.key.kind != SearchKey::Kind::And) return text + write(c.program.key);
    for (const SearchKey& key : c.program.key.children) text += write(key) + " ";
    return text;
  }
  std::string operator()(const command::Fetch& c) const {
    std::string text = (c.uid ? "UID FETCH " : "FETCH ") + format_set(c.set) + " (";
    for (const FetchItem& item : c.items) text += fetch_item(item) + " ";
    text += ")";
    if (c.changed_since) text += " (CHANGEDSINCE " + std::to_string(*c.changed_since) + ")";
    return text;
  }
  std::string operator()(const command::Store& c) const {
    constexpr std::string_view kModes[] = {"", "+", "-"};
    std::string text = (c.uid ? "UID STORE " : "STORE ") + format_set(c.set) + " ";
    if (c.unchanged_since) text += "(UNCHANGEDSINCE " + std::to_string(*c.unchanged_since) + ") ";
    text.append(kModes[static_cast<std::size_t>(c.mode)]).append(c.silent ? "FLAGS.SILENT " : "FLAGS ");
    return text + flag_list(c.flags);
  }
  std::string operator()(const command::Copy& c) const {
    return (c.uid ? "UID COPY " : "COPY ") + format_set(c.set) + " " + mailbox(c.mailbox);
  }
  std::string operator()(const command::Move& c) const {
    return (c.uid ? "UID MOVE " : "MOVE ") + format_set(c.set) + " " + mailbox(c.mailbox);
  }
};

}  // namespace

std::string write(const SearchKey& key) {
  using Kind = SearchKey::Kind;
  constexpr std::string_view kNames[] = {
      "ALL",    "",        "UID",    "ANSWERED", "DELETED", "DRAFT",      "FLAGGED", "RECENT",
      "SEEN",   "KEYWORD", "BCC",    "BODY",     "CC",      "FROM",       "SUBJECT", "TEXT",
      "TO",     "HEADER",  "BEFORE", "ON",       "SINCE",   "SENTBEFORE", "SENTON",  "SENTSINCE",
      "LARGER", "SMALLER", "OLDER",  "YOUNGER",  "MODSEQ",  "",           "OR",      "NOT"};
  std::string text(kNames[static_cast<std::size_t>(key.kind)]);
  switch (key.kind) {
    case Kind::Sequence:
      return format_set(key.set);
    case Kind::Uid:
      return text + " " + format_set(key.set);
    case Kind::Keyword:
      return text + " " + key.text;
    case Kind::Header:
      return text + " " + string(key.field) + " " + string(key.text);
    case Kind::And:
      for (const SearchKey& child : key.children) text += (text.empty() ? "(" : " ") + write(child);
      return text + ")";
    case Kind::Or:
    case Kind::Not:
      for (const SearchKey& child : key.children) text += " " + write(child);
      return text;
    default:
      break;
  }
  if (key.kind >= Kind::Bcc && key.kind <= Kind::To) return text + " " + string(key.text);
  if (key.kind >= Kind::Before && key.kind <= Kind::SentSince) return text + " " + to_string(key.date);
  if (key.kind >= Kind::Larger && key.kind <= Kind::ModSeq) return text + " " + std::to_string(key.number);
  return text;
}

std::string write(const Command& command) {
  return command.tag + " " + std::visit(Writer{}, command.body);
}

}  // namespace privet::imap::test
