#include "mime/address.h"

#include <algorithm>
#include <span>
#include <utility>

#include "mime/address_tokens.h"
#include "mime/ascii.h"
#include "mime/charset.h"
#include "mime/domain.h"
#include "mime/encoded_word.h"
#include "mime/limits.h"

namespace privet::mime {
namespace {

using Item = std::span<const Token>;

constexpr std::string_view kUnusualForm = "address in an unusual form";

/// True for "[192.0.2.1]" and "[IPv6:2001:db8::1]"; anything else in brackets may be the name of a host.
bool is_ip_literal(std::string_view literal) {
  constexpr std::string_view kV6 = "[ipv6:";
  if (starts_with_ignoring_case(literal, kV6)) return true;
  return literal.find_first_not_of("[0123456789.]") == literal.npos;
}

bool is_ignorable(const Token& token) {
  return token.kind == TokenKind::Blank || token.kind == TokenKind::Comment;
}
bool is_blank(const Token& token) {
  return token.kind == TokenKind::Blank;
}
bool is_at(const Token& token) {
  return token.kind == TokenKind::At;
}

Item trim(Item item) {
  while (!item.empty() && is_blank(item.front())) item = item.subspan(1);
  while (!item.empty() && is_blank(item.back())) item = item.first(item.size() - 1);
  return item;
}

Item skip_ignorable(Item item) {
  return item.subspan(std::ranges::find_if_not(item, is_ignorable) - item.begin());
}

// Also what strangers write unquoted: "John (Sales) [external] a@x <a@x>".
bool is_phrase(Item item) {
  return std::ranges::all_of(item, [](const Token& token) {
    return is_ignorable(token) || is_at(token) || token.kind == TokenKind::Quoted ||
           token.kind == TokenKind::Word || token.kind == TokenKind::Literal;
  });
}

Span span_of(Item item) {
  return {item.front().span.begin, item.back().span.end};
}

class ListReader {
 public:
  explicit ListReader(std::string_view value) : value_(value), read_(tokenize_addresses(value)) {
    if (!read_.why.empty()) doubt(read_.why);
    if (!is_utf8(value)) doubt("bytes that are no UTF-8");
  }

  AddressList run() {
    const Item all(read_.tokens);
    std::size_t begin = 0;
    bool in_angle = false;
    bool in_route = false;  // "<@a,@b:user@c>": its comma and colon separate nothing
    for (std::size_t i = 0; i < all.size(); ++i) {
      const TokenKind kind = all[i].kind;
      if (kind == TokenKind::Open) {
        const Item rest = skip_ignorable(all.subspan(i + 1));
        in_route = in_route || (!rest.empty() && is_at(rest.front()));
        in_angle = true;
      } else if (kind == TokenKind::Close) {
        in_angle = in_route = false;
      } else if (kind == TokenKind::Semicolon || (kind == TokenKind::Comma && !in_route)) {
        end_item(all.subspan(begin, i - begin));
        if (kind == TokenKind::Semicolon) group_ = Address::npos;
        in_angle = in_route = false;
        begin = i + 1;
      } else if (kind == TokenKind::Colon && !in_angle) {
        begin_group(all.subspan(begin, i - begin));
        begin = i + 1;
      }
    }
    end_item(all.subspan(begin));
    check_whole();
    return std::move(list_);
  }

 private:
  void begin_group(Item item) {
    item = trim(item);
    if (group_ != Address::npos) doubt("group within a group");
    if (skip_ignorable(item).empty() || !is_phrase(item)) doubt("group without a proper name");
    if (item.empty()) return;
    const DecodedText name = decode_header_text(span_of(item).of(value_));
    if (!name.complete || has_at_sign(name.text)) {
      doubt("address in the name of a group");
      salvage(item);
    }
    group_ = list_.groups.size();
    list_.groups.push_back({.name = span_of(item)});
  }

  void end_item(Item item) {
    item = trim(item);
    if (item.empty()) return;
    if (skip_ignorable(item).empty()) return check_comments(item);
    std::optional<Address> address = read_mailbox(item);
    if (address) return add(*std::move(address));
    doubt(std::ranges::any_of(item, is_at) ? kUnusualForm : "name without an address");
    salvage(item);
  }

  // A reader who decodes before it takes apart may join what two addresses hold: "=?utf-8*" <a@x>,
  // "?q?b=40y?=".
  void check_whole() {
    if (value_.contains("=?") && !decode_header_text(value_).complete) doubt("encoded word in an odd place");
  }

  // Comments that belong to no address must not name one.
  void check_comments(Item item) {
    const DecodedText text = decode_header_text(span_of(item).of(value_));
    if (!text.complete || has_at_sign(text.text)) doubt("address in a comment of its own");
  }

  std::optional<Address> read_mailbox(Item item) {
    const auto open = std::ranges::find(item, TokenKind::Open, &Token::kind);
    const bool has_angle = open != item.end();
    const Item phrase = has_angle ? Item(item.begin(), open) : Item();
    Item inside = item;
    Item tail;
    if (has_angle) {
      const auto close = std::ranges::find(open, item.end(), TokenKind::Close, &Token::kind);
      if (close == item.end()) return std::nullopt;
      inside = Item(open + 1, close);
      tail = Item(close + 1, item.end());
      if (!skip_ignorable(tail).empty() || !is_phrase(phrase)) return std::nullopt;
    }
    std::optional<AddrSpec> spec = read_addr_spec(has_angle ? skip_route(inside) : inside);
    if (!spec) return std::nullopt;
    if (!phrase.empty()) check_phrase(phrase, *spec);
    return Address{.span = span_of(item), .spec = *std::move(spec), .display = display_of(item, phrase)};
  }

  // RFC 5322 4.4 obs-route; what is left begins at the local part. What is no route is left and then refused.
  Item skip_route(Item inside) const {
    TokenKind last = TokenKind::Comma;
    for (std::size_t i = 0; i < inside.size(); ++i) {
      if (is_ignorable(inside[i])) continue;
      const TokenKind kind = inside[i].kind;
      const bool is_domain = kind == TokenKind::Word || kind == TokenKind::Literal;
      if (kind == TokenKind::Colon && last == TokenKind::Word) return inside.subspan(i + 1);
      if (is_domain != (last == TokenKind::At)) break;
      if (is_domain && !is_plain_word(inside[i].span.of(value_))) break;
      if (!is_domain && kind != TokenKind::Comma && (!is_at(inside[i]) || last != TokenKind::Comma)) break;
      last = is_domain ? TokenKind::Word : kind;
    }
    return inside;
  }

  std::optional<AddrSpec> read_addr_spec(Item item) {
    const auto at = std::ranges::find_if(item, is_at);
    if (at == item.end()) return std::nullopt;
    std::optional<std::string> local = read_dotted(Item(item.begin(), at), TokenKind::Quoted);
    std::optional<std::string> domain = read_dotted(Item(at + 1, item.end()), TokenKind::Literal);
    if (!local || local->empty() || !domain || !canonical_domain(*domain)) return std::nullopt;
    if (has_at_sign(*local)) doubt("at sign within a quoted local part");
    // RFC 1123 5.2.16: a relay that knows them delivers "carl%acme.com@relay" and "acme.com!carl@relay".
    if (local->find_first_of("%!") != std::string::npos) doubt("percent or exclamation mark in a local part");
    if (domain->starts_with('[') && !is_ip_literal(*domain)) doubt("domain literal that is no IP address");
    return AddrSpec{.local = *std::move(local), .domain = *std::move(domain)};
  }

  // RFC 5322 4.4 obs-local-part and obs-domain: words with dots between them, and blanks and comments around
  // all.
  std::optional<std::string> read_dotted(Item item, TokenKind delimited) {
    std::string text;
    const Token* last = nullptr;
    for (const Token& token : item) {
      if (is_ignorable(token)) continue;
      if (token.kind != TokenKind::Word && token.kind != delimited) return std::nullopt;
      const std::string_view piece = token.span.of(value_);
      if (!is_plain_word(piece)) return std::nullopt;
      if (last != nullptr) {
        if (!last->span.of(value_).ends_with('.') && !piece.starts_with('.')) return std::nullopt;
        // A reader that stops at blanks finds a shorter address here.
        doubt("blank, comment or quote within an address");
      }
      text += token.kind == TokenKind::Quoted ? unquote(piece) : piece;
      last = &token;
    }
    return text;
  }

  // An unquoted address in front of the angle brackets is fine only when it is the same: "a@x <a@x>".
  void check_phrase(Item phrase, const AddrSpec& spec) {
    while (!phrase.empty()) {
      const auto end = std::ranges::find_if(phrase, is_ignorable);
      const Item run(phrase.begin(), end);
      phrase = Item(end == phrase.end() ? end : end + 1, phrase.end());
      if (run.empty() || std::ranges::none_of(run, [&](const Token& token) { return is_loose_at(token); }))
        continue;
      const std::optional<AddrSpec> named = parse_addr_spec(mime::trim(span_of(run).of(value_), "'"));
      if (!named || named->key() != spec.key()) doubt("another address in an unquoted display name");
    }
  }

  bool is_loose_at(const Token& token) const {
    return token.kind != TokenKind::Quoted && has_at_sign(token.span.of(value_));
  }

  // Comments come last, so that the words of the phrase meet as they do for a reader who drops comments.
  std::string display_of(Item item, Item phrase) {
    std::string raw;
    for (const Token& token : phrase) {
      if (token.kind == TokenKind::Comment) continue;
      const std::string_view text = token.span.of(value_);
      raw += token.kind == TokenKind::Quoted ? unquote(text) : text;
    }
    raw = mime::trim(raw);
    for (const Token& token : item) {
      if (token.kind == TokenKind::Comment) raw += " " + unquote(token.span.of(value_));
    }
    const DecodedText display = decode_header_text(raw);
    if (!display.complete) doubt("display name that cannot be decoded");
    std::string text(mime::trim(display.text));
    // A reader who decodes nothing may see another address: "a@x=?utf-8?q?y?=".
    if (has_at_sign(raw) && display.text != raw) text.append(" ").append(*to_utf8(raw, "utf-8"));
    return text;
  }

  // Finds what it can in an item that is doubted anyway: words next to an at sign, and encoded words that
  // hold one.
  void salvage(Item item) {
    for (std::size_t i = 0; i < item.size(); ++i) {
      if (std::optional<Address> hidden = decode_address(item[i])) {
        add(*std::move(hidden));
        item = item.subspan(i + 1);
        i = static_cast<std::size_t>(-1);
      } else if (is_at(item[i])) {
        const auto before = last_solid(item.first(i));
        const auto behind = std::ranges::find_if_not(item.subspan(i + 1), is_ignorable);
        if (!before || behind == item.end()) continue;
        const Item found(item.begin() + static_cast<std::ptrdiff_t>(*before), behind + 1);
        std::string local = word_text(found.front());
        std::string domain = word_text(found.back());
        if (local.empty() || domain.empty()) continue;
        add({.span = span_of(found),
             .spec = {.local = std::move(local), .domain = std::move(domain)},
             .display = {}});
        item = Item(behind + 1, item.end());
        i = static_cast<std::size_t>(-1);
      }
    }
  }

  std::optional<std::size_t> last_solid(Item item) const {
    for (std::size_t i = item.size(); i > 0; --i) {
      if (!is_ignorable(item[i - 1])) return i - 1;
    }
    return std::nullopt;
  }

  std::optional<Address> decode_address(const Token& token) const {
    if (token.kind != TokenKind::Word || !token.span.of(value_).contains("=?")) return std::nullopt;
    std::optional<AddrSpec> spec = parse_addr_spec(mime::trim(word_text(token)));
    if (!spec) return std::nullopt;
    return Address{.span = token.span, .spec = *std::move(spec), .display = {}};
  }

  // Text of a token that can be one side of an address, else empty.
  std::string word_text(const Token& token) const {
    const std::string_view text = token.span.of(value_);
    if (token.kind == TokenKind::Quoted) return unquote(text);
    if (token.kind == TokenKind::Word) return decode_header_text(text).text;
    return std::string(token.kind == TokenKind::Literal ? text : "");
  }

  void add(Address address) {
    if (list_.addresses.size() == limits::kAddressesPerMessage) return doubt("too many addresses");
    address.group = group_;
    list_.addresses.push_back(std::move(address));
  }

  void doubt(std::string_view why) {
    if (!list_.unsure) list_.why = why;
    list_.unsure = true;
  }

  const std::string_view value_;
  const Tokens read_;
  AddressList list_;
  std::size_t group_ = Address::npos;
};

}  // namespace

AddressList parse_address_list(std::string_view value) {
  return ListReader(value).run();
}

}  // namespace privet::mime
