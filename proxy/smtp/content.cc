#include "proxy/smtp/content.h"

namespace privet::smtp {

bool is_quiet(char before, std::string_view window) {
  // No early exit and no branch: the compiler turns this into vector instructions.
  const char* const bytes = window.data();
  const auto disturbs = [](char previous, char c) {
    return static_cast<unsigned char>(((previous == '\r') ^ (c == '\n')) | (c == '\0') |
                                      ((previous == '\n') & (c == '.')));
  };
  unsigned char disturbed = window.empty() ? 0 : disturbs(before, bytes[0]);
  for (std::size_t i = 1; i < window.size(); ++i) disturbed |= disturbs(bytes[i - 1], bytes[i]);
  return disturbed == 0;
}

void ContentEncoder::encode(std::string_view piece, std::string& wire) {
  std::size_t begin = 0;      // of what is not yet appended
  std::size_t looked_at = 0;  // end of the window that was found not quiet
  const auto append_until = [&](std::size_t end) {
    wire.append(piece.substr(begin, end - begin));
    begin = end;
  };

  for (std::size_t at = 0; at < piece.size(); ++at) {
    if (at >= looked_at && !after_cr_) {
      const std::string_view window = piece.substr(at, kContentWindow);
      looked_at = at + window.size();
      // A NUL is not quiet either; it costs a second look and goes through as it is.
      if (is_quiet(at_line_start_ ? '\n' : ' ', window)) {
        at_line_start_ = window.back() == '\n';
        after_cr_ = window.back() == '\r';
        at = looked_at - 1;
        continue;
      }
    }
    const char c = piece[at];
    const bool ends_line = c == '\n';
    if (after_cr_ != ends_line) {
      append_until(after_cr_ && at > 0 ? at - 1 : at);
      wire.append(after_cr_ ? " " : "\r");
      begin = at;
    } else if (after_cr_ && at == 0) {
      wire += '\r';
    }
    if (at_line_start_ && c == '.') {
      append_until(at);
      wire += '.';
    }
    at_line_start_ = ends_line;
    after_cr_ = c == '\r';
  }
  append_until(after_cr_ && !piece.empty() ? piece.size() - 1 : piece.size());
}

void ContentEncoder::finish(std::string& wire) {
  if (after_cr_) wire += ' ';
  if (!at_line_start_) wire.append("\r\n");
  wire.append(".\r\n");
  *this = ContentEncoder();
}

}  // namespace privet::smtp
