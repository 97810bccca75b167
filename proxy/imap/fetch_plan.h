// How a FETCH is answered: what each item needs, what the upstream is asked for it, and the items' answers
// (RFC 9051 6.4.5, 7.5.2). Pure.
//
// Promise: no item that could show the message's own header is asked of the upstream; every answer that shows
// something of the header is made of the redacted one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/imap/fetch_data.h"
#include "proxy/imap/fetch_item.h"
#include "proxy/imap/rendition.h"
#include "proxy/imap/view.h"

namespace privet::imap {

/// What is known of a message beside what the upstream answers.
struct Facts {
  Message message;
  std::string_view header;  ///< redacted; empty where no item needs it
  Note note = {};
  std::uint64_t modseq_offset = 0;  ///< what the view adds to the upstream's MODSEQ
};

class FetchPlan {
 public:
  /// Plans for messages of one kind; for the one with this redacted header where is_for_one(). Items that
  /// would ask the upstream for the same section twice are left over, and moved to `rest`, for a plan of
  /// their own.
  FetchPlan(std::vector<FetchItem> items, Root root, std::string_view header, std::vector<FetchItem>& rest);

  /// Some item needs the redacted header, and how the message is put together.
  bool needs_header() const { return needs_header_; }
  /// What to ask, in parentheses, UID among it; empty when the upstream need not be asked.
  const std::string& upstream_items() const { return upstream_items_; }
  const std::vector<FetchItem>& items() const { return items_; }

  bool asks_for_flags() const { return asks_for_flags_; }
  /// Some item's answer takes Facts::note.
  bool needs_note() const { return asks_for_flags_ || asks_for_size_; }
  /// Whether a response with this can be the answer: what comes unasked says flags and MODSEQ only, and those
  /// are no answer to a question for more.
  bool is_answer(const FetchData& said) const;

  /// The item that a section of the upstream's answers; nullopt for none.
  std::optional<std::size_t> item_of(const FetchedSection& section) const;
  /// " NAME " and, before `size` bytes of the upstream's, the head of their literal with what of the redacted
  /// header belongs in front of them.
  void begin_literal(std::string& out, std::size_t item, std::string_view header, std::uint64_t size) const;

  /// Appends " NAME value" of the item; nothing where the upstream did not say what it needs.
  void answer(std::string& out, std::size_t item, const Facts& facts, const FetchData& said) const;

 private:
  struct Asked {
    std::string spec;  // upper case: what the upstream echoes
    std::optional<Partial> partial;
  };
  static std::optional<std::uint64_t> origin_of(const Asked& asked);

  std::vector<FetchItem> items_;
  std::vector<std::string> names_;  // as answered, between blanks
  std::vector<Need> needs_;
  std::vector<std::optional<Asked>> asked_;
  std::string upstream_items_;
  bool needs_header_ = false;
  bool asks_for_size_ = false;
  bool asks_for_flags_ = false;
  bool asks_for_more_ = false;  // than flags and MODSEQ
};

/// Whether an answer depends on how long the header is: then each message needs a plan of its own.
bool is_for_one(const std::vector<FetchItem>& items);

/// Whether the same items need the same for messages of every kind: then nobody has to know the kind.
bool is_same_for_all(const std::vector<FetchItem>& items);

/// The flags that a client sees of a message: without \Recent, `$Private` where it is marked. For
/// Writer::flags().
std::vector<std::string_view> flags_for_client(const std::vector<std::string_view>& flags,
                                               bool marked_private);

inline constexpr std::string_view kPrivateKeyword = "$Private";

}  // namespace privet::imap
