// envelope_of, sections and header search of any header: the envelope is balanced, has no line end outside
// literals, and each string in it stands in the header, byte by byte in order, but for what marks a missing
// part; the two halves of a selection have all fields; ranges put together are the whole; an address that is
// not there is not found.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mime/charset.h"
#include "proxy/imap/address_list.h"
#include "proxy/imap/envelope.h"
#include "proxy/imap/header_search.h"
#include "proxy/imap/section.h"

namespace {

using namespace privet::imap;

void require(bool holds) {
  if (!holds) __builtin_trap();
}

/// Strings of an envelope; traps when it is not balanced.
std::vector<std::string> strings_of(std::string_view envelope) {
  std::vector<std::string> strings;
  int depth = 0;
  for (std::size_t i = 0; i < envelope.size(); ++i) {
    const char c = envelope[i];
    require(c != '\r' && c != '\n');
    if (c == '(') ++depth;
    if (c == ')') require(--depth >= 0 && (depth > 0 || i + 1 == envelope.size()));
    if (c == '"') {
      std::string text;
      for (++i; envelope.at(i) != '"'; ++i) {
        if (envelope[i] == '\\') ++i;
        require(envelope.at(i) != '\r' && envelope[i] != '\n' &&
                static_cast<unsigned char>(envelope[i]) < 0x80);
        text += envelope[i];
      }
      strings.push_back(text);
    }
    if (c == '{') {
      const std::size_t end = envelope.find("}\r\n", i);
      const std::size_t size = std::stoul(std::string(envelope.substr(i + 1, end - i - 1)));
      require(end + 3 + size < envelope.size());
      strings.emplace_back(envelope.substr(end + 3, size));
      i = end + 2 + size;
    }
  }
  require(depth == 0);
  return strings;
}

/// Whether the bytes of `text` stand in `header` in this order; blanks and the comma of a route may be ours.
bool comes_from(std::string_view text, std::string_view header) {
  std::size_t at = 0;
  for (const char c : text) {
    if (c == ' ' || c == ',') continue;
    at = header.find(c, at);
    if (at == std::string_view::npos) return false;
    ++at;
  }
  return true;
}

void check_envelope(std::string_view header) {
  std::string known;
  for (const char c : header) {
    if (c == '\0') {
      known += privet::mime::kReplacement;
    } else {
      known += c;
    }
  }
  for (const std::string& text : strings_of(envelope_of(header))) {
    const bool mark =
        text == kMissingMailbox || text == kMissingDomain || text == kSyntaxError || text == kInvalidRoute;
    require(mark || comes_from(text, known));
  }
}

void check_sections(std::string_view header) {
  const std::vector<std::string> names{"To", "subject", "X"};
  const std::string named = select_fields(header, names, Fields::Named);
  const std::string others = select_fields(header, names, Fields::NotNamed);
  require(named.ends_with("\r\n"));
  require(named.size() + others.size() <= header.size() + 4);
  for (std::uint64_t origin = 0; origin < 40; origin += 7) {
    const StreamRange range = stream_range(header, Partial{origin, 11});
    require(range.header == header.substr(std::min<std::size_t>(origin, header.size()), 11));
    require(range.text == (range.header.size() < 11));
    if (range.text) require(range.text_partial->count + range.header.size() == 11);
  }
}

void check_search(std::string_view header) {
  SearchKey key;
  key.text = "canary@privet.test";
  for (const auto kind : {SearchKey::Kind::To, SearchKey::Kind::Subject, SearchKey::Kind::Text}) {
    key.kind = kind;
    const HeaderPredicate predicate(key);
    const bool found = predicate.matches(header);
    if (!header.contains('@') && !header.contains("=?")) require(!found);
    const bool continues = header.starts_with(' ') || header.starts_with('\t');
    if (kind == SearchKey::Kind::To && !continues)
      require(predicate.matches("To: canary@privet.test\r\n" + std::string(header)));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view header(reinterpret_cast<const char*>(data), size);
  check_envelope(header);
  check_sections(header);
  check_search(header);
  return 0;
}
