#include "proxy/imap/response_frame.h"

#include <algorithm>

#include "proxy/imap/response_reader.h"

namespace privet::imap {

ResponseFramer::Step ResponseFramer::stop(std::size_t used, Framing state) {
  state_ = state;
  return {used, state};
}

void ResponseFramer::begin() {
  if (kept_.capacity() > limits::kImapFramerKept) {
    kept_ = {};
  } else {
    kept_.clear();
  }
  streamed_.clear();
  line_ = 0;
}

ResponseFramer::Step ResponseFramer::feed(std::string_view bytes) {
  if (state_ == Framing::Literal || state_ == Framing::Broken) return {0, state_};
  if (state_ == Framing::Complete) begin();

  // A response that began in earlier bytes grows in kept_, any other is looked at where it is.
  const std::size_t before = kept_.size();
  std::size_t copied = 0;
  for (std::size_t at = 0;;) {
    const std::size_t literal = std::min(literal_left_, bytes.size() - at);
    literal_left_ -= literal;
    const std::size_t end = bytes.find('\n', at + literal);
    const bool whole = end != std::string_view::npos;
    at = whole ? end + 1 : bytes.size();

    const std::size_t size = before + at;
    const std::size_t line = size > line_ ? size - line_ : 0;
    if (size > limits::kImapResponse || line > limits::kImapResponseLine) return stop(at, Framing::Broken);
    if (before > 0 || !whole) {
      kept_.append(bytes.substr(copied, at - copied));
      copied = at;
    }
    if (!whole) return stop(at, Framing::NeedMore);
    const Framing state = end_line(before > 0 ? std::string_view(kept_) : bytes.substr(0, at));
    if (state != Framing::NeedMore) return stop(at, state);
  }
}

Framing ResponseFramer::end_line(std::string_view response) {
  std::string_view line = response.substr(line_);
  const bool first = line_ == 0;
  line.remove_suffix(1);
  const bool bare = !line.ends_with('\r');
  if (!bare) line.remove_suffix(1);

  const std::optional<AnnouncedLiteral> literal = literal_at_end(line);
  if (!literal || (first && is_status_line(line))) {
    text_ = response.substr(0, line_ + line.size());
    return Framing::Complete;
  }
  if (bare || literal->impossible) return Framing::Broken;
  line_ = response.size();
  if (literal->size <= literal_cap_) {
    literal_left_ = static_cast<std::size_t>(literal->size);
    line_ += literal_left_;
    return Framing::NeedMore;
  }
  if (kept_.empty()) kept_ = response;
  text_ = kept_;
  streamed_.push_back(text_.size());
  literal_size_ = literal->size;
  return Framing::Literal;
}

void ResponseFramer::literal_done() {
  if (state_ == Framing::Literal) state_ = Framing::NeedMore;
}

}  // namespace privet::imap
