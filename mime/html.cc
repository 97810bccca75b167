#include "mime/html.h"

#include <algorithm>
#include <array>

#include "mime/ascii.h"

namespace privet::mime {
namespace {

constexpr std::size_t kLongestName = 12;

bool is_letter(char c) {
  return is_alnum(c) && !is_digit(c);
}

char at_or_blank(std::string_view html, std::size_t at) {
  return at < html.size() ? html[at] : ' ';
}

/// The index behind the tag that begins at `at`; a ">" inside a quoted attribute does not end it.
std::size_t tag_end(std::string_view html, std::size_t at) {
  char quote = 0;
  for (char before = 0; at < html.size(); ++at) {
    const char c = html[at];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '>') {
      return at + 1;
    } else if ((c == '"' || c == '\'') && before == '=') {
      quote = c;
    }
    if (!kWhitespace.contains(c)) before = c;
  }
  return at;
}

/// The index behind the comment whose text begins at `at`: "<!-->" and "<!--->" are whole ones, "--!>" ends
/// one too.
std::size_t comment_end(std::string_view html, std::size_t at) {
  const std::string_view text = html.substr(at);
  if (text.starts_with('>')) return at + 1;
  if (text.starts_with("->")) return at + 2;
  for (at = html.find("--", at); at != html.npos; at = html.find("--", at + 1)) {
    if (at_or_blank(html, at + 2) == '>') return at + 3;
    if (html.substr(at + 2, 2) == "!>") return at + 4;
  }
  return html.size();
}

/// The index behind the tag or comment that begins with the "<" at `at`; `at` where none does.
std::size_t markup_end(std::string_view html, std::size_t at) {
  const char next = at_or_blank(html, at + 1);
  if (is_letter(next) || (next == '/' && is_letter(at_or_blank(html, at + 2)))) return tag_end(html, at);
  if (html.substr(at).starts_with("<!--")) return comment_end(html, at + 4);
  if (next != '/' && next != '!' && next != '?') return at;
  return std::min(html.find('>', at), html.size() - 1) + 1;
}

/// The element's name, lower case; empty for comments and the like.
std::string tag_name(std::string_view markup) {
  markup.remove_prefix(1 + markup.substr(1).starts_with('/'));
  markup = markup.substr(0, kLongestName);
  return to_lower({markup.begin(), std::ranges::find_if_not(markup, is_alnum)});
}

std::string_view in_place_of(const std::string& name, Tags tags) {
  constexpr auto kLines = std::to_array<std::string_view>(
      {"br",      "p",       "div",   "tr",   "li",   "table",  "hr",     "blockquote", "pre",    "ul",
       "ol",      "dl",      "dt",    "dd",   "h1",   "h2",     "h3",     "h4",         "h5",     "h6",
       "section", "article", "title", "body", "main", "header", "footer", "address",    "center", "option"});
  if (tags != Tags::AsShown) return tags == Tags::Blank ? " " : "";
  if (std::ranges::count(kLines, name) > 0) return "\n";
  return name == "td" || name == "th" ? " " : "";
}

/// Where the end tag of the element `name`, whose text begins at `at`, begins.
std::size_t raw_text_end(std::string_view html, std::size_t at, const std::string& name) {
  for (at = html.find("</", at); at != html.npos; at = html.find("</", at + 2)) {
    if (starts_with_ignoring_case(html.substr(at + 2), name)) return at;
  }
  return html.size();
}

}  // namespace

std::string without_tags(std::string_view html, Tags tags) {
  std::string text;
  text.reserve(html.size());
  for (std::size_t at = 0; at < html.size();) {
    const std::size_t open = std::min(html.find('<', at), html.size());
    const std::size_t begin = text.size();
    text += html.substr(at, open - at);
    std::ranges::replace_if(
        text.begin() + static_cast<std::ptrdiff_t>(begin), text.end(),
        [](char c) { return c == '\r' || c == '\n'; }, ' ');
    at = open;
    if (at == html.size()) break;
    const std::size_t end = markup_end(html, at);
    if (end == at) {
      text += html[at++];
      continue;
    }
    const std::string name = tag_name(html.substr(at, end - at));
    const bool hides_text =
        tags == Tags::AsShown && html[at + 1] != '/' && (name == "style" || name == "script");
    text += in_place_of(name, tags);
    at = hides_text ? raw_text_end(html, end, name) : end;
  }
  return text;
}

}  // namespace privet::mime
