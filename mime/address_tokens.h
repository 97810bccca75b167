// The lexical tokens of an address field (RFC 5322 3.2 and 4.1), each with its byte span.
//
// Promise: the tokens cover the value without gap or overlap. What no grammar allows stays in a Word and is
// reported in `why`. An encoded word is never cut at a comma or colon inside it, because readers that decode
// first do not cut it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mime/address.h"

namespace privet::mime {

enum class TokenKind {
  Blank,    ///< run of blanks and folding
  Comment,  ///< "(…)" with everything nested in it
  Quoted,   ///< "\"…\""
  Literal,  ///< "[…]"
  Word,     ///< run of anything else, dots included
  At,
  Comma,
  Semicolon,
  Colon,
  Open,   ///< "<"
  Close,  ///< ">"
};

struct Token {
  TokenKind kind = TokenKind::Word;
  Span span;
};

struct Tokens {
  std::vector<Token> tokens;
  std::string why;  ///< what made the text doubtful, empty when nothing did
};

Tokens tokenize_addresses(std::string_view value);

/// Text of a Quoted or Comment token: without its delimiters, backslashes and folding.
std::string unquote(std::string_view token);

/// True for a Word that means what it shows: no encoded word, no invisible, bidi or blank character beyond
/// ASCII, no second kind of at sign.
bool is_plain_word(std::string_view word);

/// True when `text` holds an at sign, also full-width or small.
bool has_at_sign(std::string_view text);

}  // namespace privet::mime
