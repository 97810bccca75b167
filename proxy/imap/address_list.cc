#include "proxy/imap/address_list.h"

#include <utility>

#include "mime/ascii.h"
#include "mime/charset.h"

namespace privet::imap {
namespace {

/// RFC 5322 atext, and all 8-bit bytes (RFC 6532).
bool is_atext(char c) {
  return mime::is_alnum(c) || mime::is_8bit(c) ||
         (c != '\0' && std::string_view("!#$%&'*+-/=?^_`{|}~").contains(c));
}

/// How reading one piece ended.
enum class Next {
  Broken,
  Nothing,  ///< well, and there is no more text
  More,     ///< well, at a byte that is neither blank nor comment
};

class ListReader {
 public:
  explicit ListReader(std::string_view text) : text_(text) {}

  std::vector<EnvelopeAddress> run() {
    if (skip_blanks() == Next::More) read_list();
    return std::move(list_);
  }

 private:
  bool ended() const { return at_ >= text_.size(); }
  bool at(char c) const { return !ended() && text_[at_] == c; }
  Next here() const { return ended() ? Next::Nothing : Next::More; }

  Next skip_blanks() {
    while (!ended()) {
      if (mime::kWhitespace.contains(text_[at_])) {
        ++at_;
      } else if (at('(')) {
        last_comment_.clear();
        if (read_enclosed('(', ')', last_comment_) == Next::Broken) return Next::Broken;
      } else {
        break;
      }
    }
    return here();
  }

  /// A quoted string or a comment with those in it: backslashes and line ends undone. Where it has no end,
  /// what was changed so far is in `into`.
  Next read_enclosed(char open, char close, std::string& into) {
    int depth = 1;
    std::size_t start = ++at_;
    for (; !ended(); ++at_) {
      const char c = text_[at_];
      if (c == close) {
        if (--depth > 0) continue;
        into += text_.substr(start, at_ - start);
        ++at_;
        return here();
      }
      if (c == open) {
        ++depth;
      } else if (c == '\0' || c == '\n') {
        into += line_text(start, c == '\n');
        if (c == '\0') into += mime::kReplacement;
        start = at_ + 1;
      } else if (c == '\\') {
        if (at_ + 1 >= text_.size()) {
          at_ = text_.size();
          return Next::Broken;
        }
        if (quotes_nothing(text_[at_ + 1])) continue;
        into += text_.substr(start, at_ - start);
        start = ++at_;
      }
    }
    return Next::Broken;
  }

  static bool quotes_nothing(char c) { return c == '\r' || c == '\n' || c == '\0'; }

  /// From `start` to here; without the CR of a CRLF.
  std::string_view line_text(std::size_t start, bool line_end) const {
    std::string_view line = text_.substr(start, at_ - start);
    if (line_end && line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }

  Next read_quoted(std::string& into) {
    return read_enclosed('"', '"', into) == Next::Broken ? Next::Broken : skip_blanks();
  }

  template <class Test>
  std::string_view take(Test test) {
    const std::size_t start = at_;
    while (!ended() && test(text_[at_])) ++at_;
    return text_.substr(start, at_ - start);
  }

  Next read_atom(std::string& into) {
    const std::string_view atom = take(is_atext);
    into += atom;
    return atom.empty() ? Next::Broken : skip_blanks();
  }

  /// Atoms with dots between them, blanks allowed around the dots.
  Next read_dot_atom(std::string& into) {
    for (;;) {
      if (const Next next = read_atom(into); next != Next::More || !at('.')) return next;
      ++at_;
      into += '.';
      if (skip_blanks() != Next::More) return Next::Broken;
    }
  }

  /// Words up to the first byte that is in none; there may be no word at all.
  Next read_phrase(std::string& into) {
    if (ended()) return Next::Nothing;
    if (at('.')) return Next::Broken;
    for (;;) {
      Next next = Next::More;
      if (at('"')) {
        next = read_quoted(into);
      } else {
        into += take([](char c) { return is_atext(c) || c == '.'; });
        next = skip_blanks();
      }
      if (next != Next::More || !(is_atext(text_[at_]) || at('"') || at('.'))) return next;
      into += ' ';
    }
  }

  /// "[...]", backslashes kept.
  Next read_literal(std::string& into) {
    std::size_t start = at_++;
    for (; !ended(); ++at_) {
      const char c = text_[at_];
      if (c == '[') return Next::Broken;
      if (c == ']') {
        ++at_;
        into += text_.substr(start, at_ - start);
        return skip_blanks();
      }
      if (c == '\0' || c == '\n') {
        into += line_text(start, c == '\n');
        if (c == '\0') into += mime::kReplacement;
        start = at_ + 1;
      } else if (c == '\\' && !(at_ + 1 < text_.size() && quotes_nothing(text_[at_ + 1]))) {
        ++at_;
      }
    }
    at_ = text_.size();
    return Next::Broken;
  }

  /// "@" and what follows it.
  Next read_domain(std::string& into) {
    ++at_;
    if (skip_blanks() != Next::More) return Next::Broken;
    return at('[') ? read_literal(into) : read_dot_atom(into);
  }

  Next read_domain() {
    word_.clear();
    const Next next = read_domain(word_);
    if (next != Next::Broken) address_.domain = word_;
    return next;
  }

  /// Dots may stand anywhere, also side by side.
  Next read_dotted(std::string& into) {
    Next next = Next::Broken;
    do {
      for (; at('.'); next = Next::More) {
        into += '.';
        ++at_;
        if (ended()) return Next::Nothing;
      }
      if (at('@')) break;
      next = read_atom(into);
    } while (next == Next::More && at('.'));
    return next;
  }

  Next read_local_part() {
    word_.clear();
    const Next next = at('"') ? read_quoted(word_) : read_dotted(word_);
    if (next != Next::Broken) address_.mailbox = word_;
    return next;
  }

  /// The obsolete "@a,@b" before a colon (RFC 5322 4.4).
  Next read_route() {
    word_.clear();
    while (at('@')) {
      word_ += word_.empty() ? "@" : ",@";
      if (const Next next = read_domain(word_); next != Next::More) return next;
      while (skip_blanks() == Next::More && at(',')) ++at_;
    }
    if (ended()) return Next::Nothing;
    address_.route = word_;
    return Next::More;
  }

  Next read_angle_address() {
    ++at_;
    if (skip_blanks() != Next::More) return Next::Broken;
    if (at('@')) {
      if (read_route() == Next::More && at(':')) {
        ++at_;
      } else {
        address_.route = kInvalidRoute;
      }
      if (skip_blanks() != Next::More) return Next::Broken;
    }
    if (!at('>')) {
      if (read_local_part() != Next::More) return Next::Broken;
      if (at('@') && read_domain() != Next::More) return Next::Broken;
    }
    if (!at('>')) return Next::Broken;
    ++at_;
    return skip_blanks();
  }

  Next read_name_and_address() {
    word_.clear();
    if (read_phrase(word_) != Next::More || !at('<')) return Next::Broken;
    if (!word_.empty()) address_.name = word_;
    if (read_angle_address() == Next::Broken) address_.domain = kSyntaxError;
    return here();
  }

  /// local@domain, named by the last comment; without "@" a phrase is taken for a name, a word for a mailbox.
  Next read_bare_address() {
    last_comment_.clear();
    const bool quoted = at('"');
    Next next = read_local_part();
    if (next != Next::More) broken_ = true;
    const bool has_domain = next != Next::Nothing && at('@');
    if (has_domain) {
      if (const Next domain = read_domain(); domain != Next::More) next = domain;
    }
    if (!last_comment_.empty()) {
      address_.name = last_comment_;
    } else if (!has_domain) {
      word_ += ' ';
      const std::size_t length = word_.size();
      read_phrase(word_);
      if (word_.size() != length) {
        address_.mailbox.reset();
        address_.name = word_;
      } else if (!quoted) {
        address_.domain.emplace();
      }
      broken_ = true;
      next = Next::Broken;
    }
    return next;
  }

  void add() {
    list_.push_back(std::exchange(address_, {}));
    broken_ = false;
  }

  void add_filled() {
    if (!address_.mailbox) address_.mailbox = kMissingMailbox;
    if (!address_.domain || address_.domain->empty()) address_.domain = kMissingDomain;
    add();
  }

  Next read_mailbox() {
    const std::size_t start = at_;
    Next next = read_name_and_address();
    if (next == Next::Broken) {
      at_ = start;
      next = read_bare_address();
      if (broken_ && !address_.name && address_.mailbox && !address_.domain)
        std::swap(address_.name, address_.mailbox);
    }
    add_filled();
    return next;
  }

  /// Broken only when it is no group; a group without an end ends with the text.
  Next read_group() {
    word_.clear();
    if (read_phrase(word_) != Next::More || !at(':')) return Next::Broken;
    ++at_;
    Next next = skip_blanks();
    address_.mailbox = word_;
    add();
    if (next == Next::More && !at(';')) {
      for (;;) {
        read_mailbox();
        if (!at(',')) break;
        ++at_;
        if (skip_blanks() != Next::More) {
          next = Next::Broken;
          break;
        }
      }
    }
    if (next != Next::Broken && at(';')) {
      ++at_;
      next = skip_blanks();
    } else {
      next = Next::Broken;
    }
    add();
    return next == Next::Nothing ? Next::Nothing : Next::More;
  }

  Next read_address() {
    const std::size_t start = at_;
    const Next next = read_group();
    if (next != Next::Broken) return next;
    at_ = start;
    return read_mailbox();
  }

  void read_list() {
    while (read_address() != Next::Nothing && at(',')) {
      ++at_;
      const Next next = skip_blanks();
      if (next == Next::Broken) add_filled();
      if (next != Next::More) break;
    }
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  std::string word_;          // the piece being read; a failed attempt leaves its beginning
  std::string last_comment_;  // of all that was skipped
  EnvelopeAddress address_;
  bool broken_ = false;  // address_ is not what a grammar allows
  std::vector<EnvelopeAddress> list_;
};

/// A phrase or local part as a header would write it; with an encoded word in it a phrase cannot be quoted.
std::string quoted(std::string_view text, bool dots_allowed) {
  std::string result(text);
  bool plain = true;
  for (const char c : text) plain = plain && (is_atext(c) || (dots_allowed && c == '.'));
  if (plain) return result;
  result = '"';
  for (const char c : text) {
    if (c == '"' || c == '\\' || c == '\'') result += '\\';
    result += c;
  }
  return result + '"';
}

std::string phrase(std::string_view text) {
  return text.contains("=?") ? std::string(text) : quoted(text, false);
}

std::string one_address(const EnvelopeAddress& address) {
  std::string text = address.name ? phrase(*address.name) : "";
  if (address.name && !address.name->empty()) text += ' ';
  text += '<';
  if (address.route) text += *address.route + ':';
  text += address.mailbox->empty() ? "\"\"" : quoted(*address.mailbox, true);
  return text + '@' + *address.domain + '>';
}

}  // namespace

std::vector<EnvelopeAddress> read_addresses(std::string_view value) {
  return ListReader(value).run();
}

std::string to_text(const std::vector<EnvelopeAddress>& addresses) {
  std::string text;
  bool first = true;
  for (const EnvelopeAddress& address : addresses) {
    if (!address.domain && !address.mailbox) {  // the end of a group
      if (first) text.pop_back();
      text += ';';
      first = false;
      continue;
    }
    if (!first) text += ", ";
    first = !address.domain;
    text +=
        first ? (address.mailbox->empty() ? "\"\"" : phrase(*address.mailbox)) + ": " : one_address(address);
  }
  return text;
}

}  // namespace privet::imap
