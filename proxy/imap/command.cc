#include "proxy/imap/command.h"

#include <algorithm>
#include <span>

#include "mime/ascii.h"
#include "proxy/imap/argument.h"
#include "proxy/imap/command_reader.h"
#include "proxy/imap/read_command.h"
#include "proxy/limits.h"
#include "proxy/text.h"

namespace privet::imap {
namespace {

using Refused = std::unexpected<Refusal>;

constexpr Refusal kBadMailbox{"Invalid mailbox name"};
constexpr Refusal kBadArguments{"Invalid arguments"};

constexpr std::size_t kMechanism = 20;  // RFC 4422 3.1

bool is_tag_char(char c) {
  return is_astring_char(c) && c != '+';
}

bool is_mechanism_char(char c) {
  return mime::is_alnum(c) || c == '-' || c == '_';
}

bool is_base64_char(char c) {
  return mime::is_alnum(c) || c == '+' || c == '/' || c == '=';
}

template <class T>
ReadBody read_nothing(CommandReader& /*reader*/) {
  return T{};
}

template <class T>
ReadBody read_name(CommandReader& reader) {
  auto mailbox = read_mailbox(reader);
  if (!mailbox) return Refused(kBadMailbox);
  return T{.mailbox = *std::move(mailbox)};
}

ReadBody read_rename(CommandReader& reader) {
  auto from = read_mailbox(reader);
  if (!from) return Refused(kBadMailbox);
  auto to = read_mailbox(reader);
  if (!to) return Refused(kBadMailbox);
  return command::Rename{.from = *std::move(from), .to = *std::move(to)};
}

ReadBody read_login(CommandReader& reader) {
  if (!reader.blank()) return Refused(kBadArguments);
  auto user = reader.astring();
  if (!user || !reader.blank()) return Refused(kBadArguments);
  auto password = reader.secret();
  if (!password) return Refused(kBadArguments);
  return command::Login{.user = *std::move(user), .password = *std::move(password)};
}

ReadBody read_authenticate(CommandReader& reader) {
  if (!reader.blank()) return Refused(kBadArguments);
  command::Authenticate authenticate{.mechanism = to_upper(reader.take_while(is_mechanism_char))};
  if (authenticate.mechanism.empty() || authenticate.mechanism.size() > kMechanism)
    return Refused(kBadArguments);
  if (reader.blank()) {
    const std::string_view response = reader.take_while(is_base64_char);
    if (response.empty()) return Refused(kBadArguments);
    authenticate.initial_response.emplace(response == "=" ? "" : response);
  }
  return authenticate;
}

ReadBody read_id(CommandReader& reader) {
  command::Id id;
  if (!reader.blank()) return Refused(kBadArguments);
  if (reader.word("NIL")) return id;
  const auto parameter = [&] {
    auto field = reader.string();
    if (!field || field->size() > limits::kImapIdField || !reader.blank()) return false;
    auto value = reader.nstring();
    if (!value || (*value && (*value)->size() > limits::kImapIdValue)) return false;
    id.parameters.emplace_back(*std::move(field), *std::move(value));
    return id.parameters.size() <= limits::kImapIdParameters;
  };
  if (!reader.list(0, parameter)) return Refused(kBadArguments);
  return id;
}

ReadBody read_enable(CommandReader& reader) {
  command::Enable enable;
  while (reader.blank()) {
    enable.capabilities.push_back(to_upper(reader.atom()));
    if (enable.capabilities.back().empty()) return Refused(kBadArguments);
  }
  if (enable.capabilities.empty()) return Refused(kBadArguments);
  return enable;
}

ReadBody read_select(CommandReader& reader, bool examine) {
  command::Select select{.mailbox = {}, .examine = examine};
  auto mailbox = read_mailbox(reader);
  if (!mailbox) return Refused(kBadMailbox);
  select.mailbox = *std::move(mailbox);
  if (reader.blank() && !reader.list(1, [&] { return select.condstore = reader.word("CONDSTORE"); })) {
    return Refused({"Invalid SELECT parameter"});
  }
  return select;
}

ReadBody read_status(CommandReader& reader) {
  auto mailbox = read_mailbox(reader);
  if (!mailbox) return Refused(kBadMailbox);
  auto items = read_status_items(reader);
  if (!items) return Refused({"Invalid STATUS items"});
  return command::Status{.mailbox = *std::move(mailbox), .items = *std::move(items)};
}

ReadBody read_append(CommandReader& reader) {
  command::Append append;
  auto mailbox = read_mailbox(reader);
  if (!mailbox) return Refused(kBadMailbox);
  append.mailbox = *std::move(mailbox);
  CommandReader ahead = reader;
  if (ahead.blank() && ahead.peek() == '(') {
    auto flags = read_flags(reader, false);
    if (!flags) return Refused({"Invalid flags"});
    append.flags = *std::move(flags);
  }
  if (!reader.blank()) return Refused(kBadArguments);
  if (reader.peek() == '"') {
    const auto date = reader.string();
    append.date = date ? parse_date_time(*date) : std::nullopt;
    if (!append.date || !reader.blank()) return Refused({"Invalid date"});
  }
  const auto size = reader.announced_literal();
  if (!size) return Refused({"A message literal must follow"});
  append.size = *size;
  return append;
}

struct Row {
  std::string_view name;
  ReadBody (*read)(CommandReader& reader);
};
constexpr Row kCommands[] = {
    {"APPEND", read_append},
    {"AUTHENTICATE", read_authenticate},
    {"CAPABILITY", read_nothing<command::Capability>},
    {"CHECK", read_nothing<command::Check>},
    {"CLOSE", read_nothing<command::Close>},
    {"COPY", [](CommandReader& reader) { return read_copy_command(reader, false); }},
    {"CREATE", read_name<command::Create>},
    {"DELETE", read_name<command::Delete>},
    {"ENABLE", read_enable},
    {"EXAMINE", [](CommandReader& reader) { return read_select(reader, true); }},
    {"EXPUNGE", [](CommandReader& reader) { return read_expunge_command(reader, false); }},
    {"FETCH", [](CommandReader& reader) { return read_fetch_command(reader, false); }},
    {"ID", read_id},
    {"IDLE", read_nothing<command::Idle>},
    {"LIST", read_list_command},
    {"LOGIN", read_login},
    {"LOGOUT", read_nothing<command::Logout>},
    {"LSUB", read_lsub_command},
    {"MOVE", [](CommandReader& reader) { return read_move_command(reader, false); }},
    {"NAMESPACE", read_nothing<command::Namespace>},
    {"NOOP", read_nothing<command::Noop>},
    {"RENAME", read_rename},
    {"SEARCH", [](CommandReader& reader) { return read_search_command(reader, false); }},
    {"SELECT", [](CommandReader& reader) { return read_select(reader, false); }},
    {"STARTTLS", read_nothing<command::StartTls>},
    {"STATUS", read_status},
    {"STORE", [](CommandReader& reader) { return read_store_command(reader, false); }},
    {"SUBSCRIBE", read_name<command::Subscribe>},
    {"UNSELECT", read_nothing<command::Unselect>},
    {"UNSUBSCRIBE", read_name<command::Unsubscribe>},
};
constexpr Row kUidCommands[] = {
    {"COPY", [](CommandReader& reader) { return read_copy_command(reader, true); }},
    {"EXPUNGE", [](CommandReader& reader) { return read_expunge_command(reader, true); }},
    {"FETCH", [](CommandReader& reader) { return read_fetch_command(reader, true); }},
    {"MOVE", [](CommandReader& reader) { return read_move_command(reader, true); }},
    {"SEARCH", [](CommandReader& reader) { return read_search_command(reader, true); }},
    {"STORE", [](CommandReader& reader) { return read_store_command(reader, true); }},
};

ReadBody read_body(CommandReader& reader) {
  std::string_view name = reader.atom();
  std::span<const Row> commands = kCommands;
  if (equals_ignoring_case(name, "UID")) {
    name = reader.blank() ? reader.atom() : "";
    commands = kUidCommands;
  }
  const auto row = std::ranges::find_if(
      commands, [&](const Row& known) { return equals_ignoring_case(name, known.name); });
  if (row == commands.end()) return Refused({"Unknown command"});
  auto body = row->read(reader);
  if (body && !reader.at_end()) return Refused({"Unexpected arguments"});
  return body;
}

}  // namespace

std::string_view read_tag(std::string_view frame) {
  const std::string_view tag = CommandReader(frame).take_while(is_tag_char);
  const bool whole = tag.size() == frame.size() || frame[tag.size()] == ' ';
  return whole && tag.size() <= limits::kImapTag ? tag : "";
}

std::expected<Command, BadCommand> parse_command(std::string_view frame) {
  const std::string_view tag = read_tag(frame);
  if (tag.empty()) return std::unexpected(BadCommand{.text = "Invalid tag"});
  CommandReader reader(frame.substr(tag.size()));
  if (!reader.blank()) return std::unexpected(BadCommand{.tag = std::string(tag), .text = "Missing command"});
  auto body = read_body(reader);
  if (!body) {
    return std::unexpected(
        BadCommand{.tag = std::string(tag), .text = body.error().text, .no = body.error().no});
  }
  return Command{.tag = std::string(tag), .body = *std::move(body)};
}

}  // namespace privet::imap
