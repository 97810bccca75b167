// A hostile upstream's bytes are cut the same however they come, and a FETCH whose literals were streamed
// says the same of everything else as one whose literals were kept.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "proxy/imap/response.h"
#include "proxy/imap/response_frame.h"

namespace {

using namespace privet::imap;

struct Event {
  Framing state;
  std::string text;
  std::vector<std::size_t> streamed;
  std::string literal;
  bool operator==(const Event&) const = default;
};

/// Cuts `wire` in pieces whose sizes are the bytes of `sizes`, over and over.
std::vector<Event> cut(std::string_view wire, std::string_view sizes, std::size_t cap) {
  ResponseFramer framer(cap);
  std::vector<Event> events;
  for (std::size_t turn = 0; !wire.empty(); ++turn) {
    const std::size_t size =
        sizes.empty() ? wire.size() : 1 + static_cast<unsigned char>(sizes[turn % sizes.size()]);
    const std::string bytes(wire.substr(0, size));
    const auto [used, state] = framer.feed(bytes);
    if (used > bytes.size()) __builtin_trap();
    if (state == Framing::NeedMore && used != bytes.size()) __builtin_trap();
    wire.remove_prefix(used);
    if (state == Framing::NeedMore) continue;
    const Frame frame = framer.frame();
    events.push_back({.state = state, .text = {}, .streamed = {}, .literal = {}});
    if (state == Framing::Broken) return events;
    events.back().text = frame.text;
    events.back().streamed.assign(frame.streamed.begin(), frame.streamed.end());
    if (state == Framing::Complete) continue;
    if (framer.literal_size() <= cap) __builtin_trap();
    events.back().literal = wire.substr(0, std::min<std::uint64_t>(framer.literal_size(), wire.size()));
    wire.remove_prefix(events.back().literal.size());
    framer.literal_done();
  }
  return events;
}

/// The FETCH responses among `events`, nothing for others.
std::vector<std::optional<Fetch>> fetches(const std::vector<Event>& events) {
  std::vector<std::optional<Fetch>> all;
  for (const Event& event : events) {
    if (event.state != Framing::Complete) continue;
    privet::Result<Response> response = parse_response({event.text, event.streamed});
    const bool fetch = response && std::holds_alternative<Fetch>(*response);
    all.push_back(fetch ? std::optional(std::get<Fetch>(*std::move(response))) : std::nullopt);
  }
  return all;
}

void check_same(const FetchData& kept, const FetchData& streamed) {
  if (kept.sections.size() != streamed.sections.size()) __builtin_trap();
  for (std::size_t i = 0; i < kept.sections.size(); ++i) {
    const FetchedSection& a = kept.sections[i];
    const FetchedSection& b = streamed.sections[i];
    if (a.item != b.item || a.spec != b.spec || a.origin != b.origin || a.size != b.size) __builtin_trap();
    if (b.content != FetchedSection::Content::Streamed && a.bytes != b.bytes) __builtin_trap();
  }
  // What would have a hole is left out.
  if (streamed.modseq && kept.modseq != streamed.modseq) __builtin_trap();
  if (streamed.rfc822_size && kept.rfc822_size != streamed.rfc822_size) __builtin_trap();
  if (streamed.internal_date && kept.internal_date != streamed.internal_date) __builtin_trap();
  if (streamed.flags && kept.flags != streamed.flags) __builtin_trap();
  if (streamed.envelope && kept.envelope != streamed.envelope) __builtin_trap();
  if (streamed.body && kept.body != streamed.body) __builtin_trap();
  if (streamed.body_structure && kept.body_structure != streamed.body_structure) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kSizes = 4;
  constexpr std::size_t kSmall = 5;
  constexpr std::size_t kLarge = 64 * 1024;
  if (size < kSizes) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string_view sizes = input.substr(0, kSizes);
  const std::string_view wire = input.substr(kSizes);

  const std::vector<Event> streamed = cut(wire, {}, kSmall);
  if (cut(wire, sizes, kSmall) != streamed) __builtin_trap();
  const std::vector<Event> kept = cut(wire, {}, kLarge);
  if (cut(wire, std::string_view("\0", 1), kLarge) != kept) __builtin_trap();

  for (const Event& event : streamed) {
    if (event.state != Framing::Literal) continue;
    const auto fetch = fetch_before_literal({event.text, event.streamed});
    if (fetch && fetch->data.sections.back().content != FetchedSection::Content::Streamed) __builtin_trap();
  }
  const auto some = fetches(streamed);
  const auto all = fetches(kept);
  for (std::size_t i = 0; i < std::min(some.size(), all.size()); ++i) {
    if (some[i] && !all[i]) __builtin_trap();
    if (some[i]) check_same(all[i]->data, some[i]->data);
  }
  return 0;
}
