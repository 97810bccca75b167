// One copy in the spool as bytes of one file, and back. Pure.
//
// The file (format 1; README.md of this folder shows one):
//   privet-copy 1 HEAD-SIZE HEAD-SHA256 CONTENT-SIZE CONTENT-SHA256 LF    sizes in decimal, digests in hex
//   HEAD-SIZE bytes of JSON, one object, its last byte an LF              who, to whom, why, until when
//   CONTENT-SIZE bytes                                                   the copy as the CRM gets it
//   lines "EVENT CHECK TIME TEXT" LF, appended while it is under way     what was tried and what was answered
// CHECK is the first 8 digits of the SHA-256 of "EVENT TIME TEXT". A file that does not check is torn or
// foreign: it is never delivered. A line that does not check was being written when the power went, and is
// left out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mime/result.h"

namespace privet::spool {

/// Seconds of the wall clock since 1970.
using Time = std::int64_t;

enum class Kind {
  Copy,    ///< a CRM's rendition of a message
  Notice,  ///< what the sender is told when a copy never arrived; itself never reported
};

/// Everything that is needed to deliver a copy later, but its content. Texts are UTF-8 without controls, as
/// the session's codecs make sure.
struct Record {
  std::string id;  ///< name of its file
  Kind kind = Kind::Copy;
  std::string tenant;
  std::string user;             ///< login, lower case; "" for a client that needed none
  std::string reverse_path;     ///< of MAIL; "" for <>
  std::string recipient;        ///< byte-exact as the client named it
  std::string mail_parameters;  ///< as they stand on the wire: "BODY=8BITMIME SMTPUTF8"
  std::string rcpt_parameters;  ///< "NOTIFY=FAILURE"
  std::string verdict;
  std::string rule;
  std::string key;      ///< duplicate key, hex; "" for a notice
  bool notify = false;  ///< the sender is told when it never arrives
  Time created = 0;
  Time expires = 0;

  bool operator==(const Record&) const = default;
};

/// What happened to a copy after it was committed.
struct Event {
  enum class What {
    Tried,  ///< the upstream said no for now, or was lost before the final dot
    Maybe,  ///< lost behind the final dot: it may have arrived
    Held,   ///< an administrator holds it
    Released,
  };
  What what = What::Tried;
  Time time = 0;
  std::string text;  ///< one line: the reply, controls replaced

  bool operator==(const Event&) const = default;
};

/// The first two parts of a file for content of `content_size` bytes with this digest. What is not UTF-8 is
/// replaced, and the file then says something else than the record.
std::string write_head(const Record& record, std::uint64_t content_size, std::string_view content_sha256_hex);
/// One line; its text is cut at limits::kReplyLineKept.
std::string write_event(const Event& event);

struct Parsed {
  Record record;
  std::uint64_t content_offset = 0;
  std::uint64_t content_size = 0;
  std::string content_sha256;  ///< hex, not compared yet
  std::vector<Event> events;
};

/// Reads a file's bytes. The error says what is wrong; `check_content` compares the content's digest too.
Result<Parsed> parse_record(std::string_view file, bool check_content);
/// The same without events and content, of the first limits::kSpoolHead bytes (or all) of a file of
/// `file_size`.
Result<Parsed> parse_head(std::string_view beginning, std::uint64_t file_size);
/// What stands behind the content.
std::vector<Event> parse_events(std::string_view tail);

/// Lower-case hex of the SHA-256 of `bytes`.
std::string sha256_hex(std::string_view bytes);

/// True for what new ids look like: 1 to 40 of [0-9A-Za-z]. File names from elsewhere are checked with it.
bool is_id(std::string_view text);

}  // namespace privet::spool
