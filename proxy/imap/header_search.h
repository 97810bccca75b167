// The SEARCH keys that look into a header, answered from the redacted one (RFC 9051 6.4.4): as Dovecot
// matches, but with the encoded words and raw 8-bit text that mime/encoded_word.h can read and Dovecot
// cannot.
#pragma once

#include <string>
#include <string_view>

#include "proxy/imap/header_field.h"
#include "proxy/imap/search_key.h"

namespace privet::imap {

/// One key, made ready for many messages.
class HeaderPredicate {
 public:
  /// True for FROM, TO, CC, BCC, SUBJECT, HEADER and TEXT.
  static bool takes(const SearchKey& key);
  /// `key` is one that takes() allows.
  explicit HeaderPredicate(const SearchKey& key);

  /// Whether a message with this header section matches; of TEXT, whether its header does. Linear.
  bool matches(std::string_view header_section) const;

 private:
  enum class Part { Addresses, Phrase, Value, Everything };

  std::string searched(const HeaderField& field) const;

  Part part_;
  std::string field_;
  std::string text_;  // as casemap() has it
};

}  // namespace privet::imap
