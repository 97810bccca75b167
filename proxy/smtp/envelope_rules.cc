#include "proxy/smtp/envelope_rules.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string>
#include <utility>

#include "proxy/limits.h"
#include "proxy/text.h"

namespace privet::smtp {
namespace {

const Reply kNotOffered{555, "5.5.4", "This parameter was not offered"};

bool is_ascii(std::string_view text) {
  return std::ranges::none_of(text, mime::is_8bit);
}

void remove_parameter(Command& command, std::string_view keyword) {
  std::erase_if(command.parameters, [&](const Parameter& each) { return each.keyword == keyword; });
}

/// The number of a SIZE that parse_parameters() has let pass.
std::uint64_t read_size(std::string_view value) {
  std::uint64_t size = 0;
  std::from_chars(value.data(), value.data() + value.size(), size);
  return size;
}

bool is_offered(const Parameter& parameter, const Extensions& offered) {
  const std::string_view keyword = parameter.keyword;
  if (keyword == "AUTH") return true;  // goes no further
  if (keyword == "SIZE") return offered.size;
  if (keyword == "BODY") return offered.eight_bit_mime || parameter.value == "7BIT";  // which holds anyway
  if (keyword == "SMTPUTF8") return offered.smtp_utf8;
  if (keyword == "REQUIRETLS") return offered.require_tls;
  if (keyword == "MT-PRIORITY") return offered.mt_priority;
  return offered.dsn;
}

std::optional<Reply> check_offered(const Command& command, const Extensions* offered) {
  const bool all = std::ranges::all_of(command.parameters, [offered](const Parameter& each) {
    return offered != nullptr && is_offered(each, *offered);
  });
  if (all) return std::nullopt;
  return kNotOffered;
}

std::optional<Reply> check_address(std::string_view address, const Command* mail) {
  if (is_ascii(address) || (mail != nullptr && mail->parameter("SMTPUTF8") != nullptr)) return std::nullopt;
  return Reply{553, "5.6.7", "Addresses beyond ASCII need SMTPUTF8"};
}

}  // namespace

std::optional<Reply> check_mail(const Command& mail, const Extensions* offered) {
  if (auto refusal = check_offered(mail, offered)) return refusal;
  const std::string* const size = mail.parameter("SIZE");
  if (size != nullptr && offered->size_limit > 0 && read_size(*size) > offered->size_limit) {
    return Reply{552, "5.3.4", "The message is larger than may be sent"};
  }
  return check_address(mail.argument, &mail);
}

std::optional<Reply> check_rcpt(const Command& rcpt, const Extensions* offered, const Command* mail) {
  if (auto refusal = check_offered(rcpt, offered)) return refusal;
  return check_address(rcpt.argument, mail);
}

Command upstream_mail(Command mail, const Extensions& theirs) {
  remove_parameter(mail, "AUTH");
  if (!theirs.size) remove_parameter(mail, "SIZE");
  if (!theirs.eight_bit_mime) remove_parameter(mail, "BODY");
  for (Parameter& parameter : mail.parameters) {
    if (parameter.keyword != "SIZE") continue;
    constexpr std::uint64_t kLargest = std::numeric_limits<std::uint64_t>::max() - limits::kSizeHeadroom;
    parameter.value = std::to_string(std::min(read_size(parameter.value), kLargest) + limits::kSizeHeadroom);
  }
  return mail;
}

std::expected<Command, Reply> copy_mail(const Command& original, const CopyTraits& copy,
                                        const Extensions& theirs) {
  const bool eight_bit = copy.eight_bit_header || copy.eight_bit_body;
  const bool needs_utf8 = copy.eight_bit_header || copy.non_ascii_recipient || !is_ascii(original.argument);
  Command mail{.verb = Verb::Mail, .argument = original.argument};
  if (const std::string* const body = original.parameter("BODY")) {
    if (theirs.eight_bit_mime) {
      mail.parameters.push_back({.keyword = "BODY", .value = *body});
    } else if (*body != "7BIT" && eight_bit) {
      return std::unexpected(Reply{554, "5.6.3", "The mail server does not take 8-bit content"});
    }
  }
  if (original.parameter("SMTPUTF8") != nullptr && needs_utf8) {
    if (!theirs.smtp_utf8) return std::unexpected(Reply{553, "5.6.7", "The mail server lacks SMTPUTF8"});
    mail.parameters.push_back({.keyword = "SMTPUTF8", .value = {}});
  }
  if (original.parameter("REQUIRETLS") != nullptr) {
    if (!theirs.require_tls) return std::unexpected(Reply{550, "5.7.30", "The mail server lacks REQUIRETLS"});
    mail.parameters.push_back({.keyword = "REQUIRETLS", .value = {}});
  }
  if (theirs.size) mail.parameters.push_back({.keyword = "SIZE", .value = std::to_string(copy.size)});
  if (theirs.dsn) {
    mail.parameters.push_back({.keyword = "RET", .value = "HDRS"});
    if (!copy.envelope_id.empty()) {
      mail.parameters.push_back({.keyword = "ENVID", .value = std::string(copy.envelope_id)});
    }
  }
  return mail;
}

Command copy_rcpt(const Command& original, const Extensions& theirs) {
  Command rcpt{.verb = Verb::Rcpt, .argument = original.argument};
  if (!theirs.dsn) return rcpt;
  const std::string* const notify = original.parameter("NOTIFY");
  rcpt.parameters.push_back({.keyword = "NOTIFY", .value = notify != nullptr ? *notify : "FAILURE"});
  return rcpt;
}

}  // namespace privet::smtp
