#include "proxy/smtp/command.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "proxy/smtp/path.h"
#include "proxy/smtp/xclient.h"
#include "proxy/text.h"

namespace privet::smtp {
namespace {

using Refused = std::unexpected<Reply>;

constexpr std::array<std::pair<Verb, std::string_view>, 16> kVerbs{{{Verb::Ehlo, "EHLO"},
                                                                    {Verb::Helo, "HELO"},
                                                                    {Verb::Lhlo, "LHLO"},
                                                                    {Verb::StartTls, "STARTTLS"},
                                                                    {Verb::Auth, "AUTH"},
                                                                    {Verb::Mail, "MAIL"},
                                                                    {Verb::Rcpt, "RCPT"},
                                                                    {Verb::Data, "DATA"},
                                                                    {Verb::Bdat, "BDAT"},
                                                                    {Verb::Xclient, "XCLIENT"},
                                                                    {Verb::Xforward, "XFORWARD"},
                                                                    {Verb::Rset, "RSET"},
                                                                    {Verb::Noop, "NOOP"},
                                                                    {Verb::Vrfy, "VRFY"},
                                                                    {Verb::Help, "HELP"},
                                                                    {Verb::Quit, "QUIT"}}};
constexpr std::array<std::string_view, 5> kNotOffered{"EXPN", "ETRN", "TURN", "ATRN", "BURL"};
constexpr std::size_t kMechanism = 20;    // RFC 4422 3.1
constexpr std::size_t kChunkDigits = 20;  // RFC 3030 2 sets no bound; those of SIZE, RFC 1870 4
constexpr std::string_view kLast = "LAST";

Refused bad_argument(std::string text) {
  return Refused(Reply{501, "5.5.4", std::move(text)});
}

std::string_view path_prefix(Verb verb) {
  return verb == Verb::Mail ? "FROM:" : "TO:";
}

std::optional<Reply> refuse_path(Verb verb, std::string_view path) {
  if (path.empty() && verb == Verb::Mail) return std::nullopt;
  if (verb == Verb::Rcpt && equals_ignoring_case(path, "postmaster")) return std::nullopt;
  switch (check_path(path)) {
    case PathFault::None:
      return std::nullopt;
    case PathFault::Routing:
      return Reply{550, "5.7.1", "Routing and address literals are not supported"};
    case PathFault::Syntax:
      break;
  }
  if (verb == Verb::Mail) return Reply{501, "5.1.7", "Bad sender address syntax"};
  return Reply{501, "5.1.3", "Bad recipient address syntax"};
}

std::expected<Command, Reply> parse_envelope_command(Verb verb, std::string_view rest) {
  const std::string_view prefix = path_prefix(verb);
  if (!equals_ignoring_case(rest.substr(0, prefix.size()), prefix)) {
    return bad_argument("Syntax: " + std::string(to_string(verb)) + " " + std::string(prefix) + "<address>");
  }
  rest = trim_blanks(rest.substr(prefix.size()));
  const std::size_t end = rest.starts_with('<') ? find_path_end(rest.substr(1)) : std::string_view::npos;
  if (end == std::string_view::npos) return bad_argument("The address must stand in angle brackets");
  const std::string_view path = rest.substr(1, end);
  rest.remove_prefix(end + 2);
  if (!rest.empty() && rest.front() != ' ') return bad_argument("A blank must follow the address");
  if (std::optional<Reply> refusal = refuse_path(verb, path)) return Refused(*std::move(refusal));
  auto parameters = parse_parameters(verb == Verb::Mail ? ParameterOwner::Mail : ParameterOwner::Rcpt, rest);
  if (!parameters) return Refused(std::move(parameters.error()));
  return Command{.verb = verb, .argument = std::string(path), .parameters = *std::move(parameters)};
}

bool is_mechanism(std::string_view name) {
  return !name.empty() && name.size() <= kMechanism &&
         std::ranges::all_of(name, [](char c) { return is_alnum(c) || c == '-' || c == '_'; });
}

bool is_initial_response(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return is_alnum(c) || c == '+' || c == '/' || c == '='; });
}

std::expected<Command, Reply> parse_auth(std::string_view rest) {
  const bool has_response = rest.contains(' ');
  const std::string_view mechanism = take_until(rest, ' ');
  rest = trim_blanks(rest);
  if (!is_mechanism(mechanism) || (has_response && !is_initial_response(rest))) {
    return bad_argument("Syntax: AUTH mechanism [initial response in base64]");
  }
  return Command{.verb = Verb::Auth,
                 .argument = to_upper(mechanism),
                 .initial_response = std::string(rest),
                 .has_initial_response = has_response};
}

std::expected<Command, Reply> parse_chunk(std::string_view rest) {
  const std::string_view size = take_until(rest, ' ');
  rest = trim_blanks(rest);
  Command command{.verb = Verb::Bdat, .last = equals_ignoring_case(rest, kLast)};
  const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), command.chunk_size);
  const bool readable =
      size.size() <= kChunkDigits && error == std::errc() && end == size.data() + size.size();
  if (!readable || (!rest.empty() && !command.last)) {
    return Refused(Reply{521, "5.5.4", "Syntax: BDAT size [LAST]; the chunk cannot be told from commands"});
  }
  return command;
}

std::expected<Command, Reply> parse_about_client(Verb verb, std::string_view rest) {
  const auto owner = verb == Verb::Xclient ? AttributeOwner::Xclient : AttributeOwner::Xforward;
  auto attributes = parse_attributes(owner, rest);
  if (!attributes) return Refused(std::move(attributes.error()));
  return Command{.verb = verb, .parameters = *std::move(attributes)};
}

std::expected<Command, Reply> parse_arguments(Verb verb, std::string_view rest) {
  switch (verb) {
    case Verb::Mail:
    case Verb::Rcpt:
      return parse_envelope_command(verb, rest);
    case Verb::Auth:
      return parse_auth(rest);
    case Verb::Bdat:
      return parse_chunk(rest);
    case Verb::Xclient:
    case Verb::Xforward:
      return parse_about_client(verb, rest);
    case Verb::Ehlo:
    case Verb::Helo:
    case Verb::Lhlo:
      if (!is_client_name(rest)) return bad_argument("A domain or an address literal must follow");
      break;
    case Verb::Vrfy:
      if (rest.empty()) return bad_argument("An argument must follow");
      [[fallthrough]];
    case Verb::Noop:
    case Verb::Help:
      if (!is_clean_utf8(rest)) return bad_argument("Bad character in the argument");
      break;
    case Verb::StartTls:
    case Verb::Data:
    case Verb::Rset:
    case Verb::Quit:
      if (!rest.empty()) return bad_argument("No argument may follow");
      break;
  }
  return Command{.verb = verb, .argument = std::string(rest)};
}

}  // namespace

std::string_view to_string(Verb verb) {
  return std::ranges::find(kVerbs, verb, &decltype(kVerbs)::value_type::first)->second;
}

const std::string* Command::parameter(std::string_view keyword) const {
  const auto found = std::ranges::find(parameters, keyword, &Parameter::keyword);
  return found == parameters.end() ? nullptr : &found->value;
}

std::expected<Command, Reply> parse_command(std::string_view line) {
  const std::string_view word = take_until(line, ' ');
  for (const auto& [verb, name] : kVerbs) {
    if (equals_ignoring_case(word, name)) return parse_arguments(verb, trim_blanks(line));
  }
  for (const std::string_view name : kNotOffered) {
    if (equals_ignoring_case(word, name)) return Refused(Reply{502, "5.5.1", "Command not offered"});
  }
  return Refused(Reply{500, "5.5.1", "Command not recognised"});
}

std::string to_line(const Command& command) {
  std::string line(to_string(command.verb));
  if (command.verb == Verb::Mail || command.verb == Verb::Rcpt) {
    line.append(" ").append(path_prefix(command.verb)).append("<").append(command.argument).append(">");
  } else if (!command.argument.empty()) {
    line.append(" ").append(command.argument);
  }
  if (command.has_initial_response) {
    line.append(" ").append(command.initial_response.empty() ? "=" : command.initial_response);
  }
  if (command.verb == Verb::Bdat) {
    line.append(" ").append(std::to_string(command.chunk_size));
    if (command.last) line.append(" ").append(kLast);
  }
  const bool decoded = command.verb == Verb::Xclient || command.verb == Verb::Xforward;
  for (const Parameter& parameter : command.parameters) {
    line.append(" ").append(parameter.keyword);
    if (parameter.value.empty()) continue;
    line.append("=").append(decoded ? encode_xtext(parameter.value) : parameter.value);
  }
  return line;
}

}  // namespace privet::smtp
