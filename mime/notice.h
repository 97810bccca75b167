// The notice a sender gets when a copy never arrived at the CRM: multipart/report with a delivery status (RFC
// 6522, RFC 3464) for machines and plain words for people. mimetic writes it; nothing here reads mail with
// it.
//
// Promise: nothing of the original is in it but header fields of the copy, from which the policy took what
// the CRM must not see. No value can break out of its field or part: addresses are parsed and written anew,
// everything else loses its controls or is encoded. All is 7-bit but an international address.
#pragma once

#include <string>
#include <string_view>

#include "mime/header.h"
#include "mime/result.h"

namespace privet::mime {

/// Why the copy never arrived.
enum class NoticeReason {
  Refused,  ///< the upstream said no for good
  Expired,  ///< it did not say yes in time
};

struct NoticeFacts {
  /// Address in From: an address of the operator's own, or, where a login may only send as itself, the
  /// sender's, who then writes to himself. The envelope's sender is <> either way.
  std::string from;
  std::string to;             ///< address of the sender of the original
  std::string date;           ///< RFC 5322 date-time of the notice
  std::string message_id;     ///< "<id@domain>" of the notice, random: its boundary is made of it
  std::string reporting_mta;  ///< our host name
  std::string copy_id;        ///< as in the log, for the administrator
  std::string recipient;      ///< the CRM's address
  NoticeReason reason = NoticeReason::Refused;
  std::string reply;             ///< last one of the upstream, as one line; "" when it never answered
  std::string_view copy_header;  ///< header section of the copy, never of the original
};

/// The content of the notice, lines ending with CRLF. Errors: `from`, `to` or `recipient` is no address,
/// `from` or `to` longer than a line should hold (limits::kNoticeValueBytes), `message_id` is none,
/// `copy_header` is no header.
Result<std::string> make_notice(const NoticeFacts& facts);

/// False where a notice could answer a machine, and another machine the notice: for the reverse-path <> (""),
/// and for an original with Auto-Submitted other than "no", Precedence bulk, list or junk, or List-Id
/// (RFC 3834 2 and 5.1).
bool may_notify(const Header& original, std::string_view reverse_path);

}  // namespace privet::mime
