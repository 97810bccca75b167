#include "mime/notice.h"

#include <mimetic/mimetic.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <sstream>
#include <utility>

#include "mime/address.h"
#include "mime/ascii.h"
#include "mime/charset.h"
#include "mime/encoded_word.h"
#include "mime/limits.h"

namespace privet::mime {

namespace {

using mimetic::MimeEntity;

bool is_printable(char c) {
  return c > ' ' && c < 0x7f;
}

// One line that cannot end the field or part it stands in.
std::string plain(std::string_view text) {
  std::string line(text.substr(0, limits::kNoticeValueBytes));
  std::ranges::replace_if(line, [](char c) { return is_8bit(c); }, '?');
  std::ranges::replace_if(line, [](char c) { return !is_printable(c); }, ' ');
  return line;
}

// The same for text that is encoded later.
std::string readable(std::string_view value) {
  std::string text = decode_header_text(trim(value)).text;
  std::ranges::replace_if(text, [](char c) { return !is_printable(c) && !is_8bit(c); }, ' ');
  std::size_t kept = 0;
  while (kept < text.size()) {
    const std::size_t length = utf8_length(std::string_view(text).substr(kept));
    if (length == 0 || kept + length > limits::kNoticeValueBytes) break;
    kept += length;
  }
  return text.substr(0, kept);
}

bool is_message_id(std::string_view text) {
  return text.size() > 2 && text.size() <= limits::kNoticeValueBytes && text.starts_with('<') &&
         text.ends_with('>') && std::ranges::all_of(text, is_printable) &&
         std::ranges::count(text, '<') == 1 && std::ranges::count(text, '>') == 1;
}

// RFC 6533 3: the form of an address that needs no more than ASCII.
std::string typed_address(const AddrSpec& spec) {
  const std::string address = spec.to_string();
  if (std::ranges::none_of(address, is_8bit)) return "rfc822; " + address;
  std::string result = "utf-8; ";
  for (std::string_view rest = address; !rest.empty();) {
    const std::size_t length = std::max<std::size_t>(utf8_length(rest), 1);
    if (length == 1 && is_printable(rest.front()) && !std::string_view("\\+=").contains(rest.front())) {
      result += rest.front();
    } else {
      // The first byte of a character of n > 1 bytes holds 7 - n bits of it, each other one six.
      unsigned point = static_cast<unsigned char>(rest.front()) & (length == 1 ? 0xffu : 0x7fu >> length);
      for (const char c : rest.substr(1, length - 1))
        point = point << 6 | (static_cast<unsigned char>(c) & 0x3f);
      std::string digits;
      for (; point != 0; point >>= 4) digits.insert(digits.begin(), "0123456789ABCDEF"[point & 0xf]);
      result += "\\x{" + digits + "}";
    }
    rest.remove_prefix(length);
  }
  return result;
}

bool fits_7bit(std::string_view text) {
  constexpr std::size_t kLongestLine = 998;  // RFC 5322 2.1.1
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find("\r\n", begin), text.size());
    if (end - begin > kLongestLine) return false;
    begin = end + 2;
  }
  return std::ranges::none_of(text, is_8bit);
}

// No line can hold every address in its typed form, where a character becomes up to six; the plain words of
// the notice have all of it.
std::string final_recipient(const AddrSpec& spec) {
  const std::string field = "Final-Recipient: " + typed_address(spec);
  return fits_7bit(field) ? field : "Final-Recipient: x-privet; " + plain(spec.to_string());
}

// "5.1.1" of "550 5.1.1 No such user", as RFC 3463 writes it.
std::optional<std::string> permanent_status(std::string_view reply) {
  constexpr std::size_t kCode = 4;  // "550 " or "550-"
  if (reply.size() <= kCode) return std::nullopt;
  const std::string_view status = reply.substr(kCode, reply.find(' ', kCode) - kCode);
  const bool numbers = std::ranges::all_of(status, [](char c) { return is_digit(c) || c == '.'; });
  if (!numbers || !status.starts_with("5.") || std::ranges::count(status, '.') != 2 ||
      status.ends_with('.') || status.contains("..") ||
      status.size() > std::string_view("5.999.999").size()) {
    return std::nullopt;
  }
  return std::string(status);
}

std::string words(const NoticeFacts& facts, const Header& copy, const std::string& recipient) {
  std::string text =
      "Your mail itself is not affected: please do not send it again.\r\n"
      "Only the copy of it for the CRM did not arrive there.\r\n\r\n";
  if (const Field* const subject = copy.find("Subject"))
    text += "  Subject:  " + readable(subject->value) + "\r\n";
  if (const Field* const date = copy.find("Date")) text += "  Sent:     " + readable(date->value) + "\r\n";
  text += "  CRM:      " + recipient + "\r\n";
  if (!facts.reply.empty()) text += "  Answer:   " + plain(facts.reply) + "\r\n";
  text += "  Copy:     " + plain(facts.copy_id) + "\r\n\r\n";
  text += facts.reason == NoticeReason::Refused
              ? "The mail server refused the copy for good, with the answer above.\r\n"
              : "The mail server did not take the copy in time; it is not tried any more.\r\n";
  text +=
      "If the mail belongs in the CRM, please enter it there by hand. Should\r\n"
      "this happen again, show this message to your administrator.\r\n";
  return text;
}

std::string status(const NoticeFacts& facts, const AddrSpec& recipient) {
  constexpr std::string_view kExpired = "4.4.7", kUndefined = "5.0.0";  // RFC 3463 3.5, 3.1
  const std::string code = facts.reason == NoticeReason::Expired
                               ? std::string(kExpired)
                               : permanent_status(facts.reply).value_or(std::string(kUndefined));
  std::string text = "Reporting-MTA: dns; " + plain(facts.reporting_mta) + "\r\n\r\n";
  text += final_recipient(recipient) + "\r\nAction: failed\r\nStatus: " + code + "\r\n";
  if (!facts.reply.empty()) {
    const bool smtp =
        facts.reply.size() > 3 && std::all_of(facts.reply.begin(), facts.reply.begin() + 3, is_digit);
    text += std::string("Diagnostic-Code: ") + (smtp ? "smtp; " : "x-privet; ") + plain(facts.reply) + "\r\n";
  }
  return text;
}

MimeEntity& add_part(MimeEntity& report, const std::string& type, const std::string& body) {
  auto part = std::make_unique<MimeEntity>();
  part->header().contentType(mimetic::ContentType(type));
  part->body().assign(body);
  report.body().parts().push_back(part.release());  // which the report deletes
  return *report.body().parts().back();
}

// Line by line: mimetic encodes line breaks, too, behind the first 8-bit character it sees.
void encode(MimeEntity& part) {
  std::string encoded;
  for (std::string_view rest = part.body(); !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find("\r\n"));
    mimetic::QP::Encoder encoder;
    mimetic::code(line.begin(), line.end(), encoder, std::back_inserter(encoded));
    encoded += "\r\n";
    rest.remove_prefix(std::min(line.size() + 2, rest.size()));
  }
  part.body().assign(encoded);
  part.header().contentTransferEncoding(mimetic::ContentTransferEncoding("quoted-printable"));
}

// mimetic ends some lines with a bare line feed.
std::string written(const MimeEntity& report) {
  std::ostringstream out;
  out << report;
  std::string content;
  for (const char c : std::move(out).str()) {
    if (c == '\n' && !content.ends_with('\r')) content += '\r';
    content += c;
  }
  return content;
}

bool says_machine(const Field& field) {
  const std::string value = to_lower(decode_header_text(field.value).text);
  const std::string_view word = trim(std::string_view(value).substr(0, value.find_first_of(";(")));
  if (field.is("Auto-Submitted")) return word != "no";
  if (field.is("Precedence")) return word == "bulk" || word == "list" || word == "junk";
  return field.is("List-Id");
}

}  // namespace

Result<std::string> make_notice(const NoticeFacts& facts) {
  const auto from = parse_addr_spec(facts.from), to = parse_addr_spec(facts.to),
             recipient = parse_addr_spec(facts.recipient);
  if (!from || !to || !recipient) return failure("a notice needs three addresses: from, to and the CRM's");
  if (std::max(facts.from.size(), facts.to.size()) > limits::kNoticeValueBytes)
    return failure("an address from or to which a notice is sent is too long");
  if (!is_message_id(facts.message_id)) return failure("a notice needs a Message-ID of its own");
  const Result<Header> copy = Header::parse(facts.copy_header);
  if (!copy) return std::unexpected(copy.error());

  MimeEntity report;
  mimetic::Header& header = report.header();
  const auto set = [&header](const char* name, const std::string& value) { header.field(name).value(value); };
  set("Date", plain(facts.date));
  set("From", "Privet <" + from->to_string() + ">");
  set("To", to->to_string());
  set("Subject", "The CRM did not get a copy of your mail");
  set("Message-ID", facts.message_id);
  if (const Field* const original = copy->find("Message-ID")) {
    const std::string id(trim(original->value));
    if (is_message_id(id)) {
      set("In-Reply-To", id);
      set("References", id);
    }
  }
  set("Auto-Submitted", "auto-replied");
  set("MIME-Version", "1.0");
  std::string boundary = "=_privet_";
  std::ranges::copy_if(facts.message_id.substr(0, limits::kNoticeBoundaryBytes), std::back_inserter(boundary),
                       is_alnum);
  mimetic::ContentType type("multipart", "report");
  type.param("report-type", "delivery-status");
  type.param("boundary", boundary);
  header.contentType(type);

  encode(add_part(report, "text/plain; charset=utf-8", words(facts, *copy, recipient->to_string())));
  add_part(report, "message/delivery-status", status(facts, *recipient));
  std::string fields;
  for (const Field& field : copy->fields()) fields += field.raw;
  MimeEntity& quoted = add_part(report, "text/rfc822-headers", fields);
  if (!fits_7bit(fields)) encode(quoted);
  return written(report);
}

bool may_notify(const Header& original, std::string_view reverse_path) {
  return !reverse_path.empty() && reverse_path != "<>" &&
         std::ranges::none_of(original.fields(), says_machine);
}

}  // namespace privet::mime
