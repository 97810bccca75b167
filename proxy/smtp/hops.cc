#include "proxy/smtp/hops.h"

#include "mime/ascii.h"

namespace privet::smtp {

namespace {

constexpr std::string_view kReceived = "received";

}  // namespace

void HopCounter::add(std::string_view piece) {
  while (!piece.empty() && state_ != State::Body) {
    if (state_ == State::Name) {
      takes(piece.front()) ? piece.remove_prefix(1) : void(state_ = State::Line);
      continue;
    }
    const std::size_t end = piece.find('\n');
    if (end == std::string_view::npos) return;
    piece.remove_prefix(end + 1);
    state_ = State::Name;
    matched_ = 0;
  }
}

// False where the line turns out to be another field.
bool HopCounter::takes(char c) {
  if (matched_ == 0 && (c == '\r' || c == '\n')) {
    state_ = State::Body;
    return true;
  }
  if (matched_ < kReceived.size()) return mime::to_lower(c) == kReceived[matched_] && ++matched_ > 0;
  if (c == ':') ++hops_;
  return c == ' ' || c == '\t';  // RFC 5322 4.5: blanks in front of the colon
}

}  // namespace privet::smtp
