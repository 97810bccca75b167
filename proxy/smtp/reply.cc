#include "proxy/smtp/reply.h"

#include <algorithm>

#include "proxy/limits.h"
#include "proxy/text.h"

namespace privet::smtp {
namespace {

constexpr int kChallenge =
    334;  // RFC 4954 4: its text is for the client's mechanism, and long where a token was refused

bool is_printable(char c) {
  return c >= ' ' && c <= '~';
}

bool has_enhanced_code(int code) {
  return (code >= 200 && code < 300) || (code >= 400 && code < 600);
}

void append_printable(std::string& out, std::string_view text) {
  for (const char c : text) out += is_printable(c) ? c : '?';
}

/// Length of the enhanced code of `code`'s class that `text` begins with (RFC 2034 4, RFC 3463 2); 0 when
/// there is none.
std::size_t enhanced_length(int code, std::string_view text) {
  if (!has_enhanced_code(code) || text.empty() || text.front() - '0' != code / 100) return 0;
  std::size_t at = 1;
  for (int part = 0; part < 2; ++part) {
    if (at == text.size() || text[at] != '.') return 0;
    const std::size_t begin = ++at;
    while (at < text.size() && mime::is_digit(text[at])) ++at;
    if (at == begin || at - begin > 3) return 0;
  }
  return at == text.size() || text[at] == ' ' ? at : 0;
}

std::optional<int> parse_code(std::string_view line) {
  if (line.size() < 3 || !std::ranges::all_of(line.substr(0, 3), mime::is_digit)) return std::nullopt;
  const int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  if (code < 200 || code > 599) return std::nullopt;
  return code;
}

}  // namespace

void append_to(std::string& wire, const Reply& reply) {
  const std::string code = std::to_string(reply.code);
  const bool enhanced = !reply.enhanced.empty() && has_enhanced_code(reply.code);
  std::string_view rest = reply.text;
  for (bool more = true; more;) {
    more = rest.contains('\n');
    const std::string_view line = take_until(rest, '\n');
    wire.append(code).append(more ? "-" : " ");
    if (enhanced) append_printable(wire, reply.enhanced);
    if (enhanced && !line.empty()) wire += ' ';
    append_printable(wire, line);
    wire.append("\r\n");
  }
}

std::string to_wire(const Reply& reply) {
  std::string wire;
  append_to(wire, reply);
  return wire;
}

Result<std::optional<Reply>> ReplyParser::feed(std::string_view line) {
  const std::optional<int> code = parse_code(line);
  if (!code) return failure("the reply does not begin with a code from 200 to 599");
  if (lines_ > 0 && *code != reply_.code) return failure("the lines of one reply have different codes");
  if (line.size() > 3 && line[3] != ' ' && line[3] != '-')
    return failure("no blank follows the code of the reply");
  if (lines_ == limits::kReplyLines) return failure("the reply has too many lines");
  const bool last = line.size() == 3 || line[3] == ' ';

  if (*code != kChallenge) line = line.substr(0, limits::kReplyLineKept);
  line.remove_prefix(std::min<std::size_t>(line.size(), 4));
  if (const std::size_t length = enhanced_length(*code, line); length > 0) {
    const std::string_view enhanced = line.substr(0, length);
    if (reply_.enhanced.empty()) reply_.enhanced = enhanced;
    if (reply_.enhanced == enhanced) line.remove_prefix(std::min(line.size(), length + 1));
  }

  reply_.code = *code;
  if (lines_++ > 0) reply_.text += '\n';
  append_printable(reply_.text, line);
  if (!last) return std::nullopt;
  lines_ = 0;
  return std::exchange(reply_, Reply{});
}

Reply with_enhanced_code(Reply reply) {
  if (reply.enhanced.empty() && has_enhanced_code(reply.code)) {
    reply.enhanced = std::to_string(reply.code / 100) + ".0.0";
  }
  return reply;
}

}  // namespace privet::smtp
