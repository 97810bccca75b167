#include "proxy/imap/refusal.h"

#include <algorithm>
#include <array>

namespace privet::imap {
namespace {

// RFC 5530, RFC 7889, RFC 9051 7.1: those that say what a client can do about it.
constexpr std::array<std::string_view, 10> kTold{"CANNOT", "CONTACTADMIN", "EXPUNGEISSUED", "INUSE",
                                                 "LIMIT",  "NOPERM",       "OVERQUOTA",     "SERVERBUG",
                                                 "TOOBIG", "UNAVAILABLE"};

}  // namespace

std::string refusal_for_client(std::string_view code) {
  if (code == "TRYCREATE" || code == "NONEXISTENT") return std::string(kNoSuchMailbox);
  std::string text = "NO ";
  if (std::ranges::find(kTold, code) != kTold.end()) text.append("[").append(code).append("] ");
  return text + "The mail server refused it";
}

}  // namespace privet::imap
