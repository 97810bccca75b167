#include "proxy/imap/command_frame.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "mime/ascii.h"
#include "proxy/imap/command.h"
#include "proxy/imap/command_reader.h"
#include "proxy/sasl.h"

namespace privet::imap {
namespace {

constexpr std::string_view kLineEnds("\r\n\0", 3);
constexpr std::size_t kAnnouncement = 64;  // of "{n+}": 20 digits, and zeros before them
constexpr std::uint64_t kNoSize = std::numeric_limits<std::uint64_t>::max();

struct Announcement {
  std::uint64_t size;  ///< kNoSize: none that can be read
  bool waits;
};

/// As much of the end of a line as what it announces may take.
std::string_view last_of(std::string_view line) {
  return line.substr(line.size() - std::min(line.size(), kAnnouncement));
}

/// What a line announces with its end.
std::optional<Announcement> announced(std::string_view line) {
  if (!line.ends_with('}')) return std::nullopt;
  line.remove_suffix(1);
  const bool waits = !line.ends_with('+');
  if (!waits) line.remove_suffix(1);
  const std::size_t brace = line.find_last_not_of("0123456789");
  const std::string_view digits = line.substr(brace + 1);
  if (brace == std::string_view::npos || line[brace] != '{') {
    // Longer than what is kept of a dropped line, or no announcement.
    const bool cut = brace == std::string_view::npos && !waits && digits.size() + 2 >= kAnnouncement;
    return cut ? std::optional(Announcement{kNoSize, false}) : std::nullopt;
  }
  if (digits.empty()) return std::nullopt;
  Announcement announcement{0, waits};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), announcement.size);
  if (error != std::errc()) announcement.size = kNoSize;
  return announcement;
}

}  // namespace

CommandFramer::~CommandFramer() {
  wipe(frame_);
  wipe(tail_);
}

void CommandFramer::clear() {
  wipe(frame_);
  wipe(tail_);
  if (frame_.capacity() > limits::kImapFramerKept) frame_ = std::string();
  line_ = literals_ = dropped_ = 0;
  message_ = waits_ = false;
  left_ = 0;
  refusal_ = {};
}

/// A string that grows by itself would leave its old bytes behind.
void CommandFramer::append(std::string_view bytes) {
  const std::size_t needed = frame_.size() + bytes.size();
  if (needed > frame_.capacity()) {
    std::string larger;
    larger.reserve(std::max({needed, 2 * frame_.capacity(), limits::kSecretRoom}));
    larger = std::string_view(frame_);
    wipe(frame_);
    frame_.swap(larger);
  }
  frame_ += bytes;
}

CommandFramer::Step CommandFramer::feed(std::string_view bytes) {
  std::size_t used = 0;
  while (used < bytes.size()) {
    const std::string_view rest = bytes.substr(used);
    const std::size_t octets = static_cast<std::size_t>(std::min<std::uint64_t>(left_, rest.size()));
    Step step;
    switch (state_) {
      case State::Start:
        clear();
        state_ = State::Line;
        continue;
      case State::Line:
      case State::DroppedLine:
        step = feed_line(rest);
        break;
      case State::Literal:
        append(rest.substr(0, octets));
        [[fallthrough]];
      case State::DroppedLiteral:
        left_ -= octets;
        if (left_ == 0) state_ = state_ == State::Literal ? State::Line : State::DroppedLine;
        step.used = octets;
        break;
      case State::Message:
        left_ -= octets;
        if (left_ == 0) state_ = State::MessageEnd;
        return {used + octets, Event::Octets};
      case State::MessageEnd:
        step = end_message(rest);
        break;
      case State::Asked:
        return {used, Event::NeedMore};
      case State::Broken:
        return {used, Event::Broken};
    }
    used += step.used;
    if (step.event != Event::NeedMore) return {used, step.event};
  }
  return {used, Event::NeedMore};
}

CommandFramer::Step CommandFramer::feed_line(std::string_view bytes) {
  const bool dropped = state_ == State::DroppedLine;
  if (after_return_) {
    if (bytes.front() != '\n') return break_with("CR without LF", 0);
    after_return_ = false;
    return end_line(1);
  }
  const std::size_t text = std::min(bytes.find_first_of(kLineEnds), bytes.size());
  if (dropped) {
    dropped_ += text;
    if (dropped_ > limits::kImapDropped) return break_with("Command too long", text);
    tail_ += last_of(bytes.substr(0, text));
    tail_.erase(0, tail_.size() - last_of(tail_).size());
  } else {
    const std::size_t room = limits_.line - std::min(limits_.line, line_);
    append(bytes.substr(0, std::min(text, room)));
    line_ += std::min(text, room);
    if (text > room) {
      tail_ = last_of(frame_);
      state_ = State::DroppedLine;
      return refuse_with("Command too long", room);
    }
  }
  if (text == bytes.size()) return {text, Event::NeedMore};
  if (bytes[text] != '\r') return break_with("LF or NUL in a command", text);
  after_return_ = true;
  return {text + 1, Event::NeedMore};
}

CommandFramer::Step CommandFramer::end_line(std::size_t used) {
  const bool dropped = state_ == State::DroppedLine;
  const auto literal = plain_ ? std::nullopt : announced(dropped ? tail_ : frame_);
  if (!literal || (dropped && literal->waits)) {
    plain_ = false;
    state_ = State::Start;
    return {used, dropped ? Event::NeedMore : Event::Command};
  }
  tail_.clear();
  left_ = literal->size;
  waits_ = literal->waits;
  if (dropped) return drop_literal() ? Step{used} : break_with("Literal too large", used);

  const bool too_large = waits_ ? left_ == kNoSize : left_ > limits::kImapLiteralMinus;
  message_ = is_message();
  const std::size_t room = limits_.literals - std::min(limits_.literals, literals_);
  if (too_large || (!message_ && left_ > room)) {
    return drop_command() ? refuse_with("Literal too large", used) : break_with("Literal too large", used);
  }
  state_ = State::Asked;
  if (message_) return {used, Event::Message};
  if (waits_) return {used, Event::Literal};
  accept();
  return {used, Event::NeedMore};
}

CommandFramer::Step CommandFramer::end_message(std::string_view bytes) {
  if (after_return_ && bytes.front() == '\n') {
    after_return_ = false;
    state_ = State::Start;
    return {1, Event::Command};
  }
  if (after_return_) return break_with("CR without LF", 0);
  if (bytes.front() == '\r') {
    after_return_ = true;
    return {1, Event::NeedMore};
  }
  state_ = State::DroppedLine;
  return refuse_with("Nothing may follow the message", 0);
}

/// The literal of an APPEND that is not its mailbox's name.
bool CommandFramer::is_message() const {
  const std::string_view frame = frame_;
  CommandReader reader(frame.substr(read_tag(frame).size()));
  return reader.blank() && reader.word("APPEND") && reader.blank() &&
         (reader.peek() != '{' || frame.contains('\n'));
}

void CommandFramer::accept() {
  if (state_ != State::Asked) return;
  if (message_) {
    state_ = left_ == 0 ? State::MessageEnd : State::Message;
    return;
  }
  literals_ += static_cast<std::size_t>(left_);
  append("\r\n");
  state_ = left_ == 0 ? State::Line : State::Literal;
}

void CommandFramer::refuse() {
  if (state_ == State::Asked && !drop_command()) break_with("Literal too large", 0);
}

/// Nothing more comes of a command whose client waits in vain.
bool CommandFramer::drop_command() {
  if (!waits_) return drop_literal();
  state_ = State::Start;
  return true;
}

bool CommandFramer::drop_literal() {
  if (left_ > limits::kImapDropped - std::min(dropped_, limits::kImapDropped)) return false;
  dropped_ += static_cast<std::size_t>(left_);
  state_ = left_ == 0 ? State::DroppedLine : State::DroppedLiteral;
  return true;
}

CommandFramer::Step CommandFramer::refuse_with(std::string_view why, std::size_t used) {
  refusal_ = why;
  return {used, Event::Refused};
}

CommandFramer::Step CommandFramer::break_with(std::string_view why, std::size_t used) {
  refusal_ = why;
  state_ = State::Broken;
  return {used, Event::Broken};
}

}  // namespace privet::imap
