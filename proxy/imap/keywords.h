// Which keywords a client has heard of in its mailbox (RFC 3501 2.3.2, 7.2.6). Pure.
//
// Promise: at most limits::kImapKeywords octets of them, whatever an upstream invents.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/imap/fetch_plan.h"

namespace privet::imap {

class Keywords {
 public:
  /// Takes those of `flags` that are keywords and not known in any case; true where there was one. What does
  /// not fit stays unknown. Allocates only then.
  bool learn(std::span<const std::string_view> flags);
  /// In the order of learning; the view's own first, which is known from the start.
  std::span<const std::string> all() const { return all_; }

 private:
  std::vector<std::string> all_{std::string(kPrivateKeyword)};
  std::size_t octets_ = 0;
};

}  // namespace privet::imap
