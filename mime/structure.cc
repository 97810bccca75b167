#include "mime/structure.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "mime/ascii.h"
#include "mime/limits.h"
#include "mime/transfer_encoding.h"

namespace privet::mime {
namespace {

bool is_multipart(const Part& part) {
  return part.content_type.type.starts_with("multipart/");
}

bool holds_message(const Part& part) {
  constexpr std::array<std::string_view, 3> kTypes{"message/rfc822", "message/global", "message/news"};
  return std::ranges::count(kTypes, part.content_type.type) > 0;
}

/// Types of messages that are looked into as text, or known to be refused there. Some readers take every
/// other message/... for a message like any other, some for a file.
bool is_known_message_type(std::string_view type) {
  constexpr auto kTypes = std::to_array<std::string_view>(
      {"message/delivery-status", "message/disposition-notification", "message/feedback-report",
       "message/global-delivery-status", "message/global-disposition-notification", "message/global-headers",
       "message/partial", "message/external-body"});
  return std::ranges::count(kTypes, type) > 0;
}

bool is_encoded(const Part& part) {
  return part.transfer_encoding == "base64" || part.transfer_encoding == "quoted-printable";
}

bool is_boundary(std::string_view text) {
  if (text.empty() || text.size() > limits::kBoundaryBytes) return false;
  if (text.front() == ' ' || text.back() == ' ') return false;
  if (std::string_view("<'").contains(text.front())) return false;  // some readers strip these like quotes
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 0x7f && c != '"' && c != '\\'; });
}

/// What the fields of a part say about its body; `part.header` and `part.content_type` (its default) are set.
std::optional<Error> read_content_fields(Part& part) {
  for (const char* name : {"Content-Type", "Content-Transfer-Encoding", "Content-Disposition"}) {
    if (part.header.count(name) > 1) return Error{std::string(name) + " is repeated in one part"};
  }
  if (const Field* field = part.header.find("Content-Type")) {
    Result<ContentType> type = parse_content_type(field->value);
    if (!type) return std::move(type.error());
    if (type->type == "text") type->type = "text/plain";  // old Unix mailers; RFC 2045 5.2 says the same
    if (!type->type.contains('/')) return Error{"Content-Type has no subtype"};
    part.content_type = std::move(*type);
    if (part.content_type.type.starts_with("message/") && !holds_message(part) &&
        !is_known_message_type(part.content_type.type)) {
      return Error{"a part is an unknown kind of message"};
    }
  }
  if (const Field* field = part.header.find("Content-Transfer-Encoding")) {
    part.transfer_encoding = to_lower(trim(field->value));
    constexpr std::array<std::string_view, 5> kKnown{"7bit", "8bit", "binary", "base64", "quoted-printable"};
    if (std::ranges::count(kKnown, part.transfer_encoding) == 0)
      return Error{"unknown Content-Transfer-Encoding"};
  }
  if (!is_multipart(part)) return std::nullopt;
  if (!is_boundary(part.content_type.parameter("boundary")))
    return Error{"a multipart has no usable boundary"};
  return std::nullopt;
}

/// RFC 2045 6.4 forbids it and most readers ignore it. The others see the same only where there is nothing to
/// decode.
std::optional<Error> check_encoded_multipart(const Part& part, std::string_view body) {
  if (!is_multipart(part) || !is_encoded(part)) return std::nullopt;
  // Further in, each level would read the rest of the message once more.
  if (part.depth == 0 && part.transfer_encoding == "quoted-printable" && is_plain_quoted_printable(body))
    return std::nullopt;
  return Error{"a multipart must not be base64 or quoted-printable"};
}

/// A header in which no reader finds an early end.
std::optional<Error> check_tidy(const Header& header) {
  for (const Field& field : header.fields()) {
    if (tidied(field.raw) != field.raw)
      return Error{"a field of a part has blanks before its colon or a line of blanks only"};
  }
  return std::nullopt;
}

/// Reads one document (the content, or a decoded nested message) in a single pass over its lines, however
/// deep it nests.
class DocumentReader {
 public:
  DocumentReader(Structure& structure, std::string_view bytes) : structure_(structure), bytes_(bytes) {}

  /// Reads the content: the root becomes part 0.
  std::optional<Error> read_content();
  /// Reads a decoded message below the part `parent`.
  std::optional<Error> read_nested(std::size_t parent);

 private:
  /// A part whose end has not been seen. Index 0 is the outermost.
  struct Open {
    std::size_t part;
    std::size_t body_begin;
    std::string boundary;    // empty unless multipart
    bool has_parts = false;  // a delimiter was seen
    bool extends = false;    // the boundary begins with one around it
    bool closed = false;     // the close delimiter was seen
    std::size_t epilogue_begin = 0;
  };
  /// A header section that has begun and not ended.
  struct Pending {
    std::size_t begin;
    std::size_t parent;
  };

  std::optional<Error> scan(std::size_t at);
  std::optional<Error> line(std::size_t begin, std::string_view text);
  bool begins_like_a_boundary(std::string_view text) const;
  std::optional<Error> boundary_line(std::size_t begin, std::string_view text);
  std::optional<Error> open_part(std::size_t body_begin);
  std::optional<Error> enter(Part part, std::size_t body_begin);
  std::optional<Error> close_above(std::size_t count, std::size_t end);

  Structure& structure_;
  std::string_view bytes_;
  std::vector<Open> open_;
  std::map<std::string, std::size_t, std::less<>> levels_;  // open boundary -> index into open_
  std::set<std::string, std::less<>> roots_;                // those of levels_ that extend no other
  std::optional<Pending> pending_;
  std::size_t next_line_ = 0;
};

std::optional<Error> DocumentReader::read_content() {
  Result<Header> header = Header::parse(bytes_);
  if (!header) return std::move(header.error());
  const std::string_view body = header->body();
  const std::size_t begin =
      body.empty() ? bytes_.size() : static_cast<std::size_t>(body.data() - bytes_.data());
  Part root;
  root.header = std::move(*header);
  root.is_message = true;
  if (auto error = read_content_fields(root)) return error;
  if (auto error = check_encoded_multipart(root, body)) return error;
  if (auto error = enter(std::move(root), begin)) return error;
  return scan(begin);
}

std::optional<Error> DocumentReader::read_nested(std::size_t parent) {
  pending_ = Pending{0, parent};
  return scan(0);
}

std::optional<Error> DocumentReader::scan(std::size_t at) {
  if (bytes_.contains('\0')) return Error{"the message contains a NUL byte"};
  while (at < bytes_.size()) {
    const std::size_t feed = bytes_.find('\n', at);
    const std::size_t next = feed == bytes_.npos ? bytes_.size() : feed + 1;
    std::string_view text = bytes_.substr(at, next - at);
    if (feed != bytes_.npos) {
      text.remove_suffix(1);
      if (!text.ends_with('\r')) return Error{"the body contains a bare line feed"};
      text.remove_suffix(1);
    }
    if (text.contains('\r')) return Error{"the body contains a bare carriage return"};
    next_line_ = next;
    if (auto error = line(at, text)) return error;
    at = next;
  }
  if (pending_) return Error{"a part or nested message ends inside its header"};
  return close_above(0, bytes_.size());
}

std::optional<Error> DocumentReader::line(std::size_t begin, std::string_view text) {
  if (text.starts_with("--") && begins_like_a_boundary(text.substr(2)))
    return boundary_line(begin, text.substr(2));
  if (pending_ && text.empty()) return open_part(begin + 2);
  return std::nullopt;
}

bool DocumentReader::begins_like_a_boundary(std::string_view text) const {
  // No root is a prefix of another, so only the greatest one not above the line can begin it.
  const auto above = roots_.upper_bound(text);
  return above != roots_.begin() && text.starts_with(*std::prev(above));
}

std::optional<Error> DocumentReader::boundary_line(std::size_t begin, std::string_view text) {
  text = text.substr(0, text.find_last_not_of(kBlanks) + 1);
  auto found = levels_.find(text);
  const bool closes = found == levels_.end() && text.ends_with("--");
  if (closes) found = levels_.find(text.substr(0, text.size() - 2));
  if (found == levels_.end()) return Error{"a line begins like a boundary and is none"};
  const std::size_t level = found->second;
  // Nothing at all stands before the boundary; a nested message that begins there too is as empty.
  while (pending_) {
    if (pending_->begin != begin) return Error{"a part has no empty line behind its header"};
    if (auto error = open_part(begin)) return error;
  }
  if (auto error = close_above(level + 1, begin - 2)) return error;
  Open& multipart = open_[level];
  if (multipart.closed) return Error{"a boundary is repeated behind the end of its multipart"};
  if (closes) {
    if (!multipart.has_parts) return Error{"a multipart has no parts"};
    multipart.closed = true;
    multipart.epilogue_begin = next_line_;
    return std::nullopt;
  }
  multipart.has_parts = true;
  pending_ = Pending{next_line_, multipart.part};
  return std::nullopt;
}

std::optional<Error> DocumentReader::open_part(std::size_t body_begin) {
  const Pending pending = *pending_;
  pending_.reset();
  Result<Header> header = Header::parse(bytes_.substr(pending.begin, body_begin - pending.begin));
  if (!header) return std::move(header.error());
  if (auto error = check_tidy(*header)) return error;
  const Part& parent = structure_.parts[pending.parent];
  Part part;
  part.header = std::move(*header);
  part.parent = pending.parent;
  part.depth = parent.depth + 1;
  part.is_message = holds_message(parent);
  if (parent.content_type.type == "multipart/digest") part.content_type.type = "message/rfc822";
  if (auto error = read_content_fields(part)) return error;
  if (auto error = check_encoded_multipart(part, {})) return error;
  return enter(std::move(part), body_begin);
}

std::optional<Error> DocumentReader::enter(Part part, std::size_t body_begin) {
  if (part.depth > limits::kMimeDepth)
    return Error{"parts nest deeper than " + std::to_string(limits::kMimeDepth)};
  if (structure_.parts.size() == limits::kMimeParts) {
    return Error{"more than " + std::to_string(limits::kMimeParts) + " parts"};
  }
  Open open{.part = structure_.parts.size(), .body_begin = body_begin, .boundary = {}};
  if (is_multipart(part)) {
    open.boundary = part.content_type.parameter("boundary");
    const auto above = levels_.lower_bound(open.boundary);
    const bool is_prefix = above != levels_.end() && above->first.starts_with(open.boundary);
    std::string_view opened = open.boundary;  // by the line that ends this
    if (opened.ends_with("--")) opened.remove_suffix(2);
    if (is_prefix || (opened != open.boundary && levels_.contains(opened)))
      return Error{"a boundary can be taken for one around it"};
    open.extends = begins_like_a_boundary(open.boundary);
    if (!open.extends) roots_.insert(open.boundary);
    levels_.emplace(open.boundary, open_.size());
  } else if (holds_message(part) && !is_encoded(part)) {
    pending_ = Pending{body_begin, open.part};
  }
  structure_.parts.push_back(std::move(part));
  open_.push_back(std::move(open));
  return std::nullopt;
}

std::optional<Error> DocumentReader::close_above(std::size_t count, std::size_t end) {
  for (; open_.size() > count; open_.pop_back()) {
    const Open& open = open_.back();
    if (!open.boundary.empty()) {
      if (!open.has_parts) return Error{"a multipart has no parts"};
      // A reader who only looks how a line begins takes this epilogue for a part of the multipart around it.
      if (open.extends && open.closed && open.epilogue_begin < end &&
          !trim(bytes_.substr(open.epilogue_begin, end - open.epilogue_begin)).empty()) {
        return Error{"text stands between two boundaries that begin alike"};
      }
      levels_.erase(open.boundary);
      roots_.erase(open.boundary);
    }
    // The empty line behind a header can be the line break that belongs to the boundary: then there is no
    // body.
    const std::size_t begin = std::min(open.body_begin, end);
    structure_.parts[open.part].body = bytes_.substr(begin, end - begin);
  }
  return std::nullopt;
}

}  // namespace

Result<Structure> parse_structure(std::string_view content) {
  Structure structure;
  if (auto error = DocumentReader(structure, content).read_content())
    return std::unexpected(std::move(*error));
  std::size_t decoded_bytes = 0;
  for (std::size_t i = 0; i < structure.parts.size(); ++i) {
    const Part& part = structure.parts[i];
    if (!holds_message(part) || !is_encoded(part)) continue;
    Result<std::string> bytes =
        part.transfer_encoding == "base64" ? decode_base64(part.body) : decode_quoted_printable(part.body);
    if (!bytes) return std::unexpected(std::move(bytes.error()));
    decoded_bytes += bytes->size();
    if (decoded_bytes > content.size())
      return failure("nested messages decode to more than the message itself");
    structure.storage.push_back(std::make_unique<std::string>(std::move(*bytes)));
    const std::string_view nested = *structure.storage.back();
    if (auto error = DocumentReader(structure, nested).read_nested(i))
      return std::unexpected(std::move(*error));
  }
  return structure;
}

Result<std::string> decode_body(const Part& part) {
  if (part.transfer_encoding == "base64") return read_base64(part.body);
  if (part.transfer_encoding == "quoted-printable") return read_quoted_printable(part.body);
  constexpr std::array<std::string_view, 3> kIdentity{"7bit", "8bit", "binary"};
  if (std::ranges::count(kIdentity, part.transfer_encoding) > 0) return std::string(part.body);
  return failure("unknown Content-Transfer-Encoding");
}

}  // namespace privet::mime
