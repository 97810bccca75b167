#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <variant>

#include "proxy/imap/argument.h"
#include "proxy/imap/mailbox_name.h"
#include "proxy/imap/read_command.h"
#include "proxy/limits.h"

namespace privet::imap {
namespace {

using Refused = std::unexpected<Refusal>;

constexpr Refusal kBadMailbox{"Invalid mailbox name"};
constexpr Refusal kBadArguments{"Invalid arguments"};
constexpr Refusal kBadOption{"Invalid LIST option"};

struct Option {
  std::string_view name;
  bool command::List::* set;
};
constexpr Option kSelectOptions[] = {{"SUBSCRIBED", &command::List::select_subscribed},
                                     {"REMOTE", &command::List::select_remote},
                                     {"RECURSIVEMATCH", &command::List::select_recursive_match},
                                     {"SPECIAL-USE", &command::List::select_special_use}};
constexpr Option kReturnOptions[] = {{"SUBSCRIBED", &command::List::return_subscribed},
                                     {"CHILDREN", &command::List::return_children},
                                     {"SPECIAL-USE", &command::List::return_special_use}};

bool read_option(CommandReader& reader, std::span<const Option> options, command::List& list) {
  const auto found =
      std::ranges::find_if(options, [&](const Option& known) { return reader.word(known.name); });
  if (found == options.end()) return false;
  list.*found->set = true;
  return true;
}

bool read_return_option(CommandReader& reader, command::List& list) {
  if (!reader.word("STATUS")) return read_option(reader, kReturnOptions, list);
  auto items = read_status_items(reader);
  if (!items) return false;
  list.status = *std::move(items);
  return true;
}

bool read_pattern(CommandReader& reader, command::List& list, std::size_t& octets) {
  const auto wire = reader.list_mailbox();
  auto pattern = wire ? decode_mailbox(*wire) : std::nullopt;
  if (!pattern) return false;
  octets += pattern->size();
  list.patterns.push_back(*std::move(pattern));
  return octets <= limits::kImapListPatterns;
}

}  // namespace

ReadBody read_list_command(CommandReader& reader) {
  command::List list;
  if (!reader.blank()) return Refused(kBadArguments);
  if (reader.peek() == '(') {
    list.extended = true;
    if (!reader.list(0, [&] { return read_option(reader, kSelectOptions, list); }) || !reader.blank()) {
      return Refused(kBadOption);
    }
    if (list.select_recursive_match && !list.select_subscribed && !list.select_special_use) {
      return Refused(kBadOption);
    }
  }
  const auto wire = reader.astring();
  auto reference = wire ? decode_mailbox(*wire) : std::nullopt;
  if (!reference || !reader.blank()) return Refused(kBadMailbox);
  list.reference = *std::move(reference);
  std::size_t octets = list.reference.size();
  const auto pattern = [&] { return read_pattern(reader, list, octets); };
  if (reader.peek() == '(') list.extended = true;
  if (!(reader.peek() == '(' ? reader.list(1, pattern) : pattern())) return Refused(kBadMailbox);
  if (reader.blank()) {
    list.extended = true;
    const bool read = reader.word("RETURN") && reader.blank() &&
                      reader.list(0, [&] { return read_return_option(reader, list); });
    if (!read) return Refused(kBadOption);
  }
  return list;
}

ReadBody read_lsub_command(CommandReader& reader) {
  auto body = read_list_command(reader);
  if (!body) return body;
  auto& list = std::get<command::List>(*body);
  if (list.extended) return Refused(kBadArguments);
  list.lsub = true;
  return body;
}

}  // namespace privet::imap
