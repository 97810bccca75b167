// Limits of reading mail, each with its reason. What exceeds one is not parsed further: the CRM copy is
// withheld, the people's original is not touched. Values follow Postfix and Dovecot where they have one.
#pragma once

#include <cstddef>

namespace privet::mime::limits {

inline constexpr std::size_t kHeaderBytes =
    256 * 1024;  // whole header section; Postfix header_size_limit is 100 KiB
inline constexpr std::size_t kHeaderFields = 2000;     // far above any real mail, bounds quadratic work
inline constexpr std::size_t kFieldBytes = 64 * 1024;  // one unfolded field; a To with 1,500 recipients fits
inline constexpr std::size_t kAddressesPerMessage = 10'000;  // Postfix header_address_token_limit is 10,240
inline constexpr std::size_t kAddressesInspected = 100'000;  // "@" one search looks at: a quarter second
inline constexpr std::size_t kTextInspected = 8 * 1024 * 1024;  // text of one message that may name somebody
inline constexpr std::size_t kMimeDepth = 100;                  // Postfix mime_nesting_limit
inline constexpr std::size_t kMimeParts = 1000;                 // bounds what one message can make us decode
inline constexpr std::size_t kBoundaryBytes = 2048;  // Postfix mime_boundary_length_limit; RFC 2046 says 70
inline constexpr std::size_t kCommentDepth = 100;    // nested comments in one field

// Writing a notice (mime/notice.h)
inline constexpr std::size_t kNoticeValueBytes =
    512;  // a reply line, a subject, an address; lines may have 998
inline constexpr std::size_t kNoticeBoundaryBytes = 60;  // RFC 2046 5.1.1 allows 70 with what stands before

}  // namespace privet::mime::limits
