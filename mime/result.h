// The error value of everything that parses: what is wrong, where, and what was expected.
//
// A parser of mail or of a policy never throws; it returns Result<T>. `what` is written for the administrator
// and never quotes a stranger's bytes (they may be an address that must not reach a log).
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace privet {

/// One problem. `file` is empty and `line` 0 where there is no file to point at; line and column count
/// from 1.
struct Error {
  std::string what;
  std::string file = {};
  int line = 0;
  int column = 0;

  /// "file:line:column: what", or as much of it as is known.
  std::string to_string() const {
    std::string text;
    if (!file.empty()) text += file + ":";
    if (line > 0) text += std::to_string(line) + ":" + std::to_string(column) + ":";
    if (!text.empty()) text += " ";
    return text + what;
  }
};

template <class T>
using Result = std::expected<T, Error>;

/// Shorthand for the common failure without a position.
inline std::unexpected<Error> failure(std::string what) {
  return std::unexpected(Error{.what = std::move(what)});
}

}  // namespace privet
